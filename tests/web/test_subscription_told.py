"""What a subscription tells of changes, on both databases: all, once, in order, with what became of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.serving import serving
from tests.graphql.kitchens import node
from tests.history.kitchen import commit, profile, statement
from tests.web.following import client, gone, relabelled, settings, station, until, watched


@pytest.fixture
def registry(location: str) -> Iterator[Registry]:
    with closing(Registry.create(location, profile())) as made:
        yield made


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    with serving(create_app(registry, settings=settings())) as found:
        yield found


def test_changes_are_told_as_they_are_made_and_from_any_position(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        station(registry, number)
    with watched(registry, monkeypatch) as (address, feed), client(address) as one:
        assert one.begin() == {"position": 3}
        one.follow(after=1)
        assert [one.change()["position"] for _ in range(2)] == [2, 3]
        one.follow(id="new")
        until(lambda: len(feed.watcher._waiting) == 2)  # what is committed from here on is new
        station(registry, 4, "沙拉台")
        told = {
            message["id"]: message["payload"]["data"]["changes"] for message in (one.receive(), one.receive())
        }
        assert told["1"] == told["new"]
        recorded = next(iter(registry.journal.changesets(3)))
        assert told["1"] == {
            "position": 4,
            "id": recorded.id,
            "at": recorded.at,
            "author": recorded.author,
            "message": recorded.message,
            "whole": True,
            "nodes": [
                {
                    "id": "station/T4",
                    "type": "Station",
                    "fate": "ADDED",
                    "node": {"id": "station/T4", "label": "沙拉台"},
                }
            ],
        }


def test_what_became_of_a_node(registry: Registry, address: str) -> None:
    station(registry, 1)
    with client(address) as one:
        one.begin()
        one.follow(after=1)
        relabelled(registry, "station/T1", "台1", "新台")
        assert one.change()["nodes"] == [
            {
                "id": "station/T1",
                "type": "Station",
                "fate": "CHANGED",
                "node": {"id": "station/T1", "label": "新台"},
            }
        ]
        gone(registry, "station/T1")
        assert one.change()["nodes"] == [
            {"id": "station/T1", "type": "Station", "fate": "REMOVED", "node": None}
        ]


def test_nothing_is_lost_or_told_twice_while_others_write(
    registry: Registry, location: str, address: str
) -> None:
    """Readers leave and come back anywhere, while another process's registry and this one take turns."""
    station(registry, 0)
    many = 40

    def write() -> None:
        with closing(Registry.open(location, profile())) as other:
            for number in range(1, many):
                station(other if number % 2 else registry, number)

    writing = threading.Thread(target=write)
    writing.start()
    told: list[int] = []
    while len(told) < many:
        with client(address) as one:
            one.begin()
            one.follow(after=told[-1] if told else 0)
            told += [one.change()["position"] for _ in range(min(7, many - len(told)))]
    writing.join()
    assert told == list(range(1, many + 1))


def test_a_large_changeset_says_that_it_is_cut(
    registry: Registry, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualitrace.graphql.subscription_changes.MOST_NODES", 3)
    facts = [fact for number in range(5) for fact in node(f"station/L{number}", "Station", f"台{number}")]
    commit(registry, map(statement, facts))
    with client(address) as one:
        one.begin()
        one.follow(after=0)
        told = one.change()
        assert (len(told["nodes"]), told["whole"]) == (3, False)
