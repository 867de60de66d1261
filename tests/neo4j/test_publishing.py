"""Publishing: Neo4j holds what the journal says at its mark, fact by fact, however it got there."""

from __future__ import annotations

import contextlib
import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

from qualitrace.errors import ConflictError, NotConformingError, RegistryError, UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish, registry_name
from qualitrace.registry.publishing_checks import difference
from qualitrace.store.neo4j import Neo4jEngine
from tests.history.kitchen import POOL, commit, profile


def equal(registry: Registry, engine: Neo4jEngine) -> None:
    """Neo4j stands where the registry stands, and holds just its facts; the mark counts them."""
    mark, compared = difference(registry, engine)
    assert (mark.position, mark.changeset) == registry.journal.head()
    assert [one for one in compared if not one.equal] == []


def picture(engine: Neo4jEngine) -> Any:
    """Everything that Neo4j holds of a registry, but its name."""
    nodes = engine.read(
        "MATCH (n:Resource) WHERE n.registry = $registry RETURN n.iri AS iri, labels(n) AS labels, "
        "properties(n) AS kept ORDER BY iri"
    )
    links = engine.read(
        "MATCH (a:Resource)-[r]->(b) WHERE a.registry = $registry AND b.registry = $registry "
        "RETURN a.iri AS a, type(r) AS kind, properties(r) AS kept, b.iri AS b"
    )
    for node in nodes:
        node["labels"] = sorted(node["labels"])
        node["kept"].pop("registry")
    return nodes, sorted(map(repr, links))


def commit_at_random(registry: Registry, chance: random.Random) -> None:
    """State or withdraw some of what a kitchen may state, as far as its rules let it."""
    while True:
        held = set(registry.journal.about({entry.fact.subject for entry in POOL}))
        toggled = chance.sample(POOL, chance.randint(1, 12))
        with contextlib.suppress(NotConformingError):
            commit(
                registry,
                [entry for entry in toggled if entry not in held],
                [entry for entry in toggled if entry in held],
            )
            return


def test_every_way_to_a_state_leads_to_the_same(registry: Registry, engine: Neo4jEngine) -> None:
    chance = random.Random(8)
    commit(registry, POOL)
    for _ in range(5):
        for _ in range(chance.randint(1, 3)):
            commit_at_random(registry, chance)
        publish(registry, engine)
        equal(registry, engine)
    anew = Neo4jEngine.of(engine.server, profile(), engine.registry + "-anew")
    done = publish(registry, anew, batch=10)
    assert done.whole and done.added == anew.at.stated + anew.at.inferred
    assert picture(anew) == picture(engine)
    publish(registry, engine, rebuild=True)
    assert picture(anew) == picture(engine)
    anew.clear()
    assert picture(anew) == ([], [])
    equal(registry, engine)


def test_what_is_published_again_is_there_once(registry: Registry, engine: Neo4jEngine) -> None:
    assert publish(registry, engine).after.position == 0  # nothing to publish
    commit(registry, POOL)
    first = publish(registry, engine)
    again = publish(registry, engine)
    assert first.whole and (again.added, again.removed, again.after) == (0, 0, first.after)


def test_a_change_sends_what_it_changes(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    gone = [entry for entry in POOL if entry.fact == POOL[-1].fact]
    commit(registry, (), gone)
    done = publish(registry, engine)
    assert not done.whole
    assert 0 < done.added + done.removed < 10
    equal(registry, engine)
    commit(registry, (), [entry for entry in POOL if entry not in gone])
    publish(registry, engine)
    equal(registry, engine)
    assert (engine.at.stated, engine.at.inferred) == (0, 0)
    nodes = picture(engine)[0]
    assert all("Concept" in node["labels"] for node in nodes)


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_it_goes_on_from_where_it_broke_off(
    registry: Registry, engine: Neo4jEngine, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the registry has gone on meanwhile; from nothing, and between two positions."""
    chance = random.Random(stop)
    for added, removed in ((POOL, ()), ((), POOL)):
        held = set(registry.journal.about({entry.fact.subject for entry in POOL}))
        commit(registry, added, [entry for entry in removed if entry in held])
        broken_off(registry, engine, stop, monkeypatch)
        if added:
            commit_at_random(registry, chance)
        done = publish(registry, engine, batch=7)
        assert done.resumed == (stop > 0)
        equal(registry, engine)


def broken_off(registry: Registry, engine: Neo4jEngine, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put, sent = engine.put, 0

    def failing(*args: Any, **options: Any) -> Any:
        nonlocal sent
        if sent == stop:
            raise UnavailableError(profile().titles)
        sent += 1
        return put(*args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "put", failing)
        with pytest.raises(UnavailableError):
            publish(registry, engine, batch=7)
    if stop:
        with pytest.raises(RegistryError):
            difference(registry, engine)


def test_two_publishers_do_not_overtake_each_other(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    other = Neo4jEngine.of(engine.server, profile(), engine.registry)
    put = engine.put

    def late(*args: Any, **options: Any) -> Any:
        publish(registry, other)
        return put(*args, **options)

    engine.put = late  # type: ignore[method-assign]
    with pytest.raises(ConflictError):
        publish(registry, engine)
    equal(registry, engine)


def test_a_missing_and_a_foreign_fact_are_found(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    engine.server.run(
        "MATCH (n:Resource {registry: $registry}) WHERE n.name IS NOT NULL AND NOT n:Concept "
        "WITH n LIMIT 1 SET n.label = 'wrong', n.label_zh = '错'",
        registry=engine.registry,
    )
    stated = difference(registry, engine)[1][0]
    assert not stated.equal and stated.surplus


def test_another_journal_is_refused(registry: Registry, engine: Neo4jEngine, tmp_path: Path) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    other = Registry.create(tmp_path / "other.db", profile())
    try:
        with pytest.raises(RegistryError, match="another journal"):
            publish(other, engine)
        commit(other, POOL[:5])
        with pytest.raises(RegistryError, match="another journal"):
            publish(other, engine)
        equal(registry, engine)
        publish(other, engine, rebuild=True)
        equal(other, engine)
    finally:
        other.close()


def test_another_profile_is_refused(
    registry: Registry, engine: Neo4jEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    (tmp_path / "reasoning").mkdir()
    (tmp_path / "reasoning" / "more.rq").write_text("# one more\n", encoding="utf-8")
    changed = dataclasses.replace(load_profile(profile().directory), directory=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(registry, "profile", changed)
        with pytest.raises(RegistryError, match="another profile"):
            publish(registry, engine)
        publish(registry, engine, rebuild=True)


def test_registries_have_names(registry: Registry) -> None:
    assert registry_name(registry, "college-1") == "college-1"
    assert registry_name(registry) == "kitchen.example-id"
    for wrong in (" ", "a b", "x" * 101, "a`b"):
        with pytest.raises(RegistryError):
            registry_name(registry, wrong)
