"""What the journal holds: facts with their sources, grouped in changesets (floor 0).

A changeset is one activity in the sense of PROV-O: who, when, why, from which document, what was
added and what was removed. Its identifier is the SHA-256 of its canonical content, which includes
its parent's identifier, so that the changesets form a hash chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qualitrace.errors import not_text
from qualitrace.terms import Fact


class Basis(StrEnum):
    """How a fact came to be known."""

    STATED = "stated"  # written in the cell itself
    MERGED = "merged"  # read from a merged cell that covers this row
    DERIVED = "derived"  # derived from a code or another cell by the mapping
    INFERRED = "inferred"  # follows from a rule or axiom; never journalled
    INHERITED = "inherited"  # a unit answers because nobody in it was named; only on traces


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: document, part (table or sheet), row and cell.

    ``row`` counts from 1 as the document shows it (header row included); ``cell`` is an Excel
    address (``C7``), or the column header for Word tables and text. Empty where it does not apply.
    """

    document: str
    part: str = ""
    row: int | None = None
    cell: str = ""
    basis: Basis = Basis.STATED

    def place(self) -> str:
        """Return the place as one line a person reads: ``plan.docx › 附1 › 7 › 责任部门``."""
        bits = [self.document, self.part, "" if self.row is None else str(self.row), self.cell]
        return " › ".join(bit for bit in bits if bit)


@dataclass(frozen=True, slots=True)
class SourcedFact:
    """A fact together with the place it was read from."""

    fact: Fact
    source: Source


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded document: its name and the SHA-256 of its bytes (hex)."""

    name: str
    sha256: str


class Decision(StrEnum):
    """What a person can decide besides facts; the body of its record counts as content."""

    EXCEPTION = "exception"  # a finding is accepted for a time, or no longer
    ENFORCEMENT = "enforcement"  # a rule rejects commits, or only warns


@dataclass(frozen=True, slots=True)
class Record:
    """A decision as the journal keeps it: ``body`` is the JSON text that the identifier covers."""

    kind: Decision
    body: str

    @classmethod
    def of(cls, kind: Decision, body: Mapping[str, object]) -> Record:
        """Write a decision in one way only: keys in order, no spaces."""
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return cls(kind, text)


@dataclass(frozen=True, slots=True)
class Changeset:
    """One entry of the journal.

    ``at`` is UTC in ISO 8601 with microseconds and a ``Z``. ``position`` is 1 for the first entry.
    ``added`` and ``removed`` are statements: a fact with its place; a fact may be stated in several
    places. ``facts_added`` and ``facts_removed`` are the net effect: a fact counts as removed when
    no place states it any longer. ``records`` are the decisions made with it.
    """

    position: int
    parent: str
    author: str
    at: str
    message: str
    documents: tuple[Document, ...]
    added: tuple[SourcedFact, ...]
    removed: tuple[SourcedFact, ...]
    facts_added: tuple[Fact, ...] = ()
    facts_removed: tuple[Fact, ...] = ()
    id: str = field(default="")
    records: tuple[Record, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical content.

        That is one JSON object without white space, its keys and its lists sorted, as UTF-8: nothing
        in a text can be taken for structure (after RFC 8785). Raises QueryError for a text that is none.
        """
        content = {
            "parent": self.parent,
            "author": self.author,
            "at": self.at,
            "message": self.message,
            "documents": sorted([document.name, document.sha256] for document in self.documents),
            "records": [[record.kind, record.body] for record in self.records],
            "added": sorted(_canonical(entry) for entry in self.added),
            "removed": sorted(_canonical(entry) for entry in self.removed),
        }
        return _hashed(content)


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person does that changes no fact: a proposal, a comment, a confirmation.

    ``stream`` names what it is about (``proposal/7``), ``kind`` says what happened, ``body`` is JSON
    text. ``expect`` is the position of the newest event of the stream that the author knew (0: none);
    when another came since, writing the note is a conflict. None: it does not matter.
    """

    stream: str
    kind: str
    author: str
    at: str
    body: str
    expect: int | None = None

    @classmethod
    def of(
        cls,
        stream: str,
        kind: str,
        body: Mapping[str, object],
        *,
        author: str,
        at: str,
        expect: int | None = None,
    ) -> Note:
        """Write a body in one way only: keys in order, no spaces."""
        return cls(stream, kind, author, at, _compact(body), expect)


@dataclass(frozen=True, slots=True)
class Event:
    """A note as the journal keeps it, in a hash chain beside that of the changesets.

    ``position`` counts from 1; ``parent`` is the event before it (of any stream), ``head`` the newest
    changeset at that time.
    """

    position: int
    parent: str
    head: str
    stream: str
    kind: str
    author: str
    at: str
    body: str
    id: str = field(default="")

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical content, position included. Raises QueryError."""
        content = [
            self.position, self.parent, self.head, self.stream, self.kind, self.author, self.at, self.body,
        ]  # fmt: skip
        return _hashed(content)


def _canonical(entry: SourcedFact) -> str:
    place = entry.source
    return _compact([*entry.fact, place.document, place.part, place.row, place.cell, place.basis.value])


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hashed(content: object) -> str:
    try:
        return hashlib.sha256(_compact(content).encode("utf-8")).hexdigest()
    except UnicodeEncodeError as error:
        raise not_text(error) from error
