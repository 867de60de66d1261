"""What the tests of loading share: documents made on the spot, and an independent raw reading."""

from __future__ import annotations

import csv
import io
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import yaml

from qualitrace.loading import KnownNames, Loaded, Notice, NoticeKind, load_document
from qualitrace.profile.model import Profile
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, iri_of, is_iri, lit_of

BASE = "https://college.example/id/"
QA = "https://w3id.org/qualitrace/qa#"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Rows = Sequence[Sequence[Any]]


def load(path: Path, profile: Profile, known: KnownNames | None = None) -> Loaded:
    """Load a document with the base the tests use."""
    return load_document(path, profile, base=BASE, known=known)


def bare(text: str) -> str:
    """Text as it is compared: one width, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


# ---------------------------------------------------------------- asking what was loaded


def objects(loaded: Loaded, subject: str, predicate: str) -> list[str]:
    """Objects of a node, below the base or as values, sorted."""
    found = {
        e.fact.object
        for e in loaded.facts
        if e.fact.subject == BASE + subject and e.fact.predicate == predicate
    }
    return sorted(iri_of(o).removeprefix(BASE) if is_iri(o) else lit_of(o).value for o in found)


def nodes(loaded: Loaded, class_name: str) -> set[str]:
    """Nodes of a class of the shipped profile, below the base."""
    return {
        e.fact.subject.removeprefix(BASE)
        for e in loaded.facts
        if e.fact.predicate == RDF_TYPE and e.fact.object == f"<{QA}{class_name}>"
    }


def labels(loaded: Loaded, class_name: str) -> dict[str, str]:
    """Codes (or identifiers without one) and labels of the nodes of a class."""
    named = {}
    for node in nodes(loaded, class_name):
        code = objects(loaded, node, SKOS_NOTATION) or [node]
        named[code[0]] = "".join(objects(loaded, node, RDFS_LABEL))
    return named


def notices(loaded: Loaded, kind: NoticeKind) -> list[Notice]:
    """Notices of a kind."""
    return [notice for notice in loaded.notices if notice.kind is kind]


# ---------------------------------------------------------------- making documents


def xlsx(path: Path, sheets: Mapping[str, Rows], merges: Mapping[str, Iterable[str]] | None = None) -> Path:
    """Write a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for ref in (merges or {}).get(title, ()):
            sheet.merge_cells(ref)
    book.save(path)
    return path


def word(path: Path, *contents: str | Rows) -> Path:
    """Write a Word document: paragraphs and tables in order. ``None`` in a table continues the cell above."""
    document = docx.Document()
    for content in contents:
        if isinstance(content, str):
            document.add_paragraph(content)
            continue
        width = max(len(row) for row in content)
        table = document.add_table(len(content), width)
        for number, row in enumerate(content):
            for place, text in enumerate(row):
                if text is not None:
                    table.cell(number, place).text = text
        for place in range(width):
            start = 0
            for number in range(1, len(content) + 1):
                if number < len(content) and content[number][place] is None:
                    continue
                if number - 1 > start:
                    table.cell(start, place).merge(table.cell(number - 1, place))
                start = number
    document.save(str(path))
    return path


def csv_file(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def tabbed(path: Path, *contents: str | Rows) -> Path:
    """Write extracted text: lines, and tables with tabs."""
    lines = []
    for content in contents:
        lines += [content] if isinstance(content, str) else ["\t".join(row) for row in content]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# ---------------------------------------------------------------- reading a Word file independently


def raw_tables(path: Path) -> list[list[list[tuple[str, bool]]]]:
    """Tables of a Word file as rows of (own text, covered from above), by the standard library only."""
    with zipfile.ZipFile(path) as archive:
        root = ET.fromstring(archive.read("word/document.xml"))
    return [
        [[_raw_cell(cell) for cell in row.findall(f"{_W}tc")] for row in table.findall(f"{_W}tr")]
        for table in root.iter(f"{_W}tbl")
    ]


def _raw_cell(cell: ET.Element) -> tuple[str, bool]:
    text = "".join(piece.text or "" for piece in cell.iter(f"{_W}t"))
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return text.strip(), merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def raw_filled(table: list[list[tuple[str, bool]]]) -> list[list[str]]:
    """A raw table with covered cells filled from above."""
    filled: list[list[str]] = []
    for row in table:
        above = filled[-1] if filled else [""] * len(row)
        filled.append([above[n] if covered else text for n, (text, covered) in enumerate(row)])
    return filled


# ---------------------------------------------------------------- changing the profile


def with_names(profile: Profile, **changes: Any) -> Profile:
    """The profile with other entries in names.yaml."""
    return replace(profile, names={**profile.names, **changes})


def with_mapping(profile: Profile, text: str) -> Profile:
    """The profile with one mapping only, given as YAML."""
    return replace(profile, mappings=(yaml.safe_load(text),), mapping_paths=(Path("loaders/test.yaml"),))
