"""Who answers for each node on a date, whatever its class: somebody named, or somebody by inheritance.

Tracing leads to whoever answers in the end: nodes of classes from which no tracing property leads on. A
node is answered for by name when such an end is reached without an inherited step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum

from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.index import TraceIndex
from qualitrace.tracing.schema import TraceSchema


class Answered(StrEnum):
    """How a node is answered for."""

    NAMED = "named"  # somebody is reached without an inherited step
    INHERITED = "inherited"  # only by inheritance
    NOBODY = "nobody"


class Answering:
    """Who answers for the nodes of an index on a day."""

    def __init__(self, index: TraceIndex, day: dt.date) -> None:
        self._graph: TraceGraph = index._graph
        self._schema: TraceSchema = index._schema
        self._day = day.toordinal()
        self._ends = self._end_nodes()
        named = self._reaching(inherited=False)
        self._found = named, self._reaching(inherited=True) | named

    def nodes(self) -> Mapping[str, Answered]:
        """Return how each node (IRI) that exists on the day, and must be answered for, is."""
        named, any_way = self._found
        found = {}
        for node, types in self._graph.types.items():
            if node in self._ends or not self._graph.valid(node, self._day) or not self._leads(types):
                continue
            how = Answered.NAMED if node in named else Answered.INHERITED
            found[self._graph.names[node]] = how if node in any_way else Answered.NOBODY
        return found

    def who(self, node: str, how: Answered) -> tuple[str, ...]:
        """Return whoever answers for a node (IRIs) by name, or, when none does, by inheritance."""
        start = self._graph.find(node)
        if start is None or how is Answered.NOBODY:
            return ()
        seen, waiting = {start}, [start]
        ends: set[int] = set()
        while waiting:
            for other, number in self._graph.steps(waiting.pop(), self._day):
                if other in seen or (how is Answered.NAMED and self._schema.inherited[number]):
                    continue
                seen.add(other)
                (ends.add if other in self._ends else waiting.append)(other)
        return tuple(sorted(self._graph.names[end] for end in ends))

    def _leads(self, types: Iterable[str]) -> bool:
        """Tell whether a tracing property leads on from nodes of these classes."""
        domains = (prop.domains for prop in self._schema.profile.trace.properties.values())
        return any(not domain.isdisjoint(types) for domain in domains)

    def _end_nodes(self) -> set[int]:
        by_types: dict[frozenset[str], bool] = {}
        ends = set()
        for node in self._graph.into:
            types = self._graph.types_of(node)
            if types not in by_types:
                by_types[types] = bool(types) and not self._leads(types)
            if by_types[types] and self._graph.valid(node, self._day):
                ends.add(node)
        return ends

    def _reaching(self, *, inherited: bool) -> set[int]:
        """The nodes that an end is reached from; with ``inherited`` steps, or without."""
        found, waiting = set(self._ends), list(self._ends)
        while waiting:
            node = waiting.pop()
            for other, number in self._graph.steps(node, self._day, backwards=True):
                if other not in found and (inherited or not self._schema.inherited[number]):
                    found.add(other)
                    waiting.append(other)
        return found
