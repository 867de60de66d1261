"""The workbook of findings, re-read by openpyxl and, for what a formula is, as plain XML."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from qualitrace.errors import DocumentError
from qualitrace.exporting import findings_xlsx
from qualitrace.exporting.spreadsheet import LONGEST_CELL
from qualitrace.journal.model import Source
from qualitrace.terms import literal
from qualitrace.text import Text
from qualitrace.validation.grouping import GroupBy, grouped
from qualitrace.validation.model import Acceptance, Finding, Report, RuleReport, Severity
from tests.exporting.conftest import NASTY, node

SHAPES = "https://example.org/shapes#"
FORMULAS = ["=1+1", '=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "#REF!"]


def finding(name: str, severity: Severity = Severity.WARNING, **other: object) -> Finding:
    values: dict[str, object] = {
        "rule": SHAPES + "OneRule",
        "component": "http://www.w3.org/ns/shacl#MinCountConstraintComponent",
        "severity": severity,
        "focus": node(name),
        "path": f"<{node('p')}>",
        "value": "",
        "message": Text(zh=f"缺少 {name}", en=f"{name} is missing"),
        "fix": Text(zh="请填写", en="fill it in"),
        "focus_label": Text(zh=f"示例 {name}"),
    }
    return Finding(**(values | other))  # type: ignore[arg-type]


@pytest.fixture
def report() -> Report:
    reason = finding("deep", message=Text(zh="最里面的原因", en="the reason inside"))
    outer = finding("outer", because=(finding("middle", because=(reason,)),))
    sourced = finding(
        "b",
        Severity.VIOLATION,
        unit=node("unit/甲"),
        unit_label=Text(zh="示例甲处"),
        value=literal("写错的值", language="zh"),
        sources=(Source("表2.xlsx", "表 2", 7, "C7"),),
    )
    twice = finding(
        "a", Severity.VIOLATION, sources=(Source("表2.xlsx", "表 2", 7, "C7"), Source("表2.xlsx", "表 3", 9))
    )
    rules = (
        RuleReport(SHAPES + "OneRule", Text(zh="规则一", en="rule one"), Severity.WARNING, 12, 4),
        RuleReport(SHAPES + "NoNodes", Text(), Severity.INFO, 0, 0),
    )
    return Report((outer, twice, sourced), rules, (Text(zh="一条说明", en="a notice"),))


def read(path: Path) -> dict[str, Worksheet]:
    book = openpyxl.load_workbook(path)
    return {name: book[name] for name in book.sheetnames}


def table(sheet: Worksheet) -> list[dict[str, object]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_findings_are_sorted_and_complete(report: Report, tmp_path: Path) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx", "en")
    rows = table(read(tmp_path / "f.xlsx")["Findings"])
    assert [row["Identifier"] for row in rows] == [node("b"), node("a"), node("outer")]
    first = rows[0]
    assert first["Rule"] == "rule one"
    assert first["Level"] == "violation"
    assert first["Message (Chinese)"] == "缺少 b"
    assert first["Message (English)"] == "b is missing"
    assert first["Fix (Chinese)"] == "请填写"
    assert first["Who must act"] == "示例甲处"
    assert first["Value"] == "写错的值"
    assert (first["Document"], first["Table or sheet"], first["Row"], first["Cell"]) == (
        "表2.xlsx",
        "表 2",
        7,
        "C7",
    )


def test_several_places_stand_line_by_line(report: Report, tmp_path: Path) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx", "en")
    row = table(read(tmp_path / "f.xlsx")["Findings"])[1]
    assert (row["Document"], row["Table or sheet"], row["Row"]) == ("表2.xlsx", "表 2\n表 3", "7\n9")


def test_the_reason_at_the_bottom_is_shown(report: Report, tmp_path: Path) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx", "zh")
    rows = table(read(tmp_path / "f.xlsx")["发现的问题"])
    assert rows[2]["原因"] == "最里面的原因"


def test_rules_say_how_much_they_checked(report: Report, tmp_path: Path) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx", "en")
    rows = table(read(tmp_path / "f.xlsx")["Rules"])
    assert [(row["Rule"], row["Checked"], row["Failed"]) for row in rows] == [
        ("rule one", 12, 4),
        ("NoNodes", 0, 0),
    ]
    assert rows[1]["Remark"] == "there was nothing to check"
    assert table(read(tmp_path / "f.xlsx")["Notices"]) == [{"Chinese": "一条说明", "English": "a notice"}]


def test_every_sheet_has_a_frozen_filtered_head(report: Report, tmp_path: Path) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx")
    sheets = read(tmp_path / "f.xlsx")
    assert list(sheets) == ["发现的问题", "检查规则", "说明"]
    for sheet in sheets.values():
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(sheet.column_dimensions[cell.column_letter].width >= 7 for cell in sheet[1])


def test_a_report_without_findings_is_still_a_workbook(tmp_path: Path) -> None:
    findings_xlsx(Report((), ()), tmp_path / "f.xlsx", "en")
    sheets = read(tmp_path / "f.xlsx")
    assert list(sheets) == ["Findings", "Rules"]
    assert table(sheets["Findings"]) == []


@pytest.mark.parametrize("text", [*FORMULAS, NASTY, "x" * (LONGEST_CELL + 5)])
def test_text_is_never_a_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    planted = finding("a", message=Text(zh=text, en=text), fix=Text(zh=text), focus_label=Text(zh=text))
    findings_xlsx(Report((planted,), ()), path, "zh")
    row = table(read(path)["发现的问题"])[0]
    expected = text.replace("\x07", "")[:LONGEST_CELL]
    assert (
        str(row["问题(中文)"]).rstrip("…") == expected.rstrip("…")[: len(str(row["问题(中文)"]).rstrip("…"))]
    )
    assert len(str(row["问题(中文)"])) == len(expected)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "/worksheets/" in name]
    assert sheets
    for sheet in sheets:
        assert "<f>" not in sheet
        assert not re.search(r'<c [^>]*t="e"', sheet)


def test_what_looks_like_a_formula_is_marked_as_quoted(tmp_path: Path) -> None:
    findings_xlsx(Report((finding("a", message=Text(zh="=1+1", en="plain")),), ()), tmp_path / "f.xlsx", "en")
    cells = {cell.value: cell.quotePrefix for cell in read(tmp_path / "f.xlsx")["Findings"][2]}
    assert cells["=1+1"]
    assert not cells["plain"]


def test_a_file_that_cannot_be_written_says_so(report: Report, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        findings_xlsx(report, tmp_path / "no such folder" / "f.xlsx")
    assert "no such folder" in caught.value.where
    assert caught.value.hint


@pytest.mark.parametrize("by", GroupBy)
def test_groups_stand_together_and_are_counted(report: Report, tmp_path: Path, by: GroupBy) -> None:
    findings_xlsx(report, tmp_path / "f.xlsx", "en", group_by=by)
    sheets = read(tmp_path / "f.xlsx")
    groups = grouped(report, by)
    rows = table(sheets["Findings"])
    assert [row["Identifier"] for row in rows] == [one.focus for group in groups for one in group.findings]
    counts = table(sheets["Counts"])
    for group, row in zip(groups, counts, strict=True):
        title, *numbers = row.values()
        assert title == group.label.best("en")
        accepted = sum(one.excepted is not None for one in group.findings)
        levels = [group.count(severity) for severity in Severity]
        assert numbers == [*levels, len(group.findings), accepted]


def test_a_finding_says_since_when(tmp_path: Path) -> None:
    held = finding("a", since="2025-02-03T04:05:06.000000Z")
    findings_xlsx(Report((held,), ()), tmp_path / "f.xlsx", "en")
    assert table(read(tmp_path / "f.xlsx")["Findings"])[0]["Since"] == "2025-02-03"


def test_accepted_findings_are_shown_and_counted(tmp_path: Path) -> None:
    accepted = finding("a", excepted=Acceptance("示例丁", "等候任命", dt.date(2030, 1, 2)))
    rule = RuleReport(accepted.rule, Text(), Severity.WARNING, 3, 2, 1)
    findings_xlsx(Report((accepted, finding("b")), (rule,)), tmp_path / "f.xlsx", "en")
    sheets = read(tmp_path / "f.xlsx")
    told = {row["Identifier"]: row["Accepted"] for row in table(sheets["Findings"])}
    assert told == {node("a"): "示例丁 → 2030-01-02: 等候任命", node("b"): None}
    assert [row["Of these accepted"] for row in table(sheets["Rules"])] == [1]
