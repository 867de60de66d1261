"""The explorer in a real browser: without network beyond the server, under the policy of all pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from qualitrace import demonstration
from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.node_packages import needed
from tests.contract.serving import serving
from tests.graphql.kitchens import KITCHEN
from tests.web.browser import Page, browser
from tests.web.calling import call

STATIC = Path(__file__).resolve().parents[2] / "src" / "qualitrace" / "web" / "static" / "explorer"
RESULT = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()"
EDITOR = "document.querySelector('{} .CodeMirror').CodeMirror"
QUERY = EDITOR.format(".graphiql-query-editor")
HEADERS = EDITOR.format(".graphiql-editor-tool .graphiql-editor:not(.hidden)")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explorer") / "kitchen.db"


@pytest.fixture(scope="module")
def registry(location: Path) -> Iterator[Registry]:
    made = demonstration.build(load_profile(KITCHEN), location)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(registry: Registry) -> Iterator[str]:
    with serving(create_app(registry)) as found:
        yield found


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:  # it leaves before the server does
    with browser() as found:
        yield found


def opened(page: Page, address: str) -> None:
    page.logged.clear()
    page.requests.clear()
    page.open(f"{address}/explorer")
    page.wait("!!document.querySelector('.examples')")
    page.wait("!!document.querySelector('.result-window .CodeMirror')")


def written(page: Page, query: str) -> None:
    """Write into the editor, and wait until it has been read there."""
    page.run(f"{QUERY}.setValue({json.dumps(query)})")
    page.wait(f"{QUERY}.documentAST?.loc?.source.body === {json.dumps(query)}")


def asked(page: Page, query: str) -> dict[str, object]:
    """Ask what is written in the editor, and read what is shown."""
    written(page, query)
    page.run(RESULT.replace("getValue()", "setValue('')"))
    page.click(".graphiql-execute-button")
    shown = page.wait(RESULT, lambda text: text.strip().endswith("}"))
    found: dict[str, object] = json.loads(shown)
    return found


def test_every_example_is_listed_and_answers(page: Page, address: str, registry: Registry) -> None:
    opened(page, address)
    page.wait("document.querySelectorAll('.examples button').length > 0")
    names = page.run("[...document.querySelectorAll('.examples button')].map(one => one.dataset.name)")
    assert names == [one.name for one in registry.profile.operations]
    for one in registry.profile.operations:
        page.click(f".examples button[data-name='{one.name}']")
        document = page.wait(f"{QUERY}.getValue()", lambda text, one=one: one.document.strip() in text)
        answer = asked(page, document + "# again\n")
        assert "errors" not in answer, answer
        assert answer["data"]


def test_the_schema_is_loaded_and_shown(page: Page, address: str) -> None:
    opened(page, address)
    page.click("[aria-label='Show Documentation Explorer']")
    page.wait("document.body.innerText.includes('query: Query')")


def test_nothing_is_asked_of_anybody_else_and_nothing_is_refused_by_the_policy(
    page: Page, address: str
) -> None:
    opened(page, address)
    assert asked(page, "{ stations { totalCount } }")["data"]
    host = urlsplit(address).netloc
    assert len(page.requests) >= 5
    assert {urlsplit(one).netloc for one in page.requests if not one.startswith("data:")} == {host}
    assert page.logged == []


def test_a_subscription_shows_what_is_told(page: Page, address: str, registry: Registry) -> None:
    opened(page, address)
    query = "subscription { changes(after: 0) { position nodes { id type } } }"
    written(page, query)
    page.click(".graphiql-execute-button")
    shown = json.loads(page.wait(RESULT, lambda text: '"position"' in text))
    assert shown["data"]["changes"]["position"] == 1
    page.click(".graphiql-execute-button")


def test_a_token_and_a_purpose_are_given_in_the_headers(
    page: Page, registry: Registry, location: Path
) -> None:
    with closing(AccessBook.open(location)) as book:
        _, made = book.tokens.make("质量办（示例）", {Role.OFFICE}, expires=None, by="test")
        _with_a_token(page, registry, book, made)


def _with_a_token(page: Page, registry: Registry, book: AccessBook, made: str) -> None:
    with serving(create_app(registry, access=book)) as address:
        opened(page, address)
        refused = asked(page, "{ cooks(first: 1) { nodes { label } } }")
        assert refused["errors"][0]["extensions"]["code"] == "UNKNOWN_CALLER"  # type: ignore[index]
        given = {"Authorization": f"Bearer {made}", "Qualitrace-Purpose": "核对"}
        page.run(f"{HEADERS}.setValue({json.dumps(json.dumps(given, ensure_ascii=False))})")
        answer = asked(page, "{ cooks(first: 2) { nodes { label } } }")
        assert answer["data"]["cooks"]["nodes"][0]["label"]  # type: ignore[index]
        # The schema is that of the role, and the token is kept nowhere.
        page.click("button[aria-label='Re-fetch GraphQL schema']")
        page.wait("document.querySelectorAll('.examples button').length > 0")
        page.click("[aria-label='Show Documentation Explorer']")
        page.wait("document.body.innerText.includes('query: Query')")
        kept = page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert made not in kept


def test_the_page_holds_nothing_inline(app: FastAPI) -> None:
    answer = call(app, "GET", "/explorer")
    assert answer.status_code == 200
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\bon\w+=|https?://", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "http" not in policy
    assert policy == call(app, "GET", "/healthz").headers["content-security-policy"]


def test_the_bundle_names_the_licence_of_everything_in_it() -> None:
    text = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    listed = re.findall(r"^(\S+) (\d\S+) \(([^)]+)\)$", text.split("-" * 70)[0], re.MULTILINE)
    names = {name for name, _, _ in listed}
    assert {"graphiql", "react", "react-dom", "graphql", "codemirror", "graphql-ws"} <= names
    assert {licence for _, _, licence in listed} <= {"MIT", "Apache-2.0", "BSD-2-Clause", "0BSD"}
    for name, version, licence in listed:
        assert text.count(f"{name} {version} ({licence})") == 2  # listed, and with its text


def test_what_is_checked_in_is_what_the_tool_makes(repo_root: Path, tmp_path: Path) -> None:
    needed()
    tool = repo_root / "tools" / "bundle_explorer.py"
    done = subprocess.run(
        [sys.executable, str(tool), str(tmp_path)], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {path.name for path in STATIC.iterdir()}
    for name, content in made.items():
        assert content == (STATIC / name).read_bytes(), f"{name}: run tools/bundle_explorer.py"
