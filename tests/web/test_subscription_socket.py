"""Subscriptions over graphql-transport-ws, rule by rule of its protocol, and what is told in them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus

from qualitrace.registry import Registry
from qualitrace.web import create_app
from qualitrace.web.freshness import Freshness
from tests.contract.serving import serving
from tests.graphql.kitchens import node
from tests.history.kitchen import commit, profile, statement
from tests.web.following import ALL, QUICK, SECONDS, Client, client, settings, station, until, watched

Told = tuple[int, str]


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "kitchen.db"


@pytest.fixture
def registry(location: Path) -> Iterator[Registry]:
    with closing(Registry.create(location, profile())) as made:
        yield made


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    with serving(create_app(registry, settings=settings())) as found:
        yield found


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry for tests that do not mind what others do to it."""
    with closing(Registry.create(tmp_path_factory.mktemp("lasting") / "kitchen.db", profile())) as made:
        yield made


@pytest.fixture(scope="module")
def shared(lasting: Registry) -> Iterator[str]:
    with serving(create_app(lasting, settings=settings())) as found:
        yield found


# The protocol


def test_a_ping_is_answered_and_the_server_pings(shared: str) -> None:
    with client(shared) as one:
        one.begin()
        one.send("ping")
        assert one.receive() == {"type": "pong"}
        while json.loads(one.connection.recv(timeout=SECONDS))["type"] != "ping":
            pass
        one.send("pong", payload={"anything": 1})


def test_a_completed_subscription_tells_no_more_and_its_id_is_free(registry: Registry, address: str) -> None:
    station(registry, 1)
    with client(address) as one:
        one.begin()
        one.follow(after=0)
        assert one.change()["position"] == 1
        one.send("complete", id="1")
        one.send("complete", id="never begun")
        station(registry, 2)
        one.follow(after=1)  # the same id
        assert one.change()["position"] == 2
        one.send("ping")
        assert one.receive() == {"type": "pong"}


INVALID = {
    "not JSON": lambda one: one.connection.send("{"),
    "no object": lambda one: one.connection.send("[1]"),
    "no type": lambda one: one.connection.send("{}"),
    "a type of no message": lambda one: one.send("next", id="1", payload={}),
    "binary": lambda one: one.connection.send(b"{}"),
    "no id": lambda one: one.send("subscribe", payload={"query": ALL}),
    "no payload": lambda one: one.send("subscribe", id="1"),
    "no query": lambda one: one.send("subscribe", id="1", payload={}),
    "variables of another type": lambda one: one.send(
        "subscribe", id="1", payload={"query": ALL, "variables": 7}
    ),
    "complete without id": lambda one: one.send("complete"),
}


@pytest.mark.parametrize("send", INVALID.values(), ids=INVALID)
def test_4400_what_is_no_message_ends_the_connection(shared: str, send: Callable[[Client], None]) -> None:
    with client(shared) as one:
        one.begin()
        send(one)
        code, reason = one.closed()
        assert code == 4400
        assert reason


def test_4401_who_subscribes_before_the_acknowledgement(shared: str) -> None:
    with client(shared) as one:
        one.follow()
        assert one.closed() == (4401, "Unauthorized")


def test_4406_another_protocol(shared: str) -> None:
    with client(shared, protocols=("graphql-ws",)) as one:
        assert one.closed() == (4406, "Subprotocol not acceptable")
    with client(shared, protocols=()) as one:
        assert one.closed() == (4406, "Subprotocol not acceptable")


def test_4408_who_does_not_begin(registry: Registry) -> None:
    made = create_app(registry, settings=settings(init_seconds=0.3))
    with serving(made) as address, client(address) as one:
        assert one.closed() == (4408, "Connection initialisation timeout")


def test_4409_an_id_that_is_taken(shared: str) -> None:
    with client(shared) as one:
        one.begin()
        one.follow()
        one.follow()
        assert one.closed() == (4409, "Subscriber for 1 already exists")


def test_4429_who_begins_twice(shared: str) -> None:
    with client(shared) as one:
        one.begin()
        one.send("connection_init")
        assert one.closed() == (4429, "Too many initialisation requests")


REFUSED = {
    "{ stations { totalCount } }": "QUERY",
    "mutation { __typename }": "QUERY",
    "subscription { changes { nothing } }": "INVALID_REQUEST",
    "subscription { nothing }": "INVALID_REQUEST",
    "subscription { changes": "INVALID_REQUEST",
    "subscription { changes(after: -1) { id } }": "QUERY",
    "subscription { changes(after: 99) { id } }": "QUERY",
    'subscription { changes(after: "x") { id } }': "INVALID_REQUEST",
    "subscription { a: changes { id } b: changes { id } }": "INVALID_REQUEST",
    "subscription { changes "
    + "{ nodes { node { ... on Station " * 20
    + "{ id }"
    + "}}}" * 20
    + "}": "LIMIT",
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_subscribed_to_is_an_error_and_the_connection_goes_on(
    lasting: Registry, shared: str, query: str
) -> None:
    with client(shared) as one:
        position = one.begin()["position"]
        one.follow(query)
        told = one.receive()
        assert (told["type"], told["id"]) == ("error", "1")
        assert [error["extensions"]["code"] for error in told["payload"]] == [REFUSED[query]]
        one.follow(after=position)
        station(lasting, position)
        assert one.change()["position"] == position + 1


# Bounds


def test_a_bounded_number_of_subscriptions_and_connections(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched(registry, monkeypatch, operations=2, connections=2) as (address, feed):
        with client(address) as one, client(address) as two:
            for each in (one, two):
                each.begin()
            until(lambda: feed.connections == 2)
            with client(address) as three:
                three.begin()
                code, reason = three.closed()
                assert (code, reason) == (1013, "There are too many connections of this kind.")
            for id in ("1", "2", "3"):
                one.follow(id=id)
            assert one.closed()[0] == 4429
        until(lambda: feed.connections == 0)


class Noting:
    """Notes when news is looked for."""

    def __init__(self, fresh: Freshness) -> None:
        self._fresh = fresh
        self.begun: list[float] = []

    def catch_up(self) -> None:
        self.begun.append(time.monotonic())
        self._fresh.catch_up()


def test_one_look_for_all_who_wait(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait, news is looked for as often as for one; while nobody waits, not at all."""
    with watched(registry, monkeypatch) as (address, feed):
        noting = feed.watcher._fresh = Noting(feed.watcher._fresh)  # type: ignore[assignment]
        for many in (1, 12):
            with client(address) as one:
                one.begin()
                for id in range(many):
                    one.follow(id=f"{id}")
                until(lambda many=many: len(feed.watcher._waiting) == many)  # type: ignore[misc]
                before = len(noting.begun)
                until(lambda before=before: len(noting.begun) > before + 8)  # type: ignore[misc]
                looks = noting.begun[before:]
            until(lambda: not feed.watcher._waiting)
            between = [later - earlier for earlier, later in itertools.pairwise(looks)]
            assert min(between) > 0.9 * QUICK.poll_seconds  # the clock of the loop is not as fine
        until(lambda: feed.watcher._task is not None and feed.watcher._task.done())


def test_a_slow_reader_is_cut_off_and_others_are_not(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [fact for number in range(900) for fact in node(f"station/L{number}", "Station", "台" * 200)]
    commit(registry, map(statement, facts))
    with watched(registry, monkeypatch, slow_seconds=4.0) as (address, feed), client(address) as slow:
        slow.connection.recv_bufsize = 1
        slow.begin()
        until(lambda: feed.connections == 1)
        for id in range(16):  # some megabytes, which it does not read
            slow.follow(
                "subscription { changes(after: 0) { nodes { "
                + " ".join(f"n{n}: node {{ iri label classLabel }}" for n in range(4))
                + " } } }",
                id=f"{id}",
            )
        with client(address) as quick:
            quick.begin()
            quick.follow(after=1)
            station(registry, 1)
            assert quick.change()["position"] == 2
        until(lambda: feed.connections == 0)


@pytest.fixture
def app(registry: Registry) -> FastAPI:
    return create_app(registry, settings=settings())


def test_a_page_from_elsewhere_may_not_connect(shared: str) -> None:
    with pytest.raises(InvalidStatus) as refused, client(shared, Origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403
    with client(shared, Origin=shared) as one:
        one.begin()


def test_a_server_that_stops_says_so(registry: Registry, app: FastAPI) -> None:
    with serving(app) as address, client(address) as one:
        one.begin()
        one.follow()
        app.state.stopping.begin()
        one.send("ping")  # the server's loop looks again
        assert one.closed()[0] == 1012
