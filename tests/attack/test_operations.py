"""Operations that are too deep, too wide, too many, too long: refused before they run, or bounded while."""

from __future__ import annotations

from typing import Any

import pytest

from qualitrace.access import Role
from tests.attack.operations import HARD, INTROSPECTION_BOMB, REFUSED
from tests.attack.serving import SECONDS, Served


def ask(served: Served, body: Any, *roles: Role) -> Any:
    with served.client(*roles) as client:
        return client.post("/graphql", json=body)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("role", [Role.READER, Role.OFFICE])
def test_what_is_too_much_is_refused(served: Served, name: str, role: Role) -> None:
    body, code = REFUSED[name]
    for _ in range(3):
        answer = ask(served, body, role)
        assert answer.status_code in (200, 400), answer.text[:300]
        given = answer.json()
        codes = {error["extensions"]["code"] for error in given.get("errors", ())}
        assert "INTERNAL" not in codes
        if code:
            assert code in codes
            assert "data" not in given


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_is_bounded(served: Served, name: str) -> None:
    begun = served.worked()
    answer = ask(served, HARD[name], Role.SYSTEM)
    assert answer.status_code in (200, 400, 429), answer.text[:300]
    assert served.worked() - begun < 4 * SECONDS
    given = answer.json()
    for error in given.get("errors", ()):
        assert error["extensions"]["code"] in ("LIMIT", "TIME", "QUERY", "INVALID_REQUEST", "RATE_LIMITED"), (
            error
        )


def test_the_schema_is_told_by_role(served: Served) -> None:
    asked = {"query": "{ __schema { queryType { name } } }"}
    refused = ask(served, asked, Role.READER).json()
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    assert "data" not in refused
    assert ask(served, asked, Role.OFFICE).json()["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize(
    "query",
    [
        '{ __type(name: "Duty") { name } }',
        "query A { ...F } fragment F on Query { __schema { types { name } } }",
        "{ __typename } fragment F on Query { __schema { types { name } } }",
        "{ x: __schema { types { name } } @include(if: true) }",
        INTROSPECTION_BOMB,
    ],
)
def test_no_way_round_leads_to_the_schema(served: Served, query: str) -> None:
    answer = ask(served, {"query": query}, Role.READER)
    assert "types" not in str(answer.json().get("data"))
    assert not answer.json().get("data")


@pytest.mark.parametrize(
    "query", ["{ diagnosisPoint { id } }", "{ diagnosisPoints { nodes { labl } } }", "{ dutie { id } }"]
)
def test_suggestions_are_for_those_who_may_see_the_schema(served: Served, query: str) -> None:
    assert "Did you mean" not in ask(served, {"query": query}, Role.READER).text
    assert "Did you mean" in ask(served, {"query": query}, Role.OFFICE).text


def test_suggestions_do_not_leak_through_variables_or_enums(served: Served) -> None:
    bodies = [
        {"query": "query Q($w: DiagnosisPointWher) { diagnosisPoints(where: $w) { totalCount } }"},
        {"query": "{ diagnosisPoints(wher: {}) { totalCount } }"},
        {"query": "{ coverage(of: Dut) { total } }"},
        {"query": "{ diagnosisPoints(where: {lable: {eq: 1}}) { totalCount } }"},
        {
            "query": "query Q($w: DiagnosisPointWhere) { diagnosisPoints(where: $w) { totalCount } }",
            "variables": {"w": {"lable": {"eq": "x"}}},
        },
        {
            "query": "query Q($c: NodeClass!) { coverage(of: $c) { total } }",
            "variables": {"c": "Dut"},
        },
    ]
    for body in bodies:
        assert "Did you mean" not in ask(served, body, Role.READER).text, body


def test_the_cost_is_told(served: Served) -> None:
    query = {"query": "{ diagnosisPoints(first: 50) { nodes { id label } } }"}
    with served.client() as client:
        quiet = client.post("/graphql", json=query)
        told = client.post("/graphql", json=query, headers={"qualitrace-cost": "1"})
    assert "extensions" not in quiet.json()
    cost = told.json()["extensions"]["cost"]
    assert cost["allowed"] > cost["requested"] > 100
    assert cost["left"] > 0
    assert told.headers["ratelimit"].startswith('"cost";r=')
    assert told.headers["ratelimit-policy"].startswith('"cost";q=')


def test_every_kind_is_here() -> None:
    assert len(REFUSED) >= 40
    assert len(HARD) >= 10
