"""The guide for data scientists: both sides of every question give what the page shows."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import secrets
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import neo4j as driver
import pytest
from typer.testing import CliRunner

from qualitrace.cli.app import app
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.networking import network
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Neo4jEngine, Server
from tests.neo4j_server import PASSWORD, Neo4jServer

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def guide(repo_root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_guide", repo_root / "tools" / "write_guide.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(guide: ModuleType) -> str:
    return str(guide.PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def commands(page: str) -> list[list[str]]:
    """The arguments of the commands by which the page has its reader begin."""
    (block,) = re.findall(r"^## Setting up\n+```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(commands: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration is, and its graph: made as the page says."""
    place = tmp_path_factory.mktemp("guide")
    with contextlib.chdir(place):
        for command in commands:
            if command[0] != "sync":
                done = CliRunner().invoke(app, command)
                assert done.exit_code == 0, done.output
    return place


@pytest.fixture(scope="module")
def rows(guide: ModuleType, page: str, folder: Path) -> dict[str, Rows]:
    """What networkx answers, by question."""
    found = guide.answers(page, folder)
    assert all(found.values())
    return dict(found)


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Registry]:
    registry = Registry.open(folder / "college.db", load_profile())
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def published(demo: Registry, neo4j_database: Server) -> Iterator[str]:
    """The name of the demonstration in Neo4j."""
    name = f"guide-{secrets.token_hex(4)}"
    engine = Neo4jEngine.of(neo4j_database, demo.profile, name)
    publish(demo, engine)
    yield name
    engine.clear()


def test_the_page_and_the_notebook_show_what_networkx_answers(
    guide: ModuleType, page: str, rows: dict[str, Rows]
) -> None:
    assert page == guide.written(page, rows), "run tools/write_guide.py"
    assert guide.NOTEBOOK.read_text(encoding="utf-8") == guide.notebook(page), "run tools/write_guide.py"


def test_cypher_answers_the_same(
    guide: ModuleType, page: str, rows: dict[str, Rows], published: str, neo4j: Neo4jServer
) -> None:
    asked = [cell for cell in guide.cells(page) if cell.cypher]
    assert [cell.name for cell in asked] == list(rows)
    with driver.GraphDatabase.driver(neo4j.uri, auth=("neo4j", PASSWORD)) as client:
        for cell in asked:
            given = {"registry": published, "day": "2025-03-01"}
            found = client.execute_query(cell.cypher, given, routing_=driver.RoutingControl.READ).records
            assert [record.data() for record in found] == rows[cell.name], cell.name


@pytest.mark.parametrize(("question", "cell", "role"), [("overloaded-posts", "overloaded", "who"),
                                                         ("islands", "islands", "member")])  # fmt: skip
def test_the_registry_finds_the_same(
    demo: Registry, rows: dict[str, Rows], question: str, cell: str, role: str
) -> None:
    answer = network(demo, question)
    names = sorted(str(node.label.best("zh")) for one in answer.findings for node in one.nodes[role])
    assert names == sorted(row.get("post") or row["name"] for row in rows[cell])


def test_the_notebook_is_one(guide: ModuleType) -> None:
    book = json.loads(guide.NOTEBOOK.read_text(encoding="utf-8"))
    assert book["nbformat"] == 4
    code = [part for part in book["cells"] if part["cell_type"] == "code"]
    assert [bool(part["outputs"]) for part in code] == [False] + [True] * (len(code) - 1)
