"""From the rows of a claimed table to records: merges filled, blanks told, cells read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from qualitrace.journal.model import Basis, Source
from qualitrace.loading import row_messages, table_messages
from qualitrace.loading.cells import Item, Surroundings, read_cell
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.grid import Cell, Grid, Row
from qualitrace.loading.mapping import Column, Form
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.names import Names
from qualitrace.loading.normalise import is_blank
from qualitrace.loading.recognise import Table
from qualitrace.text import Text

_LOST_ZERO = re.compile(r"\d+\.1")


@dataclass(frozen=True, slots=True)
class CellValue:
    """What a column (or caption) holds in a record. ``text`` is ``""`` when it is blank;
    ``reported`` tells that a notice already says what could not be read."""

    column: Column
    text: str
    source: Source
    items: tuple[Item, ...] = ()
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One row, read: column and caption names to what they hold."""

    form: Form
    values: Mapping[str, CellValue]

    def items(self, column: str) -> tuple[Item, ...]:
        """Return the values of a column; none when it is blank or absent."""
        value = self.values.get(column)
        return value.items if value else ()


class RecordReader:
    """Reads the records of tables of one document; notices gather in ``notices``."""

    def __init__(self, grid: Grid, names: Names, concepts: Concepts) -> None:
        self.grid = grid
        self.names = names
        self.concepts = concepts
        self.notices: list[Notice] = []

    def read(self, table: Table) -> Iterator[Record]:
        """Yield the records of a table in order."""
        if not any(is_filled(cell) for row in table.rows for _, cell in _claimed(table, row)):
            self._tell(
                NoticeKind.BLANK_FORM, self.grid.source(table.part), table_messages.blank_form(_title(table))
            )
            return
        captions = self._captions(table)
        for row in table.rows:
            if self._is_record(table, row):
                yield self._record(table, row, captions)

    def _tell(self, kind: NoticeKind, source: Source, message: Text, text: str = "") -> None:
        self.notices.append(Notice(kind, source, message, text))

    def _is_record(self, table: Table, row: Row) -> bool:
        source = self.grid.source(table.part, row.number)
        filled = [cell for _, cell in _claimed(table, row) if is_filled(cell)]
        if not filled:
            if any(not is_blank(cell.text) for _, cell in _claimed(table, row)):
                return True  # only what a merged cell brings down
            self._tell(NoticeKind.BLANK, source, row_messages.BLANK_ROW)
            return False
        first = next((cell for cell in row.cells if is_filled(cell)), filled[0])
        if table.form.notes is not None and table.form.notes.search(first.text):
            text = " ".join(cell.text for cell in row.cells if is_filled(cell))
            self._tell(NoticeKind.IGNORED, source, row_messages.REMARK_ROW, text)
            return False
        return True

    def _captions(self, table: Table) -> dict[str, CellValue]:
        values: dict[str, CellValue] = {}
        for column in table.form.captions:
            found = table.captions.get(column.name)
            text, number = (found[0], found[1].number) if found else ("", None)
            source = self.grid.source(table.part, number, column.name)
            if is_blank(text):
                if not column.optional:
                    known = table_messages.caption_blank if found else table_messages.caption_missing
                    self._tell(NoticeKind.BLANK, source, known(column.name))
                continue
            values[column.name] = self._read(column, text, source, {})
        return values

    def _record(self, table: Table, row: Row, captions: Mapping[str, CellValue]) -> Record:
        values = dict(captions)
        blanks: list[tuple[Column, Source]] = []
        cells = sorted(_claimed(table, row), key=lambda pair: pair[0].read == "within")  # owners first
        for column, cell in cells:
            source = self.grid.source(table.part, row.number, cell.address or column.name)
            if cell.remark is not None:
                self._tell(cell.remark.kind, source, cell.remark.message, cell.text)
            text, source = self._text(column, cell, source)
            if text and cell.numeric and _LOST_ZERO.fullmatch(text) and column.read in {"deadline", "code"}:
                self._tell(NoticeKind.AMBIGUOUS, source, row_messages.ZERO_LOST, text)
                if column.read == "deadline":
                    values[column.name] = CellValue(column, text, source, (Item({"text": text}),))
                    continue
            if text:
                values[column.name] = self._read(column, text, source, values)
            elif column.default in values:
                given = values[column.default]
                values[column.name] = replace(
                    given, column=column, source=replace(source, basis=Basis.DERIVED)
                )
            elif not cell.aside and not (cell.above and not column.fill):
                blanks.append((column, source))
        self._nest(table.form, values, dict(blanks))
        for column, source in blanks:
            if column.name not in values and not column.blank_allowed:
                lossy = self.grid.loses_merges and column.fill
                kind = NoticeKind.LOST_MERGE if lossy else NoticeKind.BLANK
                self._tell(
                    kind, source, (row_messages.lost_merge if lossy else row_messages.blank)(column.name)
                )
        return Record(table.form, values)

    def _text(self, column: Column, cell: Cell, source: Source) -> tuple[str, Source]:
        """Return the text a cell stands for (``""`` when blank) and its source with its basis."""
        if is_blank(cell.text):
            return "", source
        if cell.aside:
            self._tell(NoticeKind.AMBIGUOUS, source, row_messages.merged_aside(column.name), cell.text)
            return "", source
        if not cell.above:
            return cell.text, source
        if not column.fill:
            self._tell(
                NoticeKind.AMBIGUOUS, source, row_messages.not_filled_from_merge(column.name), cell.text
            )
            return "", source
        self._tell(NoticeKind.INFERRED, source, row_messages.inferred(column.name), cell.text)
        return cell.text, replace(source, basis=Basis.MERGED)

    def _read(self, column: Column, text: str, source: Source, values: Mapping[str, CellValue]) -> CellValue:
        owner = values.get(column.owner)
        owners = tuple(item.named for item in owner.items if item.named) if owner else ()
        reading = read_cell(text, column, Surroundings(self.names, self.concepts, owners))
        for complaint in reading.complaints:
            self._tell(complaint.kind, source, complaint.message, complaint.text or text)
        return CellValue(column, text, source, reading.items, reported=not reading.items)

    def _nest(self, form: Form, values: dict[str, CellValue], blanks: Mapping[Column, Source]) -> None:
        """Take what outer codes are blank from inner ones, innermost first, and compare the others."""
        for column in sorted(form.columns, key=lambda column: -column.depth):
            inner = values.get(column.outer_of)
            if inner is None or not inner.items:
                continue
            inner_code = inner.items[0].field("code")
            code = ".".join(inner_code.split(".")[: column.depth])
            own = values.get(column.name)
            if own is not None and own.items:
                if own.items[0].field("code") != code:
                    message = row_messages.codes_disagree(
                        column.name, own.items[0].field("code"), column.outer_of, inner_code
                    )
                    self._tell(NoticeKind.DISAGREEMENT, own.source, message, own.text)
            elif own is None and column in blanks:
                source = blanks[column]
                lossy = self.grid.loses_merges and column.fill
                kind = NoticeKind.LOST_MERGE if lossy else NoticeKind.BLANK
                said = row_messages.lost_merge_derived if lossy else row_messages.blank_derived
                self._tell(kind, source, said(column.name, code, column.outer_of))
                item = Item({"text": "", "code": code, "key": code, "number": "1"})
                values[column.name] = CellValue(
                    column, "", replace(source, basis=Basis.DERIVED), (item,), reported=True
                )


def is_filled(cell: Cell) -> bool:
    """Tell whether a cell has text of its own."""
    return not cell.covered and not is_blank(cell.text)


def _title(table: Table) -> str:
    return table.form.titles.best("zh") or table.form.name


def _claimed(table: Table, row: Row) -> Iterator[tuple[Column, Cell]]:
    """Yield the columns the form knows with their cells in a row."""
    if table.form.layout == "rows":
        column = table.form.column_headed(row.cell(0).text)
        if column is not None:
            yield column, row.cell(1)
        return
    for place, column in enumerate(table.columns):
        if column is not None:
            yield column, row.cell(place)


def declare_names(table: Table, reader: RecordReader) -> None:
    """Note the classes that cells give to names, before any name is resolved."""
    for column in table.columns:
        if column is None or not column.class_from:
            continue
        giving = table.form.column(column.class_from)
        if giving is None or giving not in table.columns:
            continue
        for row in table.rows:
            name = row.cell(table.columns.index(column)).text
            said = row.cell(table.columns.index(giving)).text
            class_iri = reader.concepts.class_named(said, giving.under) if not is_blank(said) else ""
            if class_iri and not is_blank(name):
                reader.names.declare(name, class_iri)
