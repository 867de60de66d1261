"""The traced part of a graph server that one question needs, fetched in a few statements.

It is asked as the graph in memory is, so that questions mean the same on every engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY, NEVER
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import Engine
from qualitrace.terms import Fact, iri
from qualitrace.tracing.cypher_names import CypherNames
from qualitrace.tracing.cypher_text import Asked, CypherText
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.schema import TraceSchema

Ask = tuple[Iterable[int], Sequence[PathStep]]  # from which nodes, along which links
_BITS = 12  # as in the graph in memory


class CypherGraph(TraceGraph):
    """What was fetched of one registry, for questions about one day.

    What is asked for and was not fetched before is fetched then: that costs a statement each time, so
    whoever asks about many nodes says so first (:meth:`reach`, :meth:`walk`, :meth:`load`).
    """

    def __init__(self, engine: Any, names: CypherNames, schema: TraceSchema, as_of: dt.date) -> None:
        super().__init__(cast(Engine, self), schema)  # nodes are named by what was fetched
        self._server = engine
        self._names = names
        self._text = CypherText(names, schema.profile)
        self._as_of = as_of
        self._said: dict[str, Mapping[str, Any]] = {}
        self._ends: dict[PathStep, dict[int, list[int]]] = {}
        self._out: set[int] = set()  # nodes all of whose tracing links are here
        self.cut = False  # whether there may be more than was fetched

    # Fetching

    def reach(self, starts: Iterable[str], steps: int, *, backwards: bool = False) -> None:
        """Fetch all that tracing links lead to (or back to) from some nodes, through nodes of the day."""
        wanted = list(starts)
        if not wanted:
            return
        rows = self._read(self._text.reach(wanted, steps, backwards=backwards))
        numbers = [self._take(row["labels"], row["said"]) for row in rows]
        side, whole = (self.into, set(numbers)) if backwards else (self.out, set(numbers))
        for number, row in zip(numbers, rows, strict=True):
            entries = {self._edge(number, edge, backwards=backwards): None for edge in row["edges"]}
            side[number] = tuple(entries)
            self._hold(number, row["capacities"])
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
        rows = self._read(self._text.walk([steps for _, steps in wanted], names))
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for row in rows:
            end = self._take(row["labels"], row["said"])
            pairs = found.setdefault((row["ask"], row["step"]), [])
            pairs += [(self.id_of(source), end) for source in row["sources"]]
        day = self._as_of.toordinal()
        for at, (nodes, steps) in enumerate(wanted):
            here = set(nodes)
            for depth, step in enumerate(steps):
                pairs = found.get((at, depth), [])
                known = self._ends.setdefault(step, {})
                known.update((node, []) for node in here)
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
        for row in self._read(self._text.load(wanted)):
            number = self._take(row["labels"], row["said"])
            self._hold(number, row["capacities"])
        for name in wanted:
            self._said.setdefault(name, {})

    def load_members(self, family: Iterable[str]) -> list[int]:
        """Fetch the nodes of some classes that count on the day."""
        rows = self._read(self._text.members(sorted(family)))
        return [self._take(row["labels"], row["said"]) for row in rows]

    def _read(self, asked: Asked) -> list[Any]:
        rows: list[Any] = self._server.read(asked.text, day=self._as_of, **asked.given)
        return rows

    # What came

    def _take(self, labels: Sequence[str], said: Mapping[str, Any]) -> int:
        """Note a node's classes, days and values."""
        name = said["iri"]
        number = self.id_of(name)
        if name not in self._said:
            self._said[name] = said
            self._set_types(name, map(iri, self._names.classes(labels, said)))
            self._set_days(number, said.get("_from"), said.get("_to"), said.get("_never"))
        return number

    def _set_days(self, number: int, first: Any, last: Any, never: Any) -> None:
        if never:
            self.intervals[number] = NEVER
        elif first is not None or last is not None:
            self.intervals[number] = (_ordinal(first, FIRST_DAY), _ordinal(last, LAST_DAY))

    def _edge(self, number: int, edge: Sequence[Any], *, backwards: bool) -> int:
        """Note a tracing link; returns its entry in the adjacency of ``number``."""
        kind, predicate, inferred, name, *days = edge
        property_ = self._schema.number[self._names.predicate(kind, predicate)]
        other = self.id_of(name)
        if name not in self._said:
            self._set_days(other, *days)
        source, target = (other, number) if backwards else (number, other)
        if inferred:
            self.inferred.add((source, target << _BITS | property_))
        return other << _BITS | property_

    def _hold(self, number: int, capacities: Sequence[Any]) -> None:
        for predicate in self._schema.profile.trace.capacity:
            self._ends.setdefault(PathStep(predicate), {})[number] = []
        for kind, predicate, labels, said in capacities:
            step = PathStep(self._names.predicate(kind, predicate))
            self._ends[step][number].append(self._take(labels, said))

    # As the graph in memory is asked

    def exists(self, name: str) -> bool:
        """Tell whether some fact is about a node that was fetched."""
        return bool(self._said.get(name))

    def linked(self, node: int, predicate: str, *, inverse: bool, day: int) -> list[int]:
        """Return the nodes linked by a predicate that exist on the day. Any predicate may be asked."""
        return [
            other for other in self._ends_of(node, PathStep(predicate, inverse)) if self.valid(other, day)
        ]

    def uncounted(self, node: int, predicate: str, *, inverse: bool) -> list[int]:
        """Return the nodes linked by a predicate that count on no day, because of their state."""
        if not self._schema.profile.trace.counts_with:
            return []
        ends = self._ends_of(node, PathStep(predicate, inverse))
        return [other for other in ends if self.intervals.get(other) == NEVER]

    def _ends_of(self, node: int, step: PathStep) -> list[int]:
        number = self._schema.number.get(step.predicate)
        if node in self._out and number is not None and not step.inverse:
            return [entry >> _BITS for entry in self.out[node] if entry & ((1 << _BITS) - 1) == number]
        if node not in self._ends.get(step, {}):
            self.walk([([node], [step])])
        return self._ends[step][node]

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
        for term in self._names.terms(self._said[subject], predicate):
            yield Fact(subject, predicate, term)
        trace = self._schema.profile.trace
        if predicate in trace.capacity or predicate in trace.lifecycle:
            for end in self._ends_of(self.id_of(subject), PathStep(predicate)):
                yield Fact(subject, predicate, iri(self.names[end]))


def _ordinal(value: Any, otherwise: int) -> int:
    if value is None:
        return otherwise
    native = value.to_native() if hasattr(value, "to_native") else value
    day: int = native.toordinal()
    return day
