"""Coverage beside that of what the registry knew before: the same in the command line and the API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qualitrace.cli.app import app
from qualitrace.graphql import build_schema, execute
from qualitrace.registry import Registry
from qualitrace.terms import iri
from qualitrace.tracing import compared
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import FACTS, KITCHEN, name
from tests.history.kitchen import commit, profile, statement

DAY = "2024-06-15"
LATE = ("hazard/H10", "point/P2")  # what the second changeset brings


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "r.db"


@pytest.fixture
def registry(location: Path) -> Iterator[Registry]:
    made = Registry.create(location, profile())
    late = [
        fact
        for fact in FACTS
        if fact.subject in {name(one) for one in LATE} or fact.object in {iri(name(one)) for one in LATE}
    ]
    commit(made, [statement(fact) for fact in FACTS if fact not in late])
    commit(made, [statement(fact) for fact in late])
    yield made
    made.close()


TABLE = """query ($moment: Moment, $known: Moment) {
  coverage(of: Hazard, asOf: "2024-06-15", sinceKnown: $moment, knownAt: $known) {
    total since sinceKnown
    earlier { total complete broken mended broke entered left }
    groups(by: "Area") { total keys { node { iri } } earlier { total mended broke entered left } }
    verdicts(change: [MENDED, BROKE, ENTERED, LEFT]) { nodes { change node { iri } } }
  }
}"""


def told(registry: Registry, **asked: Any) -> Any:
    return ask(build_schema(registry), TABLE, asked)["coverage"]


def test_what_became_known_since_is_shown(registry: Registry) -> None:
    day = dt.date.fromisoformat(DAY)
    now, then = registry.coverage_by("Hazard", as_of=day), registry.at(1).coverage_by("Hazard", as_of=day)
    complete = [{v.node.iri: v.complete for v in table.whole.verdicts} for table in (then, now)]
    expected = {
        iri: "ENTERED" if iri not in complete[0] else "MENDED" if whole else "BROKE"
        for iri, whole in complete[1].items()
        if complete[0].get(iri) is not whole
    }
    assert set(expected.values()) >= {"ENTERED"}
    found = told(registry, moment="1")
    assert {one["node"]["iri"]: one["change"] for one in found["verdicts"]["nodes"]} == expected
    assert found["earlier"]["total"] == then.whole.total < found["total"]
    assert (found["since"], found["sinceKnown"]) == (DAY, "1")
    assert sum(group["total"] for group in found["groups"]) == found["total"]
    assert sum(group["earlier"]["total"] for group in found["groups"]) == then.whole.total


def test_the_command_line_says_the_same(
    registry: Registry, location: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUALITRACE_REGISTRY", str(location))
    monkeypatch.setenv("QUALITRACE_PROFILE", str(KITCHEN))
    options = ["--by", "Area", "--as-of", DAY, "--since-known", "1"]
    result = CliRunner().invoke(app, ["coverage", "Hazard", *options, "--json"])
    assert result.exit_code == 0, result.stderr
    listed = json.loads(result.stdout)
    found = told(registry, moment="1")
    assert listed["sinceKnown"] == "1"
    assert listed["earlier"] == found["earlier"]
    assert [(group["total"], group["earlier"]["total"]) for group in listed["groups"]] == [
        (group["total"], group["earlier"]["total"]) for group in found["groups"]
    ]
    shown = CliRunner().invoke(app, ["coverage", "Hazard", *options])
    assert "known 1" in shown.stdout


def test_nothing_changed_since_now(registry: Registry) -> None:
    found = told(registry, moment=str(registry.position))
    assert found["verdicts"]["nodes"] == []
    assert found["earlier"]["total"] == found["total"]


def test_an_earlier_state_can_be_compared_with_one_before_it(registry: Registry) -> None:
    found = told(registry, moment="0", known="1")
    assert found["earlier"]["total"] == 0
    assert {one["change"] for one in found["verdicts"]["nodes"]} == {"ENTERED"}


def test_a_moment_that_is_none_is_refused(registry: Registry) -> None:
    error = refused(execute(build_schema(registry), TABLE, {"moment": "99"}))
    assert error["code"] == "QUERY"


def test_tables_are_matched_by_identifiers(registry: Registry) -> None:
    day = dt.date.fromisoformat(DAY)
    now = registry.coverage_by("Hazard", ["Area"], as_of=day)
    same = compared(now, now, "now")
    assert not same.whole.changes
    assert [group.keys for group in same.groups] == [group.keys for group in now.groups]
    assert all(not group.changes for group in same.groups)
