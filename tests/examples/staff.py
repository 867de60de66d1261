"""The staff form of the demonstration, read with openpyxl alone: who held which post when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook

ACTING = "代理"


@dataclass(frozen=True)
class Row:
    number: str
    name: str
    post: str
    kind: str
    start: str
    end: str

    def holds_on(self, day: str) -> bool:
        return bool(self.number) and self.start <= day <= (self.end or "9")


def rows_of(path: Path, sheet: str, first_header: str) -> list[dict[str, str]]:
    """The rows of a sheet below its header row, by header."""
    rows = [
        ["" if value is None else str(value) for value in row]
        for row in load_workbook(path)[sheet].iter_rows(values_only=True)
    ]
    (at,) = [place for place, row in enumerate(rows) if row[0] == first_header]
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :] if any(row)]


def staff(path: Path) -> list[Row]:
    return [
        Row(
            row["工号"],
            row["姓名"],
            f"{row['部门']}/{row['岗位']}" if row["岗位"] else "",
            row["任职方式"],
            row["任职起"],
            row["任职止"],
        )
        for row in rows_of(path, "人员任职", "工号")
    ]
