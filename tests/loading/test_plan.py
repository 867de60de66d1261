"""The college's plan as a Word file, compared with an independent raw reading of the same file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qualitrace.journal.model import Basis
from qualitrace.loading import Loaded, NoticeKind, load_document
from qualitrace.profile.model import Profile
from qualitrace.terms import RDF_TYPE, RDFS_LABEL
from tests.loading.support import (
    BASE,
    QA,
    bare,
    labels,
    load,
    nodes,
    notices,
    objects,
    raw_filled,
    raw_tables,
)

RawTable = list[list[tuple[str, bool]]]
GROUPS = {"各职能部门", "职能部门", "相关职能部门", "各部门", "二级教学单位", "分管领导", "师生员工"}


def raw(path: Path, header: str) -> RawTable:
    """The raw table that has a header."""
    return next(table for table in raw_tables(path) if header in [text for text, _ in table[0]])


@pytest.fixture(scope="module")
def tasks(plan_path: Path) -> list[dict[str, str]]:
    """The rows of annex 1, raw, by header."""
    header, *rows = raw_filled(raw(plan_path, "建设任务"))
    return [dict(zip(header, row, strict=True)) for row in rows]


def code(text: str) -> str:
    """The code a raw cell begins with."""
    found = re.match(r"[\d.]*\d", text)
    assert found is not None, text
    return found[0]


def test_all_42_tasks_below_their_goals(plan: Loaded, tasks: list[dict[str, str]]) -> None:
    assert len(tasks) == 42
    assert nodes(plan, "Task") == {"task/" + code(row["工作"]) for row in tasks}
    goals: dict[str, set[str]] = {}
    for row in tasks:
        goals.setdefault("goal/" + code(row["建设任务"]), set()).add("task/" + code(row["工作"]))
    assert len(goals) == 8
    assert {goal: set(objects(plan, goal, QA + "hasTask")) for goal in goals} == goals
    categories: dict[str, set[str]] = {}
    for row in tasks:
        category = "goal/" + code(row["类别"])
        categories.setdefault(category, set()).add("goal/" + code(row["建设任务"]))
    assert {c: set(objects(plan, c, QA + "hasSubgoal")) for c in categories} == categories
    assert nodes(plan, "Goal") == goals.keys() | categories.keys()


def test_titles_are_as_written(plan: Loaded, tasks: list[dict[str, str]]) -> None:
    written = {code(row["工作"]): row["工作"].removeprefix(code(row["工作"])) for row in tasks}
    assert {c: bare(text) for c, text in labels(plan, "Task").items()} == {
        c: bare(t) for c, t in written.items()
    }


def test_every_unit_and_group_of_every_task(plan: Loaded, tasks: list[dict[str, str]]) -> None:
    everyone: set[str] = set()
    for row in tasks:
        names = {bare(name) for name in row["责任部门"].split("、") if name}
        everyone |= names
        task = "task/" + code(row["工作"])
        assert objects(plan, task, QA + "responsibleUnit") == sorted(f"unit/{n}" for n in names - GROUPS)
        assert objects(plan, task, QA + "responsibleGroup") == sorted(f"group/{n}" for n in names & GROUPS)
    assert nodes(plan, "Department") == {f"unit/{name}" for name in everyone - GROUPS}
    assert nodes(plan, "Group") == {f"group/{name}" for name in everyone & GROUPS}
    assert {n.text for n in notices(plan, NoticeKind.GROUP)} == everyone & GROUPS


def test_group_members_only_where_determined(plan: Loaded) -> None:
    assert objects(plan, "group/各职能部门", QA + "memberClass") == [QA + "Department"]
    assert objects(plan, "group/二级教学单位", QA + "memberClass") == [QA + "TeachingUnit"]
    for name in ("相关职能部门", "分管领导", "师生员工"):
        assert objects(plan, f"group/{name}", QA + "memberClass") == []


def test_deliverables_are_split_outside_brackets(plan: Loaded, tasks: list[dict[str, str]]) -> None:
    for row in tasks:
        outside = re.sub(r"\([^)]*\)", lambda m: m[0].replace("、", "&"), row["成果形式"])
        written = [part.replace("&", "、") for part in outside.split("、") if part]
        found = objects(plan, "task/" + code(row["工作"]), QA + "hasDeliverable")
        assert [objects(plan, one, RDFS_LABEL) for one in found] == [[text] for text in written]
    assert any("、" in label for label in labels(plan, "Deliverable").values())


def test_deadline_texts_are_kept(plan: Loaded, tasks: list[dict[str, str]]) -> None:
    for row in tasks:
        assert objects(plan, "deadline/" + code(row["工作"]), QA + "deadlineText") == [row["完成时间"]]
    unread = [n for n in notices(plan, NoticeKind.UNREADABLE) if n.source.cell == "完成时间"]
    without = {
        row["完成时间"]
        for row in tasks
        if not any(
            objects(plan, "deadline/" + code(row["工作"]), QA + name)
            for name in ("dueFrom", "dueBy", "recurrence")
        )
    }
    assert {n.text for n in unread} == without == {"每年、每阶段、每过程"}


def test_points_items_elements(plan: Loaded, plan_path: Path) -> None:
    header, *rows = raw_filled(raw(plan_path, "诊断要素"))
    at = header.index
    for class_name, prefix, column, count in (
        ("DiagnosisItem", "item/", "诊断项目", 5),
        ("DiagnosisElement", "element/", "诊断要素", 15),
        ("DiagnosisPoint", "point/", "诊断点", 37),
    ):
        expected = {prefix + code(row[at(column)]) for row in rows}
        assert len(expected) == count
        assert nodes(plan, class_name) == expected
        for node in expected:
            concept = objects(plan, node, QA + "conformsToConcept")
            assert len(concept) == 1
            assert concept[0].endswith("-" + node.partition("/")[2])
    for row in rows:
        point = "point/" + code(row[at("诊断点")])
        codes = [c for c in re.split(r"[/；; ]+", row[at("数据管理平台相应编号")]) if c]
        assert objects(plan, point, QA + "platformCode") == sorted(set(codes))
        factors = {bare(f) for f in re.split("[；;]", row[at("影响因素参考提示")]) if f.strip()}
        assert {bare(f) for f in objects(plan, point, QA + "factorText")} == factors


def test_codes_cut_off_at_an_edge_are_told(plan: Loaded, plan_path: Path) -> None:
    column = [row[-1][0] for row in raw(plan_path, "诊断要素")]
    cut = {text for text in column if text.startswith("/") or text.endswith("/")}
    assert {n.text for n in notices(plan, NoticeKind.AMBIGUOUS)} == cut


def test_every_blank_and_every_merged_cell_is_listed(plan: Loaded, plan_path: Path) -> None:
    blank, covered = set(), set()
    for header in ("建设任务", "诊断要素"):
        table = raw(plan_path, header)
        names = [text for text, _ in table[0]]
        for number, row in enumerate(table[1:], start=2):
            for name, (text, below) in zip(names, row, strict=True):
                place = (header in {"建设任务"}, number, name)
                if below:
                    covered.add(place)
                elif not text:
                    blank.add(place)

    def places(kind: NoticeKind) -> set[tuple[bool, int | None, str]]:
        return {(n.source.part.startswith("附1"), n.source.row, n.source.cell) for n in notices(plan, kind)}

    assert blank
    assert covered
    assert places(NoticeKind.BLANK) == blank
    assert places(NoticeKind.INFERRED) == covered


def test_facts_from_merged_cells_say_so(plan: Loaded, plan_path: Path) -> None:
    covered = {
        (number, name)
        for number, row in enumerate(raw(plan_path, "建设任务"), start=1)
        for (name, _), (_, below) in zip(raw(plan_path, "建设任务")[0], row, strict=True)
        if below
    }
    for entry in plan.facts:
        source = entry.source
        if source.part.startswith("附1"):
            merged = (source.row, source.cell) in covered
            assert (source.basis is Basis.MERGED) == merged or source.basis is Basis.DERIVED, entry


def test_blank_forms_are_told(plan: Loaded) -> None:
    parts = [n.source.part for n in notices(plan, NoticeKind.BLANK_FORM)]
    assert [part[:2] for part in parts] == ["表1", "表2", "表3"]


def test_the_probable_alias_is_told_with_both_places(plan: Loaded) -> None:
    (alias,) = notices(plan, NoticeKind.ALIAS)
    assert {"信息中心", "信息技术中心"} == set(re.findall(r"“(\w+)”", alias.message["zh"]))
    rows = {
        e.fact.subject.rpartition("/")[2]: e.source.row
        for e in plan.facts
        if e.fact.subject in {BASE + "unit/信息中心", BASE + "unit/信息技术中心"}
        and e.fact.predicate == RDF_TYPE
    }
    assert alias.source.row == rows["信息中心"]
    assert f" {rows['信息技术中心']} " in alias.message["zh"]
    assert {"unit/信息中心", "unit/信息技术中心"} <= nodes(plan, "Department")


def test_text_and_tables_disagree_about_who_is_there(plan: Loaded) -> None:
    told = {n.text: n for n in notices(plan, NoticeKind.DISAGREEMENT)}
    for body in ("质量保证委员会", "质量管理办公室"):
        assert told[body].source.part
        assert "附1" in told[body].message["zh"]
    assert {"教务处", "学生处"} <= told.keys()
    assert told["教务处"].source.part.startswith("附1")


def test_every_fact_has_its_place(plan: Loaded, plan_path: Path) -> None:
    for entry in plan.facts:
        assert entry.source.document == plan_path.name
        assert entry.source.part.startswith("附")
        assert entry.source.row is not None
        assert entry.source.cell
    assert len({(e.fact, e.source) for e in plan.facts}) == len(plan.facts)


def test_loading_twice_gives_the_same(plan: Loaded, plan_path: Path, profile: Profile) -> None:
    assert load(plan_path, profile) == plan


def test_counts_are_of_distinct_nodes(plan: Loaded) -> None:
    for class_iri, count in plan.counts.items():
        assert count == len(nodes(plan, class_iri.removeprefix(QA)))


def test_progress_goes_to_its_end(plan_path: Path, profile: Profile) -> None:
    steps: list[tuple[int, int]] = []
    load_document(plan_path, profile, base=BASE, progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1] > 0
    assert {total for _, total in steps} == {steps[0][1]}


def test_another_base_gives_other_identifiers(plan: Loaded, plan_path: Path, profile: Profile) -> None:
    other = load_document(plan_path, profile, base="https://other.example/#")
    moved = {e.fact.subject.replace(BASE, "https://other.example/#") for e in plan.facts}
    assert {e.fact.subject for e in other.facts} == moved
