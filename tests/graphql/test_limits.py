"""What an operation may cost, how long it may take, and what it is told of both."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import parse

from qualitrace.budget import Budget, held, within
from qualitrace.graphql import Allowance, Limits, TooOftenError, build_schema, execute
from qualitrace.graphql.costs import cost_of
from qualitrace.graphql.reading_documents import nesting
from qualitrace.text import Text
from qualitrace.web.buckets import too_often
from tests.graphql.asking import refused
from tests.graphql.kitchens import Kitchen


class Looks:
    """A clock that goes on by a second each time somebody looks at it."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> float:
        self.count += 1
        return float(self.count)


def cost(schema: strawberry.Schema, query: str, **variables: Any) -> int:
    return cost_of(schema._schema, parse(query), variables).total


def test_pages_multiply_all_the_way_down(schema: strawberry.Schema) -> None:
    one = cost(schema, "{ hazards(first: 1) { nodes { controlledBy(first: 1) { id } } } }")
    ten = cost(schema, "{ hazards(first: 10) { nodes { controlledBy(first: 1) { id } } } }")
    hundred = cost(schema, "{ hazards(first: 10) { nodes { controlledBy(first: 10) { id } } } }")
    assert one < ten < hundred
    assert hundred >= 100
    fragments = "{ hazards(first: 10) { ...A } } fragment A on HazardConnection { nodes { ...B } } "
    fragments += "fragment B on Hazard { controlledBy(first: 10) { id } }"
    assert cost(schema, fragments) == hundred
    variable = "query ($n: Int = 10) { hazards(first: $n) { nodes { controlledBy(first: $n) { id } } } }"
    assert cost(schema, variable) == hundred
    assert cost(schema, variable, n=100) > 50 * hundred
    assert cost(schema, "{ hazards { nodes { id } } }") == cost(
        schema, "{ hazards(first: 100) { nodes { id } } }"
    )


def test_what_is_worked_out_has_a_weight(schema: strawberry.Schema) -> None:
    plain = cost(schema, "{ hazards(first: 10) { nodes { id } } }")
    traced = cost(schema, "{ hazards(first: 10) { nodes { trace(to: Cook) { partial } } } }")
    filtered = cost(schema, '{ hazards(first: 10, where: {label: {contains: "x"}}) { nodes { id } } }')
    assert traced > plain + 10 * 200
    assert filtered == plain + 500
    where = {"or": [{"label": {"contains": "x"}}, {"not": {"code": {"in": ["1", "2"], "exists": True}}}]}
    query = "query ($w: HazardWhere) { hazards(first: 10, where: $w) { nodes { id } } }"
    assert cost(schema, query, w=where) == plain + 3 * 500


DEAR = "{ hazards(first: 2000) { nodes { controlledBy(first: 2000) { id } } } }"
LITTLE = 4  # less than that costs of the kitchen's three hazards


def test_what_costs_too_much_is_refused_with_what_it_would_cost(schema: strawberry.Schema) -> None:
    allowance = Allowance(told=True, limits=Limits(cost=LITTLE))
    answer = execute(schema, DEAR, allowance=allowance)
    error = refused(answer)
    assert error["code"] == "LIMIT"
    assert error["where"] == "cost: hazards"
    assert "first" in error["hint"]["en"]
    shown = answer.body["extensions"]["cost"]
    assert shown["requested"] > shown["allowed"] == LITTLE
    assert str(shown["requested"]) in error["what"]["en"]
    assert shown["dearest"]["field"] == "hazards"


def test_a_role_may_ask_for_more(schema: strawberry.Schema) -> None:
    assert not execute(schema, DEAR, allowance=Allowance(limits=Limits(cost=LITTLE))).executed
    assert execute(schema, DEAR, allowance=Allowance(limits=Limits(cost=LITTLE).times(5))).executed


def test_the_same_document_is_measured_for_each_role(schema: strawberry.Schema) -> None:
    query = "{ hazards { nodes { " + " ".join(f"k{n}: id" for n in range(50)) + " } } }"
    assert execute(schema, query).executed
    assert not execute(schema, query, allowance=Allowance(limits=Limits(aliases=10))).executed


def test_what_was_reserved_and_not_needed_is_given_back(schema: strawberry.Schema) -> None:
    left = [10**9]

    def charge(amount: int) -> int:
        left[0] -= amount
        return left[0]

    allowance = Allowance(charge=charge, refund=lambda amount: charge(-amount), told=True)
    shown = execute(schema, "{ hazards { nodes { id label } } }", allowance=allowance).body["extensions"][
        "cost"
    ]
    assert shown["left"] == left[0] == 10**9 - shown["spent"]


def test_who_has_nothing_left_is_told_to_wait(schema: strawberry.Schema) -> None:
    def charge(amount: int) -> int:
        raise too_often(7)

    answer = execute(schema, "{ hazards { nodes { id } } }", allowance=Allowance(charge=charge))
    assert refused(answer)["code"] == "RATE_LIMITED"
    cause = answer.errors[0].original_error
    assert isinstance(cause, TooOftenError) and cause.retry_after == 7


LONG = """{
  hazards {
    totalCount nodes { label controlledBy { label trace(to: Cook) { partial ends { node { label } } } } }
  }
  controlPoints { totalCount nodes { label hazards { label } } }
}"""


def test_however_little_time_there_is_the_answer_says_what_it_lacks(schema: strawberry.Schema) -> None:
    """Stopped at each look at the clock in turn: what is there is right, and what is not is marked."""
    whole = execute(schema, LONG).body["data"]
    looks = Looks()
    execute(schema, LONG, allowance=Allowance(budget=Budget(10**9, looks)))
    kinds = {"none"} if execute(build_schema(Kitchen()), LONG, allowance=late()).partial else set()
    for seconds in range(looks.count + 1):
        answer = execute(schema, LONG, allowance=Allowance(budget=Budget(seconds, Looks())))
        assert answer.executed
        if answer.partial:
            said = answer.body["extensions"]["partial"]
            assert said["reason"] == "TIME" and said["leftOut"]
            assert {error["extensions"]["code"] for error in answer.body.get("errors", ())} <= {"TIME"}
            kinds.add("some" if any(answer.body["data"].values()) else "none")
        else:
            assert answer.body["data"] == whole
            kinds.add("all")
        assert holds(answer.body["data"], whole)
    assert kinds == {"all", "some", "none"}


def late() -> Allowance:
    return Allowance(budget=Budget(0, Looks()))


def holds(part: Any, whole: Any) -> bool:
    """Tell whether all that is in one answer is in the other; what was cut short may be missing."""
    if part is None or part == whole:
        return True
    if isinstance(part, dict):
        return all(holds(value, whole[key]) or key == "partial" for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and (
            len(part) < len(whole) or all(holds(a, b) for a, b in zip(part, whole, strict=True))
        )
    return False


def test_a_budget_is_held_only_within() -> None:
    budget = Budget(1)
    with within(budget):
        assert held() is budget
        with within(None):
            assert held() is None
    assert held() is None
    assert isinstance(budget.error("x").what, Text)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{ a }", 1),
        ('{ a(b: "{{{") }', 2),
        ("{ # {{{\n a }", 1),
        ('{ a(b: """{{"{""") }', 2),
        ("{[(", 3),
        ('"', 0),
    ],
)
def test_brackets_are_counted_outside_strings_and_comments(text: str, depth: int) -> None:
    assert nesting(text) == depth


def test_a_large_answer_is_refused() -> None:
    schema = build_schema(Kitchen(), limits=Limits(answer=300))
    assert refused(execute(schema, "{ hazards { nodes { id iri label classLabel } } }"))["where"] == "answer"
    assert execute(schema, "{ hazards { totalCount } }").executed


@pytest.mark.parametrize("explore", [True, False])
def test_the_schema_and_suggestions_are_for_who_may_explore(schema: strawberry.Schema, explore: bool) -> None:
    def ask(query: str, **variables: Any) -> str:
        return str(execute(schema, query, variables, allowance=Allowance(explore=explore)).body)

    assert ("queryType" in ask("{ __schema { queryType { name } } }")) is explore
    assert ("Did you mean" in ask("{ hazard { id } }")) is explore
    assert (
        "Did you mean"
        in ask("query ($w: HazardWhere) { hazards(where: $w) { totalCount } }", w={"lable": {}})
    ) is (explore)
