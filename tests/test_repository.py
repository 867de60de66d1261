"""What the repository says about itself is so: links, commands, pins."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import openpyxl
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from qualitrace.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PINS = ["requirements/run.txt", "requirements/dev.txt"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", re.sub(r"```.*?```", "", read(page), flags=re.DOTALL))
    missing = [t for t in targets if "://" not in t and not (ROOT / page).parent.joinpath(t).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", read(page), flags=re.DOTALL))
    targets = set(re.findall(r"\bmake ([a-z]+)", code))
    commands = set(re.findall(r"(?:^|[\s`/])qualitrace ([a-z]+(?:-[a-z]+)*)", code))
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert targets - set(re.findall(r"^([a-z]+):", read("Makefile"), flags=re.MULTILINE)) == set()
    assert commands - known == set()


def test_the_two_readmes_show_the_same_commands() -> None:
    first, second = (re.findall(r"^(?:make|\.venv\S+) \S+", read(name), re.MULTILINE)
                     for name in ("README.md", "README.zh.md"))  # fmt: skip
    assert len(first) >= 8
    assert first == second


def test_the_readme_asks_about_something_the_demonstration_has() -> None:
    asked = set(re.findall(r"trace \w+:(\S+)", read("README.md") + read("README.zh.md")))
    book = openpyxl.load_workbook(ROOT / "examples" / "demo-college.xlsx", read_only=True)
    cells = {str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row}
    assert len(asked) == 1
    assert asked <= cells


@pytest.mark.parametrize("name", PINS)
def test_pins_are_exact_and_name_no_address(name: str) -> None:
    lines = [line for line in read(name).splitlines() if line.strip()]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[\w.!+]+( ; .+)?", line), line
        assert "://" not in line


def test_every_declared_dependency_is_pinned_as_declared() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    for name, declared in (
        ("requirements/run.txt", project["dependencies"] + extras["build"]),
        ("requirements/dev.txt", project["dependencies"] + extras["build"] + extras["dev"]),
    ):
        pins: dict[str, list[str]] = {}
        for line in read(name).splitlines():
            package, _, version = line.partition(" ;")[0].partition("==")
            pins.setdefault(canonicalize_name(package), []).append(version)
        for text in declared:
            wanted = Requirement(text)
            versions = pins.get(canonicalize_name(wanted.name), [])
            assert versions, f"{wanted.name} is not pinned in {name}: `make lock`"
            assert all(wanted.specifier.contains(version) for version in versions), f"{text} in {name}"


def test_development_pins_agree_with_those_of_users() -> None:
    users, developers = (set(read(name).splitlines()) for name in PINS)
    differing = {
        line.partition("==")[0] for line in users - developers if not line.startswith("colorama==")
    }  # colorama is for Windows; developers need it under more conditions
    assert differing == set()


def test_the_wheel_carries_every_folder_of_the_profile() -> None:
    included = tomllib.loads(read("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"][
        "force-include"
    ]
    folders = {"ontology", "shapes", "loaders", "graphql", "reasoning", "exports", "examples"}
    assert included == {folder: f"qualitrace/_profile/{folder}" for folder in folders}


def test_the_graphql_folder_holds_no_python() -> None:
    """As a package it would shadow the library of that name."""
    assert list((ROOT / "graphql").rglob("*.py")) == []


def test_decisions_are_numbered_once() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
