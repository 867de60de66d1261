"""From a document to facts: the stages in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qualitrace.errors import DocumentError
from qualitrace.loading import row_messages, table_messages
from qualitrace.loading.aliases import class_conflicts, probable_aliases
from qualitrace.loading.building import Builder
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.grid import Grid, Row
from qualitrace.loading.mapping import Form
from qualitrace.loading.mapping_reading import read_forms
from qualitrace.loading.mentions import disagreements
from qualitrace.loading.model import KnownNames, Loaded, Notice, NoticeKind, Progress
from qualitrace.loading.names import Names, body_classes, read_names
from qualitrace.loading.normalise import is_blank
from qualitrace.loading.opening import open_document
from qualitrace.loading.recognise import Table, Unclaimed, find_tables
from qualitrace.loading.records import Record, RecordReader, declare_names
from qualitrace.loading.repair import Repairer
from qualitrace.loading.same_text import SameText
from qualitrace.loading.sink import Sink
from qualitrace.profile.model import Profile
from qualitrace.text import Text

_EVERY = 200  # rows between two reports of progress


def load_document(
    path: Path,
    profile: Profile,
    *,
    base: str,
    known: KnownNames | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Read a document into facts with their places, and notices of what a person should see.

    ``base`` starts every identifier and ends in ``/`` or ``#``. ``known`` gives names the registry
    holds already. The answer depends on nothing else: the same file gives the same facts.

    Raises DocumentError when the file cannot be read or no mapping knows any of its tables, and
    ProfileError when a mapping is wrong.
    """
    forms = read_forms(profile)
    rules = read_names(profile)
    document, grid = open_document(Path(path), forms)
    tables, unclaimed = find_tables(grid, forms)
    if not tables:
        raise _unknown_form(grid, forms, unclaimed)
    known = known or KnownNames()
    names = Names(rules, base, known, body_classes(rules, forms, profile))
    sink, notices = _facts(grid, tables, profile, names, known, progress)
    notices = [*grid.notices, *_unclaimed(grid, unclaimed), *notices]
    notices += probable_aliases(sink.bodies, names)
    notices += class_conflicts(sink.bodies, names, profile)
    notices += disagreements(grid, sink.bodies, names)
    if grid.lines:
        notices.append(
            Notice(NoticeKind.IGNORED, grid.source(), table_messages.running_text(len(grid.lines)))
        )
    return Loaded(document, sink.facts(), tuple(dict.fromkeys(notices)), sink.counts(), sink.named())


def _facts(
    grid: Grid,
    tables: Sequence[Table],
    profile: Profile,
    names: Names,
    known: KnownNames,
    progress: Progress | None,
) -> tuple[Sink, list[Notice]]:
    sink = Sink(profile, names.rules)
    concepts = Concepts(profile)
    reader = RecordReader(grid, names, concepts)
    for table in tables:
        declare_names(table, reader)
    if grid.damaged:
        repairer = Repairer(grid, names, concepts)
        tables = [repairer.repair(table) for table in tables]
        reader.notices += repairer.notices
    records: list[Record] = []
    done, rows = 0, sum(len(table.rows) for table in tables)
    for table in tables:
        reader.notices += _beside_columns(grid, table)
        for record in reader.read(table):
            records.append(record)
        done += len(table.rows)
        if progress is not None:
            progress(done, 2 * rows)
    builder = Builder(names.base, sink, SameText(records, names.base, known), concepts)
    for number, record in enumerate(records):
        builder.build(record)
        if progress is not None and number % _EVERY == 0:
            progress(min(rows + number, 2 * rows), 2 * rows)
    if progress is not None:
        progress(2 * rows, 2 * rows)
    return sink, [*reader.notices, *sink.notices]


def _beside_columns(grid: Grid, table: Table) -> Iterator[Notice]:
    """Yield notices for filled cells that no column of the form claims.

    Raises DocumentError for a cell beyond the headers: the row has too many.
    """
    if table.form.layout == "rows":
        yield from _beside_labels(grid, table)
        return
    for place, (header, column) in enumerate(zip(table.headers, table.columns, strict=True)):
        if column is None and not is_blank(header):
            cells = sum(1 for row in table.rows if not is_blank(row.cell(place).text))
            source = grid.source(table.part, table.header_row, header)
            yield Notice(NoticeKind.IGNORED, source, table_messages.column_ignored(header, cells), header)
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            headed = place < len(table.headers) and not is_blank(table.headers[place])
            if not headed and not cell.covered and not is_blank(cell.text):
                raise _too_many_cells(grid, table, row, cell.address or str(place + 1), cell.text)


def _beside_labels(grid: Grid, table: Table) -> Iterator[Notice]:
    for row in table.rows:
        label = table.form.column_headed(row.cell(0).text)
        for place, cell in enumerate(row.cells):
            if cell.covered or is_blank(cell.text) or (label and place < 2):
                continue
            if label:
                raise _too_many_cells(grid, table, row, cell.address or str(place + 1), cell.text)
            source = grid.source(table.part, row.number, cell.address)
            yield Notice(NoticeKind.AMBIGUOUS, source, row_messages.NO_LABEL, cell.text)


def _too_many_cells(grid: Grid, table: Table, row: Row, cell: str, text: str) -> DocumentError:
    return DocumentError(
        Text(
            zh=f"这一行的单元格比表头多：“{text[:40]}”上方没有表头。",
            en=f"This row has more cells than there are headers: “{text[:40]}” has none above it.",
        ),
        where=grid.source(table.part, row.number, cell).place(),
        hint=Text(
            zh="请把它移到所属的列，或给这一列加上表头。",
            en="Move it to its column, or give the column a header.",
        ),
    )


def _unclaimed(grid: Grid, unclaimed: Sequence[Unclaimed]) -> Iterator[Notice]:
    for left in unclaimed:
        title = left.nearest.titles.best("zh") if left.nearest else ""
        message = table_messages.table_ignored(len(left.rows), title, left.missing)
        first = " ".join(cell.text for cell in left.rows[0].cells if cell.text)
        yield Notice(NoticeKind.IGNORED, grid.source(left.part, left.rows[0].number), message, first)


def _unknown_form(grid: Grid, forms: Sequence[Form], unclaimed: Sequence[Unclaimed]) -> DocumentError:
    """No table of the document is known: name the nearest form and what it misses."""
    near = [left for left in unclaimed if left.nearest is not None]
    if near:
        best = min(near, key=lambda left: len(left.missing))
        form = best.nearest
        assert form is not None
        title, missing = form.titles, best.missing
        return DocumentError(
            Text(
                zh=f"没有认出任何已知的表单。最接近“{title.best('zh')}”，缺少表头：{'、'.join(missing)}。",
                en=f"No known form was found. The nearest is “{title.best('en')}”; "
                f"missing headers: {', '.join(missing)}.",
            ),
            where=f"{grid.document} › {best.part or best.rows[0].number} › {'、'.join(best.there)}",
            hint=Text(zh="请按该表单的表头改正。", en="Correct the headers as that form has them."),
        )
    titles_zh = "；".join(f"{form.titles.best('zh')}（{_headers(form, '、')}）" for form in forms)
    titles_en = "; ".join(f"{form.titles.best('en')} ({_headers(form, ', ')})" for form in forms)
    return DocumentError(
        Text(zh="没有认出任何已知的表单。", en="No known form was found."),
        where=grid.document,
        hint=Text(zh=f"已知的表单：{titles_zh}", en=f"Known forms: {titles_en}"),
    )


def _headers(form: Form, joint: str) -> str:
    return joint.join(column.name for column in form.required)
