"""Verdicts: whether every chain of a node is whole on a day, and where it first breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qualitrace.budget import look
from qualitrace.errors import QueryError
from qualitrace.profile.model import ChainModel, PathStep
from qualitrace.text import Text
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.model import Verdict
from qualitrace.tracing.nodes import NodeBook, Stewards, by_label
from qualitrace.tracing.schema import TraceSchema


class _Break(NamedTuple):
    """A missing link: how deep in which chain, at which node, and the way there (start first)."""

    depth: int
    chain: int
    at: str  # IRI, so that breaks sort
    way: tuple[int, ...]
    link: PathStep


_WHOLE = _Break(0, 0, "", (), PathStep(""))


class Coverer:
    """Judges the nodes of a class on one day."""

    def __init__(self, graph: TraceGraph, schema: TraceSchema, book: NodeBook, day: int) -> None:
        self._graph = graph
        self._schema = schema
        self._book = book
        self._day = day
        self._stewards = Stewards(graph, schema, day)

    def verdicts(self, of: str) -> tuple[Verdict, ...]:
        """Judge every node of a class (and its subclasses) that exists on the day, by label.

        Raises QueryError when the class is unknown or has no chain.
        """
        family = self._schema.family(of)
        if not self._schema.chains(frozenset({of})):
            raise self._no_chains(of)
        members = {number for iri in family for number in tuple(self._graph.members.get(iri, ()))}
        verdicts = []
        for at, number in enumerate(members):
            if not at % 512:
                look("coverage")
            if self._graph.valid(number, self._day):
                verdicts.append(self.verdict(number))
        return tuple(sorted(verdicts, key=lambda verdict: by_label(verdict.node)))

    def first_break(self, number: int) -> tuple[int, ...]:
        """Return the way from a node to where a chain of it breaks first; ``()`` when none does."""
        return min(self._all_breaks(number), key=lambda found: found[:3], default=_WHOLE).way

    def verdict(self, number: int) -> Verdict:
        """Judge one node by the chains of its classes."""
        breaks = self._all_breaks(number)
        node = self._book.node(number)
        if not breaks:
            return Verdict(node=node, complete=True)
        first = min(breaks, key=lambda found: found[:3])
        steward = self._stewards.along(reversed(first.way))
        return Verdict(
            node=node,
            complete=False,
            missing=first.link.predicate,
            absence=self._absence(first),
            at=self._book.node(first.way[-1]),
            steward=None if steward is None else self._book.node(steward),
            broken_branches=len({(found.at, found.link) for found in breaks}),
        )

    def _all_breaks(self, number: int) -> list[_Break]:
        chains = self._schema.chains(self._graph.types_of(number))
        return [found for at, chain in enumerate(chains) for found in self._breaks(number, chain, at)]

    def _absence(self, found: _Break) -> Text:
        predicate, inverse = found.link.predicate, found.link.inverse
        named = self._schema.missing(predicate, inverse=inverse)
        return self._book.absence(named, found.way[-1], predicate, inverse=inverse)

    def _breaks(self, number: int, chain: ChainModel, order: int) -> Iterator[_Break]:
        """Walk a chain link by link over all its branches; each node is visited once per link."""
        ways: dict[int, tuple[int, ...]] = {number: (number,)}
        for depth, link in enumerate(chain.links):
            onward: dict[int, tuple[int, ...]] = {}
            for node, way in ways.items():
                values = self._graph.linked(node, link.predicate, inverse=link.inverse, day=self._day)
                if not values:
                    yield _Break(depth, order, self._graph.names[node], way, link)
                for value in values:
                    onward.setdefault(value, (*way, value))
            # Which way leads to a shared node must not depend on how the store orders facts.
            ways = dict(sorted(onward.items(), key=lambda item: self._graph.names[item[0]]))

    def _no_chains(self, of: str) -> QueryError:
        models = self._schema.profile.classes
        named = {language: models[of].labels.best(language) or models[of].name for language in ("zh", "en")}
        judged = [m for m in models.values() if self._schema.chains(frozenset({m.iri}))]
        return QueryError(
            Text(
                zh=f"“{named['zh']}”没有规定必须齐全的链条，无法判断是否完整。",
                en=f"{named['en']} has no chain that must be whole, so nothing can be judged.",
            ),
            where=of,
            hint=Text(
                zh="可以询问：" + "、".join(sorted(m.labels.best("zh") or m.name for m in judged)),
                en="Ask about: " + ", ".join(sorted(m.labels.best("en") or m.name for m in judged)),
            )
            if judged
            else Text(
                zh="请在本体里用 qt:chain 给类规定链条。",
                en="Declare chains on classes of the ontology with qt:chain.",
            ),
        )
