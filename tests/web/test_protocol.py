"""GraphQL over HTTP, as the draft and the audits of graphql-http ask for it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from qualitrace.web.protocol import MAX_BODY, HttpError, negotiate
from tests.web.calling import JSON, RESPONSE, call, post

QUERY = {"query": "{ __typename }"}
ANSWER = {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON}", RESPONSE),
        (f"{JSON}, {RESPONSE}", RESPONSE),
        (f"{JSON}, {RESPONSE};q=0.9", JSON),
        (f"{RESPONSE};q=0, */*;q=0.1", JSON),
        (f"text/html, {RESPONSE}; charset=utf-8, */*;q=0.8", RESPONSE),
        (f"{JSON};charset=UTF-8", JSON),
        (f"{JSON}; charset=latin1, {RESPONSE};q=0.2", RESPONSE),
        ("*/*;q=0.1, text/html", JSON),
    ],
)
def test_the_media_type_is_what_the_client_prefers(app: FastAPI, accept: str, media: str) -> None:
    assert negotiate(accept) == media
    answer = post(app, QUERY, accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    "accept", ["text/html", "image/*", f"{JSON};q=0", f"{JSON};q=none", "application/xml"]
)
def test_a_client_that_takes_neither_is_told_so(app: FastAPI, accept: str) -> None:
    with pytest.raises(HttpError):
        negotiate(accept)
    answer = post(app, QUERY, accept=accept)
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["extensions"]["code"] == "QUERY"


@pytest.mark.parametrize("kind", [JSON, f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', JSON.upper()])
def test_json_in_utf_8_is_accepted(app: FastAPI, kind: str) -> None:
    answer = call(
        app, "POST", "/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": kind}
    )
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", f"{JSON}; charset=utf-16", ""],
)
def test_anything_else_is_refused_so_that_no_form_elsewhere_can_post(app: FastAPI, kind: str) -> None:
    answer = call(
        app, "POST", "/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": kind}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        [],
        [1],
        [QUERY, [QUERY]],
        "text",
        1,
        None,
        {},
        {"query": ""},
        {"query": 1},
        {"query": None},
        {"query": ["{ __typename }"]},
        {**QUERY, "variables": "x"},
        {**QUERY, "variables": [1]},
        {**QUERY, "operationName": 1},
        {**QUERY, "extensions": "x"},
        {**QUERY, "extensions": 0},
    ],
)
@pytest.mark.parametrize("media", [JSON, RESPONSE])
def test_parameters_of_the_wrong_kind_are_400(app: FastAPI, body: Any, media: str) -> None:
    answer = post(app, body, accept=media)
    assert answer.status_code == 400
    assert set(answer.json()["errors"][0]["extensions"]) == {
        "code",
        "classification",
        "what",
        "where",
        "hint",
    }


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{'query': 1}"])
def test_what_is_no_json_is_400(app: FastAPI, content: bytes) -> None:
    answer = call(app, "POST", "/graphql", content=content, headers={"content-type": JSON})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {**QUERY, "variables": None, "operationName": None, "extensions": None},
        {**QUERY, "variables": {}, "extensions": {"any": 1}},
        {**QUERY, "operationName": ""},
        {"query": "query A { __typename } query B { x: __typename }", "operationName": "A"},
        {
            "query": "query ($n: Boolean!) { __typename x: __typename @include(if: $n) }",
            "variables": {"n": False, "more": 2},
        },
    ],
)
def test_parameters_may_be_left_out_or_null(app: FastAPI, body: dict[str, Any]) -> None:
    answer = post(app, body)
    assert (answer.status_code, answer.json()) == (200, ANSWER)


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ colour }",
        "query ($n: Int!) { hazards(first: $n) { totalCount } }",
        "{ hazards(first: 2001) { totalCount } }",
    ],
)
def test_a_request_that_cannot_run_is_400_or_by_the_older_type_200(app: FastAPI, query: str) -> None:
    newer, older = (post(app, {"query": query}, accept=media) for media in (RESPONSE, JSON))
    assert (newer.status_code, older.status_code) == (400, 200)
    for answer in (newer, older):
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] in ("INVALID_REQUEST", "LIMIT")


@pytest.mark.parametrize("media", [JSON, RESPONSE])
def test_an_answer_with_some_errors_is_200(app: FastAPI, media: str) -> None:
    query = '{ node(id: "nobody") { id } hazards { totalCount } }'
    answer = post(app, {"query": query}, accept=media)
    assert answer.status_code == 200
    assert answer.json()["data"]["node"] is None
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_NODE"


def test_queries_can_be_got(app: FastAPI) -> None:
    params = {
        "query": "query Q($n: Int) { hazards(first: $n) { nodes { id } } }",
        "variables": '{"n": 1}',
        "operationName": "Q",
        "extensions": "{}",
    }
    answer = call(app, "GET", "/graphql", params=params)
    assert answer.status_code == 200
    assert len(answer.json()["data"]["hazards"]["nodes"]) == 1


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {**QUERY, "variables": "{"},
        {**QUERY, "variables": "[]"},
        {**QUERY, "extensions": "1"},
    ],
)
def test_a_get_with_wrong_parameters_is_400(app: FastAPI, params: dict[str, str]) -> None:
    assert call(app, "GET", "/graphql", params=params).status_code == 400


def test_nothing_but_queries_can_be_got(app: FastAPI) -> None:
    answer = call(app, "GET", "/graphql", params={"query": "mutation { x }"}, headers={"accept": RESPONSE})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(app: FastAPI, method: str) -> None:
    assert call(app, method, "/graphql").status_code == 405


def test_a_request_that_is_too_large_is_413(app: FastAPI) -> None:
    body = b'{"query": "{ __typename }", "x": "' + b"x" * MAX_BODY + b'"}'
    assert call(app, "POST", "/graphql", content=body, headers={"content-type": JSON}).status_code == 413


def test_requests_at_the_same_time_do_not_mix(app: FastAPI) -> None:
    query = "query ($c: String) { hazards(where: {code: {eq: $c}}) { nodes { code } } }"
    codes = ["H1", "H2", "H10"] * 4

    async def asked() -> list[httpx.Response]:  # by one event loop, as a server has one
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            bodies = [{"query": query, "variables": {"c": code}} for code in codes]
            return await asyncio.gather(*(client.post("/graphql", json=body) for body in bodies))

    for code, answer in zip(codes, asyncio.run(asked()), strict=True):
        assert answer.json() == {"data": {"hazards": {"nodes": [{"code": code}]}}}
