"""A first look at a worksheet as a stream: its size, merged cells, hidden rows, formulas.

Nothing of it is kept in memory, so that a sheet which declares a billion cells costs nothing.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers.expat import ParserCreate

from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from qualitrace.errors import DocumentError
from qualitrace.loading.package import Package
from qualitrace.text import Text

MOST_CELLS = 1_000_000
MOST_COVERED = 500_000  # cells covered by merged ones
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Range = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1


@dataclass(slots=True)
class Scan:
    """What a worksheet holds. ``formulas`` lists cells (row, column) with a formula and no value."""

    width: int = 0  # cells when every row is filled up from column A
    last_row: int = 0
    last_column: int = 0
    merged: list[Range] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its title, whether it is hidden, its scan, and its comments (address, text)."""

    title: str
    hidden: bool
    scan: Scan
    comments: tuple[tuple[str, str], ...] = ()


def scan_sheets(package: Package, name: str) -> dict[str, Sheet]:
    """Scan all worksheets of a package, by title. Raises DocumentError beyond the limits;
    errors of zip, XML and values of a damaged file pass through."""
    found: dict[str, Sheet] = {}
    cells = 0
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        for title, hidden, path in _sheets(archive):
            with archive.open(path) as part:
                scan = _SheetParser(f"{name} › {title}").parse(part)
            cells += scan.width
            if cells > MOST_CELLS:
                raise _too_large(f"{name} › {title}")
            found[title] = Sheet(title, hidden, scan, tuple(_comments(archive, path)))
    return found


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, bool, str]]:
    """Yield title, hidden, and part name of each worksheet."""
    relations = _attributes(archive, "xl/_rels/workbook.xml.rels", f"{_RELATIONS} Relationship")
    targets = {r["Id"]: r["Target"] for r in relations if r.get("Type", "").endswith("/worksheet")}
    for sheet in _attributes(archive, "xl/workbook.xml", f"{_MAIN} sheet"):
        target = targets.get(sheet.get(f"{_OFFICE} id", ""))
        if target is not None:
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield sheet["name"], sheet.get("state", "visible") != "visible", path


def _comments(archive: zipfile.ZipFile, path: str) -> list[tuple[str, str]]:
    """Return the comments on a worksheet."""
    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return []
    found: list[tuple[str, str]] = []
    for relation in _attributes(archive, relations, f"{_RELATIONS} Relationship"):
        if relation.get("Type", "").endswith("/comments"):
            target = relation["Target"]
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found += _texts(archive, part)
    return found


def _texts(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        if name == f"{_MAIN} comment":
            found.append((attributes.get("ref", ""), ""))

    def text(data: str) -> None:
        if inside and inside[-1] == f"{_MAIN} t" and found:
            found[-1] = (found[-1][0], found[-1][1] + data)

    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: inside.pop()
    parser.CharacterDataHandler = text
    parser.Parse(archive.read(part), True)
    return found


def _attributes(archive: zipfile.ZipFile, path: str, tag: str) -> list[dict[str, str]]:
    """Return the attributes of all elements of a name."""
    found: list[dict[str, str]] = []
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: found.append(attributes) if name == tag else None
    parser.Parse(archive.read(path), True)
    return found


class _SheetParser:
    """Follows a worksheet's XML event by event (ECMA-376 part 1, 18.3.1)."""

    def __init__(self, where: str) -> None:
        self.scan = Scan()
        self.where = where
        self.row = self.column = 0
        self.formula = self.value = self.in_value = False

    def parse(self, part: IO[bytes]) -> Scan:
        parser = ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.ParseFile(part)
        return self.scan

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.removeprefix(f"{_MAIN} ")
        if tag == "c":
            self._cell(attributes.get("r"))
        elif tag == "row":
            self._row(attributes)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "f":
            self.formula = True
        elif tag in {"v", "is"}:
            self.in_value = True

    def text(self, data: str) -> None:
        self.value = self.value or self.in_value

    def end(self, name: str) -> None:
        tag = name.removeprefix(f"{_MAIN} ")
        if tag in {"v", "is"}:
            self.in_value = False
        elif tag == "c" and self.formula and not self.value:
            self.scan.formulas.add((self.row, self.column))
        elif tag == "row":
            self.scan.width += self.column

    def _row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", str(self.row + 1))
        if not number.isdecimal() or len(number) > 7 or not 1 <= int(number) <= LAST_ROW:
            raise _too_large(self.where)
        self.row, self.column = int(number), 0
        self.scan.last_row = max(self.scan.last_row, self.row)
        if attributes.get("hidden") in {"1", "true"}:
            self.scan.hidden_rows.append(self.row)

    def _cell(self, address: str | None) -> None:
        row, column = (self.row, self.column + 1) if address is None else coordinate_to_tuple(address)
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            raise _too_large(self.where)
        self.column = column
        self.formula = self.value = False
        self.scan.last_column = max(self.scan.last_column, column)
        if self.scan.width + column > MOST_CELLS:
            raise _too_large(self.where)

    def _merge(self, ref: str) -> None:
        bounds = [bound for bound in range_boundaries(ref) if bound is not None]
        if len(bounds) < 4 or len(self.scan.merged) >= MOST_COVERED:
            raise _too_large(self.where)
        first_column, first_row, last_column, last_row = bounds
        self.scan.merged.append((first_row, first_column, last_row, last_column))


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
