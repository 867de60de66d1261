"""What is refused, and how it is said: typed errors, limits before anything is fetched, no stack trace."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import strawberry
from graphql import (
    build_client_schema,
    get_introspection_query,
    lexicographic_sort_schema,
    print_schema,
)
from graphql import (
    build_schema as read_schema,
)

from qualitrace.errors import QueryError, UnavailableError
from qualitrace.graphql import Limits, build_schema, execute, schema_text
from qualitrace.graphql.federation import plain
from qualitrace.store import OxigraphEngine
from qualitrace.text import Text
from qualitrace.validation.model import Report
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import Kitchen


class Counting:
    """An engine that counts the queries it is asked."""

    def __init__(self, engine: OxigraphEngine) -> None:
        self.engine = engine
        self.queries: list[str] = []

    def select(self, query: str) -> Any:
        self.queries.append(query)
        return self.engine.select(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


@pytest.fixture
def counted() -> tuple[strawberry.Schema, Counting]:
    kitchen = Kitchen()
    counting = Counting(kitchen.engine)
    kitchen.engine = counting  # type: ignore[assignment]
    return build_schema(kitchen, limits=Limits(depth=6, aliases=5, fields=40, tokens=300)), counting


def deep(depth: int) -> str:
    """A query of that many levels."""
    fields = ["controlledBy", "hazards"]
    names = [fields[level % 2] for level in range(depth - 3)]
    return "{ hazards { nodes { " + "".join(f"{n} {{ " for n in names) + "id" + " }" * len(names) + " } } }"


BOMB = (
    "{ hazards { nodes { ...F0 } } } "
    + " ".join(f"fragment F{n} on Hazard {{ a{n}: id ...F{n + 1} ...F{n + 1} }}" for n in range(12))
    + " fragment F12 on Hazard { id }"
)

TOO_MUCH = [
    deep(7),
    "{ hazards { nodes { " + " ".join(f"a{n}: id" for n in range(6)) + " } } }",
    "{ hazards { nodes { " + "id " * 40 + "} } }",
    "{ hazards { nodes { " + "id " * 400 + "} } }",
    "{ hazards(first: 2001) { nodes { id } } }",
    "{ hazards(last: 2001) { nodes { id } } }",
    "{ controlPoints { nodes { procedure(first: 2001) { id } } } }",
    '{ trace(node: "hazard/H1", to: Cook, first: 2001) { partial } }',
    "{ findings(first: 2001) { totalCount } }",
    BOMB,
]


@pytest.mark.parametrize("query", TOO_MUCH)
def test_too_much_is_refused_before_anything_is_fetched(
    counted: tuple[strawberry.Schema, Counting], query: str
) -> None:
    schema, counting = counted
    answer = execute(schema, query)
    assert not answer.executed
    assert refused(answer)["code"] in ("LIMIT", "INVALID_REQUEST")
    assert "data" not in answer.body
    assert counting.queries == []


@pytest.mark.parametrize("query", [deep(6), "{ hazards(first: 500) { nodes { id } } }"])
def test_what_is_just_allowed_is_answered(counted: tuple[strawberry.Schema, Counting], query: str) -> None:
    ask(counted[0], query)


@pytest.mark.parametrize("variables", [{"n": 2001}, {}])
def test_page_sizes_in_variables_count(
    counted: tuple[strawberry.Schema, Counting], variables: dict[str, int]
) -> None:
    query = "query ($n: Int = 2600) { hazards(first: $n) { nodes { id } } }"
    schema, counting = counted
    assert refused(execute(schema, query, variables))["code"] == "LIMIT"
    assert counting.queries == []
    ask(schema, query, {"n": 3})  # the same text, known by now, is measured again with other variables
    assert refused(execute(schema, query, variables))["code"] == "LIMIT"


def test_a_negative_page_is_refused(schema: strawberry.Schema) -> None:
    assert refused(execute(schema, "{ hazards(first: -1) { nodes { id } } }"))["code"] == "INVALID_REQUEST"


def test_fetching_stops_at_the_budget() -> None:
    small = build_schema(Kitchen(), limits=Limits(values=20))
    ask(small, "{ hazards { nodes { id label } } }")
    answer = execute(
        small, "{ readings { nodes { id value takenOn outcome readingOf { label hazards { label } } } } }"
    )
    assert refused(answer)["code"] == "LIMIT"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "{ hazards { nodes { colour } } }",
        "{ hazards }",
        "query A { __typename } query B { __typename }",
        "query ($n: Int!) { hazards(first: $n) { nodes { id } } }",
        "fragment F on Hazard { id }",
        "{ hazards { nodes { ...F } } } fragment F on Hazard { ...F }",
        "mutation { nothing }",
        '{ trace(node: "hazard/H1", to: Colour) { partial } }',
        '{ shifts(where: {from: {eq: "yesterday"}}) { nodes { id } } }',
        "{ hazards(orderBy: [{code: ASC, label: ASC}]) { nodes { id } } }",
    ],
)
def test_what_is_no_valid_request_is_refused_with_place_and_hint(
    schema: strawberry.Schema, query: str
) -> None:
    answer = execute(schema, query)
    assert not answer.executed
    assert "data" not in answer.body
    for error in answer.body["errors"]:
        assert error["extensions"]["code"] == "INVALID_REQUEST"
        assert set(error["extensions"]["what"]) == {"zh", "en"}
        assert error["extensions"]["hint"]["en"]


def test_an_unknown_node_is_a_typed_error_beside_other_answers(schema: strawberry.Schema) -> None:
    answer = execute(schema, '{ node(id: "hazard/H99") { id } hazards { totalCount } }')
    assert answer.executed
    assert answer.body["data"]["node"] is None
    assert answer.body["data"]["hazards"]["totalCount"] > 0
    assert refused(answer)["code"] == "UNKNOWN_NODE"
    assert answer.body["errors"][0]["path"] == ["node"]


class Broken(Kitchen):
    """A kitchen that fails when it is asked for findings."""

    failure: Exception = RuntimeError("secret detail")

    def validate(self) -> Report:
        raise self.failure


def test_an_unexpected_failure_shows_a_number_and_logs_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    schema = build_schema(Broken())
    with caplog.at_level(logging.ERROR, logger="qualitrace.graphql"):
        answer = execute(schema, "{ findings { totalCount } hazards { totalCount } }")
    error = refused(answer)
    assert error["code"] == "INTERNAL"
    assert "secret" not in str(answer.body)
    assert "Traceback" not in str(answer.body)
    assert answer.body["data"]["hazards"]["totalCount"] > 0
    assert "secret detail" in caplog.text
    number = error["what"]["en"].split("(")[1].split(")")[0]
    assert number in caplog.text


@pytest.mark.parametrize("kind", [QueryError, UnavailableError])
def test_an_error_of_the_project_keeps_its_words(kind: type[QueryError]) -> None:
    broken = Broken()
    broken.failure = kind(Text(zh="不行。", en="No."), where="here", hint=Text(zh="试试。", en="Try."))
    error = refused(execute(build_schema(broken), "{ findings { totalCount } }"))
    assert error == {
        "code": kind.code,
        "classification": "BAD_USER_INPUT" if kind is QueryError else "DataFetchingException",
        "what": {"zh": "不行。", "en": "No."},
        "where": "here",
        "hint": {"zh": "试试。", "en": "Try."},
    }


MANY = """{ controlPoints { nodes {
    label code limit { highest lowest } readings { value takenOn outcome } procedure { label }
} } }"""


def test_a_level_costs_the_same_queries_for_one_node_and_for_many(
    counted: tuple[strawberry.Schema, Counting],
) -> None:
    schema, counting = counted
    one = MANY.replace("controlPoints", 'controlPoints(where: {code: {eq: "P1"}})')
    counts = []
    for query in (one, MANY):
        ask(schema, query)  # which nodes there are is kept from here on
        counting.queries.clear()
        ask(schema, query)
        counts.append(len(counting.queries))
    assert counts[0] == counts[1] > 0


def test_traces_of_many_nodes_are_shown_with_the_queries_of_one(
    counted: tuple[strawberry.Schema, Counting],
) -> None:
    schema, counting = counted
    query = "{ hazards(%s) { nodes { trace(to: Cook) { ends { node { label } } } } } }"
    counts = []
    for given in ('where: {code: {eq: "H1"}}', "first: 3"):
        ask(schema, query % given)  # which nodes there are is kept from here on
        counting.queries.clear()
        ask(schema, query % given)
        counts.append(len(counting.queries))
    assert counts[0] == counts[1] > 0


def test_tools_may_read_the_whole_schema(schema: strawberry.Schema, kitchen: Kitchen) -> None:
    found = ask(
        schema,
        get_introspection_query(descriptions=True, input_value_deprecation=True, one_of=True),
    )
    shown = print_schema(lexicographic_sort_schema(build_client_schema(found)))
    without, told = (read_schema(text) for text in (plain(shown), schema_text(kitchen.profile)))
    assert print_schema(without) == print_schema(lexicographic_sort_schema(told))
    assert shown != plain(shown)  # gateways see what they ask for
