"""The description of the plain HTTP addresses is sound, complete, and true of a running server."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from starlette.routing import Mount, Route

from qualitrace.web.exports import FORMS
from qualitrace.web.openapi import openapi

EXAMPLES = 12  # requests made for each operation
ENDLESS = ("/changes/stream", "/graphql/stream")  # their answers do not end


def test_it_is_openapi() -> None:
    validate(openapi())


def test_every_address_is_described_and_no_other(app: FastAPI) -> None:
    served = {
        (route.path.replace(":path}", "}"), method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method in ("GET", "POST")
    }
    assert [route.path for route in app.routes if isinstance(route, Mount)] == ["/static"]
    described = {
        (path, method)
        for path, item in openapi()["paths"].items()
        for method in item
        if method in ("get", "post")
    }
    assert described == served


def test_every_export_is_named() -> None:
    (form,) = [
        one for one in openapi()["paths"]["/exports/{form}"]["get"]["parameters"] if one.get("name") == "form"
    ]
    assert form["schema"]["enum"] == list(FORMS)


def test_the_page_shows_every_address(address: str) -> None:
    page = httpx.get(f"{address}/api", timeout=240).text
    for path, item in openapi()["paths"].items():
        for method in set(item) & {"get", "post"}:
            assert f"{method.upper()} {path}" in page
    assert httpx.get(f"{address}/openapi.json", timeout=240).json() == openapi()


@pytest.fixture(scope="module")
def operations(address: str) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.path not in ENDLESS]


def judge(case: Any, answer: Any, described: dict[str, Any]) -> None:
    assert answer.status_code < 500, (case.path, answer.text[:500])
    named = described.get(str(answer.status_code)) or described.get("default")
    assert named is not None, (case.path, answer.status_code)
    form = (answer.headers.get("content-type") or [""])[0].partition(";")[0]
    assert answer.status_code != 200 or form in named["content"], (case.path, form)


def test_the_server_answers_as_described(operations: list[Any]) -> None:
    """Whatever fits the description gets a status and a form that it names, and never 500."""
    kinds: Counter[int] = Counter()
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
            answer = case.call(timeout=240)
            kinds[answer.status_code] += 1
            described = case.operation.definition.raw["responses"]
            judge(case, answer, described)

        asked()
    assert len(operations) > 15
    assert kinds[200] > EXAMPLES and kinds[404] > 0, kinds
