"""Asks the process that runs queries: starts it when it is first needed, and again when it died (floor 5)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from qualitrace.access import Audience
from qualitrace.errors import UnavailableError
from qualitrace.text import Text
from qualitrace.web.settings import Querying
from qualitrace.web.sparql.evaluating import Question
from qualitrace.web.sparql.keeper import BEGUN, HEAD

logger = logging.getLogger("qualitrace.web.sparql")
_START = "from qualitrace.web.sparql.keeper import main; main()"
_OPENING = 300.0  # seconds that opening the registry may take
_GRACE = 5.0  # seconds beyond the limit until the keeper itself is taken for dead


class BusyError(Exception):
    """Too many queries wait already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a query: the answer, or why there is none (``failed``, with ``why`` in words).

    ``failed`` is ``malformed``, ``query``, ``size``, ``time``, ``memory``, ``registry`` or ``died``.
    """

    data: bytes = b""
    position: int = 0
    failed: str = ""
    why: str = ""


class Places:
    """So many queries run at a time, so many wait, for so long."""

    def __init__(self, running: int, waiting: int, patience: float) -> None:
        self._free = running
        self._most = waiting
        self._patience = patience
        self._line: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place. Raises BusyError when none gets free in time."""
        await self._take()
        try:
            yield
        finally:
            self._leave()

    async def _take(self) -> None:
        if self._free:
            self._free -= 1
            return
        if len(self._line) >= self._most:
            raise BusyError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await asyncio.wait_for(asyncio.shield(turn), self._patience)
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was given a place while it gave up
            else:
                turn.cancel()
                self._line.remove(turn)
            if isinstance(error, TimeoutError):
                raise BusyError from error
            raise

    def _leave(self) -> None:
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class QueryProcess:
    """The keeper of one registry, as the server sees it. To be used from one event loop at a time."""

    def __init__(self, location: str, profile: str, limits: Querying) -> None:
        self._opening = json.dumps({"location": location, "profile": profile}).encode()
        self._limits = limits
        self._places = Places(limits.at_once, limits.waiting, limits.patience)
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self._count = 0

    @property
    def pid(self) -> int:
        """The keeper's process; 0 while there is none."""
        return 0 if self._running is None else self._running[0].pid

    async def ask(self, question: Question, audience: Audience) -> Outcome:
        """Run a query for an audience. Raises BusyError, UnavailableError.

        A caller that is cancelled ends the query.
        """
        async with self._places.one():
            control = self._started()
            self._count += 1
            name = self._count
            mine, theirs = socket.socketpair()
            mine.setblocking(False)
            try:
                with theirs:
                    self._tell(control, self._message(name, audience), theirs)
                return await self._answer(mine, question)
            except (EOFError, OSError, TimeoutError) as error:
                raise self._lost(control, error) from error
            except asyncio.CancelledError:
                with contextlib.suppress(OSError):
                    control.send(json.dumps({"cancel": name}).encode())
                raise
            finally:
                mine.close()

    def close(self) -> None:
        """End the keeper, and with it whatever it runs."""
        if self._running is not None:
            _end(*self._running)
            self._running = None

    def _message(self, name: int, audience: Audience) -> bytes:
        limits = self._limits
        said = {
            "id": name,
            "everything": audience.everything,
            "units": sorted(audience.units),
            "seconds": limits.seconds,
            "memory": limits.megabytes * 1_000_000,
            "most": limits.answer_megabytes * 1_000_000,
        }
        return json.dumps(said).encode()

    def _started(self) -> socket.socket:
        if self._running is not None:
            process, control = self._running
            if process.poll() is None:
                return control
            self.close()
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # a signal from the terminal is for the server
            )
        control.send(self._opening)
        self._running = process, control
        weakref.finalize(self, _end, process, control)
        return control

    @staticmethod
    def _tell(control: socket.socket, message: bytes, theirs: socket.socket) -> None:
        socket.send_fds(control, [message], [theirs.fileno()])

    async def _answer(self, mine: socket.socket, question: Question) -> Outcome:
        loop = asyncio.get_running_loop()
        text = json.dumps(question.as_json()).encode()
        await loop.sock_sendall(mine, HEAD.pack(len(text)) + text)
        async with asyncio.timeout(_OPENING):  # wait_for may lose a cancellation (Python before 3.12)
            begun = await _exactly(mine, 1)
        async with asyncio.timeout(self._limits.seconds + _GRACE):
            rest = b"" if begun == BEGUN else begun
            (size,) = HEAD.unpack(rest + await _exactly(mine, HEAD.size - len(rest)))
            try:
                head: Mapping[str, Any] = json.loads(await _exactly(mine, size))
                data = await _exactly(mine, head["size"])
            except ValueError as error:  # it was ended while it wrote
                raise EOFError from error
        if "failed" in head:
            return Outcome(failed=head["failed"], why=head.get("why", ""))
        return Outcome(data, head["position"])

    def _lost(self, control: socket.socket, error: BaseException) -> UnavailableError:
        """Say that the keeper gave no answer, and let the next question start another."""
        if self._running is not None and self._running[1] is control:
            why = str(error) or type(error).__name__
            control.setblocking(False)
            with contextlib.suppress(OSError, ValueError, KeyError):
                why = json.loads(control.recv(100_000))["failed"]
            logger.warning("the process that runs queries is gone (pid %d): %s", self.pid, why)
            self.close()
        return UnavailableError(
            Text(
                zh="查询进程没有应答；下一次查询会重新启动它。",
                en="The process that runs queries gave no answer; the next query starts it again.",
            )
        )


async def _exactly(mine: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        piece = await loop.sock_recv(mine, min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()  # it ends by itself, and what it runs with it
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
