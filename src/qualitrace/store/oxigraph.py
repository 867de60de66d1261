"""Oxigraph in process, in memory: the default engine (floor 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from qualitrace.errors import ConflictError, QueryError
from qualitrace.journal.model import Changeset
from qualitrace.store.engine import STATED, Row
from qualitrace.terms import Fact, iri_of, is_iri, lit_of
from qualitrace.text import Text


def valid_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def term_of(term: str) -> ox.NamedNode | ox.Literal:
    """Turn an N-Triples term into a pyoxigraph term."""
    if is_iri(term):
        return ox.NamedNode(iri_of(term))
    lit = lit_of(term)
    if lit.language:
        return ox.Literal(lit.value, language=lit.language)
    return ox.Literal(lit.value, datatype=ox.NamedNode(lit.datatype))


def quad_of(fact: Fact, graph: str) -> ox.Quad:
    """Turn a fact into a quad of the named graph."""
    return ox.Quad(
        ox.NamedNode(fact.subject), ox.NamedNode(fact.predicate), term_of(fact.object), ox.NamedNode(graph)
    )


def fact_of(statement: ox.Quad | ox.Triple) -> Fact:
    """Turn a quad or triple into a fact. Blank nodes keep their ``_:`` form."""
    subject = statement.subject
    name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
    return Fact(name, statement.predicate.value, str(statement.object))


class OxigraphEngine:
    """A pyoxigraph store with the three graphs of the registry.

    ``store`` is public for floors that compile to SPARQL; only this class writes to it.
    """

    def __init__(self) -> None:
        self.store = ox.Store()
        self._position = 0

    def copy(self, *graphs: str) -> OxigraphEngine:
        """Return another engine with the same facts at the same position; ``graphs`` (IRIs) limits it."""
        made = OxigraphEngine()
        for graph in graphs:
            made.store.bulk_extend(self.store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
        if not graphs:
            made.store.bulk_extend(self.store)
        made._position = self._position
        return made

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
        """Add and remove facts of one named graph (an IRI) without moving ``position``."""
        for fact in removed:
            self.store.remove(quad_of(fact, graph))
        self.store.extend(quad_of(fact, graph) for fact in added)

    def load(self, graph: str, ntriples: str) -> None:
        """Replace one named graph by N-Triples text, which may hold blank nodes."""
        name = ox.NamedNode(graph)
        self.store.clear_graph(name)
        self.store.load(ntriples.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=name)

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over the facts that match, of one graph or (None) of all. No order."""
        quads = self.store.quads_for_pattern(
            None if subject is None else ox.NamedNode(subject),
            None if predicate is None else ox.NamedNode(predicate),
            None if object is None else term_of(object),
            None if graph is None else ox.NamedNode(graph),
        )
        return (fact_of(quad) for quad in quads)

    def select(self, query: str) -> list[Row]:
        """Answer a SPARQL SELECT over the union of the graphs. Raises QueryError."""
        solutions = self._query(query)
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

    def construct(self, query: str) -> list[Fact]:
        """Answer a SPARQL CONSTRUCT over the union of the graphs. Raises QueryError."""
        triples = self._query(query)
        if not isinstance(triples, ox.QueryTriples):
            raise QueryError(
                Text(zh="这里需要 CONSTRUCT 查询。", en="A CONSTRUCT query is needed here."), where=query
            )
        return [fact_of(triple) for triple in triples]

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        return sum(1 for _ in self.store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))

    def _query(self, query: str) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        try:
            return self.store.query(query, use_default_graph_as_union=True)
        except (SyntaxError, ValueError, OSError) as error:
            raise QueryError(
                Text(zh="查询无法执行。", en="The query cannot be run."),
                where=str(error),
                hint=Text(zh="请检查查询的写法。", en="Check how the query is written."),
            ) from error
