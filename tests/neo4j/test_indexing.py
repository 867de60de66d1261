"""Constraints and indexes: made where they are missing, and waited for until they work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualitrace.errors import UnavailableError
from qualitrace.store.neo4j import Neo4jEngine, schema, veils
from qualitrace.store.neo4j.indexing import Indexing

NAME = "qualitrace_name"
MANY = 20_000  # nodes: an index of them is not filled at once
ATTEMPTS = 20


@pytest.fixture
def without(engine: Neo4jEngine) -> Iterator[Neo4jEngine]:
    """A database of which an index is missing; it is there again at the end."""
    engine.server.run(f"DROP INDEX {NAME}")
    yield engine
    engine.clear()
    engine.server.run(f"DROP INDEX {NAME} IF EXISTS")
    engine.prepare()


def working(engine: Neo4jEngine) -> set[str]:
    rows = engine.server.read("SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name")
    return {row["name"] for row in rows}


def test_what_is_missing_is_made(without: Neo4jEngine) -> None:
    naming = without.naming
    wanted = schema.names([*schema.statements(naming), *veils.statements(naming)])
    assert wanted - working(without) == {NAME}
    Indexing(without.server, naming).make()
    assert wanted <= working(without)
    Indexing(without.server, naming).make()


def test_an_index_that_cannot_be_filled_is_told(without: Neo4jEngine) -> None:
    without.server.run(
        "CREATE (:Resource {registry: $registry, iri: 'x', name: $long})",
        registry=without.registry,
        long="x" * 9_000,
    )
    for _ in range(2):  # whoever comes next is told the same
        with pytest.raises(UnavailableError, match=f"DROP INDEX {NAME}"):
            Indexing(without.server, without.naming).make()
    without.clear()
    without.server.run(f"DROP INDEX {NAME}")
    Indexing(without.server, without.naming).make()
    assert NAME in working(without)


def test_who_waits_is_told_for_what_and_not_for_ever(without: Neo4jEngine) -> None:
    without.server.run(
        "UNWIND range(1, $many) AS number "
        "CREATE (:Resource {registry: $registry, iri: toString(number), name: toString(number)})",
        registry=without.registry,
        many=MANY,
    )
    told: list[tuple[str, float]] = []
    said = ""
    for _ in range(ATTEMPTS):  # it may be filled before anybody looks
        said = refusal(Indexing(without.server, without.naming, lambda *one: told.append(one), longest=-1))
        if said:
            break
        without.server.run(f"DROP INDEX {NAME}")
    assert NAME in said and "--index-wait" in said
    assert {name for name, _ in told} == {NAME}
    assert all(0 <= percent <= 100 for _, percent in told)
    Indexing(without.server, without.naming).make()  # who comes next goes on
    assert NAME in working(without)


def refusal(indexing: Indexing) -> str:
    try:
        indexing.make()
    except UnavailableError as error:
        return str(error)
    return ""


def test_who_stops_waits_no_longer(without: Neo4jEngine) -> None:
    stopped = Indexing(without.server, without.naming)
    stopped.close()
    stopped.make()
    Indexing(without.server, without.naming).make()
    assert NAME in working(without)
