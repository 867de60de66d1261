"""An identifier longer than an index of Neo4j takes is refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.errors import RegistryError
from qualitrace.exporting.neo4j_admin import neo4j_admin
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Changes, Mark, Neo4jEngine, Server
from qualitrace.store.neo4j.filling import held
from qualitrace.store.neo4j.schema import LONGEST_IRI
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from tests.history.kitchen import POOL, commit, profile
from tests.neo4j.test_publishing import equal
from tests.neo4j.test_seen import BASE, K, leniently

REFUSED = f"Neo4j can index {LONGEST_IRI:,} at most"


def named(size: int, letter: str = "a") -> str:
    """An IRI of so many bytes."""
    letters, rest = divmod(size - len(BASE), len(letter.encode()))
    return BASE + letter * letters + "x" * rest


def about(node: str) -> list[Fact]:
    """A cook of whom not everybody sees everything, and a shift that leads to it."""
    return [
        Fact(node, RDF_TYPE, iri(K + "Cook")),
        Fact(node, RDFS_LABEL, literal("示例", language="zh")),
        Fact(f"{BASE}shift/x", RDF_TYPE, iri(K + "Shift")),
        Fact(f"{BASE}shift/x", K + "worker", iri(node)),
    ]


@pytest.mark.parametrize("letter", ["a", "示"])
def test_the_longest_identifier_is_published(
    registry: Registry, neo4j_database: Server, neo4j_registry: str, letter: str
) -> None:
    """Also in a registry with the longest name, at first and as a change."""
    engine = Neo4jEngine.of(neo4j_database, profile(), neo4j_registry.ljust(100, "x"))
    try:
        for size in (LONGEST_IRI, LONGEST_IRI - 1):
            leniently(registry, about(named(size, letter)), ())
            publish(registry, engine)
            equal(registry, engine)
    finally:
        engine.clear()


def test_a_longer_one_is_refused_at_first(registry: Registry, engine: Neo4jEngine, tmp_path: Path) -> None:
    leniently(registry, about(named(LONGEST_IRI + 1)), ())
    with pytest.raises(RegistryError, match=REFUSED):
        publish(registry, engine)
    assert (engine.at, held(engine.server, engine.registry)) == (Mark(), False)
    with pytest.raises(RegistryError, match=REFUSED):
        neo4j_admin(registry, tmp_path / "files", name="x")


@pytest.mark.parametrize("batch", [1, 20_000])
@pytest.mark.parametrize("rebuild", [False, True])
def test_a_longer_one_is_refused_as_a_change(
    registry: Registry, engine: Neo4jEngine, batch: int, rebuild: bool
) -> None:
    commit(registry, POOL)
    before = publish(registry, engine).after
    long = about(named(LONGEST_IRI + 1))
    leniently(registry, long, ())
    with pytest.raises(RegistryError, match=REFUSED):
        publish(registry, engine, batch=batch, rebuild=rebuild)
    assert engine.at == before
    leniently(registry, (), long)
    publish(registry, engine)
    equal(registry, engine)


def test_a_link_to_a_longer_one_is_refused(registry: Registry, engine: Neo4jEngine) -> None:
    link = about(named(LONGEST_IRI + 1))[2:]
    with pytest.raises(RegistryError, match=REFUSED):
        engine.put(Changes(link))
    leniently(registry, link, ())
    with pytest.raises(RegistryError, match="--rebuild"):
        publish(registry, engine)
    leniently(registry, (), link)
    publish(registry, engine, rebuild=True)
    equal(registry, engine)
