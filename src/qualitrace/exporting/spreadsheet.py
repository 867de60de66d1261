"""Findings as an Excel workbook (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from qualitrace.errors import DocumentError
from qualitrace.exporting.wrapping import printable
from qualitrace.terms import iri_of, is_iri, lit_of
from qualitrace.text import Text
from qualitrace.validation.grouping import GROUPINGS, LEVELS, Group, GroupBy, grouped, in_order, innermost
from qualitrace.validation.model import Finding, Report, RuleReport, Severity

LONGEST_CELL = 32_767  # characters, the limit of the format
_FORMULA = ("=", "+", "-", "@", "\t")
_HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
_LEVEL_FILLS = {
    Severity.VIOLATION: PatternFill("solid", fgColor="F8CBAD"),
    Severity.WARNING: PatternFill("solid", fgColor="FFE699"),
    Severity.INFO: PatternFill("solid", fgColor="E2EFDA"),
}
_SHEETS = (
    Text(zh="发现的问题", en="Findings"),
    Text(zh="检查规则", en="Rules"),
    Text(zh="说明", en="Notices"),
)
_COUNTS = Text(zh="汇总", en="Counts")

Cell = str | int


@dataclass(frozen=True, slots=True)
class _Column:
    title: Text
    width: float  # in characters, as Excel counts


def findings_xlsx(
    report: Report, path: Path, language: str = "zh", *, group_by: GroupBy | None = None
) -> None:
    """Write a report as a workbook: findings, what each rule checked, and notices when there are any.

    Headings, names and levels are in ``language``; messages and fixes in Chinese and English.
    Findings are sorted by level, unit that must act, rule and node; with ``group_by`` those of a group
    stand together, and a sheet counts them. Text is never a formula.
    Raises DocumentError when the file cannot be written.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    labels = {rule.rule: rule.labels for rule in report.rules}
    groups = grouped(report, group_by) if group_by else ()
    findings = [one for group in groups for one in group.findings] or in_order(report.findings)
    rows = [_finding_row(finding, labels.get(finding.rule, Text()), language) for finding in findings]
    sheet = _sheet(book, _SHEETS[0].best(language, "en"), _FINDING_COLUMNS, rows, language)
    for number, finding in enumerate(findings, start=2):
        sheet.cell(number, 2).fill = _LEVEL_FILLS[finding.severity]
    if group_by:
        counts = [_group_row(group, language) for group in groups]
        _sheet(book, _COUNTS.best(language, "en"), _group_columns(group_by), counts, language)
    rules = sorted(report.rules, key=lambda rule: (-rule.failed, rule.rule))
    rule_rows = [_rule_row(rule, language) for rule in rules]
    _sheet(book, _SHEETS[1].best(language, "en"), _RULE_COLUMNS, rule_rows, language)
    if report.notices:
        notices: list[list[Cell]] = [[one.best("zh"), one.best("en")] for one in report.notices]
        _sheet(book, _SHEETS[2].best(language, "en"), _NOTICE_COLUMNS, notices, language)
    try:
        book.save(path)
    except OSError as error:
        raise DocumentError(
            Text(zh="工作簿写不进去。", en="The workbook cannot be written."),
            where=f"{path}: {error.strerror or error}",
            hint=Text(
                zh="请关闭正打开它的程序,或换一个位置。",
                en="Close the program that has it open, or choose another place.",
            ),
        ) from error


# ---------------------------------------------------------------- rows


_FINDING_COLUMNS = (
    _Column(Text(zh="规则", en="Rule"), 28),
    _Column(Text(zh="级别", en="Level"), 11),
    _Column(Text(zh="对象", en="About"), 34),
    _Column(Text(zh="问题(中文)", en="Message (Chinese)"), 48),
    _Column(Text(zh="问题(英文)", en="Message (English)"), 48),
    _Column(Text(zh="怎样改正(中文)", en="Fix (Chinese)"), 44),
    _Column(Text(zh="怎样改正(英文)", en="Fix (English)"), 44),
    _Column(Text(zh="谁来改正", en="Who must act"), 22),
    _Column(Text(zh="所填的值", en="Value"), 24),
    _Column(Text(zh="自何时起", en="Since"), 12),
    _Column(Text(zh="来源文件", en="Document"), 26),
    _Column(Text(zh="表", en="Table or sheet"), 18),
    _Column(Text(zh="行", en="Row"), 7),
    _Column(Text(zh="格", en="Cell"), 14),
    _Column(Text(zh="原因", en="Because"), 40),
    _Column(Text(zh="已接受", en="Accepted"), 30),
    _Column(Text(zh="对象标识", en="Identifier"), 48),
    _Column(Text(zh="规则标识", en="Rule identifier"), 48),
)
_RULE_COLUMNS = (
    _Column(Text(zh="规则", en="Rule"), 44),
    _Column(Text(zh="级别", en="Level"), 11),
    _Column(Text(zh="对象几个", en="Targeted"), 12),
    _Column(Text(zh="检查了几个", en="Checked"), 12),
    _Column(Text(zh="不符合几个", en="Failed"), 12),
    _Column(Text(zh="其中已接受", en="Of these accepted"), 12),
    _Column(Text(zh="说明", en="Remark"), 34),
    _Column(Text(zh="规则标识", en="Rule identifier"), 56),
)
_NOTICE_COLUMNS = (_Column(Text(zh="中文", en="Chinese"), 70), _Column(Text(zh="英文", en="English"), 70))
_NOTHING_TARGETED = Text(zh="没有可检查的对象", en="there was nothing to check")


def _finding_row(finding: Finding, rule: Text, language: str) -> list[Cell]:
    places = finding.sources
    rows = [place.row for place in places]
    only = rows[0] if len(rows) == 1 else None
    return [
        rule.best(language) or _short(finding.rule),
        LEVELS[finding.severity].best(language, "en"),
        finding.focus_label.best(language) or _short(finding.focus),
        finding.message.best("zh"),
        finding.message.best("en"),
        finding.fix.best("zh"),
        finding.fix.best("en"),
        finding.unit_label.best(language) or finding.unit,
        _value(finding.value),
        finding.since[:10],
        _each([place.document for place in places]),
        _each([place.part for place in places]),
        only if only is not None else _each(["" if row is None else str(row) for row in rows]),
        _each([place.cell for place in places]),
        "\n".join(dict.fromkeys(reason.message.best(language) for reason in innermost(finding))),
        _accepted(finding),
        finding.focus,
        finding.rule,
    ]


def _accepted(finding: Finding) -> str:
    """Who accepts a finding, until when and why."""
    if finding.excepted is None:
        return ""
    return f"{finding.excepted.by} → {finding.excepted.until.isoformat()}: {finding.excepted.reason}"


def _group_columns(by: GroupBy) -> tuple[_Column, ...]:
    levels = (_Column(LEVELS[severity], 12) for severity in Severity)
    accepted = _Column(Text(zh="其中已接受", en="of these accepted"), 12)
    return (_Column(GROUPINGS[by], 40), *levels, _Column(Text(zh="合计", en="total"), 12), accepted)


def _group_row(group: Group, language: str) -> list[Cell]:
    counts = (group.count(severity) for severity in Severity)
    accepted = sum(finding.excepted is not None for finding in group.findings)
    return [group.label.best(language), *counts, len(group.findings), accepted]


def _rule_row(rule: RuleReport, language: str) -> list[Cell]:
    return [
        rule.labels.best(language) or _short(rule.rule),
        LEVELS[rule.severity].best(language, "en"),
        rule.targeted,
        rule.checked,
        rule.failed,
        rule.excepted,
        "" if rule.targeted else _NOTHING_TARGETED.best(language, "en"),
        rule.rule,
    ]


def _each(values: Sequence[str]) -> str:
    """One value per source and line, so that the lines of neighbouring cells belong together."""
    return values[0] if len(set(values)) == 1 else "\n".join(values)


def _value(term: str) -> str:
    if not term.startswith(("<", '"')):
        return term
    return iri_of(term) if is_iri(term) else lit_of(term).value


def _short(name: str) -> str:
    return name.rstrip("/#").replace("#", "/").rpartition("/")[2] or name


# ---------------------------------------------------------------- sheets


def _sheet(
    book: Workbook, title: str, columns: Sequence[_Column], rows: Sequence[Sequence[Cell]], language: str
) -> Worksheet:
    """A sheet with a frozen, filtered head and wrapped text."""
    sheet: Worksheet = book.create_sheet(title)
    head: list[Cell] = [column.title.best(language, "en") for column in columns]
    _write_row(sheet, 1, head, _as_head)
    for number, row in enumerate(rows, start=2):
        _write_row(sheet, number, row, _as_body)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    return sheet


def _write_row(
    sheet: Worksheet, number: int, values: Sequence[Cell], style: Callable[[OpenpyxlCell], None]
) -> None:
    for column, value in enumerate(values, start=1):
        cell = cast(OpenpyxlCell, sheet.cell(number, column))  # no cell here is merged
        if isinstance(value, int):
            cell.value = value
        elif value:
            _write_text(cell, value)
        style(cell)


def _write_text(cell: OpenpyxlCell, value: str) -> None:
    """Write text as text: what begins like a formula is marked as quoted."""
    text = printable(value)
    cell.value = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
    cell.data_type = "s"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True


def _as_head(cell: OpenpyxlCell) -> None:
    cell.font = Font(bold=True)
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _as_body(cell: OpenpyxlCell) -> None:
    cell.alignment = Alignment(vertical="top", wrap_text=True)
