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
from qualitrace.graphql.execution import execute_standard
from qualitrace.graphql.plans import NotAnswered, NotPlanned
from qualitrace.graphql.schema import Schema, build_schema
from qualitrace.profile import Profile, load_profile
from tests.graphql import kitchens
from tests.graphql.generated import Operations, facts
from tests.graphql.kitchens import Kitchen

PROFILES = ("kitchen", "shipped")


@cache
def profile_of(name: str) -> Profile:
    return kitchens.profile() if name == "kitchen" else load_profile()


@cache
def asked(name: str, world: int) -> Schema:
    """The schema of a profile over one of a few generated registries."""
    profile = profile_of(name)
    return build_schema(Kitchen(facts(profile, Random(world)), (), profile_=profile, findings=()))


def judged(name: str) -> list[str]:
    """The names of the classes that have chains."""
    return [one.name for one in profile_of(name).classes.values() if one.chains]


seen: Counter[str] = Counter()


@pytest.mark.parametrize("name", PROFILES)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.integers(0, 2))
def test_a_plan_answers_as_the_executor_does(name: str, seed: int, world: int) -> None:
    schema = asked(name, world)
    operations = Operations(schema._schema, Random(seed), judged(name))
    text = operations.operation()
    expected = execute_standard(schema, text, operations.variables)
    if not expected.executed:
        seen[f"{name} refused"] += 1
        return
    assert schema.plans is not None
    try:
        data = schema.plans.compile(parse(text)).answer(operations.variables)
    except (NotAnswered, QualitraceError):
        data = None
    if data is None:  # the executor then answers; it must be because the answer holds an error
        assert expected.errors, (text, operations.variables)
        seen[f"{name} with errors"] += 1
        return
    assert not expected.errors, (expected.body["errors"], text, operations.variables)
    assert data == orjson.dumps(expected.body), (text, operations.variables)
    seen[f"{name} planned"] += 1


def test_most_operations_were_answered_by_plans() -> None:
    for name in PROFILES:
        assert seen[f"{name} planned"] > seen[f"{name} with errors"] + seen[f"{name} refused"], seen


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
