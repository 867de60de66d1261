"""Plans answer of what was known, and of what exists on a date, as the executor does."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from graphql import parse

from qualitrace.graphql import Limits, build_schema
from qualitrace.graphql.context import MAX_MOMENTS
from qualitrace.graphql.execution import execute, execute_standard
from qualitrace.graphql.plans import NotAnswered, NotPlanned
from qualitrace.graphql.plans.often import OFTEN
from qualitrace.graphql.plans.planning import PlannedOperation
from qualitrace.graphql.schema import Schema
from tests.graphql.kitchens import FINDINGS, Remembering

# Every kind of field that answers of other states; what stands beside them is of the present.
FIELDS = {
    "list": """hazards(STATE, first: 50) { totalCount pageInfo { endCursor }
        nodes { id label code trace { asOf ends { node { id label } } } controlledBy { id label } }
        edges { cursor node { id } } }""",
    "flat": "hazards(STATE) { nodes { id label code } }",
    "where": 'hazards(STATE, where: { code: { in: ["H1", "H2", "H10"] } }) { totalCount nodes { id } }',
    "node": 'nodeAt(STATE, id: "point/P1") { id label ... on ControlPoint { procedure { id label } } }',
    "trace": 'trace(STATE, node: "hazard/H1") { asOf partial paths { steps { target { id label } } } }',
    "coverage": "coverage(STATE, of: Hazard) { total complete verdicts { nodes { complete node { id } } } }",
    "findings": "findings(STATE) { totalCount nodes { rule node { id label } } }",
}
STATES: tuple[dict[str, str], ...] = (
    {},
    {"at": "1"},
    {"at": "2"},
    {"on": "2024-06-10"},
    {"at": "1", "on": "2024-06-12"},
    {"on": "1990-01-01"},
)
BELOW = "{ hazards { nodes { id label } } }"


def asking(field: str, more: str = "") -> str:
    given = FIELDS[field].replace("STATE", "knownAt: $at, asOf: $on")
    return (
        f"query Stated($at: Moment, $on: Date) {{ {given} now: hazards {{ nodes {{ id label }} }} {more} }}"
    )


@pytest.fixture
def kitchen() -> Remembering:
    return Remembering(findings=FINDINGS)


@pytest.fixture
def schema(kitchen: Remembering) -> Schema:
    return build_schema(kitchen)


def planned(schema: Schema, text: str, *, keeps: bool) -> PlannedOperation:
    assert schema.plans is not None
    return schema.plans.compile(parse(text), keeps=keeps)


def standard(schema: Schema, text: str, variables: Mapping[str, Any]) -> bytes:
    expected = execute_standard(schema, text, variables)
    assert not expected.errors, expected.body
    return orjson.dumps(expected.body)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("field", FIELDS)
def test_a_plan_answers_of_every_state_and_of_the_present_beside_it(
    schema: Schema, field: str, keeps: bool
) -> None:
    text = asking(field)
    plan = planned(schema, text, keeps=keeps)
    told = []
    for _ in range(2):  # the second time from what is kept
        for state in STATES:
            told.append(plan.answer(state))
            assert told[-1] == standard(schema, text, state), state
    assert len(set(told)) > 1, "no two states differ"


def test_states_beside_each_other_in_one_question(schema: Schema) -> None:
    text = """{
      a: hazards(knownAt: "1") { nodes { id label } } b: hazards { nodes { id label } }
      c: hazards(asOf: "2024-06-10") { nodes { id label } }
      d: trace(knownAt: "1", node: "hazard/H1") { ends { node { id } } }
      e: trace(node: "hazard/H1") { ends { node { id } } }
    }"""
    for keeps in (True, False):
        assert planned(schema, text, keeps=keeps).answer({}) == standard(schema, text, {})
    data = execute(schema, text).body["data"]
    assert data["a"] != data["b"]


def test_two_states_compared_are_left_to_the_executor(schema: Schema) -> None:
    text = 'query($at: Moment) { coverage(of: Hazard, sinceKnown: "1", knownAt: $at) { total } }'
    plan = planned(schema, text, keeps=True)
    assert plan.answer({}) == standard(schema, text, {})
    with pytest.raises(NotAnswered):
        plan.answer({"at": "1"})
    assert orjson.dumps(execute(schema, text, {"at": "1"}).body) == standard(schema, text, {"at": "1"})


def test_a_moment_that_is_none_and_too_many_of_them_are_told_as_ever(schema: Schema) -> None:
    for text in (
        'query Wrong { hazards(knownAt: "9") { totalCount } }',
        "query Many { "
        + " ".join(
            f'a{n}: hazards(asOf: "2024-06-{10 + n}") {{ totalCount }}' for n in range(MAX_MOMENTS + 2)
        )
        + " }",
    ):
        expected = execute_standard(schema, text)
        assert expected.errors
        for _ in range(OFTEN + 2):
            assert execute(schema, text).content == expected.content


def values_of(kitchen: Remembering, text: str) -> int:
    """The fewest values that one request must be allowed for an answer by the executor."""
    low, high = 0, 2000
    while low < high:
        middle = (low + high) // 2
        if execute_standard(build_schema(kitchen, limits=Limits(values=middle)), text).errors:
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_asked_of_all_states_together_is_bounded(kitchen: Remembering, keeps: bool) -> None:
    one = "hazards(ASKED) { nodes { id label controlledBy { id label } } }"
    states = ("first: 50", 'asOf: "2024-06-10"', 'knownAt: "1"')
    text = f"{{ {' '.join(f'a{n}: ' + one.replace('ASKED', asked) for n, asked in enumerate(states))} }}"
    needed = values_of(kitchen, text)
    assert needed > values_of(kitchen, f"{{ {one.replace('ASKED', states[0])} }}")
    scarce = build_schema(kitchen, limits=Limits(values=needed - 1))
    with pytest.raises(NotAnswered):
        planned(scarce, text, keeps=keeps).answer({})
    ample = build_schema(kitchen, limits=Limits(values=3 * needed))
    assert planned(ample, text, keeps=keeps).answer({}) == standard(ample, text, {})


def test_what_is_kept_of_a_state_does_not_keep_the_state(kitchen: Remembering, schema: Schema) -> None:
    plans = [planned(schema, asking(field), keeps=keeps) for field in FIELDS for keeps in (True, False)]
    gone: list[weakref.ref[Any]] = []
    gc.collect()
    gc.disable()
    try:
        for plan in plans:
            plan.answer({"at": "1"})
        gone += [weakref.ref(kitchen.states["1"]), weakref.ref(kitchen.states["1"].engine)]
        assert None not in [one() for one in gone]
        kitchen.states.clear()
        gc.collect()  # for what the library leaves behind of each question
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


def test_introspection_below_a_state_has_no_plan(schema: Schema) -> None:
    with pytest.raises(NotPlanned):
        planned(
            schema, '{ __type(name: "Hazard") { name } hazards(knownAt: "1") { totalCount } }', keeps=False
        )
