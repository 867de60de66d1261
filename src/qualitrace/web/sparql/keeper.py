"""The process that queries are run beside: it holds a registry, and forks for each query (floor 5).

A fork shares the registry's memory, so it costs milliseconds whatever the registry holds, sees one state,
can be ended by the kernel at its limits, and takes nothing with it. For that this process has one thread and
keeps the registry in memory. It opens the registry itself and follows its journal; it asks nobody anything,
and ends when the server does.

The server sends one message for each query, with a socket: the fork reads the question from that socket and
writes the answer to it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pyoxigraph as ox

from qualitrace.access import Audience
from qualitrace.errors import QualitraceError
from qualitrace.profile.cached import cached_profile
from qualitrace.registry import Registry
from qualitrace.registry.private import has_private, private_facts
from qualitrace.store import fact_of
from qualitrace.store.saved import into_memory
from qualitrace.web.sparql.confining import confine, why_it_ended
from qualitrace.web.sparql.evaluating import Question, evaluate

MOST_MESSAGE = 200_000  # bytes
HEAD = struct.Struct(">I")
BEGUN = b"+"


class Keeper:
    """Holds the registry, and looks after the processes that run queries."""

    def __init__(self, registry: Registry, control: socket.socket) -> None:
        self._registry = registry
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, tuple[int, socket.socket]] = {}  # lifeline → process, the server's socket
        self._ids: dict[int, int] = {}  # what the server calls a query → its lifeline
        self._copies: dict[Audience, tuple[int, ox.Store]] = {}
        self._private = has_private(registry.profile)
        self._nowhere = os.open(os.devnull, os.O_WRONLY)

    def serve(self) -> None:
        """Take questions until the server is gone; then end what still runs."""
        self._selector.register(self._control, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._take():
                        for process, _ in self._running.values():
                            _end(process)
                        return
                elif isinstance(key.fileobj, int):
                    self._reap(key.fileobj)

    def _take(self) -> bool:
        """Take one message; False when there are no more."""
        try:
            message, handles, _, _ = socket.recv_fds(self._control, MOST_MESSAGE, 1)
        except OSError:
            return False
        if not message:
            return False
        said = json.loads(message)
        if not handles:
            lifeline = self._ids.get(said["cancel"])
            if lifeline is not None:
                _end(self._running[lifeline][0])
            return True
        answer = socket.socket(fileno=handles[0])
        try:
            audience = Audience(bool(said["everything"]), frozenset(said["units"]))
            self._registry.refresh()
            store = self._store(audience)
        except QualitraceError as error:
            _send(answer, {"failed": "registry", "why": str(error)}, b"")
            answer.close()
            return True
        self._fork(said, store, answer)
        return True

    def _store(self, audience: Audience) -> ox.Store:
        """Return what an audience sees, as a store in memory."""
        registry = self._registry
        if audience.everything and not self._private:
            return registry.engine.store
        position, store = self._copies.get(audience, (-1, ox.Store()))
        if position != registry.position:
            engine: Any = registry.seen_by(audience).engine
            hidden = private_facts(registry) if audience.everything else frozenset()
            store = ox.Store()
            store.bulk_extend(
                _in_its_graph(quad)
                for quad in engine.quads(None, None, None)
                if not hidden or fact_of(quad) not in hidden
            )
            self._copies = {audience: (registry.position, store)}
        return store

    def _fork(self, said: Mapping[str, Any], store: ox.Store, answer: socket.socket) -> None:
        lifeline, held = os.pipe()  # its end is seen by the selector
        process = os.fork()
        if process == 0:
            self._run(said, store, answer)
        os.close(held)
        self._running[lifeline] = (process, answer)
        self._ids[said["id"]] = lifeline
        self._selector.register(lifeline, selectors.EVENT_READ)

    def _run(self, said: Mapping[str, Any], store: ox.Store, answer: socket.socket) -> NoReturn:
        """Be the process of one query. It never returns into the keeper's own work."""
        status = 1
        try:
            os.dup2(self._nowhere, 2)  # the engine says there that it is out of memory
            self._control.close()
            for _, other in self._running.values():
                other.close()  # else the server would wait for this process to let go of it
            answer.sendall(BEGUN)
            confine(said["seconds"], said["memory"])
            question = Question.read(json.loads(_receive(answer)))
            head, data = evaluate(
                store,
                question,
                base=self._registry.base,
                prefixes=self._registry.profile.prefixes,
                most=said["most"],
            )
            _send(answer, {**head, "position": self._registry.position}, data)
            status = 0
        finally:
            os._exit(status)

    def _reap(self, lifeline: int) -> None:
        self._selector.unregister(lifeline)
        os.close(lifeline)
        process, answer = self._running.pop(lifeline)
        self._ids = {name: line for name, line in self._ids.items() if line != lifeline}
        _, status = os.waitpid(process, 0)
        if status:
            with contextlib.suppress(OSError):
                answer.setblocking(False)
                _send(answer, {"failed": why_it_ended(status)}, b"")
        answer.close()


def _end(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 9)


def _in_its_graph(quad: ox.Quad) -> ox.Quad:
    """Put what is shown to an audience beside what everybody sees into the one graph it belongs to."""
    name = str(quad.graph_name.value).partition("/seen/")[0]  # type: ignore[union-attr]
    return ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(name))


def _receive(answer: socket.socket) -> bytes:
    (size,) = HEAD.unpack(_exactly(answer, HEAD.size))
    return _exactly(answer, size)


def _exactly(answer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = answer.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _send(answer: socket.socket, head: Mapping[str, Any], data: bytes) -> None:
    """Send an answer: the size of its head, the head (with the size of what follows), the rest."""
    text = json.dumps({**head, "size": len(data)}).encode()
    answer.sendall(HEAD.pack(len(text)) + text)
    answer.sendall(data)


def main() -> None:
    """Be the keeper: ``argv`` names the socket to the server, whose first message says what to open."""
    control = socket.socket(fileno=int(sys.argv[1]))
    said = json.loads(control.recv(MOST_MESSAGE))
    try:
        registry = Registry.open(said["location"], cached_profile(Path(said["profile"])))
    except QualitraceError as error:
        control.send(json.dumps({"failed": str(error)}).encode())
        return
    into_memory(registry.engine)
    gc.collect()
    gc.freeze()  # what is shared with the forks is not written to
    Keeper(registry, control).serve()
    registry.close()
