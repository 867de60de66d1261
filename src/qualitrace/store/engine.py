"""The protocol that every engine speaks (floor 1).

An engine is a projection of the journal: it applies changesets in order and remembers the position
of the last one it applied. It can be deleted and rebuilt at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from qualitrace.journal.model import Changeset
from qualitrace.terms import QT, Fact

STATED = QT + "stated"
INFERRED = QT + "inferred"
PROFILE = QT + "profile"

# A solution of a SELECT query: variable name → term in N-Triples syntax. Unbound names are absent.
Row = Mapping[str, str]


class Engine(Protocol):
    """What every engine can be asked."""

    @property
    def position(self) -> int:
        """The journal position of the last changeset applied; 0 when empty."""
        ...

    def apply(self, changeset: Changeset) -> None:
        """Apply the changeset after ``position``. Raises ConflictError when it is another one."""
        ...

    def mark(self, position: int) -> None:
        """Say that the stated facts now stand at this journal position."""
        ...

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Add and remove facts of one named graph (an IRI) without moving ``position``."""
        ...

    def load(self, graph: str, ntriples: str) -> None:
        """Replace one named graph by N-Triples text, which may hold blank nodes."""
        ...

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over the facts that match, of one graph or (None) of all. No order."""
        ...

    def links(self, graph: str, predicate: str) -> Iterator[tuple[str, str]]:
        """Iterate over the subjects and objects (IRIs) that a predicate links in one graph. No order.

        Facts whose object is a literal are left out.
        """
        ...

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        ...


class SparqlEngine(Engine, Protocol):
    """An engine that takes SPARQL as well: inference and validation run on such a one."""

    def select(self, query: str) -> list[Row]:
        """Answer a SPARQL SELECT over the union of the graphs. Raises QueryError."""
        ...

    def construct(self, query: str) -> list[Fact]:
        """Answer a SPARQL CONSTRUCT over the union of the graphs. Raises QueryError."""
        ...


@runtime_checkable
class Concluding(Protocol):
    """An engine that keeps the answer of a query without handing it out first, which is quicker."""

    def conclude(self, query: str, graph: str) -> list[Fact]:
        """Put what a SPARQL CONSTRUCT answers, and is in no graph, into one. Returns that, each fact once.

        What is said of blank nodes is passed over. Raises QueryError.
        """
        ...
