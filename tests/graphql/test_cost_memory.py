"""What is kept of costs is what they would be counted as."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import parse

from qualitrace.graphql import Limits, build_schema, execute
from qualitrace.graphql import cost_memory as memory
from qualitrace.graphql.allowance import Allowance
from qualitrace.graphql.cost_memory import Costs
from qualitrace.graphql.costs import cost_of
from qualitrace.graphql.failures import LimitError
from qualitrace.store import STATED
from tests.graphql.kitchens import Kitchen, node

NAMED = """query ($ids: [ID!], $first: Int) {
  hazards(first: $first, where: {id: {in: $ids}}) { nodes { id controlledBy { id procedure { id } } } } }"""
VARIABLES: list[dict[str, Any]] = [
    {},
    {"first": 3},
    {"first": True},
    {"first": 1},
    {"ids": ["hazard/H1"], "first": 100},
    {"ids": ["hazard/H2"], "first": 100},
    {"ids": ["hazard/H1", "hazard/H1", "hazard/H1"], "first": 100},
    {"ids": ["hazard/H1", "hazard/H2", "hazard/H10"], "first": 100},
    {"ids": [f"hazard/{number}" for number in range(40)], "first": 100},
    {"ids": None, "first": None},
    {"ids": {"in": ["a"]}, "first": 2.5},
    {"unused": [[["a"], {"b": "a"}], "a"]},
]


@pytest.fixture
def schema() -> strawberry.Schema:
    return build_schema(Kitchen())


def test_a_kept_cost_is_the_cost(schema: strawberry.Schema) -> None:
    kept, document = Costs(), parse(NAMED)
    bounds = schema.admission._bounds()  # type: ignore[attr-defined]
    for _ in range(2):
        for given in VARIABLES:
            expected = cost_of(schema._schema, document, given, None, bounds)
            assert kept.of(schema._schema, document, given, None, bounds) == expected, given


def test_a_cost_is_counted_once(schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[object] = []
    count = memory.cost_of
    monkeypatch.setattr(memory, "cost_of", lambda *given: counted.append(given) or count(*given))
    for name in ("H1", "H2", "H10", "none"):
        assert not execute(schema, NAMED, {"ids": [f"hazard/{name}"], "first": 5}).errors
    assert len(counted) == 1  # and the first time it was not known to be valid
    assert not execute(schema, NAMED, {"ids": ["hazard/H1"], "first": 6}).errors
    assert len(counted) == 2


def test_what_is_counted_of_another_state_is_counted_anew() -> None:
    kitchen = Kitchen()
    schema = build_schema(kitchen)
    query, allowance = "{ hazards(first: 100) { nodes { id } } }", Allowance()
    costs = []
    for number in range(3):
        execute(schema, query, allowance=(allowance := Allowance()))
        assert allowance.cost is not None
        costs.append(allowance.cost.total)
        more = [fact for i in range(30) for fact in node(f"hazard/N{number}-{i}", "Hazard", "新")]
        kitchen.engine.change(STATED, more, [])
        kitchen.engine.mark(kitchen.engine.position + 1)
    assert costs == sorted(set(costs))


def test_few_are_kept(schema: strawberry.Schema) -> None:
    kept, document = Costs(), parse(NAMED)
    for first in range(memory.MOST * 3):
        kept.of(schema._schema, document, {"first": first}, None, None)
    assert len(kept._held) == memory.MOST


def test_a_limit_holds_for_a_kept_cost(schema: strawberry.Schema) -> None:
    dear = {"first": 100}
    for _ in range(2):
        assert not execute(schema, NAMED, dear).errors
        (error,) = execute(schema, NAMED, dear, allowance=Allowance(limits=Limits(cost=5))).errors
        assert isinstance(error.original_error, LimitError)
