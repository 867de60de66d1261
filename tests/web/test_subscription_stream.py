"""Changes as server-sent events: plain ones with Last-Event-ID, and subscriptions of GraphQL."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.serving import serving
from tests.history.kitchen import profile
from tests.web.following import ALL, SECONDS, settings, station, until, watched

Event = tuple[str, str, dict[str, Any]]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry.create(tmp_path / "kitchen.db", profile())) as made:
        for number in range(1, 4):
            station(made, number)
        yield made


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    with serving(create_app(registry, settings=settings())) as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for tests that change nothing."""
    with closing(Registry.create(tmp_path_factory.mktemp("lasting") / "kitchen.db", profile())) as made:
        for number in range(1, 4):
            station(made, number)
        with serving(create_app(made, settings=settings())) as found:
            yield found


@contextmanager
def streaming(
    url: str, method: str = "GET", **given: Any
) -> Iterator[tuple[httpx.Response, Iterator[Event]]]:
    with httpx.Client(timeout=SECONDS) as client, client.stream(method, url, **given) as answer:
        yield answer, _events(answer)


def _events(answer: httpx.Response) -> Iterator[Event]:
    """Read a stream by the rules of the specification (HTML, 9.2.6), as far as they are used here."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"] or "{}")
            fields = {}


def several(events: Iterator[Event], many: int) -> list[Event]:
    return [next(events) for _ in range(many)]


def test_changes_are_told_and_resumed_where_a_reader_left(registry: Registry, address: str) -> None:
    with streaming(f"{address}/changes/stream?after=0") as (answer, events):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        first = several(events, 2)
    recorded = list(registry.journal.changesets())
    for number, (name, id, told) in enumerate(first):
        one = recorded[number]
        assert (name, id) == ("change", str(one.position))
        assert told == {
            "id": one.id,
            "position": one.position,
            "at": one.at,
            "author": one.author,
            "message": one.message,
            "nodes": [{"id": f"station/T{one.position}", "type": "Station", "fate": "ADDED"}],
            "whole": True,
        }
    # The header of a browser that comes back counts, not what the address says.
    again = {"Last-Event-ID": first[-1][1]}
    with streaming(f"{address}/changes/stream?after=0", headers=again) as (_, events):
        assert next(events)[1] == "3"
        station(registry, 4)
        assert next(events)[1] == "4"


def test_without_a_position_what_comes_is_told(registry: Registry, address: str) -> None:
    with streaming(f"{address}/changes/stream") as (_, events):
        station(registry, 4)
        assert next(events)[1] == "4"


@pytest.mark.parametrize("after", ["99", "x", "-1", "1.5", "9" * 40])
def test_a_position_that_is_none_is_refused(shared: str, after: str) -> None:
    for given in ({"params": {"after": after}}, {"headers": {"Last-Event-ID": after}}):
        answer = httpx.get(f"{shared}/changes/stream", timeout=SECONDS, **given)  # type: ignore[arg-type]
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "QUERY"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_subscription_is_told_as_events(shared: str, method: str) -> None:
    asked = {"query": ALL, "variables": {"after": 1}}
    given: dict[str, Any] = {"json": asked}
    if method == "GET":
        given = {"params": {"query": ALL, "variables": json.dumps(asked["variables"])}}
    headers = {"accept": "text/event-stream"}
    with streaming(f"{shared}/graphql/stream", method, headers=headers, **given) as (_, events):
        told = several(events, 2)
    assert [(name, id) for name, id, _ in told] == [("next", "2"), ("next", "3")]
    assert [one["data"]["changes"]["position"] for _, _, one in told] == [2, 3]


def test_what_cannot_be_subscribed_to_is_told_and_the_stream_complete(shared: str) -> None:
    given = {"json": {"query": "{ stations { totalCount } }"}, "headers": {"accept": "text/event-stream"}}
    with streaming(f"{shared}/graphql/stream", "POST", **given) as (answer, events):
        assert answer.status_code == 200
        told = list(events)
    assert [name for name, _, _ in told] == ["next", "complete"]
    assert told[0][2]["errors"][0]["extensions"]["code"] == "QUERY"


def test_who_takes_no_events_is_told_so(shared: str) -> None:
    answer = httpx.post(f"{shared}/graphql/stream", json={"query": ALL}, timeout=SECONDS)
    assert answer.status_code == 406
    assert httpx.post(f"{shared}/changes/stream", timeout=SECONDS).status_code == 405


def test_signs_of_life_come_between(shared: str) -> None:
    with httpx.Client(timeout=SECONDS) as client, client.stream("GET", f"{shared}/changes/stream") as answer:
        lines = answer.iter_lines()
        assert {next(lines) for _ in range(9)} == {":", ""}


def test_a_bounded_number_of_streams(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(registry, monkeypatch, connections=1) as (address, feed):
        with streaming(f"{address}/changes/stream"):
            until(lambda: feed.connections == 1)
            refused = httpx.get(f"{address}/changes/stream", timeout=SECONDS)
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
        until(lambda: feed.connections == 0)
        with streaming(f"{address}/changes/stream") as (answer, _):
            assert answer.status_code == 200


def test_a_slow_reader_is_cut_off(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    # As large as what a socket's buffers on both sides hold, and more.
    large = {"filling": "x" * 8_000_000}
    monkeypatch.setattr("qualitrace.web.subscription_stream.plain", lambda change, base: large)
    with watched(registry, monkeypatch, slow_seconds=2.0) as (address, feed), socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, _, port = address.removeprefix("http://").partition(":")
        slow.connect((host, int(port)))
        slow.sendall(f"GET /changes/stream?after=0 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        until(lambda: feed.connections == 1)
        until(lambda: feed.connections == 0)


def test_a_server_that_stops_ends_the_streams(registry: Registry) -> None:
    app = create_app(registry, settings=settings())
    with serving(app) as address, streaming(f"{address}/changes/stream?after=0") as (_, events):
        several(events, 3)
        app.state.stopping.begin()
        assert list(events) == []
