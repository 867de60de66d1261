"""Seals and checksums: every byte of every row is accounted for (floor 0).

A changeset's *identifier* is the hash of its content (:meth:`Changeset.digest`). Its *seal* is the
SHA-256 of the seal before it and of every row that the changeset wrote, to the last column: which row
a removal ends, whether a statement changed the facts, what was reported. The first seal follows that of
the settings. A row's *checksum* (CRC-32) says which row was touched when a seal does not fit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

ROWS: Mapping[str, tuple[str, ...]] = {
    "changeset": ("position", "id", "parent", "author", "at", "message"),
    "document": ("changeset", "name", "sha256"),
    "change": (
        "id",
        "changeset",
        "removes",
        "effective",
        "subject",
        "predicate",
        "object",
        "document",
        "part",
        "row",
        "cell",
        "basis",
    ),
    "record": ("id", "changeset", "kind", "body"),
}
_PACKED = "\x1fz:"  # no JSON text begins so


def line(table: str, row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of canonical JSON. Raises ValueError for what no row can hold."""
    values: list[Any] = [table]
    for name in ROWS[table]:
        value = row[name]
        if name == "body":
            value = unpacked(value)
        values.append(int(value) if isinstance(value, bool) else value)
    try:
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8") + b"\n"
    except TypeError as error:
        raise ValueError(f"{table}: {error}") from error


def checksum(table: str, row: Mapping[str, Any]) -> int:
    """Return the CRC-32 of a row."""
    return zlib.crc32(line(table, row))


def settings_seal(settings: Mapping[str, str]) -> str:
    """Return the seal of what was set when the registry was made; the format may change later."""
    kept = sorted([key, value] for key, value in settings.items() if key not in {"format", "seal"})
    text = json.dumps(["meta", *kept], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def seal(before: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the seal of a changeset: ``rows`` are (table, row), the changeset's own row first.

    Then come its documents by name, its changes and its records by number.
    """
    digest = hashlib.sha256(before.encode("utf-8") + b"\n")
    for table, row in rows:
        digest.update(line(table, row))
    return digest.hexdigest()


def packed(body: str) -> str:
    """Return a record's body in its short form, where that is shorter."""
    if body.startswith(_PACKED):
        return body
    short = _PACKED + base64.b64encode(zlib.compress(body.encode("utf-8"), 9)).decode("ascii")
    return short if len(short) < len(body) else body


def unpacked(body: Any) -> Any:
    """Return the text of a record's body. Raises ValueError when it cannot be read."""
    if not isinstance(body, str) or not body.startswith(_PACKED):
        return body
    try:
        return zlib.decompress(base64.b64decode(body[len(_PACKED) :], validate=True)).decode("utf-8")
    except (zlib.error, ValueError) as error:
        raise ValueError(f"record: {error}") from error
