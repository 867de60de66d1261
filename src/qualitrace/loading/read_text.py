"""Text files: CSV of any usual encoding and delimiter, and text extracted from a document."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from qualitrace.errors import DocumentError
from qualitrace.loading.captions import short_lines_above
from qualitrace.loading.grid import Block, Cell, Grid, Line, Row
from qualitrace.loading.mapping import Form
from qualitrace.loading.normalise import fold, is_blank, one_line, tidy
from qualitrace.text import Text

MOST_CELLS = 1_000_000
MOST_COLUMNS = 1_000
MOST_COLUMNS_EXTRACTED = 60  # of a table in extracted text, where rows are put right
_DELIMITERS = ",;\t|，"
_HEAD = 40  # lines looked at to find the delimiter
_HEADING = re.compile(
    r"^(第?[一二三四五六七八九十]+[、章节]|[（(][一二三四五六七八九十]+[）)]|附\s*\d|表\s*\d)"
)

_PAGE_NUMBER = re.compile(r"[-—–]?\s*\d{1,4}\s*[-—–]?")


def decode(data: bytes, name: str) -> str:
    """Return the text of a file: UTF-8 (with or without a mark), UTF-16 with a mark, or GB 18030.

    Raises DocumentError when it is none of these.
    """
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encodings = [code for mark, code in marks if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DocumentError(
        Text(zh="文字编码无法识别。", en="The encoding of the text is not known."),
        where=name,
        hint=Text(zh="请另存为 UTF-8 编码。", en="Save it as UTF-8."),
    )


def read_csv(text: str, name: str, forms: Sequence[Form]) -> Grid:
    """Read a CSV file; the delimiter is the one that shows the headers of a form, else the commonest.

    Raises DocumentError when quotes do not pair or it is too large.
    """
    delimiter = _delimiter(text, forms)
    rows: list[Row] = []
    gap, cells = False, 0
    try:
        for number, record in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1
        ):
            cells += len(record)
            if cells > MOST_CELLS or len(record) > MOST_COLUMNS:
                raise _too_large(name, number)
            found = tuple(Cell(tidy(one)) for one in record)
            if all(is_blank(cell.text) for cell in found):
                gap = True
                continue
            rows.append(Row(number, found, after_gap=gap))
            gap = False
    except csv.Error as error:
        raise DocumentError(
            Text(zh=f"这个 CSV 文件读不了（{error}）。", en=f"This CSV file cannot be read ({error})."),
            where=name,
            hint=Text(
                zh="多半是引号不成对；请在 Excel 中另存为 CSV UTF-8。",
                en="Most likely quotes do not pair; save it in Excel as CSV UTF-8.",
            ),
        ) from error
    return Grid(name, (Block(tuple(rows)),), loses_merges=True)


def _too_large(name: str, row: int) -> DocumentError:
    return DocumentError(
        Text(zh="表格过大：单元格或列太多。", en="The table is too large: too many cells or columns."),
        where=f"{name} › {row}",
        hint=Text(zh="请分成几个文件。", en="Divide it into several files."),
    )


def _delimiter(text: str, forms: Sequence[Form]) -> str:
    head = text.splitlines()[:_HEAD]
    headers = frozenset(header for form in forms for column in form.columns for header in column.headers)

    def known(delimiter: str) -> tuple[int, int]:
        counts = [
            sum(1 for piece in line.split(delimiter) if fold(piece.strip('"')) in headers)
            for line in head
            if delimiter in line
        ]
        return max(counts, default=0), sum(line.count(delimiter) for line in head)

    return max(_DELIMITERS, key=known)


def read_plain_text(text: str, name: str) -> Grid:
    """Read text extracted from a document: lines with tabs are rows, other lines are running text.

    Raises DocumentError when no line has a tab, or there are too many cells.
    """
    blocks: list[Block] = []
    lines: list[Line] = []
    since: list[Line] = []
    heading, cells = "", 0
    for rows, line in _stretches(text):
        if line is not None:
            heading = line.text if _HEADING.match(line.text) else heading
            lines.append(Line(line.text, heading, line.number))
            since.append(lines[-1])
            continue
        cells += sum(len(row.cells) for row in rows)
        if cells > MOST_CELLS or max(len(row.cells) for row in rows) > MOST_COLUMNS_EXTRACTED:
            raise _too_large(name, rows[0].number)
        blocks.append(Block(tuple(rows), above=short_lines_above(since)))
        since = []
    if not blocks:
        raise DocumentError(
            Text(zh="这个文本文件里没有表格。", en="This text file has no tables."),
            where=name,
            hint=Text(
                zh="表格的各列之间要用制表符分开。", en="The columns of a table must be separated by tabs."
            ),
        )
    return Grid(name, tuple(blocks), tuple(lines), loses_merges=True, damaged=True)


def _stretches(text: str) -> Iterator[tuple[list[Row], Line | None]]:
    """Yield runs of tabbed lines (empty lines do not end one) and single lines of running text."""
    rows: list[Row] = []
    gap = False
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if "\t" not in raw and (is_blank(raw) or (rows and _PAGE_NUMBER.fullmatch(raw.strip()))):
            gap = True
            continue
        if "\t" in raw:
            found = tuple(Cell(tidy(one)) for one in raw.split("\t"))
            if any(not is_blank(cell.text) for cell in found):
                rows.append(Row(number, found, after_gap=gap and bool(rows)))
                gap = False
            else:
                gap = True
            continue
        if rows:
            yield rows, None
            rows = []
        yield [], Line(one_line(raw), "", number)
        gap = False
    if rows:
        yield rows, None
