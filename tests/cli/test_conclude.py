"""`qualitrace conclude` on the demonstration: what its README says is so on its day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.reasoning import dated_rules
from tests.cli.conftest import Program

DAY = "2025-03-01"


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("conclude") / "demo.db"
    demonstration.build(load_profile(), place).close()
    return place


@pytest.fixture
def ask(program: Program, college: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("QUALITRACE_REGISTRY", str(college))
    return program


def concluded(ask: Program, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    answer = json.loads(ask("conclude", *arguments, "--json").stdout)
    return {one["rule"]: one["conclusions"] for one in answer}


def test_every_rule_answers_also_when_nothing_follows(ask: Program) -> None:
    early = "2000-01-01"  # nothing is overdue or failing yet
    for day in (DAY, early):
        found = concluded(ask, "--as-of", day)
        assert set(found) == {rule.name for rule in dated_rules(load_profile())}
        shown = ask("conclude", "--as-of", day).stdout
        assert shown.count("没有 / none") == sum(not one for one in found.values())
    assert not all(found.values())


def test_who_acts_and_what_fails_on_the_day_of_the_readme(ask: Program) -> None:
    """examples/README.md: the post of the failed indicator was held by somebody acting from 2025-02-17."""
    failing = concluded(ask, "indicator-failing", "--as-of", DAY)["indicator-failing"]
    assert "ZB2.3.2" in {one["node"]["code"] for one in failing}
    held = {
        day: {one["node"]["id"] for one in concluded(ask, "acting-holder", "--as-of", day)["acting-holder"]}
        for day in ("2025-02-16", "2025-02-17", "2025-08-31", "2025-09-01")
    }
    post = (held["2025-02-17"] - held["2025-02-16"]).pop()
    assert post.endswith("课程建设岗")
    assert post in held["2025-08-31"] and post not in held["2025-09-01"]


def test_a_node_and_a_rule_by_its_title(ask: Program) -> None:
    rule = next(one for one in dated_rules(load_profile()) if one.name == "loop")
    every = concluded(ask, rule.titles["zh"], "--as-of", DAY)["loop"]
    node = every[0]["node"]["id"]
    assert concluded(ask, "loop", "--node", node, "--as-of", DAY)["loop"] == every[:1]


def test_unknown_rules_are_named(ask: Program) -> None:
    result = ask("conclude", "no-such-rule")
    assert result.exit_code == 2 and "no-such-rule" in result.stderr and "overdue" in result.stderr
