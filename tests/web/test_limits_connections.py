"""Connections that are idle, slow, too many or not read are cut off, and counted while they last."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from qualitrace.web.connections import LARGEST_HEAD, Crowd, connection_class

SOON = 2.0  # seconds: no client of these tests is so slow by itself
LARGE = 60_000_000  # more than what the system takes in for a client that does not read


@dataclass
class Running:
    port: int
    crowd: Crowd

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 20)

    def settle(self, count: int) -> None:
        """Wait until there are so many connections."""
        until = time.monotonic() + 60
        while self.crowd.total != count and time.monotonic() < until:
            time.sleep(0.01)
        assert self.crowd.total == count
        assert sum(self.crowd.by_address.values()) == count


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A server that cuts off soon who is slow."""
    with _running(Crowd(most=30, each=20, head_seconds=SOON, stalled_seconds=SOON)) as found:
        yield found


@pytest.fixture(scope="module")
def patient() -> Iterator[Running]:
    """A server that cuts off nobody while a test runs, however busy the machine is."""
    with _running(Crowd(most=30, each=20, head_seconds=300.0, stalled_seconds=300.0)) as found:
        yield found


@contextmanager
def _running(crowd: Crowd) -> Iterator[Running]:
    async def small(request: Any) -> PlainTextResponse:
        return PlainTextResponse("x")

    async def large(request: Any) -> PlainTextResponse:
        return PlainTextResponse("x" * LARGE)

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        await websocket.close()

    app = Starlette(routes=[Route("/", small), Route("/large", large), WebSocketRoute("/ws", talk)])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=connection_class(crowd), log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Running(listening.getsockname()[1], crowd)
        server.should_exit = True
        thread.join()


def test_who_says_nothing_is_cut_off(running: Running) -> None:
    with running.open() as idle:
        assert idle.recv(1) == b""
    running.settle(0)


def test_a_head_that_does_not_end_is_cut_off(running: Running) -> None:
    with running.open() as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        assert slow.recv(1) == b""
    running.settle(0)


@pytest.mark.parametrize(
    "head", [b"A: " + b"a" * LARGEST_HEAD, b"".join(b"A%d: x\r\n" % n for n in range(300))]
)
def test_a_head_that_is_too_large_is_refused(running: Running, head: bytes) -> None:
    with running.open() as large:
        large.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        assert large.recv(12) == b"HTTP/1.1 400"


def test_a_connection_may_ask_again_later(running: Running) -> None:
    with running.open() as kept:
        for again in (False, True):
            if again:
                time.sleep(1.2 * SOON)  # longer than a head may take
            kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b" 200 " in kept.recv(4096)


def test_who_does_not_read_is_cut_off(running: Running) -> None:
    with running.open() as stalled:
        running.settle(1)
        stalled.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        running.settle(0)
        got = 0
        try:
            while part := stalled.recv(1_000_000):
                got += len(part)
        except ConnectionError:
            pass
    assert got < LARGE


def test_one_address_has_its_share(patient: Running) -> None:
    opened = [patient.open() for _ in range(25)]
    patient.settle(20)
    elsewhere = socket.create_connection(("127.0.0.1", patient.port), 20, ("127.0.0.7", 0))
    elsewhere.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 200 " in elsewhere.recv(4096)
    for one in (*opened, elsewhere):
        one.close()
    patient.settle(0)


def test_a_websocket_counts_until_it_is_gone(running: Running) -> None:
    with connect(f"ws://127.0.0.1:{running.port}/ws") as talking:
        running.settle(1)
        time.sleep(1.2 * SOON)
        talking.send("x")
    running.settle(0)
