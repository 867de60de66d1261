"""What was damaged by hand beside the facts is found: who sees what, names and days."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from qualitrace.cli.app import app
from qualitrace.cli.neo4j_options import PASSWORD as VARIABLE
from qualitrace.errors import ConflictError
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.registry.publishing_checks import difference, seen_difference
from qualitrace.store.neo4j import Neo4jEngine
from tests.history.kitchen import profile
from tests.neo4j.test_seen import cooks, leniently
from tests.neo4j_server import PASSWORD, Neo4jServer

OF = "WHERE {0}.registry = $registry AND {0}.iri = $cook"
DAMAGE = {
    "a mark that is gone": ("nodes", f"MATCH (n:Resource) {OF.format('n')} REMOVE n._veil"),
    "stewards of another unit": ("nodes", f"MATCH (n:Resource) {OF.format('n')} SET n._units = ['x']"),
    "another name": ("nodes", f"MATCH (n:Resource) {OF.format('n')} SET n.name = 'x'"),
    "other days": ("nodes", f"MATCH (n:Resource) {OF.format('n')} SET n._to = date('2020-01-01')"),
    "a face that tells more": ("faces", f"MATCH (n:QualitraceFace) {OF.format('n')} SET n.cardNumber = 'x'"),
    "a face that is gone": ("faces", f"MATCH (n:QualitraceFace) {OF.format('n')} DELETE n"),
    "a face of nothing": (
        "faces",
        "CREATE (:QualitraceFace {registry: $registry, iri: $cook + 'x', _own: false})",
    ),
    "a link that all see": (
        "links",
        f"MATCH (n:Resource)-[r]-() {OF.format('n')} AND r._veil IS NOT NULL REMOVE r._veil",
    ),
    "a node of nothing": ("nodes", "CREATE (:Resource {registry: $registry, iri: $cook + 'x', name: 'x'})"),
    "a link of nothing": (
        "links",
        "MATCH (a:Resource {registry: $registry}), (n:Resource {registry: $registry, iri: $cook}) "
        "WHERE a._profile AND NOT (a)-->() WITH a, n LIMIT 1 CREATE (a)-[:RELATED {profile: true}]->(n)",
    ),
    "by no profile": ("stamp", "MATCH (q:QualitraceRegistry {name: $registry}) REMOVE q.veils"),
}


@pytest.fixture
def published(registry: Registry, engine: Neo4jEngine) -> Neo4jEngine:
    """Cooks of whom not everybody sees everything; one came with a change of its own."""
    first, then = cooks()[:8], cooks()[8:]
    for facts in (first, then):
        leniently(registry, facts, ())
        publish(registry, engine)
    return engine


def wrong(registry: Registry, engine: Neo4jEngine) -> dict[str, list[str]]:
    return {one.name: one.differing for one in seen_difference(registry, engine) if not one.equal}


def test_what_was_published_is_as_it_ought_to_be(registry: Registry, published: Neo4jEngine) -> None:
    found = seen_difference(registry, published)
    assert {one.name for one in found if one.held} == {"nodes", "faces", "links", "stamp"}
    assert wrong(registry, published) == {}
    leniently(registry, (), cooks()[:1])  # it is compared as it was at the mark
    assert wrong(registry, published) == {}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_by_hand_is_found(registry: Registry, published: Neo4jEngine, damage: str) -> None:
    kind, statement = DAMAGE[damage]
    cook = cooks()[0].subject
    published.server.run(statement, registry=published.registry, cook=cook)
    found = wrong(registry, published)
    assert list(found) == [kind]
    assert kind == "stamp" or any(cook in node or kind == "links" for node in found[kind])
    assert all(one.equal for one in difference(registry, published)[1])  # no fact differs
    publish(registry, published, rebuild=True)
    assert wrong(registry, published) == {}


def test_the_command_says_what_differs_and_what_to_do(
    registry: Registry, published: Neo4jEngine, neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    given = ["sync", "neo4j", "--to", neo4j.uri, "--name", published.registry, "--check"]
    given += ["--registry", registry.journal.where, "--profile", str(profile().directory)]

    def run(*more: str) -> Result:
        return CliRunner().invoke(app, [*given, *more], env={"COLUMNS": "300"})

    assert run().exit_code == 0
    cook = cooks()[0].subject
    published.server.run(DAMAGE["a mark that is gone"][1], registry=published.registry, cook=cook)
    shown, told = run(), run("--json")
    assert shown.exit_code == told.exit_code == 1
    assert cook in shown.output and "--rebuild" in shown.output
    seen = {one["name"]: one for one in json.loads(told.stdout)["seen"]}
    assert [name for name, one in seen.items() if not one["equal"]] == ["nodes"]
    assert seen["nodes"]["differing"] == [cook]


def test_a_publication_meanwhile_is_told(
    registry: Registry, published: Neo4jEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = published.read

    def meanwhile(statement: str, **given: object) -> object:
        monkeypatch.setattr(published, "read", read)
        leniently(registry, (), cooks()[:1])
        publish(registry, published)
        return read(statement, **given)

    monkeypatch.setattr(published, "read", meanwhile)
    with pytest.raises(ConflictError):
        seen_difference(registry, published)


def test_nothing_is_compared_with_nothing(registry: Registry, engine: Neo4jEngine) -> None:
    assert seen_difference(registry, engine) == ()
