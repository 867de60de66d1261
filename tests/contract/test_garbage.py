"""Whatever is sent, the answer is an answer: errors are typed, the server does not fail, no trace shows."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import orjson
import pytest
import strawberry
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.graphql import Answer, build_schema, execute
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.web.calling import JSON, call

RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KEYS = {"code", "classification", "what", "where", "hint"}


@pytest.fixture(scope="module")
def schema(registry: Registry) -> strawberry.Schema:
    return build_schema(registry)


@pytest.fixture(scope="module")
def app(registry: Registry) -> FastAPI:
    return create_app(registry)


def sound(answer: Answer) -> str:
    """Check an answer; return what kind it is."""
    body = orjson.dumps(answer.body).decode()  # everything in it can be sent
    assert "Traceback" not in body
    for error in answer.body.get("errors", ()):
        assert set(error["extensions"]) == KEYS
        assert error["extensions"]["code"] != "INTERNAL", answer.errors
        assert error["extensions"]["what"]
    assert answer.body.get("errors") or "data" in answer.body
    if not answer.body.get("errors"):
        return "answered"
    return "partly" if answer.body.get("data") else "refused"


# Requests

QUERIES = (
    '{ hazards(where: {label: {contains: "a"}}, orderBy: [{code: DESC}], first: 2) { nodes { id } } }',
    "query Q($n: Int = 2, $a: String) { readings(first: $n, after: $a) { edges { cursor node { value } } } }",
    '{ trace(node: "hazard/H01", to: Cook, maxSteps: 9) { partial ends { node { id } } } }',
    '{ coverage(of: Hazard, since: "2024-01-01") { groups(by: ["Station", "steward"]) { total } } }',
    '{ findings(where: {severity: [WARNING]}, last: 1) { groupsBy(by: "Area") { key total } } }',
    '{ node(id: "point/CP01") { ... on ControlPoint { procedure(first: 1) { label(language: "en") } } } }',
    "fragment F on Hazard { id ...G } fragment G on Hazard { code } { hazards { nodes { ...F } } }",
    "{ __schema { types { name fields { name args { name } } } } }",
)
scraps = st.text(st.sampled_from('{}()[]:!$@"\\#|&=,. \n\t0129azAZ_…—\ud7ff\U0001f34a'), max_size=6)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sound query with some pieces taken out, doubled, or replaced by scraps."""
    query = draw(st.sampled_from(QUERIES))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(query)))
        end = min(len(query), start + draw(st.integers(0, 8)))
        query = query[:start] + draw(st.sampled_from(("", query[start:end] * 2)) | scraps) + query[end:]
    return query


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@RELAXED
@given(st.text(max_size=60) | damaged())
def test_no_text_makes_the_executor_fail(schema: strawberry.Schema, query: str) -> None:
    sound(execute(schema, query))


VARIABLES: dict[str, Any] = {
    "$where: ControlPointWhere": "controlPoints(where: $where) { nodes { id } }",
    "$where: ReadingWhere": "readings(where: $where) { totalCount }",
    "$order: [HazardOrder!]": "hazards(orderBy: $order) { nodes { code } }",
    "$after: String": "hazards(after: $after) { nodes { code } }",
    "$before: String": "findings(before: $before) { totalCount }",
    "$first: Int": "hazards(first: $first) { nodes { code } }",
    "$id: ID!": "node(id: $id) { id }",
    "$node: String!": "trace(node: $node, to: Cook) { partial }",
    "$on: Date": 'trace(node: "hazard/H01", to: Cook, asOf: $on) { asOf }',
    "$steps: Int!": 'trace(node: "hazard/H01", to: Cook, maxSteps: $steps) { partial }',
    "$by: [String!]!": "coverage(of: Hazard) { groups(by: $by) { total } }",
    "$since: Date": "coverage(of: Hazard, since: $since) { since }",
    "$found: ValidationFindingWhere": "findings(where: $found) { totalCount }",
    "$lead: String!": "findings { groupsBy(by: $lead) { total } }",
    "$at: Moment": "hazards(knownAt: $at) { totalCount }",
}
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "$where: ControlPointWhere": st.fixed_dictionaries(
        {}, optional={"label": st.fixed_dictionaries({"contains": st.text(max_size=5)}), "not": st.just({})}
    ),
    "$where: ReadingWhere": st.fixed_dictionaries(
        {}, optional={"value": st.fixed_dictionaries({"gte": st.floats(allow_nan=False)})}
    ),
    "$order: [HazardOrder!]": st.lists(st.sampled_from([{"code": "ASC"}, {"label": "DESC"}]), max_size=3),
    "$first: Int": st.integers(-(2**31), 2**31 - 1),
    "$steps: Int!": st.integers(-(2**31), 2**31 - 1),
    "$on: Date": st.dates().map(str),
    "$since: Date": st.dates().map(str),
    "$by: [String!]!": st.lists(st.text(max_size=6) | st.sampled_from(["Station", "steward"]), max_size=5),
    "$found: ValidationFindingWhere": st.fixed_dictionaries(
        {},
        optional={
            "unit": st.text(max_size=5),
            "rule": st.text(max_size=5),
            "node": st.text(max_size=5),
            "leads": st.lists(
                st.fixed_dictionaries({"by": st.text(max_size=5)}, optional={"to": st.text(max_size=5)}),
                max_size=2,
            ),
        },
    ),
}


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    declared, field = draw(st.sampled_from(sorted(VARIABLES.items())))
    fitting = FITTING.get(declared, st.text(max_size=8))
    value = draw(st.one_of(fitting, fitting, json_values))
    return f"query Q({declared}) {{ {field} }}", {declared.split(":")[0][1:]: value}


@RELAXED
@given(asked())
def test_no_variables_make_the_executor_fail(
    schema: strawberry.Schema, question: tuple[str, dict[str, Any]]
) -> None:
    sound(execute(schema, *question))


def test_the_garbage_is_of_every_kind(schema: strawberry.Schema, caplog: pytest.LogCaptureFixture) -> None:
    """Some of it is answered and some refused; nothing of it is written to the log as a failure."""
    kinds: Counter[str] = Counter()

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(asked(), damaged())
    def count(question: tuple[str, dict[str, Any]], query: str) -> None:
        kinds[f"variables {sound(execute(schema, *question))}"] += 1
        kinds[f"text {sound(execute(schema, query))}"] += 1

    with caplog.at_level(logging.ERROR, logger="qualitrace.graphql"):
        count()
    assert {kind for kind, number in kinds.items() if number > 4} >= {
        "variables answered",
        "variables refused",
        "text answered",
        "text refused",
    }, kinds
    assert not caplog.records


# HTTP

headers = st.dictionaries(
    st.sampled_from(["content-type", "accept", "if-none-match", "accept-encoding", "content-length"]),
    st.sampled_from([JSON, "application/graphql-response+json", "*/*", "text/html", "", "x", '"7"', "9"]),
    max_size=3,
)


def written(value: Any) -> bytes:
    try:
        return orjson.dumps({"query": "{ __typename }", "variables": value, "extensions": value})
    except (TypeError, UnicodeEncodeError):
        return repr(value).encode("utf-8", "replace")


bodies = st.binary(max_size=40) | json_values.map(written)


@settings(RELAXED, max_examples=60)
@given(
    method=st.sampled_from(["POST", "GET", "PUT", "OPTIONS"]),
    sent=headers,
    body=bodies,
    query=st.none() | st.text(max_size=20) | damaged(),
)
def test_no_request_makes_the_server_fail(
    app: FastAPI, method: str, sent: dict[str, str], body: bytes, query: str | None
) -> None:
    params = {} if query is None else {"query": query.encode("utf-8", "replace").decode()}
    answer = call(app, method, "/graphql", params=params, headers=sent, content=body)
    assert answer.status_code < 500
    if answer.content and "json" in answer.headers.get("content-type", ""):
        found = answer.json()
        assert "data" in found or found["errors"]
        for error in found.get("errors", ()):
            assert set(error["extensions"]) == KEYS
    assert b"Traceback" not in answer.content
