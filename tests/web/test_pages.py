from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI

import qualitrace.web
from qualitrace.graphql import execute, overview, schema_text
from qualitrace.graphql.schema import build_schema
from qualitrace.text import Text
from qualitrace.web import create_app
from tests.graphql.kitchens import Kitchen
from tests.web.calling import call, post

STATIC = Path(qualitrace.web.__file__).parent / "static"


@pytest.fixture(scope="module")
def page(app: FastAPI) -> str:
    answer = call(app, "GET", "/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text they hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data += data

    def all(self, tag: str, name: str) -> list[str]:
        return [attrs[name] or "" for found, attrs in self.elements if found == tag and name in attrs]


def test_the_page_lists_the_sample_questions_in_both_languages(kitchen: Kitchen, page: str) -> None:
    samples = [operation for operation in kitchen.profile.operations if operation.sample]
    assert samples
    reader = Reader(page)
    for operation in samples:
        assert operation.titles["zh"] in reader.data
        assert operation.titles["en"] in reader.data
        assert operation.document.strip() in reader.data
    variables = [json.loads(text) for text in reader.all("div", "data-variables")]
    assert variables == [dict(operation.variables) for operation in samples]


def test_the_page_shows_counts_and_how_whole_each_class_is(kitchen: Kitchen, page: str) -> None:
    reader = Reader(page)
    shown = {attrs["data-class"] for tag, attrs in reader.elements if "data-class" in attrs}
    figures = overview(kitchen)
    assert shown == {one.name for one in figures if one.complete is not None}
    bars = [(attrs["value"], attrs["max"]) for tag, attrs in reader.elements if tag == "progress"]
    assert bars == [(str(one.complete), str(one.judged)) for one in figures if one.complete is not None]
    for one in figures:
        assert (one.root in reader.all("button", "data-root")) is bool(one.count)


def test_every_query_of_the_page_is_valid(kitchen: Kitchen, page: str) -> None:
    schema = build_schema(kitchen)
    script = (STATIC / "start.js").read_text(encoding="utf-8")
    queries = re.findall(r"const [A-Z]+ = `(.*?)`;", script, re.DOTALL)
    assert len(queries) == 3
    given = {"node": "hazard/H1", "to": "Cook", "backwards": False, "of": "Hazard", "language": "en"}
    for query in queries:
        named = {name: value for name, value in given.items() if f"${name}" in query}
        assert not execute(schema, query, named).errors


def test_nothing_on_the_page_comes_from_elsewhere(page: str) -> None:
    reader = Reader(page)
    addresses = [
        a for name in ("src", "href") for tag, attrs in reader.elements for a in [attrs.get(name)] if a
    ]
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    for path in (one for one in STATIC.iterdir() if one.is_file()):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text
        assert "https:" not in text


def test_what_the_page_loads_is_served(app: FastAPI, page: str) -> None:
    reader = Reader(page)
    for address in [*reader.all("script", "src"), *reader.all("link", "href"), *reader.all("a", "href")]:
        assert call(app, "GET", address).status_code == 200
    modules = re.findall(r'from "\./(.*?)"', "".join(p.read_text("utf-8") for p in STATIC.glob("*.js")))
    for name in modules:
        assert call(app, "GET", f"/static/{name}").status_code == 200


def test_the_policy_allows_what_the_page_does_and_no_more(app: FastAPI, page: str) -> None:
    policy = call(app, "GET", "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    reader = Reader(page)
    # No inline script runs and no inline style applies under this policy, so there must be none.
    assert all(
        "src" in attrs or attrs.get("type") == "application/json"
        for tag, attrs in reader.elements
        if tag == "script"
    )
    assert not [1 for tag, attrs in reader.elements if tag == "style" or "style" in attrs]
    assert not [name for _, attrs in reader.elements for name in attrs if name.startswith("on")]


@pytest.mark.parametrize(
    "path", ["/", "/graphql", "/healthz", "/schema.graphql", "/static/start.css", "/nothing"]
)
def test_every_answer_carries_the_security_headers(app: FastAPI, path: str) -> None:
    headers = call(app, "GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "content-security-policy" in headers


@pytest.mark.parametrize(
    "base", ["http://evil.example", "http://evil.example:8000", "http://127.0.0.1.evil.example"]
)
def test_a_name_from_elsewhere_is_refused(app: FastAPI, base: str) -> None:
    for path in ("/", "/healthz", "/graphql"):
        assert call(app, "GET", path, base_url=base).status_code == 421


@pytest.mark.parametrize(
    "base", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://LOCALHOST"]
)
def test_names_of_this_machine_are_served(app: FastAPI, base: str) -> None:
    assert call(app, "GET", "/healthz", base_url=base).status_code == 200


def test_other_hosts_can_be_named(kitchen: Kitchen) -> None:
    open_to = create_app(kitchen, hosts=("quality.example",))
    assert call(open_to, "GET", "/healthz", base_url="http://quality.example").status_code == 200
    assert call(open_to, "GET", "/healthz").status_code == 421


def test_readiness_says_where_the_registry_stands(kitchen: Kitchen, app: FastAPI) -> None:
    ready = call(app, "GET", "/readyz").json()
    assert ready["status"] == "ready"
    assert ready["position"] == kitchen.position
    assert ready["head"] == next(iter(kitchen.changesets())).id


def test_the_schema_is_served_as_it_is_checked_in(kitchen: Kitchen, app: FastAPI) -> None:
    assert call(app, "GET", "/schema.graphql").text == schema_text(kitchen.profile)


def test_head_is_answered_without_a_body(app: FastAPI) -> None:
    for path in ("/", "/healthz", "/schema.graphql"):
        answer = call(app, "HEAD", path)
        assert answer.status_code == 200


def test_titles_are_text_and_not_markup(kitchen: Kitchen) -> None:
    hostile = Text(zh="</script><b>", en="<img src=x>")
    text = call(create_app(kitchen, title=hostile), "GET", "/").text
    for title in hostile.values():
        assert title not in text
        assert html.escape(title) in text


def test_an_empty_registry_says_so() -> None:
    text = call(create_app(Kitchen((), ())), "GET", "/").text
    assert "qualitrace load" in text
    assert "<progress" not in text


class Growing(Kitchen):
    """A kitchen to which another process adds."""

    def refresh(self) -> int:
        self.position += 1
        return 1


def test_every_request_sees_what_others_appended() -> None:
    kitchen = Growing()
    app = create_app(kitchen)
    before = kitchen.position
    for number, ask in enumerate(
        (lambda: post(app, {"query": "{ __typename }"}), lambda: call(app, "GET", "/")), 1
    ):
        assert ask().status_code == 200
        assert kitchen.position == before + number


def test_protected_properties_can_be_kept_back(kitchen: Kitchen) -> None:
    closed = create_app(kitchen, protected=False)
    assert "cooks" not in call(closed, "GET", "/schema.graphql").text
    shown = 'data-root="cooks"'
    assert shown in call(create_app(kitchen), "GET", "/").text
    assert shown not in call(closed, "GET", "/").text


def test_a_page_that_is_known_is_not_sent_again(app: FastAPI) -> None:
    first = call(app, "GET", "/")
    tag = first.headers["etag"]
    again = call(app, "GET", "/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "no-cache" in first.headers["cache-control"]
    assert call(app, "GET", "/", headers={"If-None-Match": '"another"'}).content == first.content
