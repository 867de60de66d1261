"""Whose protected values an answer really holds, found in its bytes (floor 1).

An answer may have been made by any route; what was sent is what counts. A value is looked for as it is and as
JSON, XML, HTML, Turtle, CSV and addresses write it. Whatever is doubtful counts as found: a short value that
stands inside another word, for one. Not found is what was broken over several lines, as pictures do.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import ahocorasick

_OF_MERMAID = re.compile(r"[\"#&<>`\\*_~|\[\]{}()%;$]")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_MOST_UNPACKED = 200_000_000  # bytes looked at in a packed answer


class Disclosure:
    """Finds the nodes whose protected values occur in an answer. Safe from several threads."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """``pairs`` are a node's IRI and a protected value of it, as text. Empty values are left out."""
        nodes: dict[str, set[str]] = {}
        for node, value in pairs:
            if value:
                nodes.setdefault(value, set()).add(node)
        self._automaton = _built(nodes)
        self._all = frozenset(node for found in nodes.values() for node in found)

    def nodes_in(self, content: bytes) -> frozenset[str]:
        """Return the nodes of which a protected value occurs. Zip files and gzip are looked into.

        What is packed and cannot be read counts as holding everything.
        """
        if self._automaton is None:
            return frozenset()
        if content.startswith((_ZIP, _GZIP)):
            try:
                return frozenset().union(*(self._found(part) for part in _unpacked(content)))
            except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, RuntimeError):
                return self._all
        return self._found(content)

    def _found(self, content: bytes) -> frozenset[str]:
        # One character a byte: the automaton reads characters, and UTF-8 is compared byte by byte.
        found: set[frozenset[str]] = set()
        for _, nodes in self._automaton.iter(content.decode("latin-1")):
            found.add(nodes)
        return frozenset().union(*found)


def _built(nodes: dict[str, set[str]]) -> Any:
    """Make the automaton; None when there is nothing to look for."""
    patterns: dict[str, set[str]] = {}
    for value, holders in nodes.items():
        for form in forms(value):
            patterns.setdefault(form.decode("latin-1"), set()).update(holders)
    if not patterns:
        return None
    shared: dict[frozenset[str], frozenset[str]] = {}
    automaton = ahocorasick.Automaton()
    for pattern, holders in patterns.items():
        kept = frozenset(holders)
        automaton.add_word(pattern, shared.setdefault(kept, kept))
    automaton.make_automaton()
    return automaton


def forms(value: str) -> frozenset[bytes]:
    """Return how a text may stand in an answer, as bytes."""
    value = value.strip() or value
    if value.isascii() and value.isalnum():
        return frozenset((value.encode(),))
    written = {write(value) for write in (_WAYS if _SPECIAL.search(value) else _PLAIN_WAYS)}
    return frozenset(text.encode("utf-8", "surrogatepass") for text in written if text)


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _json_ascii(value: str) -> str:
    return json.dumps(value)[1:-1]


def _json_slashed(value: str) -> str:
    return _json(value).replace("/", "\\/")


def _turtle(value: str) -> str:
    """As N-Triples writes it in ASCII: upper-case digits, and eight of them beyond the first plane."""
    return "".join(_unicode_escape(character) for character in _json(value))


def _unicode_escape(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        return character
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _xml(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xml_attribute(value: str) -> str:
    return _xml(value).replace('"', "&quot;")


def _xml_apostrophe(value: str) -> str:
    return _xml_attribute(value).replace("'", "&apos;")


def _html_decimal(value: str) -> str:
    return _xml(value).replace('"', "&#34;").replace("'", "&#39;")


def _references(value: str) -> str:
    return _xml_attribute(value).encode("ascii", "xmlcharrefreplace").decode()


def _hexadecimal(value: str) -> str:
    return "".join(c if ord(c) < 0x80 else f"&#x{ord(c):X};" for c in _xml_attribute(value))


def _doubled(value: str) -> str:
    return value.replace('"', '""')


def _percent(value: str) -> str:
    return urllib.parse.quote(value, safe="", errors="replace")


def _percent_lightly(value: str) -> str:
    return urllib.parse.quote(value, safe="/:@!$&'()*+,;=", errors="replace")


def _entities(value: str) -> str:
    """As Mermaid writes what it would read as its own."""
    return _OF_MERMAID.sub(lambda found: f"#{ord(found.group())};", " ".join(value.split()))


_WAYS: tuple[Callable[[str], str], ...] = (
    str,
    _json,
    _json_ascii,
    _json_slashed,
    _turtle,
    _xml,
    _xml_attribute,
    _xml_apostrophe,
    html.escape,
    _html_decimal,
    _references,
    _hexadecimal,
    _doubled,
    _percent,
    _percent_lightly,
    urllib.parse.quote_plus,
    _entities,
)

# What letters, digits, blanks and harmless signs alone can become, as most names are such.
_PLAIN_WAYS = (str, _json_ascii, _turtle, _references, _hexadecimal, _percent, urllib.parse.quote_plus)
_SPECIAL = re.compile(r"[^\w .\-]|[_\x00-\x1f]|  ")


def _unpacked(content: bytes) -> Iterable[bytes]:
    """Give what is packed, one part after the other. Raises ValueError when it is too much."""
    if content.startswith(_GZIP):
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            yield _bounded(stream.read(_MOST_UNPACKED + 1))
        return
    left = _MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            yield entry.filename.encode()
            with archive.open(entry) as stream:
                part = _bounded(stream.read(left + 1), left)
            left -= len(part)
            yield part


def _bounded(part: bytes, most: int = _MOST_UNPACKED) -> bytes:
    if len(part) > most:
        raise ValueError("more than is looked at")
    return part
