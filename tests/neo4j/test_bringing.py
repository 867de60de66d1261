"""Who asks a server after a change sees it, or is told that Neo4j is not there yet; never an older state."""

from __future__ import annotations

import threading
import time

import pytest

from qualitrace.errors import ConflictError, RegistryError, UnavailableError
from qualitrace.registry import Registry, bringing
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.store import STATED
from qualitrace.store.neo4j import Changes, Mark, Neo4jEngine
from tests.history.kitchen import POOL, commit, profile

DEADLINE = 240  # seconds; a busy machine takes long


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a publication is waited for."""
    monkeypatch.setattr(bringing, "PATIENCE", DEADLINE)


@pytest.fixture
def behind(registry: Registry, engine: Neo4jEngine) -> Registry:
    """A registry of which Neo4j holds the state before."""
    commit(registry, POOL[:10])
    publish(registry, engine)
    commit(registry, POOL[10:])
    return registry


def equal(registry: Registry, engine: Neo4jEngine) -> bool:
    return set(engine.facts(STATED)) == set(registry.engine.facts(STATED))


def test_what_was_written_is_there_for_the_next_question(behind: Registry, engine: Neo4jEngine) -> None:
    Remote(engine, profile(), behind.base, behind, publish).refresh()
    assert equal(behind, engine)


def test_a_publication_that_takes_long_goes_on_while_readers_are_told(
    behind: Registry, engine: Neo4jEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = threading.Event(), list[object]()

    def slowly(home: Registry, into: Neo4jEngine) -> None:
        begun.append(home)
        assert go.wait(DEADLINE)
        publish(home, into)

    remote = Remote(engine, profile(), behind.base, behind, slowly)
    with monkeypatch.context() as patched:
        patched.setattr(bringing, "PATIENCE", 0.1)
        for _ in range(2):
            with pytest.raises(UnavailableError, match="still stands at change 1"):
                remote.refresh()
    go.set()
    remote.refresh()
    assert len(begun) == 1
    assert equal(behind, engine)


def test_another_publisher_is_waited_for(behind: Registry, engine: Neo4jEngine) -> None:
    tried = list[object]()

    def overtaken(home: Registry, into: Neo4jEngine) -> None:
        tried.append(home)
        if len(tried) == 2:
            publish(home, into)
        raise ConflictError(profile().titles)

    Remote(engine, profile(), behind.base, behind, overtaken).refresh()
    assert len(tried) == 2
    assert equal(behind, engine)


def test_what_keeps_it_from_being_published_is_told(behind: Registry, engine: Neo4jEngine) -> None:
    def refused(home: Registry, into: Neo4jEngine) -> None:
        raise RegistryError(profile().titles)

    with pytest.raises(RegistryError):
        Remote(engine, profile(), behind.base, behind, refused).refresh()


@pytest.mark.parametrize("alive", [True, False])
def test_what_another_program_began_is_left_to_it_while_it_goes_on(
    behind: Registry, engine: Neo4jEngine, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publication that was begun and makes no step any more is gone on with."""
    monkeypatch.setattr(bringing, "WATCHED", DEADLINE if alive else 0.2)
    mark = publish(behind, engine, rebuild=True).after
    began = Mark(toward=mark.position, toward_changeset=mark.changeset, profile=mark.profile)
    engine.put(Changes(), lambda _: began)
    monkeypatch.setattr(bringing, "BRIEF", 0.2)
    remote = Remote(engine, profile(), behind.base, behind, publish)
    with pytest.raises(UnavailableError):
        remote.refresh()
    if alive:
        engine.put(Changes(), lambda _: mark)  # the other one is done
    until = time.monotonic() + DEADLINE
    while engine.at.toward >= 0 and time.monotonic() < until:
        time.sleep(0.05)
    assert (engine.at.place == mark.place) and equal(behind, engine)
