"""What trace and coverage show on a terminal; their figures are compared in ``tests/contract``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from qualitrace import demonstration
from qualitrace.profile import load_profile
from tests.cli.conftest import Program

KITCHEN = Path(__file__).parents[1] / "profiles" / "kitchen"
DAY = "2025-03-10"


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("asking") / "kitchen.db"
    demonstration.build(load_profile(KITCHEN), place).close()
    return str(place)


@pytest.fixture
def ask(program: Program, location: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("QUALITRACE_REGISTRY", location)
    monkeypatch.setenv("QUALITRACE_PROFILE", str(KITCHEN))
    monkeypatch.setenv("QUALITRACE_LANGUAGE", "en")
    return program


def shown(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def said(text: dict[str, str]) -> str:
    """What is shown of a text in English, or as it was written."""
    return text.get("en") or next(iter(text.values()))


def test_coverage_lists_what_is_broken_where_and_who_must_act(ask: Program) -> None:
    listed = json.loads(shown(ask("coverage", "Hazard", "--as-of", DAY, "--json")))
    broken = [one for one in listed["verdicts"] if not one["complete"]]
    assert broken
    table = shown(ask("coverage", "Hazard", "--as-of", DAY))
    for one in broken:
        assert one["node"]["code"] in table
        assert one["absence"]["en"] in table
    for one in listed["verdicts"]:
        assert (one["node"]["code"] in table) is not one["complete"]
    whole = shown(ask("coverage", "Hazard", "--as-of", DAY, "--all"))
    assert all(one["node"]["code"] in whole for one in listed["verdicts"])


def test_a_cross_table_names_its_ways_and_its_groups(ask: Program) -> None:
    options = ("--by", "Area", "--by", "steward", "--as-of", DAY)
    listed = json.loads(shown(ask("coverage", "Hazard", *options, "--json")))
    table = shown(ask("coverage", "Hazard", *options))
    assert "Area" in table
    for way in listed["by"]:
        assert all(field in table for field in way["fields"])
    for group in listed["groups"]:
        for key in group["keys"]:
            assert (said(key["label"]) if key else "—") in table
        for gap in group["gaps"]:
            assert f"{gap['absence']['en']} {gap['count']}" in table
    nodes = shown(ask("coverage", "Hazard", *options, "--nodes"))
    assert len(nodes) > len(table)


def test_change_since_a_date_is_shown(ask: Program) -> None:
    options = ("--as-of", DAY, "--since", "2023-12-31")
    listed = json.loads(shown(ask("coverage", "Hazard", *options, "--json")))
    changed = [one for one in listed["verdicts"] if one["change"]]
    assert changed
    assert listed["earlier"]["mended"] == sum(one["change"] == "mended" for one in changed)
    table = shown(ask("coverage", "Hazard", *options))
    assert "since 2023-12-31" in table
    assert f"mended {listed['earlier']['mended']}" in table


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (("--by", "Colour"), "Colour"),
        (("--by", "controlledBy.colour"), "controlledBy.colour"),
        (("--since", "yesterday"), "--since"),
        (("--as-of", "2025-02-30"), "--as-of"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_hint(ask: Program, options: tuple[str, ...], where: str) -> None:
    result = ask("coverage", "Hazard", *options)
    assert result.exit_code == 2
    assert where in result.stderr
    assert "hint" in result.stderr
    assert not result.stdout


def test_a_trace_begins_with_the_verdict_on_its_start(ask: Program) -> None:
    listed = json.loads(shown(ask("coverage", "Hazard", "--as-of", DAY, "--json")))
    for one in listed["verdicts"]:
        text = shown(ask("trace", one["node"]["id"], "--to", "Cook", "--as-of", DAY))
        assert ("链条完整 complete" in text) is one["complete"]
        if not one["complete"]:
            assert one["absence"]["en"] in text
            assert (one["steward"] is None) or said(one["steward"]["label"]) in text


@pytest.mark.parametrize("option", [("--limit", 1), ("--max-steps", 2)])
def test_a_bound_that_cuts_is_said(ask: Program, option: tuple[str, int]) -> None:
    asked = ("trace", "hazard/H03", "--to", "Cook", "--as-of", DAY)
    whole = json.loads(shown(ask(*asked, "--json")))
    cut = json.loads(shown(ask(*asked, *option, "--json")))
    assert cut["partial"] is (len(cut["paths"]) < len(whole["paths"]))
    assert ("This answer is partial" in shown(ask(*asked, *option))) is cut["partial"]
    assert "This answer is partial" not in shown(ask(*asked))


def test_everything_that_a_node_answers_for_is_named(ask: Program) -> None:
    asked = ("trace", "hazard/H03", "--to", "Cook", "--as-of", DAY)
    cook = json.loads(shown(ask(*asked, "--json")))["paths"][0]["steps"][-1]["target"]
    listed = json.loads(shown(ask("trace", cook, "--backwards", "--as-of", DAY, "--json")))
    reached = {path["steps"][-1]["source"] for path in listed["paths"]}
    text = shown(ask("trace", cook, "--backwards", "--as-of", DAY)).replace("\n", "")
    named = [listed["nodes"][iri]["label"] for iri in reached if listed["nodes"][iri]["label"]]
    assert len(named) > 1
    for label in named:
        assert f"← {said(label)}" in text
