"""What an export is made of, taken out of a registry that goes on changing (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qualitrace.journal import Journal, Source
from qualitrace.store import INFERRED, PROFILE, STATED
from qualitrace.terms import Fact

_GRAPHS = (STATED, INFERRED, PROFILE)


class Taken:
    """The facts of a state as somebody sees it, and where they come from. To be made while nobody changes it.

    ``facts`` stands in for its engine where facts are read by graph, and by subject or predicate.
    """

    def __init__(self, state: Any, journal: Journal) -> None:
        self.profile = state.profile
        self.facts: Any = TakenFacts({graph: tuple(state.engine.facts(graph)) for graph in _GRAPHS})
        self._journal = journal.at(state.position)

    def sources(self) -> Mapping[Fact, tuple[Source, ...]]:
        """Return the places that state each fact, as the journal had them when the facts were taken."""
        return self._journal.sources(self.facts.facts(STATED))


class TakenFacts:
    """Facts by graph; they never change."""

    def __init__(self, by_graph: Mapping[str, tuple[Fact, ...]]) -> None:
        self._by_graph = by_graph
        self._by_subject: dict[str, dict[str, list[Fact]]] = {}

    def facts(
        self, graph: str | None = None, *, subject: str | None = None, predicate: str | None = None
    ) -> Iterator[Fact]:
        """Iterate over the facts of one graph or (None) of all, about a subject or any, with a predicate."""
        graphs = self._by_graph if graph is None else (graph,)
        return (
            fact
            for one in graphs
            for fact in (self._by_graph.get(one, ()) if subject is None else self._about(one, subject))
            if predicate is None or fact.predicate == predicate
        )

    def _about(self, graph: str, subject: str) -> Iterable[Fact]:
        if graph not in self._by_subject:
            found = self._by_subject.setdefault(graph, {})
            for fact in self._by_graph.get(graph, ()):
                found.setdefault(fact.subject, []).append(fact)
        return self._by_subject[graph].get(subject, ())
