"""Write tables one below the other into a worksheet, and remember where things are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | float | None
Places = dict[str, tuple[str, int]]

_LINE = Side(style="thin", color="999999")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="DCE6F1")


class Grid:
    """A worksheet with a cursor. ``places`` maps what was written to its sheet and row."""

    def __init__(self, sheet: Worksheet, widths: Sequence[int], places: Places) -> None:
        """Start at the top of an empty sheet with columns of these widths."""
        self.sheet = sheet
        self.row = 1
        self.places = places
        for number, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width

    def caption(self, text: str, *, bold: bool = False) -> None:
        """Write a line above a table."""
        cell = self.sheet.cell(self.row, 1, text)
        cell.font = Font(bold=bold, size=12 if bold else 11)
        self.row += 1

    def header(self, titles: Iterable[str]) -> None:
        """Write the header row of a table."""
        self._write(list(titles), head=True)

    def line(self, values: Sequence[Cell], *keys: str) -> None:
        """Write one row; ``keys`` name what it is about."""
        self._write(values, head=False)
        for key in keys:
            self.places[key] = (self.sheet.title, self.row - 1)

    def blank(self) -> None:
        """Leave a row empty."""
        self.row += 1

    def merge(self, column: int, first: int, last: int) -> None:
        """Merge cells of one column, as people do for what holds for several rows."""
        if last > first:
            for row in range(first + 1, last + 1):
                self.sheet.cell(row, column).value = None
            self.sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)

    def merge_runs(self, column: int, first: int, values: Sequence[str]) -> None:
        """Merge every run of equal, filled values that starts at row ``first``."""
        start = 0
        for place in range(1, len(values) + 1):
            if place == len(values) or values[place] != values[start]:
                if values[start]:
                    self.merge(column, first + start, first + place - 1)
                start = place

    def _write(self, values: Sequence[Cell], *, head: bool) -> None:
        for number, value in enumerate(values, start=1):
            cell = self.sheet.cell(self.row, number, None if value == "" else value)
            cell.border = _FRAME
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            if head:
                cell.font = Font(bold=True)
                cell.fill = _HEAD
        self.row += 1
