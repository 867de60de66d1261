"""Which mapping claims which rows of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qualitrace.errors import DocumentError
from qualitrace.loading.captions import has_label, is_caption_row, read_captions, row_line, table_title
from qualitrace.loading.grid import Block, Grid, Line, Row
from qualitrace.loading.mapping import Column, Form
from qualitrace.loading.normalise import fold
from qualitrace.text import Text

_HEADER_DEPTH = 12  # rows of an unclaimed block searched for the nearest form


@dataclass(frozen=True, slots=True)
class Table:
    """Rows claimed by a form.

    ``columns`` and ``headers`` go by the column's place in the document; a column the form does not
    know is None. ``captions`` maps caption names to text and place.
    """

    form: Form
    part: str
    columns: tuple[Column | None, ...]
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    captions: Mapping[str, tuple[str, Line]]
    header_row: int


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Rows no form claims, with the nearest form (None when nothing is near) and what it misses."""

    part: str
    rows: tuple[Row, ...]
    nearest: Form | None = None
    missing: tuple[str, ...] = ()
    there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a table begins: the header row (``rows`` layout: the first row), and its captions' rows."""

    row: int
    form: Form
    captions: int  # index of the first caption row; equals ``row`` without any


def find_tables(grid: Grid, forms: Sequence[Form]) -> tuple[list[Table], list[Unclaimed]]:
    """Return the claimed tables in document order, and what is left. Raises DocumentError for a
    header that stands twice."""
    tables: list[Table] = []
    unclaimed: list[Unclaimed] = []
    for block in grid.blocks:
        _divide(block, forms, tables, unclaimed, grid.document)
    return _told_apart(tables), unclaimed


def _divide(
    block: Block, forms: Sequence[Form], tables: list[Table], unclaimed: list[Unclaimed], document: str
) -> None:
    starts = _starts(block, forms)
    first = starts[0].captions if starts else len(block.rows)
    if any(not row.empty for row in block.rows[:first]):
        unclaimed.append(_unclaimed(block, block.rows[:first], forms))
    before: Table | None = None
    for place, start in enumerate(starts):
        end = starts[place + 1].captions if place + 1 < len(starts) else len(block.rows)
        lines = [row_line(row, block.part) for row in block.rows[start.captions : start.row] if not row.empty]
        lines = ([*block.above] if place == 0 else []) + lines
        before = _table(block, start, end, lines, before, document)
        tables.append(before)


def _table(
    block: Block, start: _Start, end: int, lines: list[Line], before: Table | None, document: str
) -> Table:
    form, header = start.form, block.rows[start.row]
    captions = read_captions(form, lines)
    part = block.part or table_title(form, lines)
    repeated = before is not None and before.form is form and not header.after_gap and not lines
    if repeated and before is not None:  # the header again at the top of a page
        captions, part = dict(before.captions), before.part
    elif not part and before is not None:
        part = before.part
    if form.layout == "rows":
        return Table(form, part, (), (), block.rows[start.row : end], captions, header.number)
    headers = tuple("" if cell.aside else cell.text for cell in header.cells)
    columns = tuple(form.column_headed(text) if text else None for text in headers)
    for place, column in enumerate(columns):
        if column is not None and column in columns[:place]:
            raise DocumentError(
                Text(zh=f"表头“{column.name}”出现了两次。", en=f"The header “{column.name}” stands twice."),
                where=f"{document} › {part} › {header.number}",
                hint=Text(zh="请只留一列。", en="Keep one of the columns."),
            )
    rows = block.rows[start.row + 1 : end]
    while rows and rows[0].empty and any(cell.above for cell in rows[0].cells):
        rows = rows[1:]  # the header's cells, merged downwards
    return Table(form, part, columns, headers, rows, captions, header.number)


def _starts(block: Block, forms: Sequence[Form]) -> list[_Start]:
    starts: list[_Start] = []
    tried: dict[str, int] = {}  # forms of labels: up to which row they cannot begin
    headers = frozenset(header for form in forms for column in form.columns for header in column.headers)
    place = 0
    while place < len(block.rows):
        form = _claims(block.rows, place, forms, headers, tried)
        if form is None:
            place += 1
            continue
        floor = starts[-1].row + 1 if starts else 0
        starts.append(_Start(place, form, _first_caption(block.rows, place, floor, forms)))
        place += _run_of_labels(block.rows, place, form)[0] if form.layout == "rows" else 1
    return starts


def _first_caption(rows: Sequence[Row], header: int, floor: int, forms: Sequence[Form]) -> int:
    """Return where the caption rows above a header begin; below another table only what is set off
    by an empty row or holds a caption's label counts."""
    top = header
    while top > floor and (rows[top - 1].empty or is_caption_row(rows[top - 1], forms)):
        top -= 1
    if floor == 0:
        return top
    for place in range(top, header):
        set_off = rows[place].after_gap or (place > floor and rows[place - 1].empty)
        if not rows[place].empty and (set_off or has_label(rows[place], forms)):
            return place
    return header


def _claims(
    rows: Sequence[Row], place: int, forms: Sequence[Form], headers: frozenset[str], tried: dict[str, int]
) -> Form | None:
    """Return the form whose headers stand in this row, the one with the most of them; or whose row
    labels begin here. ``headers`` are those of all forms."""
    there = {fold(cell.text) for cell in rows[place].cells if cell.text} & headers
    best: tuple[int, Form] | None = None
    for form in forms if there else ():
        if form.layout == "rows":
            if place >= tried.get(form.name, 0):
                count, complete = _run_of_labels(rows, place, form)
                if complete:
                    return form
                tried[form.name] = place + count
        elif all(column.headers & there for column in form.required):
            known = sum(1 for column in form.columns if column.headers & there)
            if best is None or known > best[0]:
                best = (known, form)
    return best[1] if best else None


def _run_of_labels(rows: Sequence[Row], place: int, form: Form) -> tuple[int, bool]:
    """Return how many rows from ``place`` on begin with a label of the form (or with nothing, after
    one that does), and whether all required labels are among them."""
    seen: set[str] = set()
    count = 0
    for number in range(place, len(rows)):
        text = rows[number].cell(0).text
        column = form.column_headed(text) if text else None
        if column is None and (count == 0 or text):
            break
        if column is not None:
            seen.add(column.name)
        count += 1
    return count, all(column.name in seen for column in form.required) and count > 0


def _unclaimed(block: Block, rows: tuple[Row, ...], forms: Sequence[Form]) -> Unclaimed:
    part = block.part or (block.above[-1].text if block.above else "")
    nearest = nearest_form(rows, forms)
    if nearest is None:
        return Unclaimed(part, rows)
    form, there = nearest
    folded = {fold(text) for text in there}
    missing = tuple(column.name for column in form.required if not column.headers & folded)
    return Unclaimed(part, rows, form, missing, there)


def nearest_form(rows: Sequence[Row], forms: Sequence[Form]) -> tuple[Form, tuple[str, ...]] | None:
    """Return the form that shares most with a row near the top, and that row's texts; None when no
    form shares at least half of its required headers with any row."""
    best: tuple[float, Form, tuple[str, ...]] | None = None
    for row in rows[:_HEADER_DEPTH]:
        texts = tuple(cell.text for cell in row.cells if cell.text)
        folded = {fold(text) for text in texts}
        for form in forms:
            shared = sum(1 for column in form.required if column.headers & folded)
            share = shared / max(len(form.required), 1)
            if share >= 0.5 and (best is None or share > best[0]):
                best = (share, form, texts)
    return None if best is None else (best[1], best[2])


def _told_apart(tables: list[Table]) -> list[Table]:
    """Give tables of one name numbers where their rows are counted anew, so that a place is one place."""
    seen: dict[str, tuple[int, int]] = {}
    told: list[Table] = []
    for table in tables:
        number, last = seen.get(table.part, (1, -1))
        number += table.header_row <= last
        seen[table.part] = number, table.header_row
        told.append(replace(table, part=f"{table.part} ({number})") if number > 1 else table)
    return told
