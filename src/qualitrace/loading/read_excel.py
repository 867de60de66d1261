"""Excel workbooks: sheets as blocks of rows, values as people see them."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

import openpyxl
from openpyxl.utils.cell import get_column_letter

from qualitrace.errors import DocumentError
from qualitrace.loading import table_messages
from qualitrace.loading.grid import Block, Cell, Grid, Remark, Row
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.normalise import is_blank, tidy
from qualitrace.loading.package import DAMAGE, Package, damaged
from qualitrace.loading.sheet_scan import Sheet, covered_cells, scan_sheets
from qualitrace.text import Text

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def read_excel(package: Package, name: str) -> Grid:
    """Read a workbook. Raises DocumentError when it is damaged, empty or too large."""
    try:
        sheets = scan_sheets(package, name)
        blocks = tuple(_blocks(package, sheets, name))
    except DAMAGE as error:
        raise damaged(name) from error
    if not any(block.rows for block in blocks):
        raise DocumentError(
            Text(zh="这个工作簿里没有内容。", en="There is nothing in this workbook."),
            where=name,
            hint=Text(zh="请确认选对了文件。", en="Make sure it is the file you mean."),
        )
    grid = Grid(name, tuple(block for block in blocks if block.rows))
    return Grid(name, grid.blocks, notices=(*_hidden(grid, sheets), *_comments(grid, sheets)))


def _blocks(package: Package, sheets: dict[str, Sheet], name: str) -> Iterator[Block]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions openpyxl does not know
        book = openpyxl.load_workbook(
            io.BytesIO(package.data), read_only=True, data_only=True, keep_links=False
        )
        try:
            for sheet in book.worksheets:
                if sheet.title in sheets:
                    yield Block(tuple(_rows(sheet, sheets[sheet.title], name)), part=sheet.title)
        finally:
            book.close()


def _rows(worksheet: Any, sheet: Sheet, name: str) -> Iterator[Row]:
    """Yield the rows that have something in them; ``after_gap`` stands for the empty ones."""
    scan = sheet.scan
    covered = covered_cells(scan, f"{name} › {sheet.title}")
    wide: dict[int, int] = {}
    for row, column in covered:
        wide[row] = max(wide.get(row, 0), column)
    origins = dict.fromkeys(covered.values(), "")
    worksheet.reset_dimensions()
    gap = False
    for number, found in enumerate(worksheet.iter_rows(), start=1):
        if not found:
            gap = True
            continue
        cells = [_cell(one, number, place, sheet) for place, one in enumerate(found, start=1)]
        for place, cell in enumerate(cells, start=1):
            if (number, place) in origins:
                origins[number, place] = cell.text
        blank = all(
            is_blank(cell.text) and cell.remark is None
            for place, cell in enumerate(cells, start=1)
            if (number, place) not in covered
        )
        if blank:
            gap = True
            continue
        cells += [Cell(address=_address(number, p)) for p in range(len(cells) + 1, wide.get(number, 0) + 1)]
        for place in range(1, len(cells) + 1):
            origin = covered.get((number, place))
            if origin is not None:
                above, aside = origin[1] == place, origin[1] != place
                cells[place - 1] = Cell(origins[origin], _address(number, place), above, aside)
        yield Row(number, tuple(cells), after_gap=gap)
        gap = False


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def _cell(cell: Any, row: int, column: int, sheet: Sheet) -> Cell:
    address = _address(row, column)
    if cell.value is None:
        if (row, column) not in sheet.scan.formulas:
            return Cell(address=address)
        message = Text(
            zh="公式没有保存结果，按没有填写处理；请在 Excel 中打开并保存。",
            en="The formula has no saved result and was taken as not filled in; open and save it in Excel.",
        )
        return Cell(address=address, remark=Remark(NoticeKind.UNREADABLE, message))
    if cell.data_type == "e":
        message = Text(
            zh=f"公式出错（{cell.value}），按没有填写处理。",
            en=f"The formula gives an error ({cell.value}); it was taken as not filled in.",
        )
        return Cell(address=address, remark=Remark(NoticeKind.UNREADABLE, message))
    text, numeric = shown_value(cell.value, str(cell.number_format or ""))
    return Cell(text, address, numeric=numeric)


def shown_value(value: object, number_format: str) -> tuple[str, bool]:
    """Return a cell's value as text, and whether it is a number whose trailing zeros are lost.

    Zeros and per cent signs that the number format adds are kept; rounding is not.
    """
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), False
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime | date):
        return _date(value, number_format), False
    return tidy(str(value)), False


def _number(value: float, number_format: str) -> tuple[str, bool]:
    plain = _QUOTED.sub("", number_format.partition(";")[0])
    percent = "%" in plain
    text = format(value * 100 if percent else value, ".15g")
    if "e" in text or "n" in text:  # very large, very small, not a number
        return text, False
    places = re.search(r"\.(0+)", plain)
    if places:
        whole, _, digits = text.partition(".")
        text = f"{whole}.{digits.ljust(len(places[1]), '0')}"
    if re.fullmatch(r"0{2,}", plain):
        text = text.zfill(len(plain))
    return text + "%" * percent, not (places or percent)


def _date(value: date, number_format: str) -> str:
    """A format without a day shows a month, and a month it is."""
    plain = _QUOTED.sub("", number_format.partition(";")[0]).lower()
    if "y" in plain and "d" not in plain and "h" not in plain:
        return value.strftime("%Y.%m") if "m" in plain else value.strftime("%Y")
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.strftime("%Y-%m-%d")


def _hidden(grid: Grid, sheets: dict[str, Sheet]) -> Iterator[Notice]:
    for block in grid.blocks:
        sheet = sheets[block.part]
        if sheet.hidden:
            message = Text(
                zh="这是隐藏的工作表，也读取了；若不应录入，请删去。",
                en="This sheet is hidden; it was read all the same. Delete it if it is not meant.",
            )
            yield Notice(NoticeKind.AMBIGUOUS, grid.source(block.part), message)
        there = {row.number for row in block.rows}
        hidden = sorted(there.intersection(sheet.scan.hidden_rows))
        for _, run in groupby(enumerate(hidden), key=lambda pair: pair[1] - pair[0]):
            rows = [number for _, number in run]
            span = str(rows[0]) if len(rows) == 1 else f"{rows[0]}–{rows[-1]}"
            message = Text(
                zh=f"第 {span} 行是隐藏的，也读取了；若不应录入，请删去。",
                en=f"Row {span} is hidden; it was read all the same. Delete it if it is not meant.",
            )
            yield Notice(NoticeKind.AMBIGUOUS, grid.source(block.part, rows[0]), message)


def _comments(grid: Grid, sheets: dict[str, Sheet]) -> Iterator[Notice]:
    for sheet in sheets.values():
        for address, text in sheet.comments:
            source = grid.source(sheet.title, None, address)
            yield Notice(NoticeKind.IGNORED, source, table_messages.COMMENT, text)
