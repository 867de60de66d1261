"""A client for measuring: requests over kept connections, one after another on each (floor 5).

It runs in a process of its own and does as little as it can for each request, so that it is not what
is measured: requests are made beforehand, and of an answer only the length is read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson

from qualitrace.bench.measuring import quantile


class _Connection(asyncio.Protocol):
    """One client: sends the next request as soon as the last answer is there."""

    def __init__(self, requests: Sequence[bytes], first: int, until: float, done: asyncio.Future[None]):
        self._requests = requests
        self._next = first
        self._until = until
        self._done = done
        self._held = bytearray()
        self._missing = -1  # bytes still to come; -1 before the head is read
        self._sent = 0.0
        self.times: list[float] = []
        self.bytes = 0
        self.failures: list[str] = []

    def connection_made(self, transport: Any) -> None:
        """Send the first request."""
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._held.clear()
        self._missing = -1
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        """Read until an answer is whole."""
        if self._missing < 0:
            self._held += data
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._held[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self._finish(head[:80].decode(errors="replace"))
                return
            at = head.index(b"content-length:") + 15
            length = int(head[at:].split(b"\r\n", 1)[0])
            self.bytes += length
            self._missing = length - (len(self._held) - end - 4)
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            now = time.perf_counter()
            self.times.append(now - self._sent)
            if now < self._until:
                self._send()
            else:
                self._finish("")

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up too early is a failure."""
        self._finish("connection lost")

    def _finish(self, failure: str) -> None:
        if not self._done.done():
            if failure:
                self.failures.append(failure)
            self._done.set_result(None)
            self._transport.close()


def _same(connection: _Connection) -> _Connection:
    return connection


def load(port: int, bodies: list[str], clients: int, seconds: float) -> dict[str, Any]:
    """Ask for ``seconds`` with so many clients; each starts elsewhere in the list of requests.

    Returns how many answers came, in how many seconds, latencies in milliseconds, and bytes.
    """
    requests = [_request(port, body.encode()) for body in bodies]

    async def run() -> tuple[float, list[_Connection]]:
        loop = asyncio.get_running_loop()
        begun = time.perf_counter()
        open_: list[_Connection] = []
        waiting = []
        for number in range(clients):
            done: asyncio.Future[None] = loop.create_future()
            first = number * max(1, len(requests) // clients)
            one = _Connection(requests, first, begun + seconds, done)
            await loop.create_connection(partial(_same, one), "127.0.0.1", port)
            open_.append(one)
            waiting.append(done)
        await asyncio.gather(*waiting)
        return time.perf_counter() - begun, open_

    took, connections = _run(run())
    times = [one for connection in connections for one in connection.times]
    failures = [one for connection in connections for one in connection.failures]
    return {
        "answers": len(times),
        "seconds": took,
        "p50": quantile(times, 0.5) * 1000 if times else None,
        "p95": quantile(times, 0.95) * 1000 if times else None,
        "p99": quantile(times, 0.99) * 1000 if times else None,
        "bytes": sum(connection.bytes for connection in connections),
        "failures": failures,
    }


def _run(work: Any) -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _request(port: int, body: bytes) -> bytes:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def bodies(document: str, variables: Sequence[dict[str, Any]]) -> list[str]:
    """Write requests as JSON, one for each set of variables."""
    return [orjson.dumps({"query": document, "variables": one}).decode() for one in variables]
