"""The traced part of a graph server that one question needs, fetched in a few statements.

It is asked as the graph in memory is, so that questions mean the same on every engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from qualitrace.profile.dates import NEVER
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import Engine
from qualitrace.terms import Fact, iri
from qualitrace.tracing.cypher_names import CypherNames
from qualitrace.tracing.cypher_said import Memory, Said, days_of
from qualitrace.tracing.cypher_text import Asked
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.model import Node
from qualitrace.tracing.nodes import NodeBook
from qualitrace.tracing.schema import TraceSchema

Ask = tuple[Iterable[int], Sequence[PathStep]]  # from which nodes, along which links
_Link = tuple[str, bool]  # a predicate, and whether it is followed back
_BITS = 12  # as in the graph in memory
_MASK = (1 << _BITS) - 1


class CypherGraph(TraceGraph):
    """What was fetched of one registry, for questions about one day.

    What is asked for and was not fetched before is fetched then: that costs a statement each time, so
    whoever asks about many nodes says so first (:meth:`reach`, :meth:`walk`, :meth:`load`).
    """

    def __init__(
        self,
        engine: Any,
        names: CypherNames,
        schema: TraceSchema,
        as_of: dt.date,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(cast(Engine, self), schema)  # nodes are named by what was fetched
        self._memory = memory or Memory(names, schema.profile)
        self._server = engine
        self._names = names
        self._text = self._memory.text
        self._as_of = as_of
        self._said: dict[str, Said | None] = {}  # None: nothing is
        self._ends: dict[_Link, dict[int, list[int]]] = {}
        self._out: set[int] = set()  # nodes all of whose tracing links are here
        self.asked = 0  # statements
        self.cut = False  # whether there may be more than was fetched

    # Fetching

    def reach(self, starts: Iterable[str], steps: int, *, backwards: bool = False) -> None:
        """Fetch all that tracing links lead to (or back to) from some nodes, through nodes of the day."""
        wanted = list(starts)
        if wanted:
            self.take(self.reached(wanted, steps, backwards=backwards), backwards=backwards)

    def reached(self, starts: Sequence[str], steps: int, *, backwards: bool = False) -> list[Any]:
        """Ask for what :meth:`reach` fetches; returns it as the server has it, by IRI."""
        rows = self._rows(self._text.reach(starts, steps, backwards=backwards))
        return sorted((row for row in rows if row[2]), key=lambda row: str(row[1]["iri"]))

    def take(self, rows: Sequence[Any], *, backwards: bool = False) -> None:
        """Take what :meth:`reached` returned."""
        numbers = [self._take(labels, said) for labels, said, *_ in rows]
        side, whole = (self.into, set(numbers)) if backwards else (self.out, set(numbers))
        for number, (_, _, _, edges, capacities) in zip(numbers, rows, strict=True):
            entries = {self._edge(number, edge, backwards=backwards): None for edge in edges}
            side[number] = tuple(entries)
            self._hold(number, capacities)
        if not backwards:
            self._out |= whole
        day = self._as_of.toordinal()
        ends = {entry >> _BITS for number in whole for entry in side[number]}
        self.cut = self.cut or any(self.valid(end, day) for end in ends - whole)

    def walk(self, asks: Sequence[Ask]) -> None:
        """Fetch what some sequences of links lead to, each from nodes of its own, in one statement."""
        wanted = [(sorted(set(nodes)), tuple(steps)) for nodes, steps in asks if steps]
        # In a fixed order: the server keeps the plans of statements that it has seen.
        wanted = sorted([(nodes, steps) for nodes, steps in wanted if nodes], key=lambda one: repr(one[1]))
        if not wanted:
            return
        names = [[self.names[node] for node in nodes] for nodes, _ in wanted]
        day = self._as_of.toordinal()
        for row in self._read(self._text.walk([steps for _, steps in wanted], names)):
            for labels, said, _ in row["nodes"]:
                self._take(labels, said)
            nodes, steps = wanted[row["ask"]]
            here = set(nodes)
            for step, linked in zip(steps, row["pairs"], strict=True):
                known = self._ends.setdefault((step.predicate, step.inverse), {})
                known.update((node, []) for node in here)
                pairs = [(self.id_of(source), self.id_of(end)) for source, end in linked]
                for source, end in pairs:
                    known.setdefault(source, []).append(end)
                here = {end for _, end in pairs if self.valid(end, day)}

    def walk_stewards(self, nodes: Iterable[int]) -> None:
        """Fetch the ends of the steward paths of some nodes."""
        by_path: dict[PropertyPath, set[int]] = {}
        for node in nodes:
            by_path.setdefault(self._schema.steward(self.types_of(node)), set()).add(node)
        self.walk([(group, steps) for path, group in by_path.items() for steps in path])

    def walk_states(self) -> None:
        """Fetch the states of nodes that count on no day because of them."""
        waiting = [node for node, days in self.intervals.items() if days == NEVER]
        steps = [PathStep(predicate) for predicate in sorted(self._schema.profile.trace.lifecycle)]
        self.walk([(waiting, (step,)) for step in steps])

    def load(self, names: Iterable[str]) -> None:
        """Fetch classes, days and values of some nodes."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._said]
        if not wanted:
            return
        for labels, said, there, capacities in self._rows(self._text.load(wanted)):
            if there:
                self._hold(self._take(labels, said), capacities)
        for name in wanted:
            self._said.setdefault(name, None)

    def load_members(self, family: Iterable[str]) -> list[int]:
        """Fetch the nodes of some classes that count on the day."""
        rows = self._rows(self._text.members(sorted(family)))
        return [self._take(labels, said) for labels, said, _ in rows]

    def _rows(self, asked: Asked) -> list[Any]:
        """Ask what comes as one list: as rows of the server each would cost the driver some work."""
        rows: list[Any] = self._read(asked)[0]["rows"]
        return rows

    def _read(self, asked: Asked) -> list[Any]:
        self.asked += 1
        rows: list[Any] = self._server.read(asked.text, day=self._as_of, **asked.given)
        return rows

    # What came

    def _take(self, labels: Sequence[str], values: Mapping[str, Any]) -> int:
        """Note a node's classes, days and values."""
        name = values["iri"]
        number = self.id_of(name)
        if name not in self._said:
            said = self._said[name] = self._memory.said(labels, values)
            if said.types:
                self.types[number] = said.types
            for kind in said.types:
                self.members.setdefault(kind, set()).add(number)
            if said.days is not None:
                self.intervals[number] = said.days
        return number

    def _edge(self, number: int, edge: Sequence[Any], *, backwards: bool) -> int:
        """Note a tracing link; returns its entry in the adjacency of ``number``."""
        kind, predicate, inferred, name, *days = edge
        property_ = self._schema.number[self._names.predicate(kind, predicate)]
        other = self.id_of(name)
        if days and name not in self._said and (counts := days_of(*days)) is not None:
            self.intervals[other] = counts
        source, target = (other, number) if backwards else (number, other)
        if inferred:
            self.inferred.add((source, target << _BITS | property_))
        return other << _BITS | property_

    def _hold(self, number: int, capacities: Sequence[Any]) -> None:
        for predicate in self._schema.profile.trace.capacity:
            self._ends.setdefault((predicate, False), {})[number] = []
        for kind, predicate, labels, said in capacities:
            link = self._names.predicate(kind, predicate), False
            self._ends[link][number].append(self._take(labels, said))

    # As the graph in memory is asked

    def exists(self, name: str) -> bool:
        """Tell whether some fact is about a node that was fetched."""
        return self._said.get(name) is not None

    def said(self, number: int) -> Said | None:
        """Return what was fetched of a node; None when nothing was."""
        return self._said.get(self.names[number])

    def linked(self, node: int, predicate: str, *, inverse: bool, day: int) -> list[int]:
        """Return the nodes linked by a predicate that exist on the day. Any predicate may be asked."""
        ends = self._ends_of(node, predicate, inverse)
        return [other for other in ends if self.valid(other, day)] if ends else []

    def uncounted(self, node: int, predicate: str, *, inverse: bool) -> list[int]:
        """Return the nodes linked by a predicate that count on no day, because of their state."""
        if not self._schema.profile.trace.counts_with:
            return []
        ends = self._ends_of(node, predicate, inverse)
        return [other for other in ends if self.intervals.get(other) == NEVER]

    def _ends_of(self, node: int, predicate: str, inverse: bool = False) -> list[int]:
        if not inverse and node in self._out:
            number = self._schema.number.get(predicate)
            if number is not None:
                return [entry >> _BITS for entry in self.out[node] if entry & _MASK == number]
        known = self._ends.get((predicate, inverse))
        if known is None or node not in known:
            self.walk([([node], [PathStep(predicate, inverse)])])
            known = self._ends[predicate, inverse]
        return known[node]

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over a node's values of a property: how it is called, and its capacity and state."""
        assert subject is not None and predicate is not None
        if subject not in self._said:
            self.load([subject])
        said = self._said[subject]
        if said is not None:
            for term in said.terms(predicate):
                yield Fact(subject, predicate, term)
        trace = self._schema.profile.trace
        if predicate in trace.capacity or predicate in trace.lifecycle:
            for end in self._ends_of(self.id_of(subject), predicate):
                yield Fact(subject, predicate, iri(self.names[end]))


class CypherBook(NodeBook):
    """Reads how nodes of a graph are called; of what was said before, it is known."""

    def __init__(self, graph: CypherGraph, schema: TraceSchema) -> None:
        super().__init__(graph, graph, schema)  # type: ignore[arg-type]
        self._asked = graph

    def node(self, number: int) -> Node:
        """Return a node as answers show it."""
        said = self._asked.said(number)
        if said is None:
            return super().node(number)
        if said.node is None:
            said.node = super().node(number)
        return said.node
