"""Oxigraph in process, in memory: the default engine (floor 1)."""

from __future__ import annotations

import contextlib
import os
import shutil
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from qualitrace.errors import ConflictError, QueryError
from qualitrace.journal.model import Changeset
from qualitrace.store.changes import Changes
from qualitrace.store.contents import Contents, fact_of
from qualitrace.store.engine import INFERRED, PROFILE, STATED, Row
from qualitrace.store.exact import ExactLiterals
from qualitrace.terms import Fact
from qualitrace.text import Text

_ANY, _EVERYTHING = "", 2**40  # a graph that is loaded may hold any number of facts


def valid_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


class OxigraphEngine:
    """A pyoxigraph store with the three graphs of the registry.

    ``store`` is public for floors that compile to SPARQL; only this class writes to it. Queries answer
    with values as the store keeps them (``"4"`` for ``"4.0"``); :meth:`facts` and ``exact`` tell how
    they were written.
    """

    def __init__(self) -> None:
        self.store = ox.Store()
        self.on_disk = False  # whether the store is one that was saved (qualitrace.store.saved)
        self.folder: Path | None = None  # where it lies then
        self._contents = Contents(self.store)
        self._position = 0
        self._came: Counter[str] = Counter()
        self.changes = Changes()  # for those who keep what they read

    @property
    def exact(self) -> ExactLiterals:
        """How literals were written that the store keeps in another form."""
        return self._contents.exact

    def copy(self, *graphs: str, linked: bool = True) -> OxigraphEngine:
        """Return another engine with the same facts at the same position; ``graphs`` (IRIs) limits it.

        A store on disk is copied by links to its files (unless not ``linked``): that takes milliseconds,
        whatever it holds.
        """
        made = OxigraphEngine()
        if linked and self.folder is not None and not graphs:
            with contextlib.suppress(OSError, RuntimeError):  # no room, say: copy into memory
                made._link(self, self.folder)
                return made
        for graph in graphs:
            made.store.bulk_extend(self.store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
        if not graphs:
            made.store.bulk_extend(self.store)
        wanted = {ox.NamedNode(graph) for graph in graphs}
        forms = self._contents.forms()
        made._contents.note_forms(
            {quad: forms[quad] for quad in forms if not wanted or quad.graph_name in wanted}
        )
        made._position = self._position
        return made

    def in_memory(self) -> OxigraphEngine:
        """Return an engine of the same facts whose store is in memory: this one, or a copy of one on disk.

        A store on disk answers much slower when all of it is read. A copy takes seconds for a million facts.
        """
        return self.copy(linked=False) if self.on_disk else self

    def _link(self, other: OxigraphEngine, folder: Path) -> None:
        """Hold what another engine holds, in a folder beside its own that goes when this engine does."""
        own = folder.with_name(f"work-{os.getpid()}-{os.urandom(4).hex()}")
        clean = weakref.finalize(self, shutil.rmtree, own, ignore_errors=True)
        try:
            other.store.backup(str(own))
            self.store = ox.Store(str(own))
        except BaseException:
            clean()
            raise
        self._contents = other._contents.copy(self.store)
        self.on_disk, self.folder, self._position = True, own, other._position

    @property
    def size(self) -> int:
        """How many facts the three graphs hold together; counted once, then kept up."""
        return sum(self.count(graph) for graph in (STATED, INFERRED, PROFILE))

    @property
    def position(self) -> int:
        """The journal position of the last changeset applied; 0 when empty."""
        return self._position

    def apply(self, changeset: Changeset) -> None:
        """Apply the changeset after ``position``. Raises ConflictError when it is another one."""
        if changeset.position != self._position + 1:
            raise ConflictError(
                Text(
                    zh=f"应接着第 {self._position} 号变更,却收到第 {changeset.position} 号。",
                    en=f"Expected the change after {self._position}, got {changeset.position}.",
                ),
                hint=Text(zh="请重新打开登记库。", en="Open the registry again."),
            )
        self.change(STATED, changeset.facts_added, changeset.facts_removed)
        self._position = changeset.position

    def mark(self, position: int) -> None:
        """Say that the stated facts now stand at this journal position."""
        self._position = position

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Remove and add facts of one named graph (an IRI) without moving ``position``.

        Raises QueryError for a fact that is not well written.
        """
        added, removed = tuple(added), tuple(removed)
        self.changes.note(added + removed)
        self._contents.change(added, removed, graph)
        self._came.update(fact.predicate for fact in added)

    def came(self, predicate: str) -> int:
        """Return a number that grew by one at least for each fact with a predicate that was added.

        What is counted once is bounded by this until it is counted again.
        """
        return self._came[predicate] + self._came[_ANY]

    def load(self, graph: str, ntriples: str | bytes) -> None:
        """Replace one named graph by N-Triples text (bytes: UTF-8), which may hold blank nodes."""
        self.changes.forget()
        self._contents.load(ntriples.encode() if isinstance(ntriples, str) else ntriples, graph)
        self._came[_ANY] += _EVERYTHING

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over the facts that match, of one graph or (None) of all. No order."""
        return self._contents.facts(graph, subject, predicate, object)

    def links(self, graph: str, predicate: str) -> Iterator[tuple[str, str]]:
        """Iterate over the subjects and objects (IRIs) that a predicate links in one graph. No order.

        Facts whose object is a literal, or about blank nodes, are left out.
        """
        named = ox.NamedNode
        for quad in self.store.quads_for_pattern(None, named(predicate), None, named(graph)):
            subject, value = quad.subject, quad.object
            if type(value) is named and type(subject) is named:
                yield subject.value, value.value

    def quads(self, subject: Any, predicate: Any, value: Any) -> Iterator[ox.Quad]:
        """Look up quads of all graphs by terms of the store (None: any)."""
        return self.store.quads_for_pattern(subject, predicate, value, None)

    def select(self, query: str, *, graphs: Sequence[str] = ()) -> list[Row]:
        """Answer a SPARQL SELECT over the union of the graphs: of all, or of ``graphs`` (IRIs).

        Raises QueryError.
        """
        solutions = self._query(query, graphs)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError(
                Text(zh="这里需要 SELECT 查询。", en="A SELECT query is needed here."), where=query
            )
        names = [variable.value for variable in solutions.variables]
        rows: list[Row] = []
        for solution in solutions:
            values = ((name, solution[name]) for name in names)
            rows.append({name: str(value) for name, value in values if value is not None})
        return rows

    def construct(self, query: str, *, graphs: Sequence[str] = ()) -> list[Fact]:
        """Answer a SPARQL CONSTRUCT, as :meth:`select` does. Raises QueryError."""
        return [fact_of(triple) for triple in self._triples(query, graphs)]

    def conclude(self, query: str, graph: str) -> list[Fact]:
        """Put what a CONSTRUCT answers, and is in no graph, into one. Returns that. Raises QueryError."""
        found = self._contents.put_new(self._triples(query, ()), graph)
        self.changes.note(found)
        self._came.update(fact.predicate for fact in found)
        return found

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        return self._contents.count(graph)

    def _triples(self, query: str, graphs: Sequence[str]) -> ox.QueryTriples:
        triples = self._query(query, graphs)
        if not isinstance(triples, ox.QueryTriples):
            raise QueryError(
                Text(zh="这里需要 CONSTRUCT 查询。", en="A CONSTRUCT query is needed here."), where=query
            )
        return triples

    def _query(
        self, query: str, graphs: Sequence[str]
    ) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        try:
            if graphs:
                named: list[Any] = [ox.NamedNode(graph) for graph in graphs]
                return self.store.query(query, default_graph=named, named_graphs=named)
            return self.store.query(query, use_default_graph_as_union=True)
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:  # RuntimeError: a damaged file
            raise QueryError(
                Text(zh="查询无法执行。", en="The query cannot be run."),
                where=str(error),
                hint=Text(zh="请检查查询的写法。", en="Check how the query is written."),
            ) from error
