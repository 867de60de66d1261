"""Documents named by their hash, and answers that are not sent twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, literal
from qualitrace.web import create_app
from tests.graphql.kitchens import Kitchen, name
from tests.web.calling import JSON, RESPONSE, call, post

ASKED = "query ($n: Int) { hazards(first: $n) { nodes { code label } } }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_hash(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}


def get(app: FastAPI, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
    written = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
    return call(app, "GET", "/graphql", params=written, headers=headers or {})


@pytest.fixture
def trusted(kitchen: Kitchen) -> tuple[str, dict[str, Any]]:
    one = next(one for one in kitchen.profile.operations if one.name == "uncontrolled")
    return one.document, dict(one.variables)


@pytest.fixture
def fresh() -> tuple[Kitchen, FastAPI]:
    kitchen = Kitchen()
    return kitchen, create_app(kitchen)


def test_trusted_operations_are_known_by_hash_from_the_start(
    app: FastAPI, trusted: tuple[str, dict[str, Any]]
) -> None:
    text, variables = trusted
    whole = post(app, {"query": text, "variables": variables})
    for answer in (
        post(app, {"variables": variables, "extensions": by_hash(text)}),
        get(app, variables=variables, extensions=by_hash(text)),
    ):
        assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.mark.parametrize(("media", "status"), [(JSON, 200), (RESPONSE, 400)])
def test_an_unknown_hash_is_answered_as_clients_expect(app: FastAPI, media: str, status: int) -> None:
    answer = post(app, {"extensions": by_hash("nothing")}, accept=media)
    assert answer.status_code == status
    error = answer.json()["errors"][0]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert answer.headers["cache-control"] == "no-store"


def test_a_document_sent_with_its_hash_is_known_from_then_on(fresh: tuple[Kitchen, FastAPI]) -> None:
    _, app = fresh
    alone = {"extensions": by_hash(ASKED), "variables": {"n": 2}}
    assert "errors" in post(app, alone).json()
    first = post(app, {"query": ASKED, **alone})
    assert len(first.json()["data"]["hazards"]["nodes"]) == 2
    assert post(app, alone).content == first.content


def test_what_cannot_run_is_not_learned(fresh: tuple[Kitchen, FastAPI]) -> None:
    _, app = fresh
    wrong = "{ hazards { colour } }"
    post(app, {"query": wrong, "extensions": by_hash(wrong)})
    error = post(app, {"extensions": by_hash(wrong)}).json()["errors"][0]
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "named",
    [
        {"version": 1, "sha256Hash": sha256("other")},
        {"version": 2, "sha256Hash": sha256(ASKED)},
        {"version": 1, "sha256Hash": 1},
        {"version": 1},
        "x",
        [],
    ],
)
def test_a_hash_that_does_not_fit_is_400(app: FastAPI, named: Any) -> None:
    answer = post(app, {"query": ASKED, "extensions": {"persistedQuery": named}})
    assert answer.status_code == 400


def test_an_unchanged_registry_answers_304(fresh: tuple[Kitchen, FastAPI]) -> None:
    _, app = fresh
    first = get(app, query=ASKED)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert "no-cache" in first.headers["cache-control"]
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = get(app, {"if-none-match": given}, query=ASKED)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert get(app, {"if-none-match": '"x"'}, query=ASKED).content == first.content


def test_another_state_question_or_form_has_another_tag(fresh: tuple[Kitchen, FastAPI]) -> None:
    kitchen, app = fresh
    tags = [
        get(app, query=ASKED).headers["etag"],
        get(app, query=ASKED, variables={"n": 1}).headers["etag"],
        get(app, query=ASKED + " ").headers["etag"],
        get(app, {"accept": RESPONSE}, query=ASKED).headers["etag"],
    ]
    kitchen.engine.change(STATED, [Fact(name("hazard/H1"), RDFS_LABEL, literal("x", language="en"))], ())
    kitchen.position += 1
    changed = get(app, {"if-none-match": tags[0]}, query=ASKED)
    assert changed.status_code == 200
    tags.append(changed.headers["etag"])
    assert len(set(tags)) == len(tags)


def test_a_tag_holds_for_one_day(fresh: tuple[Kitchen, FastAPI], monkeypatch: pytest.MonkeyPatch) -> None:
    _, app = fresh

    class Tomorrow(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date.fromordinal(dt.datetime.now().date().toordinal() + 1)

    tag = get(app, query=ASKED).headers["etag"]
    monkeypatch.setattr("qualitrace.web.tags.dt.date", Tomorrow)
    assert get(app, {"if-none-match": tag}, query=ASKED).status_code == 200


def test_trusted_operations_may_be_asked_conditionally_by_post(
    app: FastAPI, trusted: tuple[str, dict[str, Any]]
) -> None:
    body = {"query": trusted[0], "variables": trusted[1]}
    tag = post(app, body).headers["etag"]
    assert post(app, body, if_none_match=tag).status_code == 304
    assert "etag" not in post(app, {"query": ASKED}).headers


@pytest.mark.parametrize(
    "query", ['{ node(id: "nobody") { id } }', "{ hazards { colour } }", "{ proposals { number } }"]
)
def test_errors_and_what_changes_by_itself_are_not_kept(app: FastAPI, query: str) -> None:
    answer = get(app, query=query)
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
