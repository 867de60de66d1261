"""CSV tables that ``neo4j-admin database import`` reads (floor 4).

See https://neo4j.com/docs/operations-manual/5/tools/neo4j-admin/neo4j-admin-import/. The header is a file of
its own, written last: what columns there are is known at the end, and a row may stop before the last of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

BETWEEN = "\x1f"  # between the elements of a list, and between labels; no text that people write holds it
DELIMITER_OPTION = "--array-delimiter=U+001F"

_TYPES = ((bool, "boolean"), (int, "long"), (float, "double"), (str, "string"), (dt.datetime, "datetime"),
          (dt.date, "date"))  # fmt: skip


class UncarriedError(ValueError):
    """A value that these files cannot carry: a list of one empty text, or a text with the delimiter in it."""


class Table:
    """A file of rows, ``NAME.csv``, and its header, ``NAME-header.csv``. Used as a context; raises OSError.

    ``lead`` are the columns that every row has: their text is given as it stands in the file.
    """

    def __init__(self, folder: Path, name: str, lead: Sequence[str]) -> None:
        self.name = name
        self.rows = 0
        self.multiline = False  # whether a value has several lines
        self.longest = 0  # characters of the longest row
        self._folder, self._lead = folder, list(lead)
        self._columns: dict[str, tuple[int, str]] = {}  # property → place, type
        self._file = (folder / f"{name}.csv").open("w", encoding="utf-8", newline="", buffering=1 << 20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and not self.rows:
            (self._folder / f"{self.name}.csv").unlink()
        elif kind is None:
            types = [f"{key}:{type_}" for key, (_, type_) in self._columns.items()]
            header = self._folder / f"{self.name}-header.csv"
            header.write_text(",".join([*self._lead, *types]) + "\n", encoding="utf-8")

    def row(self, lead: Sequence[str], said: Mapping[str, Any]) -> None:
        """Add a row: its leading fields, and properties with values as Neo4j's driver takes them.

        Raises UncarriedError for what cannot be given back as it is.
        """
        placed = {self._place(key, value): _field(value) for key, value in said.items()}
        last = max(placed, default=-1)
        line = ",".join([*lead, *(placed.get(place, "") for place in range(last + 1))])
        self.multiline = self.multiline or "\n" in line or "\r" in line
        self.longest = max(self.longest, len(line))
        self._file.write(line + "\n")
        self.rows += 1

    def _place(self, key: str, value: Any) -> int:
        kind = _type(value)
        place, known = self._columns.setdefault(key, (len(self._columns), kind))
        if known != kind:
            raise UncarriedError(f"{key}: {known}, {kind}")
        return place


def quoted(text: str) -> str:
    """Return a text as a field: in quotes, so that an empty one is not taken for none."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def joined(texts: Sequence[str]) -> str:
    """Return texts as a field that holds a list. Raises UncarriedError."""
    if list(texts) == [""] or any(BETWEEN in text for text in texts):
        raise UncarriedError(repr(list(texts)))
    return quoted(BETWEEN.join(texts))


def _type(value: Any) -> str:
    if isinstance(value, list):
        return f"{_type(value[0])}[]"
    return next(name for kind, name in _TYPES if isinstance(value, kind))


def _field(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if not isinstance(value, list):
        return _plain(value)
    if isinstance(value[0], str):
        return joined(value)
    return BETWEEN.join(map(_plain, value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else repr(value)
