"""Which lines of N-Triples text a store may keep in another form than they are written in (floor 1).

Text is read into the store by the store itself, several times as fast as fact by fact; only lines with a
literal of a datatype have to be looked at here. A line holds one statement at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from qualitrace.store.exact import stored_form

# What cannot be read off the end of a line (escapes, comments) counts as another form: it is then parsed.
_PLAIN = re.compile(rb'"([^"\\]*)"\^\^<([^>\\]*)>[ \t]*\.[ \t]*')


@dataclass(frozen=True, slots=True)
class TypedLines:
    """The lines with a literal of a datatype; ``odd``: those that the store may write otherwise."""

    every: tuple[bytes, ...]
    odd: tuple[bytes, ...]


def typed_lines(ntriples: bytes) -> TypedLines:
    """Find the lines whose literals have a datatype."""
    every = tuple(_with_datatype(ntriples))
    return TypedLines(every, tuple(line for line in every if _may_change(line)))


def _with_datatype(text: bytes) -> Iterator[bytes]:
    at = text.find(b"^^")
    while at >= 0:
        begin, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        end = len(text) if end < 0 else end
        yield text[begin:end]
        at = text.find(b"^^", end)


def _may_change(line: bytes) -> bool:
    found = _PLAIN.search(line)
    return found is None or found.end() != len(line) or not _kept(*found.groups())


@lru_cache(maxsize=65536)
def _kept(value: bytes, datatype: bytes) -> bool:
    try:
        literal = ox.Literal(value.decode(), datatype=ox.NamedNode(datatype.decode()))
    except ValueError:
        return False  # the parser says what is wrong
    return stored_form(literal) == literal
