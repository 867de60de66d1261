"""Part of a store, for reading: some of its graphs and nothing else (floor 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NoReturn

import pyoxigraph as ox

from qualitrace.errors import ForbiddenError
from qualitrace.journal.model import Changeset
from qualitrace.store.changes import Changes
from qualitrace.store.contents import fact_of
from qualitrace.store.engine import Row
from qualitrace.store.oxigraph import OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.text import Text


class EngineView:
    """An engine that holds some graphs of another one, and cannot be changed.

    ``graphs`` says of each graph that may be asked for which graphs of the engine make it up. What is in
    others cannot be reached: not by a fact, not by a query, whichever graphs it names.
    """

    def __init__(self, engine: OxigraphEngine, graphs: Mapping[str, tuple[str, ...]]) -> None:
        self._engine = engine
        self._graphs = dict(graphs)
        self._seen = tuple(dict.fromkeys(chain.from_iterable(graphs.values())))
        self._names = frozenset(map(ox.NamedNode, self._seen))

    @property
    def position(self) -> int:
        """The journal position of the engine."""
        return self._engine.position

    @property
    def changes(self) -> Changes:
        """What changed lately in the engine: in these graphs, and in others."""
        return self._engine.changes

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over the facts that match, of one graph or (None) of all. No order."""
        for name in self._made_of(graph):
            yield from self._engine.facts(name, subject=subject, predicate=predicate, object=object)

    def links(self, graph: str, predicate: str) -> Iterator[tuple[str, str]]:
        """Iterate over the subjects and objects (IRIs) that a predicate links in one graph. No order."""
        for name in self._made_of(graph):
            yield from self._engine.links(name, predicate)

    def quads(self, subject: object, predicate: object, value: object) -> Iterator[ox.Quad]:
        """Look up quads, as :meth:`OxigraphEngine.quads`."""
        return (
            quad for quad in self._engine.quads(subject, predicate, value) if quad.graph_name in self._names
        )

    def came(self, predicate: str) -> int:
        """Return a number that grows with facts of the engine, as :meth:`OxigraphEngine.came`."""
        return self._engine.came(predicate)

    def select(self, query: str) -> list[Row]:
        """Answer a SPARQL SELECT over the union of the graphs. Raises QueryError."""
        return self._engine.select(query, graphs=self._seen)

    def construct(self, query: str) -> list[Fact]:
        """Answer a SPARQL CONSTRUCT over the union of the graphs. Raises QueryError."""
        return self._engine.construct(query, graphs=self._seen)

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        return sum(self._engine.count(name) for name in self._made_of(graph))

    def dump(self) -> Iterator[tuple[str, Fact]]:
        """Iterate over all there is: each fact with the name of its graph, as the engine stores it."""
        for name in self._seen:
            for quad in self._engine.store.quads_for_pattern(None, None, None, ox.NamedNode(name)):
                yield name, fact_of(quad)

    def _made_of(self, graph: str | None) -> tuple[str, ...]:
        return self._seen if graph is None else self._graphs.get(graph, ())

    def apply(self, changeset: Changeset) -> NoReturn:
        """Refuse: what somebody sees is not changed through their eyes."""
        raise _read_only()

    def mark(self, position: int) -> NoReturn:
        """Refuse, as :meth:`apply`."""
        raise _read_only()

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> NoReturn:
        """Refuse, as :meth:`apply`."""
        raise _read_only()

    def load(self, graph: str, ntriples: str) -> NoReturn:
        """Refuse, as :meth:`apply`."""
        raise _read_only()


def _read_only() -> ForbiddenError:
    return ForbiddenError(
        Text(zh="这里只能查看,不能修改。", en="This can be read only, not changed."),
        hint=Text(zh="请在登记库本身上修改。", en="Change the registry itself."),
    )
