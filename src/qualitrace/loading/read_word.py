"""Word documents: tables with their merges, and the lines that stand above them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from qualitrace.errors import DocumentError
from qualitrace.journal.model import Source
from qualitrace.loading import table_messages
from qualitrace.loading.captions import short_lines_above
from qualitrace.loading.grid import NOTHING, Block, Cell, Grid, Line, Remark, Row
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.normalise import one_line, tidy
from qualitrace.loading.package import DAMAGE, Package, damaged
from qualitrace.text import Text

_Element = Any  # of lxml, as python-docx hands it out

MOST_CELLS = 400_000
MOST_COLUMNS = 200
# Text deleted in a tracked change, and what stands in for drawings in old programs.
_DELETED = {
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_OWN_TEXT = {qn("w:t"), qn("w:noBreakHyphen"), qn("w:tab"), qn("w:br"), qn("w:cr")}


def read_word(package: Package, name: str) -> Grid:
    """Read a Word document. Raises DocumentError when it is damaged or has no table."""
    try:
        document = docx.Document(io.BytesIO(package.data))
        blocks, lines = _contents(document.element.body, name)
        comments = [tidy(comment.text) for comment in document.comments]
    except (*DAMAGE, OpcError) as error:
        raise damaged(name) from error
    if not blocks:
        raise DocumentError(
            Text(zh="这个 Word 文件里没有表格。", en="This Word document has no tables."),
            where=name,
            hint=Text(
                zh="已知的表单都是表格，请把内容填进表格。",
                en="All known forms are tables; put the content into one.",
            ),
        )
    told = (Notice(NoticeKind.IGNORED, Source(name), table_messages.COMMENT, text) for text in comments)
    return Grid(name, tuple(blocks), tuple(lines), notices=tuple(told))


def _contents(body: _Element, name: str) -> tuple[list[Block], list[Line]]:
    blocks: list[Block] = []
    lines: list[Line] = []
    since: list[Line] = []  # lines after the last table
    heading, cells = "", 0
    for element in _flow(body):
        if element.tag == qn("w:tbl"):
            rows = tuple(_rows(element, name))
            cells += sum(len(row.cells) for row in rows)
            if cells > MOST_CELLS:
                raise _too_many(name)
            if rows:
                blocks.append(Block(rows, above=short_lines_above(since)))
            since = []
            continue
        text = one_line(_text(element))
        if text:
            heading = text if _is_heading(element) else heading
            line = Line(text, heading)
            lines.append(line)
            since.append(line)
    return blocks, lines


def _too_many(name: str) -> DocumentError:
    return DocumentError(
        Text(
            zh=f"表格过大：超过 {MOST_CELLS} 个单元格。",
            en=f"The tables are too large: over {MOST_CELLS} cells.",
        ),
        where=name,
        hint=Text(zh="请分成几个文件，或改用 Excel。", en="Divide it into several files, or use Excel."),
    )


def _flow(body: _Element) -> Iterator[_Element]:
    """Yield paragraphs and top tables in order, also those inside content controls."""
    for element in body.iterchildren():
        if element.tag in {qn("w:p"), qn("w:tbl")}:
            yield element
        elif element.tag in {
            qn("w:sdt"),
            qn("w:sdtContent"),
            qn("w:customXml"),
            qn("w:ins"),
            qn("w:smartTag"),
        }:
            yield from _flow(element)


def _is_heading(paragraph: _Element) -> bool:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return style is not None and "heading" in str(style.get(qn("w:val"), "")).lower()


def _text(element: _Element) -> str:
    """Return the text below an element, without what was deleted in a tracked change."""
    if element.tag in _DELETED:
        return ""
    if element.tag in _OWN_TEXT:
        if element.tag == qn("w:t"):
            return element.text or ""
        return "-" if element.tag == qn("w:noBreakHyphen") else "\t" if element.tag == qn("w:tab") else "\n"
    inner = "".join(_text(child) for child in element.iterchildren())
    return (
        inner + "\n" if element.tag in {qn("w:p"), qn("w:tr")} else inner + " " * (element.tag == qn("w:tc"))
    )


def _rows(table: _Element, name: str) -> Iterator[Row]:
    """Yield the rows of a table on its grid (ECMA-376 part 1, 17.4): ``vMerge`` down, ``gridSpan`` aside."""
    open_cells: dict[int, Cell] = {}  # by grid column: the cell that goes on downwards
    for number, row in enumerate(_flow_of(table, "w:tr"), start=1):
        cells: list[Cell] = [NOTHING] * min(_number(row, "w:trPr/w:gridBefore"), MOST_COLUMNS)
        for element in _flow_of(row, "w:tc"):
            place, span = len(cells), max(_number(element, "w:tcPr/w:gridSpan"), 1)
            cell = _cell(element, open_cells.get(place))
            cells += [cell, *([Cell(cell.text, aside=True)] * (span - 1))]
            if len(cells) > MOST_COLUMNS:
                raise _too_many(name)
            open_cells.pop(place, None)
            if _merge(element) is not None:
                open_cells[place] = cell
        yield Row(number, tuple(cells))


def _cell(element: _Element, above: Cell | None) -> Cell:
    text = tidy(_text(element))
    if _merge(element) == "continue" and above is not None:
        hidden = bool(text) and text != above.text
        return Cell(above.text or text, above=True, remark=_under_merge(text) if hidden else None)
    return Cell(text)


def _under_merge(text: str) -> Remark:
    message = Text(
        zh=f"合并单元格下面还有看不见的文字“{text}”，没有录入。",
        en=f"There is unseen text under the merged cell, “{text}”; it was not recorded.",
    )
    return Remark(NoticeKind.AMBIGUOUS, message)


def _flow_of(parent: _Element, tag: str) -> Iterator[_Element]:
    for element in parent.iterchildren():
        if element.tag == qn(tag):
            yield element
        elif element.tag in {qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")}:
            yield from _flow_of(element, tag)


def _merge(cell: _Element) -> str | None:
    """Return ``restart``, ``continue`` or None; without a value ``vMerge`` means ``continue``."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return None if merge is None else str(merge.get(qn("w:val"), "continue"))


def _number(element: _Element, path: str) -> int:
    found = element.find("/".join(qn(step) for step in path.split("/")))
    value = "" if found is None else str(found.get(qn("w:val"), ""))
    return int(value) if value.isdecimal() and len(value) < 6 else 0
