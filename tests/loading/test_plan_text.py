"""The plan's extracted text against the Word file: the same content, and no guess where a merge is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.journal.model import Basis
from qualitrace.loading import Loaded, NoticeKind
from qualitrace.profile.model import Profile
from qualitrace.terms import RDF_TYPE
from tests.loading.support import QA, bare, labels, load, nodes, notices, objects


@pytest.mark.parametrize("class_name", ["Task", "DiagnosisPoint", "DiagnosisElement", "DiagnosisItem"])
def test_same_nodes_and_titles(plan: Loaded, plan_text: Loaded, class_name: str) -> None:
    here, there = labels(plan, class_name), labels(plan_text, class_name)
    assert here.keys() == there.keys()
    assert {c: bare(t) for c, t in here.items()} == {c: bare(t) for c, t in there.items()}


def test_same_goals_and_tasks_below_them(plan: Loaded, plan_text: Loaded) -> None:
    assert nodes(plan, "Goal") == nodes(plan_text, "Goal")
    for goal in nodes(plan, "Goal"):
        for link in ("hasSubgoal", "hasTask"):
            assert objects(plan, goal, QA + link) == objects(plan_text, goal, QA + link)


@pytest.mark.parametrize("class_name", ["Department", "TeachingUnit", "Group"])
def test_same_units_and_groups(plan: Loaded, plan_text: Loaded, class_name: str) -> None:
    assert nodes(plan, class_name) == nodes(plan_text, class_name)


@pytest.mark.parametrize("value", ["dueFrom", "dueBy", "recurrence"])
def test_same_deadlines(plan: Loaded, plan_text: Loaded, value: str) -> None:
    for deadline in nodes(plan, "Deadline") | nodes(plan_text, "Deadline"):
        assert objects(plan, deadline, QA + value) == objects(plan_text, deadline, QA + value)


def test_same_platform_codes_and_factors(plan: Loaded, plan_text: Loaded) -> None:
    for point in nodes(plan, "DiagnosisPoint"):
        assert objects(plan, point, QA + "platformCode") == objects(plan_text, point, QA + "platformCode")
        here, there = (
            {bare(text) for text in objects(one, point, QA + "factorText")} for one in (plan, plan_text)
        )
        assert here == there


@pytest.mark.parametrize("link", ["responsibleUnit", "responsibleGroup", "hasDeliverable"])
def test_what_was_merged_is_told_and_not_guessed(plan: Loaded, plan_text: Loaded, link: str) -> None:
    """A task has what its own row says; where Word merged the cell, the text says that it was lost."""
    column = "成果形式" if link == "hasDeliverable" else "责任部门"
    lines = {
        e.fact.subject: e.source.row
        for e in plan_text.facts
        if e.fact.predicate == RDF_TYPE and e.fact.object == f"<{QA}Task>"
    }
    lost = {n.source.row for n in notices(plan_text, NoticeKind.LOST_MERGE) if n.source.cell == column}
    differing = 0
    for task in nodes(plan, "Task"):
        here, there = objects(plan, task, QA + link), objects(plan_text, task, QA + link)
        if here != there:
            differing += 1
            assert there == [] or link == "hasDeliverable"
            line = next(row for subject, row in lines.items() if subject.endswith("/" + task))
            assert line in lost or there
    assert differing


def test_nothing_is_said_to_be_merged(plan_text: Loaded) -> None:
    assert notices(plan_text, NoticeKind.INFERRED) == []
    assert not any(entry.source.basis is Basis.MERGED for entry in plan_text.facts)


def test_places_are_lines(plan_text: Loaded, seed_dir: Path) -> None:
    text = (seed_dir / "plan-2019.txt").read_text(encoding="utf-8").split("\n")
    for entry in plan_text.facts:
        if entry.fact.object == f"<{QA}Task>":
            code = entry.fact.subject.rpartition("/")[2]
            assert entry.source.row is not None
            assert code in text[entry.source.row - 1]


def test_put_back_and_joined_rows_are_told(plan_text: Loaded, seed_dir: Path) -> None:
    text = (seed_dir / "plan-2019.txt").read_text(encoding="utf-8").split("\n")
    for notice in notices(plan_text, NoticeKind.REALIGNED):
        assert notice.source.row is not None
        for piece in notice.text.split("  "):
            assert bare(piece) in bare(text[notice.source.row - 1])


@pytest.mark.parametrize(("mark", "newline"), [("", "\r\n"), ("\ufeff", "\n"), ("\ufeff", "\r\n")])
def test_marks_and_line_ends_change_nothing(
    mark: str, newline: str, plan_text: Loaded, seed_dir: Path, tmp_path: Path, profile: Profile
) -> None:
    text = (seed_dir / "plan-2019.txt").read_text(encoding="utf-8")
    path = tmp_path / "plan-2019.txt"
    path.write_bytes((mark + text.replace("\n", newline)).encode("utf-8"))
    again = load(path, profile)
    assert again.facts == plan_text.facts
    assert again.notices == plan_text.notices
