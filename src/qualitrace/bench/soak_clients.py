"""Clients that ask for a long time and look at every answer, in a process of their own (floor 5)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qualitrace.bench.measuring import quantile

_PROBLEMS = 20  # kept as examples


@dataclass(slots=True)
class _Tally:
    """What came of the requests: seconds by operation, errors, and what subscribers were told."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    bytes: int = 0
    told: int = 0

    def wrong(self, name: str, problem: str) -> None:
        self.errors[name] = self.errors.get(name, 0) + 1
        if len(self.problems) < _PROBLEMS:
            self.problems.append(f"{name}: {problem}")


def load(
    port: int,
    requests: Mapping[str, Sequence[Sequence[str]]],
    heads: Sequence[tuple[str, Sequence[str]]],
    seconds: float,
    pause: float,
) -> dict[str, Any]:
    """Ask for so many seconds with one client for each of ``heads``: what it sends, what it does not ask.

    ``requests``: of each operation some (path, body) to choose from; no body is a GET. ``pause`` is the mean
    of the seconds a client waits between two. The first client only listens, to what is told of changes.
    """
    tally = _Tally()

    async def run() -> None:
        until = time.perf_counter() + seconds
        clients = [
            _client(port, requests, head, closed, until, pause, random.Random(number), tally)
            for number, (head, closed) in enumerate(heads[1:])
        ]
        await asyncio.gather(_listener(port, heads[0][0], until, tally), *clients)

    _run(run())
    return {
        "operations": {
            name: {
                "requests": len(times),
                "p50": quantile(times, 0.5) * 1000,
                "p99": quantile(times, 0.99) * 1000,
                "most": max(times) * 1000,
            }
            for name, times in sorted(tally.times.items())
        },
        "errors": tally.errors,
        "problems": tally.problems,
        "bytes": tally.bytes,
        "told": tally.told,
    }


def warm(
    port: int, requests: Mapping[str, Sequence[Sequence[str]]], heads: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Ask everything once with each head, one after another: what is made for the first is there then."""

    async def run() -> None:
        for head, closed in heads:
            await _once(port, requests, head, closed)

    _run(run())


async def _client(
    port: int,
    requests: Mapping[str, Sequence[Sequence[str]]],
    head: str,
    closed: Sequence[str],
    until: float,
    pause: float,
    chance: random.Random,
    tally: _Tally,
) -> None:
    names = sorted(set(requests) - set(closed))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        if pause:
            await asyncio.sleep(chance.uniform(0, 2 * pause))
        name = chance.choice(names)
        path, body = chance.choice(requests[name])
        begun = time.perf_counter()
        try:
            writer.write(_written(port, path, body, head))
            status, answer, more = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            tally.wrong(name, repr(error)[:200])
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        tally.times.setdefault(name, []).append(time.perf_counter() - begun)
        tally.bytes += len(answer)
        if status != 200 or b'"errors":' in answer:
            tally.wrong(name, f"{status} {answer[:300].decode(errors='replace')}")
        if not more:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _once(
    port: int, requests: Mapping[str, Sequence[Sequence[str]]], head: str, closed: Sequence[str]
) -> None:
    """Ask everything once; what goes wrong is not counted."""
    for name in set(requests) - set(closed):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        path, body = requests[name][0]
        writer.write(_written(port, path, body, head))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            await _answer(reader)
        writer.close()


async def _listener(port: int, head: str, until: float, tally: _Tally) -> None:
    """Count what is told of changes, as server-sent events."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_written(port, "/changes/stream", "", head + "Accept: text/event-stream\r\n"))
    try:
        status, _ = await _head(reader)
        if status != 200:
            tally.wrong("changes", str(status))
            return
        while (left := until - time.perf_counter()) > 0:
            line = await asyncio.wait_for(reader.readline(), left)
            if not line:
                tally.wrong("changes", "the stream ended")
                return
            tally.told += line.startswith(b"data:")
    except TimeoutError:
        pass
    finally:
        writer.close()


def _written(port: int, path: str, body: str, head: str) -> bytes:
    data = body.encode()
    first = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}"
    if body:
        first += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return first.encode() + b"\r\n" + data


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines[1:] if line)
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in named}


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Read an answer: its status, its body, and whether the connection stays open."""
    status, headers = await _head(reader)
    more = headers.get("connection", "") != "close"
    if "content-length" in headers:
        return status, await reader.readexactly(int(headers["content-length"])), more
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return status, b"".join(parts), more


def _run(work: Any) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
