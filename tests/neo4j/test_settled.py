"""Whoever reads while a change is published in several transactions is never answered with a part of it."""

from __future__ import annotations

from typing import Any

import pytest

from qualitrace.errors import UnavailableError
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.store import STATED
from qualitrace.store.neo4j import Neo4jEngine
from qualitrace.store.neo4j.settled import GRACE
from qualitrace.terms import Fact
from tests.history.kitchen import POOL, commit, profile

BATCH = 7


def facts(engine: Neo4jEngine) -> frozenset[Fact] | None:
    """What is read; None when it is said that a change is under way."""
    try:
        return frozenset(engine.facts(STATED))
    except UnavailableError:
        return None


@pytest.mark.parametrize("rebuild", [False, True])
def test_all_or_nothing_of_a_change_is_read(
    registry: Registry, engine: Neo4jEngine, rebuild: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(registry, POOL[:10])
    publish(registry, engine)
    commit(registry, POOL[10:])
    reader = Neo4jEngine.of(engine.server, profile(), engine.registry)
    before, said, put = facts(reader), list[frozenset[Fact] | None](), engine.put
    monkeypatch.setattr(Neo4jEngine, "grace", GRACE)

    def telling(*args: Any, **options: Any) -> Any:
        mark = put(*args, **options)
        said.append(facts(reader))
        return mark

    monkeypatch.setattr(engine, "put", telling)
    publish(registry, engine, batch=BATCH, rebuild=rebuild)
    after = frozenset(registry.engine.facts(STATED))
    assert None not in (before, after) and before != after
    assert said[0] in (before, None)  # it was said that it begins: nothing is written yet
    assert set(said[1:-1]) == {None}
    assert said[-1] == facts(reader) == after


def test_what_broke_off_is_not_answered_from(
    registry: Registry, engine: Neo4jEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(registry, POOL)
    put, sent = engine.put, list[Any]()

    def failing(*args: Any, **options: Any) -> Any:
        if len(sent) == 3:
            raise UnavailableError(profile().titles)
        sent.append(put(*args, **options))
        return sent[-1]

    with monkeypatch.context() as patched:
        patched.setattr(engine, "put", failing)
        with pytest.raises(UnavailableError):
            publish(registry, engine, batch=BATCH)
    remote = Remote(engine, registry.profile, registry.base)
    for ask in (lambda: remote.resolve("x"), remote.protected_texts, lambda: list(engine.facts())):
        with pytest.raises(UnavailableError, match="only a part"):
            ask()
    publish(registry, engine)
    assert frozenset(engine.facts(STATED)) == frozenset(registry.engine.facts(STATED))
