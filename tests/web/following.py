"""Following changes in tests: a kitchen that is committed to, and a client of the WebSocket protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from qualitrace.registry import Registry
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, literal
from qualitrace.web import create_app
from qualitrace.web.settings import Settings
from qualitrace.web.subscription_feed import Feed
from qualitrace.web.subscription_settings import Subscribing
from tests.contract.serving import serving
from tests.graphql.kitchens import name, node
from tests.history.kitchen import commit, statement

PROTOCOL = "graphql-transport-ws"
SECONDS = 240  # for what takes none on an idle machine
ALL = "subscription ($after: Int) { changes(after: $after) { position id at author message whole " + (
    "nodes { id type fate node { id label } } } }"
)
QUICK = Subscribing(
    poll_seconds=0.05, init_seconds=60.0, ping_seconds=0.2, slow_seconds=60.0, recheck_seconds=0.1
)


def settings(**changed: Any) -> Settings:
    """Settings with short times where nobody is cut off by them, and what a test changes of them."""
    values = {**{one: getattr(QUICK, one) for one in QUICK.__slots__}, **changed}
    return Settings(subscriptions=Subscribing(**values))


def station(registry: Registry, number: int, label: str = "") -> None:
    """Add a station, in a changeset of its own."""
    facts = node(f"station/T{number}", "Station", label or f"台{number}")
    commit(registry, map(statement, facts), author="示例甲", message=f"station {number}")


def relabelled(registry: Registry, local: str, old: str, new: str) -> None:
    """Change what a node is called."""
    before, after = (Fact(name(local), RDFS_LABEL, literal(text, language="zh")) for text in (old, new))
    commit(registry, [statement(after)], [statement(before)])


def gone(registry: Registry, *locals: str) -> None:
    """Remove all that is stated about nodes."""
    facts = [fact for local in locals for fact in registry.engine.facts(STATED, subject=name(local))]
    assert any(fact.predicate == RDF_TYPE for fact in facts)
    commit(registry, removed=[statement(fact) for fact in facts])


@contextmanager
def watched(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, **changed: Any
) -> Iterator[tuple[str, Feed]]:
    """A server, and the feed that it tells from."""
    made: list[Feed] = []
    begin = Feed.__init__

    def noting(feed: Feed, parts: Any) -> None:
        begin(feed, parts)
        made.append(feed)

    monkeypatch.setattr(Feed, "__init__", noting)
    with serving(create_app(registry, settings=settings(**changed))) as address:
        yield address, made[0]


def until(fits: Callable[[], bool]) -> None:
    """Wait for something to become so."""
    end = time.monotonic() + SECONDS
    while not fits():
        assert time.monotonic() < end
        time.sleep(0.02)


class Client:
    """Speaks graphql-transport-ws, message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, type: str, **more: Any) -> None:
        """Send a message."""
        self.connection.send(json.dumps({"type": type, **more}))

    def receive(self) -> dict[str, Any]:
        """Return the next message that is no ping."""
        while True:
            told: dict[str, Any] = json.loads(self.connection.recv(timeout=SECONDS))
            if told["type"] != "ping":
                return told

    def begin(self, **payload: Any) -> dict[str, Any]:
        """Say who connects; returns what the server says of itself."""
        self.send("connection_init", **({"payload": payload} if payload else {}))
        told = self.receive()
        assert told["type"] == "connection_ack"
        given: dict[str, Any] = told["payload"]
        return given

    def follow(self, query: str = ALL, *, id: str = "1", **variables: Any) -> None:
        """Subscribe."""
        self.send("subscribe", id=id, payload={"query": query, "variables": variables})

    def change(self, id: str = "1") -> dict[str, Any]:
        """Return the next event of a subscription."""
        told = self.receive()
        assert (told["type"], told["id"]) == ("next", id), told
        assert "errors" not in told["payload"], told
        found: dict[str, Any] = told["payload"]["data"]["changes"]
        return found

    def _drain(self) -> None:
        while True:
            self.connection.recv(timeout=SECONDS)

    def closed(self) -> tuple[int, str]:
        """Read until the server ends the connection; returns its code and reason."""
        with pytest.raises(ConnectionClosed) as ended:
            self._drain()
        assert ended.value.rcvd is not None, "the connection was cut"
        return ended.value.rcvd.code, ended.value.rcvd.reason


@contextmanager
def client(
    address: str, *, protocols: tuple[str, ...] = (PROTOCOL,), queue: int | None = None, **headers: str
) -> Iterator[Client]:
    """Open a WebSocket, which reads no more than ``queue`` messages ahead."""
    url = address.replace("http", "ws", 1) + "/graphql"
    options: Any = {"subprotocols": list(protocols) or None, "additional_headers": headers}
    options |= {"compression": None, "max_size": None, "max_queue": queue, "close_timeout": 1}
    with connect(url, **options) as connection:
        yield Client(connection)
