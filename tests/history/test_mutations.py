"""Proposing, commenting, approving and rejecting over GraphQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry

from qualitrace.errors import QueryError
from qualitrace.graphql import build_schema, execute
from qualitrace.registry import Registry
from qualitrace.registry.proposals import Actor
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact
from qualitrace.text import Text
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import FACTS, SCHEME, TERMS, name
from tests.history.kitchen import commit, profile, statement

REVIEW = """fragment R on ProposalReview {
  proposal { number state author role added removed comments { by text } decided { by text } changeset }
  acceptable conflict report { total violations findings { message node { id } } }
  rejected { rule node { id } }
  difference { nodes { node { id } fate } }
}"""
PROPOSE = (
    """mutation($changes: [ProposedNode!]!, $by: String! = "示例甲") {
  propose(title: "改", by: $by, role: "office", changes: $changes) { ...R }
}"""
    + REVIEW
)
APPROVE = 'mutation { approve(number: 1, by: "示例乙", role: "auditor", reason: "好") { ...R } }' + REVIEW


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", profile())
    commit(made, map(statement, FACTS))
    yield made
    made.close()


@pytest.fixture
def schema(registry: Registry) -> strawberry.Schema:
    return build_schema(registry)


def objects(registry: Registry, node: str, predicate: str) -> set[str]:
    found = registry.engine.facts(STATED, subject=name(node), predicate=predicate)
    return {fact.object for fact in found}


def test_a_change_is_proposed_discussed_and_approved(registry: Registry, schema: strawberry.Schema) -> None:
    changes: list[dict[str, Any]] = [
        {
            "id": "shift/9",
            "of": "Shift",
            "set": [
                {"field": "worker", "value": "C2"},
                {"field": "from", "value": "2024-07-01"},
                {"field": "standIn", "value": "stand-in"},
            ],
        },
        {"id": "role/night", "add": [{"field": "filledBy", "value": "shift/9"}]},
        {"id": "hazard/H1", "set": [{"field": "label", "value": "过热", "language": "zh"}]},
    ]
    before = set(registry.engine.facts(STATED))
    found = ask(schema, PROPOSE, {"changes": changes})["propose"]
    assert found["acceptable"]
    assert found["proposal"]["state"] == "OPEN"
    assert found["proposal"]["role"] == "office"
    fates = {one["node"]["id"]: one["fate"] for one in found["difference"]["nodes"]}
    assert fates == {"shift/9": "ADDED", "role/night": "CHANGED", "hazard/H1": "CHANGED"}
    assert set(registry.engine.facts(STATED)) == before
    ask(schema, 'mutation { comment(number: 1, by: "示例乙", text: "看过") { ...R } }' + REVIEW)
    done = ask(schema, APPROVE)["approve"]
    assert done["proposal"]["state"] == "APPROVED"
    assert done["proposal"]["comments"] == [{"by": "示例乙", "text": "看过"}]
    assert done["proposal"]["changeset"] == registry.journal.head()[1]
    assert done["report"]["total"] == len(registry.validate().findings)
    assert objects(registry, "hazard/H1", RDFS_LABEL) == {'"过热"@zh'}
    assert objects(registry, "shift/9", RDF_TYPE) == {f"<{TERMS}Shift>"}
    assert objects(registry, "shift/9", TERMS + "worker") == {f"<{name('cook/2')}>"}
    assert objects(registry, "shift/9", TERMS + "from") == {
        '"2024-07-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    }
    assert objects(registry, "shift/9", TERMS + "standIn") == {f"<{SCHEME}stand-in>"}
    assert objects(registry, "role/night", TERMS + "filledBy") == {f"<{name('shift/9')}>"}
    origins = {
        source.document
        for places in registry.sources(set(registry.engine.facts(STATED)) - before).values()
        for source in places
    }
    assert origins == {"提议 proposal: 改"}


def test_why_it_cannot_be_approved_is_the_answer(registry: Registry, schema: strawberry.Schema) -> None:
    """Meanwhile somebody gives the new shift another worker: it would have two."""
    changes = [{"id": "shift/9", "of": "Shift", "set": [{"field": "worker", "value": "C2"}]}]
    ask(schema, PROPOSE, {"changes": changes})
    other = [f for f in FACTS if f.subject == name("shift/1") and f.predicate in (RDF_TYPE, TERMS + "worker")]
    commit(registry, (statement(Fact(name("shift/9"), f.predicate, f.object), "c.csv") for f in other))
    position = registry.position
    found = ask(schema, APPROVE)["approve"]
    assert found["proposal"]["state"] == "OPEN"
    assert not found["acceptable"]
    assert {one["node"]["id"] for one in found["rejected"]} == {"shift/9"}
    assert registry.position == position
    shown = ask(schema, "{ proposal(number: 1) { ...R } proposals(state: OPEN) { number } }" + REVIEW)
    assert shown["proposal"] == found
    assert shown["proposals"] == [{"number": 1}]
    turned = ask(
        schema,
        'mutation { reject(number: 1, by: "示例乙", role: "auditor", reason: "重复") { ...R } }' + REVIEW,
    )
    assert turned["reject"]["proposal"]["state"] == "REJECTED"


def test_a_conflict_is_the_answer(registry: Registry, schema: strawberry.Schema) -> None:
    for text in ("一", "二"):
        changes = [{"id": "hazard/H1", "set": [{"field": "label", "value": text, "language": "zh"}]}]
        ask(schema, PROPOSE, {"changes": changes})
    ask(schema, APPROVE)
    found = ask(schema, APPROVE.replace("number: 1", "number: 2"))["approve"]
    assert found["conflict"]
    assert found["proposal"]["state"] == "OPEN"
    assert objects(registry, "hazard/H1", RDFS_LABEL) == {'"一"@zh'}


def test_a_node_is_deleted_with_its_links(registry: Registry, schema: strawberry.Schema) -> None:
    found = ask(schema, PROPOSE, {"changes": [{"id": "point/P2", "delete": True}]})["propose"]
    fates = {one["node"]["id"]: one["fate"] for one in found["difference"]["nodes"]}
    assert fates == {"point/P2": "REMOVED", "hazard/H2": "CHANGED"}
    ask(schema, APPROVE)
    assert not objects(registry, "hazard/H2", TERMS + "controlledBy")


MISFITS: list[dict[str, Any]] = [
    {"id": "hazard/H1", "set": [{"field": "nothing", "value": "x"}]},
    {"id": "hazard/H99", "set": [{"field": "label", "value": "x"}]},
    {"id": "hazard/H1", "set": [{"field": "controlledBy", "value": "nowhere"}]},
    {"id": "shift/1", "set": [{"field": "from", "value": "tomorrow"}]},
    {"id": "limit/P1", "set": [{"field": "lowest", "value": "cold"}]},
    {"id": "shift/1", "set": [{"field": "standIn", "value": "maybe"}]},
    {"id": "hazard/H1", "remove": [{"field": "label", "value": "没有"}]},
    {"id": "a b", "of": "Shift"},
    {"set": []},
    {"id": "hazard/H1"},
]


def test_what_does_not_fit_is_refused_and_leaves_nothing(
    registry: Registry, schema: strawberry.Schema
) -> None:
    for change in MISFITS:
        told = refused(execute(schema, PROPOSE, {"changes": [change]}))
        assert told["what"]["zh"], change
        assert list(registry.journal.events()) == [], change


def test_who_may_do_what_is_asked_first(registry: Registry) -> None:
    asked = []

    def permit(action: str, person: Actor) -> Actor:
        asked.append((action, person))
        if person.name == "示例丙":
            raise QueryError(Text(zh="无权", en="not allowed"))
        return Actor("示例丁", "system")

    schema = build_schema(registry, permit=permit)
    changes = [{"id": "hazard/H1", "set": [{"field": "label", "value": "x", "language": "zh"}]}]
    refused(execute(schema, PROPOSE, {"changes": changes, "by": "示例丙"}))
    assert list(registry.journal.events()) == []
    found = ask(schema, PROPOSE, {"changes": changes, "by": "someone"})["propose"]
    assert (found["proposal"]["author"], found["proposal"]["role"]) == ("示例丁", "system")
    assert [action for action, _ in asked] == ["propose", "propose"]


def test_nothing_is_changed_by_a_get_or_by_outsiders(registry: Registry, schema: strawberry.Schema) -> None:
    assert execute(schema, APPROVE, queries_only=True).refused
    outside = build_schema(registry, protected=False)
    assert "Mutation" not in outside.as_str()
    assert execute(outside, APPROVE).errors
