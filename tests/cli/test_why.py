"""`qualitrace why` in every form, on a registry of another profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.store import INFERRED
from qualitrace.terms import Fact
from tests.cli.conftest import Program

KITCHEN = Path(__file__).parents[1] / "profiles" / "kitchen"


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Fact]:
    """A registry, and something that follows in it."""
    place = tmp_path_factory.mktemp("why") / "kitchen.db"
    registry: Registry = demonstration.build(load_profile(KITCHEN), place)
    fact = min(registry.engine.facts(INFERRED))
    registry.close()
    return place, fact


@pytest.fixture
def ask(program: Program, kitchen: tuple[Path, Fact], monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("QUALITRACE_REGISTRY", str(kitchen[0]))
    monkeypatch.setenv("QUALITRACE_PROFILE", str(KITCHEN))
    return program


def test_every_form_tells_the_same(ask: Program, kitchen: tuple[Path, Fact], tmp_path: Path) -> None:
    fact = kitchen[1]
    asked = ("why", fact.subject, fact.predicate)
    found = json.loads(ask(*asked, "--json").stdout)
    (told,) = [one for one in found["facts"] if one["object"] == fact.object]
    assert told["ground"] == "inferred" and told["because"]

    def ends(one: dict[str, Any]) -> list[dict[str, Any]]:
        return [end for part in one["because"] for end in ends(part)] or [one]

    places = [source["place"] for end in ends(told) for source in end["sources"]]
    assert places
    text = ask(*asked, "--format", "text").stdout
    assert told["sentence"]["zh"] in text and all(place in text for place in places)
    tree = "".join(ask(*asked).stdout.split())
    assert all("".join(place.split()) in tree for place in places)
    for form in ("svg", "mermaid"):
        target = tmp_path / f"why.{form}"
        result = ask(*asked, "--format", form, "--output", target, "--language", "en")
        assert result.exit_code == 0, result.stderr
        assert target.read_text(encoding="utf-8").startswith(("<svg", "flowchart"))


def test_what_cannot_be_explained_is_said(ask: Program, kitchen: tuple[Path, Fact]) -> None:
    unknown = ask("why", "no/such/node")
    assert unknown.exit_code == 2 and "UNKNOWN_NODE" in unknown.stderr
    wrong = ask("why", kitchen[1].subject, "no-such-property")
    assert wrong.exit_code == 2 and "no property called" in wrong.stderr
