"""Plans answer as the standard executor does, byte for byte, whatever is asked of whatever data."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import orjson
import pytest
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.errors import QualitraceError
from qualitrace.graphql import execute
from qualitrace.graphql.derive import derive
from qualitrace.graphql.execution import execute_standard
from qualitrace.graphql.plans import NotAnswered, NotPlanned
from qualitrace.graphql.plans.often import FAILURES, LONGEST, MOST, OFTEN, Often
from qualitrace.graphql.schema import Schema, build_schema
from qualitrace.profile import Profile, load_profile
from tests.graphql import kitchens
from tests.graphql.generated import Operations, facts
from tests.graphql.kitchens import Kitchen, Remembering

PROFILES = ("kitchen", "shipped")


@cache
def profile_of(name: str) -> Profile:
    return kitchens.profile() if name == "kitchen" else load_profile()


@cache
def asked(name: str, world: int) -> Schema:
    """The schema of a profile over one of a few generated registries, which remember what they knew."""
    profile = profile_of(name)
    return build_schema(Remembering(facts(profile, Random(world)), (), profile_=profile, findings=()))


def judged(name: str) -> list[str]:
    """The names of the classes that have chains."""
    return [one.name for one in profile_of(name).classes.values() if one.chains]


seen: Counter[str] = Counter()


@pytest.mark.parametrize("name", PROFILES)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.integers(0, 2), st.booleans())
def test_a_plan_answers_as_the_executor_does(name: str, seed: int, world: int, keeps: bool) -> None:
    schema = asked(name, world)
    operations = Operations(schema._schema, Random(seed), judged(name))
    text = operations.operation()
    expected = execute_standard(schema, text, operations.variables)
    if not expected.executed:
        seen[f"{name} refused"] += 1
        return
    assert schema.plans is not None
    try:
        data = schema.plans.compile(parse(text), keeps=keeps).answer(operations.variables)
    except (NotAnswered, QualitraceError):
        data = None
    if data is None:  # the executor then answers; it must be because the answer holds an error
        assert expected.errors, (text, operations.variables)
        seen[f"{name} with errors"] += 1
        return
    assert not expected.errors, (expected.body["errors"], text, operations.variables)
    assert data == orjson.dumps(expected.body), (text, operations.variables)
    seen[f"{name} planned"] += 1
    # A variable for a moment is made whether or not a directive leaves its field out; that is seldom.
    seen[f"{name} of another state"] += any(moment in ("0", "1") for moment in operations.variables.values())


def test_most_operations_were_answered_by_plans() -> None:
    for name in PROFILES:
        assert seen[f"{name} planned"] > seen[f"{name} with errors"] + seen[f"{name} refused"], seen
        assert seen[f"{name} of another state"] > 5, seen


@pytest.mark.parametrize("name", PROFILES)
def test_every_trusted_operation_has_a_plan(name: str) -> None:
    schema = asked(name, 0)
    assert schema.plans is not None
    assert schema.plans.unplanned == {}
    for operation in profile_of(name).operations:
        answer = execute(schema, operation.document, operation.variables)
        assert answer.planned or answer.errors


def test_introspection_and_mutations_are_left_to_the_executor() -> None:
    schema = asked("kitchen", 0)
    assert schema.plans is not None
    for text in (
        "{ __schema { queryType { name } } }",
        "mutation { x }",
        "query A { node(id: 1) { id } } query B { node(id: 1) { id } }",
    ):
        with pytest.raises(NotPlanned):
            schema.plans.compile(parse(text))


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_plan_answers_is_parsed_once(name: str) -> None:
    schema = asked(name, 0)
    operation = next(one for one in profile_of(name).operations)
    answers = [execute(schema, operation.document, dict(operation.variables)) for _ in range(2)]
    assert answers[0].content == answers[1].content
    kept = schema.admission.documents.get(operation.document)
    if answers[0].planned:
        assert kept is not None
        assert kept.valid


def often(schema: Schema) -> Often:
    assert schema.often is not None
    return schema.often


def fresh(name: str) -> Schema:
    """A schema that nothing was asked of."""
    profile = profile_of(name)
    return build_schema(Kitchen(facts(profile, Random(0)), (), profile_=profile, findings=()))


def listed(name: str) -> str:
    """A question for a list of some class, as no trusted operation asks it."""
    root = next(one.root for one in derive(profile_of(name)).types.values() if one.root)
    return f"query Ours($first: Int!) {{ {root}(first: $first) {{ totalCount nodes {{ id label iri }} }} }}"


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_asked_often_gets_a_plan_and_the_same_answer(name: str) -> None:
    schema = fresh(name)
    text = listed(name)
    answers = [execute(schema, text, {"first": 3}).content for _ in range(OFTEN)]
    assert often(schema).of(text, None) is None
    answers += [execute(schema, text, {"first": 3}).content for _ in range(3)]
    assert often(schema).of(text, None) is not None
    assert len(set(answers)) == 1
    assert orjson.loads(answers[0])["data"]
    few = execute(schema, text, {"first": 1})
    assert few.content == orjson.dumps(execute_standard(schema, text, {"first": 1}).body)
    assert not few.planned


def test_no_plan_is_made_of_what_changes_by_itself_is_wrong_or_long() -> None:
    schema = fresh("kitchen")
    text = listed("kitchen")
    others = [
        "{ __schema { queryType { name } } }",
        "mutation { x }",
        "{ nothing }",
        "{",
        text.replace("{ totalCount", "{ totalCount again: totalCount" + " " * LONGEST),
    ]
    for one in others:
        answers = [execute(schema, one, {"first": 1}).content for _ in range(OFTEN + 2)]
        assert len(set(answers)) == 1, one
        assert often(schema).of(one, None) is None, one


def test_a_plan_that_gives_no_answers_is_let_go() -> None:
    schema = fresh("kitchen")
    text = "query($id: ID!) { node(id: $id) { id } }"
    told = {execute(schema, text, {"id": "not/there"}).content for _ in range(OFTEN)}
    made = []
    for _ in range(FAILURES + 1):
        told.add(execute(schema, text, {"id": "not/there"}).content)
        made.append(often(schema).of(text, None) is not None)
    assert made == [*[True] * (FAILURES - 1), False, False]
    assert len(told) == 1


def test_plans_of_what_is_asked_often_are_bounded() -> None:
    schema = fresh("kitchen")
    text = listed("kitchen")
    texts = [text.replace("Ours", f"Ours{number}") for number in range(MOST + 1)]
    for one in texts:
        for _ in range(OFTEN + 1):
            execute(schema, one, {"first": 1})
    kept = [one for one in texts if often(schema).of(one, None) is not None]
    assert kept == texts[1:]
