"""A mapping as the engine uses it: one known form, its columns and the nodes its rows describe."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qualitrace.loading.normalise import fold
from qualitrace.loading.template import Template
from qualitrace.text import Text

# What a column of each kind gives to templates; the first is what `{column}` alone stands for.
FIELDS = {
    "text": ("text", "key", "number"),
    "coded-title": ("text", "code", "key", "number"),
    "code": ("code", "text", "number"),
    "names": ("name", "text", "iri", "number"),
    "within": ("name", "owner", "text", "code", "key", "number"),
    "concept": ("text", "iri"),
    "class": ("text", "iri"),
    "deadline": ("text", "from", "by", "recurrence"),
    "date": ("date", "text"),
    "number": ("value", "text"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column (or caption) of a form and how its cells are read; see docs/mapping.md.

    ``headers`` are the folded spellings of its header. ``split`` holds separator characters
    (``"\\n"`` among them for lines), ``""`` when a cell holds one value.
    """

    name: str
    headers: frozenset[str]
    read: str
    optional: bool = False
    fill: bool = True
    blank_allowed: bool = False
    split: str = ""
    depth: int = 0
    outer_of: str = ""
    owner: str = ""
    default: str = ""
    class_from: str = ""
    schemes: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset()
    month: str = ""
    pattern: re.Pattern[str] | None = None

    @property
    def many(self) -> bool:
        """Whether a cell may hold several values."""
        return bool(self.split)


@dataclass(frozen=True, slots=True)
class Value:
    """A literal of a node. ``language`` and ``datatype`` apply to text that has no type of its own."""

    predicate: str
    text: Template
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a node: to ``node`` (of this form), ``column`` (what it names; ``part`` narrows it),
    ``constant`` (an IRI), or the concept of ``schemes`` whose code or name is in ``column``; where that is
    empty, in the first of ``otherwise`` (columns and parts) that is not.
    """

    predicate: str
    node: str = ""
    column: str = ""
    part: str = ""
    constant: str = ""
    schemes: tuple[str, ...] = ()
    otherwise: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, in order."""
        return (self.column, *(column for column, _part in self.otherwise))


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold in a row: ``column`` is filled, or holds one of ``values`` (folded)."""

    column: str
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node that a row describes.

    ``id`` is a template below the base; ``named_by`` is set instead for the bodies a names column
    names. ``class_column`` is set instead of ``class_iri`` where a cell says the class. A
    ``reference`` describes nothing: it only lends its identifier to links.
    """

    name: str
    id: Template | None = None
    named_by: str = ""
    class_iri: str = ""
    class_column: str = ""
    each: str = ""
    when: tuple[Condition, ...] = ()
    reference: bool = False
    values: tuple[Value, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """Columns without which the node cannot be told from others."""
        if self.id is None:
            return frozenset({self.named_by})
        return frozenset(hole.column for hole in self.id.holes if not hole.optional)


@dataclass(frozen=True, slots=True)
class Form:
    """A known form. ``layout`` is ``"columns"``, or ``"rows"`` when the labels stand in the first column.

    ``key`` is the column of which every row has one, ``""`` when there is none. Rows whose first
    filled cell matches ``notes`` are remarks.
    """

    name: str
    titles: Text
    columns: tuple[Column, ...]
    nodes: tuple[NodeSpec, ...]
    captions: tuple[Column, ...] = ()
    layout: str = "columns"
    key: str = ""
    notes: re.Pattern[str] | None = None

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns that must be there."""
        return tuple(column for column in self.columns if not column.optional)

    def column(self, name: str) -> Column | None:
        """Find a column or caption by its name in the mapping."""
        return next((c for c in (*self.columns, *self.captions) if c.name == name), None)

    def column_headed(self, header: str) -> Column | None:
        """Find a column by what stands in the document."""
        folded = fold(header)
        return next((column for column in self.columns if folded in column.headers), None)
