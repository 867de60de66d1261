"""WebSockets that never begin, never end, or ask for too much."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from qualitrace.access import Role
from tests.attack.serving import Served

PROTOCOL = "graphql-transport-ws"


def opened(served: Served, **given: Any) -> ClientConnection:
    url = served.url.replace("http", "ws") + "/graphql"
    return connect(url, subprotocols=[PROTOCOL], open_timeout=240, close_timeout=1, **given)  # type: ignore[list-item]


def closed(socket: ClientConnection, timeout: float = 240) -> int:
    """Read until the server closes; return the code."""
    try:
        while True:
            socket.recv(timeout=timeout)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 1006


def begun(socket: ClientConnection, token: str) -> None:
    socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
    assert json.loads(socket.recv(timeout=240))["type"] == "connection_ack"


MESSAGES = {
    "no JSON": "{",
    "no object": "[]",
    "no type": "{}",
    "an unknown type": '{"type": "start"}',
    "brackets": "[" * 50_000,
    "oversized": '{"type": "ping", "payload": {"a": "' + "x" * 3_000_000 + '"}}',
    "subscribing first": '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}',
    "no UTF-8": b"\xff\xfe",
    "a token that is none": '{"type": "connection_init", "payload": {"authorization": "Bearer x"}}',
    "a token that is a list": '{"type": "connection_init", "payload": {"authorization": ["x"]}}',
    "a payload that is text": '{"type": "connection_init", "payload": "x"}',
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_first_message_that_is_none_ends_it(served: Served, name: str) -> None:
    with opened(served, source_address=("127.0.9.1", 0)) as socket:
        socket.send(MESSAGES[name])
        assert closed(socket) >= 1002


def test_who_never_begins_is_let_go(served: Served) -> None:
    with ExitStack() as stack:
        sockets = []
        for _ in range(20):
            sockets.append(stack.enter_context(opened(served)))
        assert {closed(socket) for socket in sockets} <= {4408, 4401, 4403, 1000, 1006}


def test_subscriptions_of_one_connection_are_bounded(served: Served) -> None:
    with opened(served) as socket:
        begun(socket, served.token(Role.OFFICE))
        query = "subscription { changes { position } }"
        try:
            for number in range(2000):
                socket.send(json.dumps({"type": "subscribe", "id": str(number), "payload": {"query": query}}))
        except ConnectionClosed:
            pass
        told = []
        try:
            while "error" not in told:
                told.append(json.loads(socket.recv(timeout=240))["type"])
        except ConnectionClosed:
            assert socket.close_code not in (None, 1000)


def test_one_name_twice_ends_it(served: Served) -> None:
    with opened(served) as socket:
        begun(socket, served.token(Role.OFFICE))
        message = json.dumps(
            {"type": "subscribe", "id": "1", "payload": {"query": "subscription { changes { position } }"}}
        )
        socket.send(message)
        socket.send(message)
        assert closed(socket) == 4409


def test_a_flood_of_pings_ends_or_is_answered(served: Served) -> None:
    with opened(served) as socket:
        begun(socket, served.token(Role.OFFICE))
        try:
            for _ in range(5000):
                socket.send('{"type": "ping"}')
        except ConnectionClosed:
            return
        assert json.loads(socket.recv(timeout=240))["type"] == "pong"


def test_every_kind_is_here() -> None:
    assert len(MESSAGES) >= 11
