"""What a constraint is to the compiler: a test of values, of the focus node, or a search for offenders.

Each constraint component (SHACL 4) turns its parameters into one or more :class:`Constraint`. Seen
from the top, a constraint becomes one query that finds what breaks it; seen from within another
shape (``sh:node``, ``sh:or`` …), it becomes a condition on a node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox
from rdflib.term import Node

from qualitrace import terms
from qualitrace.text import Text
from qualitrace.validation.expressions import Condition, Writer
from qualitrace.validation.reads import Read


@dataclass(frozen=True, slots=True)
class AsWritten:
    """A test that values as they were written may fail though the stored form meets the condition.

    ``suspects(writer, variable)`` says which stored values to look at; ``accepts(literal)`` tells.
    """

    suspects: Callable[[Writer, str], Condition]
    accepts: Callable[[ox.Literal], bool]


@dataclass(frozen=True, slots=True)
class ValueTest:
    """Every value node must meet a condition; each that does not is a result with its value.

    ``condition(writer, variable)`` writes it. ``reads`` start from the value node.
    """

    condition: Callable[[Writer, str], Condition]
    reads: tuple[Read, ...] = ()
    as_written: AsWritten | None = None


@dataclass(frozen=True, slots=True)
class NodeTest:
    """The focus node must meet a condition (counts and the like); a result has no value.

    ``condition(writer, variable)`` writes it. ``reads`` start from the focus node.
    """

    condition: Callable[[Writer, str], Condition]
    reads: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """A pattern that finds offenders of a focus node; each solution is a result.

    ``columns`` names what tells results apart; ``value`` and ``path`` among them become the value and
    path of the result. ``pattern(writer, focus, variables)`` writes the pattern, given one variable
    for each column.
    """

    pattern: Callable[[Writer, str, Sequence[str]], str]
    columns: tuple[str, ...] = ("value",)
    reads: tuple[Read, ...] = ()
    value_is_focus: bool = False  # when no value is bound, the focus node is the value
    asks_shapes: bool = False  # the query asks $shapesGraph
    is_query: bool = False  # it was written as SPARQL in the shapes graph


@dataclass(frozen=True, slots=True)
class Nested:
    """A property shape that every value node must conform to; its results are its own (SHACL 4.7.2)."""

    shape: Node


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of a shape.

    ``default`` is the message when the shape has none: ``{path}``, ``{value}`` and IRIs in angle
    brackets are replaced by labels. ``details`` are shapes whose results at the value node explain
    a failure. ``node`` is the constraint's own node (``sh:sourceConstraint``).
    """

    component: str  # IRI
    label: str  # short name, for golden files
    test: ValueTest | NodeTest | Search | Nested
    default: Text = field(default_factory=Text)
    messages: Text = field(default_factory=Text)
    remedy: Text = field(default_factory=Text)
    node: Node | None = None
    details: tuple[Node, ...] = ()
    others: tuple[Node, ...] = ()  # shapes the test refers to that explain nothing

    @property
    def shapes(self) -> tuple[Node, ...]:
        """All shapes that the test refers to."""
        return (*self.details, *self.others)


class UnsupportedError(Exception):
    """A shape uses what the compiler does not know; ``reason`` says what. Never leaves the package."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.best("en"))
        self.reason = reason


def component(name: str) -> str:
    """Return the IRI of a core constraint component: ``component("MinCount")``."""
    return f"{terms.SH}{name}ConstraintComponent"
