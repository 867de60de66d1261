"""The college's own plan through the command line: load, validate, load again."""

import json
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from click.testing import Result

Program = Callable[..., Result]

GROUPS = {"各职能部门", "相关职能部门", "职能部门", "各部门", "二级教学单位", "分管领导", "师生员工"}


@pytest.fixture
def loaded(program: Program, seed_dir: Path) -> Program:
    result = program("load", seed_dir / "plan-2019.docx", "--json")
    assert result.exit_code == 0, result.output
    return program


def cells(seed_dir: Path, table: int) -> list[list[str]]:
    """Read a table of the plan independently: python-docx repeats a merged cell's text."""
    rows = docx.Document(str(seed_dir / "plan-2019.docx")).tables[table].rows
    return [[cell.text.strip() for cell in row.cells] for row in rows[1:]]


def code(text: str) -> str:
    return "".join(character for character in text.split()[0] if character in "0123456789.").strip(".")


def test_the_counts_are_those_of_the_document(program: Program, seed_dir: Path) -> None:
    answer = json.loads(program("load", seed_dir / "plan-2019.docx", "--json").stdout)
    counts = answer["documents"][0]["counts"]
    tasks, points = cells(seed_dir, 3), cells(seed_dir, 4)
    assert counts["Task"] == len({row[2] for row in tasks}) == 42
    assert counts["DiagnosisItem"] == len({row[0] for row in points}) == 5
    assert counts["DiagnosisElement"] == len({row[1] for row in points}) == 15
    assert counts["DiagnosisPoint"] == len({row[2] for row in points}) == 37


@pytest.mark.parametrize("name", ["plan-2019.docx", "plan-2019.txt"])
def test_the_units_and_groups_found_are_named(program: Program, seed_dir: Path, name: str) -> None:
    result = program("load", seed_dir / name, "--json")
    named = json.loads(result.stdout)["documents"][0]["named"]
    assert set(named["Department"]) == units_named(seed_dir)
    assert set(named["Group"]) == GROUPS


def test_loading_twice_changes_nothing(loaded: Program, seed_dir: Path) -> None:
    before = loaded("history", "--json").stdout
    again = json.loads(loaded("load", seed_dir / "plan-2019.docx", "--json").stdout)
    assert (again["added"], again["removed"], again["changeset"]) == (0, 0, None)
    assert again["unchanged"] == ["plan-2019.docx"]
    assert loaded("history", "--json").stdout == before


def test_a_copy_under_another_name_changes_nothing(loaded: Program, seed_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.docx"
    copy.write_bytes((seed_dir / "plan-2019.docx").read_bytes())
    again = json.loads(loaded("load", copy, "--json").stdout)
    assert (again["added"], again["removed"], again["changeset"]) == (0, 0, None)


def findings(program: Program, rule: str) -> set[str]:
    result = program("validate", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    return {f["focus"].rsplit("/", 1)[1] for f in report["findings"] if f["rule"].endswith("#" + rule)}


def test_validate_names_the_tasks_without_deliverable(loaded: Program, seed_dir: Path) -> None:
    blank = {code(row[2]) for row in cells(seed_dir, 3) if not row[3]}
    assert blank
    assert findings(loaded, "task-has-deliverable") == blank


def test_validate_names_the_points_without_platform_code(loaded: Program, seed_dir: Path) -> None:
    blank = {code(row[2]) for row in cells(seed_dir, 4) if not row[4]}
    assert blank
    assert findings(loaded, "point-has-platform-code") == blank


def units_named(seed_dir: Path) -> set[str]:
    """The units of annex 1: what stands between the commas, less the names of groups."""
    return {name for row in cells(seed_dir, 3) for name in row[4].split("、") if name} - GROUPS


def test_validate_says_that_no_duty_has_a_post(loaded: Program, seed_dir: Path) -> None:
    """Tables 1 to 3 are blank forms in the plan: every unit is named, and rules on duties had no duty."""
    report = json.loads(loaded("validate", "--json").stdout)
    nothing = {rule["rule"].rsplit("#", 1)[1] for rule in report["rules"] if rule["checkedNothing"]}
    assert {"duty-has-work", "work-has-post", "work-has-standard"} <= nothing
    assert findings(loaded, "unit-duty-has-post") == units_named(seed_dir)
