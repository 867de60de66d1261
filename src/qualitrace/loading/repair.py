"""Damaged rows put right by what their cells hold: shifted cells, rows broken over pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qualitrace.errors import DocumentError
from qualitrace.loading import row_messages
from qualitrace.loading.alignment import align, in_place
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.fitting import Fitting
from qualitrace.loading.grid import NOTHING, Cell, Grid, Row
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.names import Names
from qualitrace.loading.normalise import is_blank, one_line
from qualitrace.loading.recognise import Table
from qualitrace.text import Text

_RULED = re.compile(r"[-—–=_*.:|+\s]+")

Piece = tuple[int, str]  # where a filled cell stands, and its text


class Repairer:
    """Repairs the tables of a document whose extraction damaged rows."""

    def __init__(self, grid: Grid, names: Names, concepts: Concepts) -> None:
        self.grid = grid
        self.names = names
        self.concepts = concepts
        self.notices: list[Notice] = []

    def repair(self, table: Table) -> Table:
        """Return the table with every row as wide as its headers; rows that cannot be put right are
        left out, and told. Raises DocumentError for a row with more filled cells than headers."""
        if table.form.layout == "rows":
            return table
        work = _TableRepair(self, table)
        for row in table.rows:
            work.take(row)
        return replace(table, columns=work.columns, headers=work.headers, rows=tuple(work.rows))


class _TableRepair:
    def __init__(self, repairer: Repairer, table: Table) -> None:
        self.repairer = repairer
        self.table = table
        width = max((n for n, header in enumerate(table.headers, start=1) if header), default=0)
        self.columns = table.columns[:width]
        self.headers = table.headers[:width]
        self.fitting = Fitting(table.form, repairer.names, repairer.concepts)
        key = table.form.column(table.form.key)
        self.coded = key is not None and key.depth > 0
        self.rows: list[Row] = []
        self.filled: dict[int, int] = {}  # by column: the last row that fills it

    def take(self, row: Row) -> None:
        pieces = [(place, cell.text) for place, cell in enumerate(row.cells) if not is_blank(cell.text)]
        text = "  ".join(text for _, text in pieces)
        if all(_RULED.fullmatch(piece) for _, piece in pieces):
            self._tell(NoticeKind.IGNORED, row.number, row_messages.RULED_ROW, text)
        elif self._is_remark(pieces):
            self.rows.append(row)
        elif len(pieces) > len(self.columns):
            raise _too_many(self.repairer.grid, self.table, row, text)
        elif not self.coded or any(self.fitting.has_code(piece) for _, piece in pieces):
            self._place(row, pieces, text)
        elif row.after_gap and self.rows:
            self._join(row, pieces)
        else:
            self._tell(NoticeKind.AMBIGUOUS, row.number, row_messages.UNALIGNED, text)

    def _is_remark(self, pieces: Sequence[Piece]) -> bool:
        notes = self.table.form.notes
        return len(pieces) == 1 and notes is not None and notes.search(pieces[0][1]) is not None

    def _tell(self, kind: NoticeKind, row: int, message: Text, text: str, cell: str = "") -> None:
        source = self.repairer.grid.source(self.table.part, row, cell)
        self.repairer.notices.append(Notice(kind, source, message, text))

    def _place(self, row: Row, pieces: Sequence[Piece], text: str) -> None:
        """Put a row's cells to their columns: where they stand when nothing fits better."""
        fits = [[self.fitting.cell(piece, column) for column in self.columns] for _, piece in pieces]
        best = align(fits)
        places = [place for place, _ in pieces]
        whole = len(row.cells) >= len(self.columns)
        if best.choices and in_place(fits, places) == best.score and (whole or best.certain):
            self._append(row, dict(pieces))
        elif best.certain:
            chosen = [columns[0] for columns in best.choices]
            moved = [self.headers[c] for c, place in zip(chosen, places, strict=True) if c != place]
            self._tell(NoticeKind.REALIGNED, row.number, row_messages.realigned(moved), text)
            self._append(row, {column: piece for column, (_, piece) in zip(chosen, pieces, strict=True)})
        else:
            self._tell(NoticeKind.AMBIGUOUS, row.number, row_messages.UNALIGNED, text)

    def _append(self, row: Row, cells: dict[int, str]) -> None:
        made = tuple(Cell(cells[n]) if n in cells else NOTHING for n in range(len(self.columns)))
        self.filled.update(dict.fromkeys(cells, len(self.rows)))
        self.rows.append(Row(row.number, made, row.after_gap))

    def _join(self, row: Row, pieces: Sequence[Piece]) -> None:
        """Join a piece of a row broken over pages to the cells above."""
        above = [self._above(place) for place in range(len(self.columns))]
        fits = [
            [
                self.fitting.rest(piece, self.rows[above[n]].cell(n).text, column)
                for n, column in enumerate(self.columns)
            ]
            for _, piece in pieces
        ]
        best = align(fits)
        places = [place for place, _ in pieces]
        stays = len(row.cells) >= len(self.columns) and in_place(fits, places) == best.score
        for number, (place, piece) in enumerate(pieces):
            choices = (place,) if stays and best.choices else best.choices[number] if best.choices else ()
            if len(choices) == 1:
                self._join_cell(row.number, above[choices[0]], choices[0], piece)
            elif any(self.rows[above[n]].cell(n).text.endswith(piece) for n in choices):
                last = self.rows[-1].number
                self._tell(NoticeKind.AMBIGUOUS, row.number, row_messages.joined_already(last), piece)
            else:
                message = row_messages.continuation_unplaced(self.rows[-1].number)
                self._tell(NoticeKind.AMBIGUOUS, row.number, message, piece)

    def _above(self, place: int) -> int:
        """Return the row whose cell a piece in this column would go on from: the last one, or for
        columns of outer codes the last one filled."""
        column = self.columns[place]
        last = len(self.rows) - 1
        return self.filled.get(place, last) if column is not None and column.outer_of else last

    def _join_cell(self, number: int, target: int, place: int, piece: str) -> None:
        row = self.rows[target]
        cells = list(row.cells)
        cells[place] = Cell(one_line(f"{cells[place].text}\n{piece}"))
        self.rows[target] = replace(row, cells=tuple(cells))
        header = self.headers[place]
        self._tell(NoticeKind.REALIGNED, number, row_messages.joined(header, row.number), piece, header)


def _too_many(grid: Grid, table: Table, row: Row, text: str) -> DocumentError:
    return DocumentError(
        Text(
            zh="这一行有内容的单元格比表头多，无法归位。",
            en="This row has more filled cells than there are headers, so they cannot be placed.",
        ),
        where=grid.source(table.part, row.number).place(),
        hint=Text(zh=f"请改正这一行：{text[:60]}", en=f"Correct this row: {text[:60]}"),
    )
