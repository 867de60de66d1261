"""Schemathesis asks the served schema whatever it allows: the server never fails."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

EXAMPLES = 8  # operations made for each field of the query

schemathesis.graphql.scalar("Date", st.dates().map(dt.date.isoformat).map(nodes.String))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(dt.datetime.isoformat).map(nodes.String))
schemathesis.graphql.scalar("Long", st.integers(-(2**63), 2**63 - 1).map(nodes.Int))
schemathesis.graphql.scalar("Moment", (st.dates().map(str) | st.just("1")).map(nodes.String))


@pytest.fixture(scope="module")
def operations(address: str) -> list[Any]:
    """One operation for each field of the query."""
    # Else it loads them at the first answer, while the server compiles too: Python 3.11 can't do both.
    schemathesis.checks.load_all_checks()
    served = schemathesis.graphql.from_url(f"{address}/graphql")
    return [found.ok() for found in served.get_all_operations()]


def test_the_server_never_fails(operations: list[Any]) -> None:
    kinds: Counter[str] = Counter()
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            kinds[judged(case)] += 1

        asked()
    assert len(operations) > 15
    assert kinds["with data"] > 3 * len(operations), kinds


def judged(case: Any) -> str:
    """Send an operation; check that the answer is one, and that its errors are typed."""
    response = case.call()
    case.validate_response(response, checks=[schemathesis.checks.not_a_server_error])
    assert response.status_code in (200, 400), response.text
    body = response.json()
    for error in body.get("errors", ()):
        assert set(error["extensions"]) == {"code", "classification", "what", "where", "hint"}, error
        assert error["extensions"]["code"] != "INTERNAL", (case.body, error)
    return "with data" if body.get("data") else "refused"
