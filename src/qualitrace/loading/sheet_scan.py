"""A first look at a worksheet as a stream: its size, merged cells, hidden rows, formulas.

Nothing of it is kept in memory, so that a sheet which declares a billion cells costs nothing.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from qualitrace.errors import DocumentError
from qualitrace.loading.package import Package
from qualitrace.text import Text

MOST_CELLS = 1_000_000
MOST_COVERED = 500_000  # cells covered by merged ones
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Range = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1


@dataclass(slots=True)
class Scan:
    """What a worksheet holds. ``formulas`` lists cells (row, column) with a formula and no value."""

    cells: int = 0
    width: int = 0  # cells when every row is filled up from column A
    last_row: int = 0
    last_column: int = 0
    merged: list[Range] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its title, whether it is hidden, and its scan."""

    title: str
    hidden: bool
    scan: Scan


def scan_sheets(package: Package, name: str) -> dict[str, Sheet]:
    """Scan all worksheets of a package, by title. Raises DocumentError beyond the limits; lxml, zip
    and value errors of a damaged file pass through."""
    found: dict[str, Sheet] = {}
    cells = 0
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        for title, hidden, path in _sheets(archive):
            with archive.open(path) as part:
                scan = _scan(part, f"{name} › {title}")
            cells += scan.width
            if cells > MOST_CELLS:
                raise _too_large(f"{name} › {title}")
            found[title] = Sheet(title, hidden, scan)
    return found


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, bool, str]]:
    """Yield title, hidden, and part name of each worksheet."""
    targets = {
        str(r.get("Id")): str(r.get("Target"))
        for r in _parse(archive, "xl/_rels/workbook.xml.rels").iter(f"{_RELATIONS}Relationship")
        if str(r.get("Type", "")).endswith("/worksheet")
    }
    for sheet in _parse(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        target = targets.get(str(sheet.get(_ID)))
        if target is not None:
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield str(sheet.get("name")), sheet.get("state", "visible") != "visible", path


def _parse(archive: zipfile.ZipFile, path: str) -> etree._Element:
    return etree.fromstring(archive.read(path), etree.XMLParser(resolve_entities=False, no_network=True))


def _scan(part: object, where: str) -> Scan:
    scan = Scan()
    tags = [_MAIN + tag for tag in ("c", "row", "mergeCell")]
    stream = etree.iterparse(part, events=("end",), tag=tags, resolve_entities=False, no_network=True)  # type: ignore[arg-type]
    row, column = 0, 0
    for _, element in stream:
        if element.tag == tags[0]:
            here, column = _place(element, row + 1, column + 1, where)
            _count(scan, element, here, column, where)
        elif element.tag == tags[1]:
            row = _row(element, row + 1, where)
            scan.width += column
            scan.last_row = max(scan.last_row, row)
            if element.get("hidden") in {"1", "true"}:
                scan.hidden_rows.append(row)
            column = 0
            while element.getprevious() is not None:
                del element.getparent()[0]
        else:
            _merge(scan, str(element.get("ref")), where)
        element.clear()
        if scan.width + column > MOST_CELLS:
            raise _too_large(where)
    return scan


def _count(scan: Scan, cell: etree._Element, row: int, column: int, where: str) -> None:
    scan.cells += 1
    scan.last_row = max(scan.last_row, row)
    scan.last_column = max(scan.last_column, column)
    value = cell.find(f"{_MAIN}v")
    if cell.find(f"{_MAIN}f") is not None and (value is None or not value.text):
        scan.formulas.add((row, column))


def _place(cell: etree._Element, row: int, column: int, where: str) -> tuple[int, int]:
    address = cell.get("r")
    if address is not None:
        row, column = coordinate_to_tuple(str(address))
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        raise _too_large(where)
    return row, column


def _row(element: etree._Element, expected: int, where: str) -> int:
    number = str(element.get("r", expected))
    if not number.isdecimal() or len(number) > 7 or not 1 <= int(number) <= LAST_ROW:
        raise _too_large(where)
    return int(number)


def _merge(scan: Scan, ref: str, where: str) -> None:
    bounds = range_boundaries(ref)
    if None in bounds:
        raise _too_large(where)
    first_column, first_row, last_column, last_row = (int(b) for b in bounds if b is not None)
    scan.merged.append((first_row, first_column, last_row, last_column))
    if len(scan.merged) > MOST_COVERED:
        raise _too_large(where)


def _too_large(where: str) -> DocumentError:
    return DocumentError(
        Text(
            zh=f"工作表过大：需要的单元格超过 {MOST_CELLS} 个。",
            en=f"The worksheet is too large: it needs more than {MOST_CELLS} cells.",
        ),
        where=where,
        hint=Text(
            zh="请删去表格以外的行、列和合并区域，或分成几个文件。",
            en="Delete rows, columns and merged areas outside the table, or divide it into several files.",
        ),
    )


def covered_cells(scan: Scan, where: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Return each covered cell within the used area with the cell that covers it. Raises DocumentError
    beyond :data:`MOST_COVERED`."""
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for first_row, first_column, last_row, last_column in scan.merged:
        rows = range(first_row, min(last_row, scan.last_row) + 1)
        columns = range(first_column, min(last_column, scan.last_column) + 1)
        if len(covered) + len(rows) * len(columns) > MOST_COVERED:
            raise _too_large(where)
        for row in rows:
            for column in columns:
                if (row, column) != (first_row, first_column):
                    covered[row, column] = (first_row, first_column)
    return covered
