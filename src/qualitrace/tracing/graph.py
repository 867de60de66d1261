"""The traced part of the store in memory: interned nodes, adjacency in both directions, validity.

Nodes are integers; an adjacency entry packs the neighbour and the number of the property into one
integer, which keeps a million edges small and quick to walk. The entries of a node are a tuple, which
is replaced when it changes: a question under way sees the old or the new one, and the garbage
collector, which would otherwise walk all of them during a large answer, passes over tuples of integers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping

from qualitrace.profile.dates import NEVER
from qualitrace.profile.standing import days_of_node, telling_days
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri
from qualitrace.tracing.links import Links
from qualitrace.tracing.schema import TraceSchema, Types

_BITS = 12  # room for 4096 tracing properties
_MASK = (1 << _BITS) - 1
_NONE: Types = frozenset()


Edge = tuple[int, int]  # neighbour, property number


class TraceGraph:
    """What tracing reads of the stated and inferred facts.

    ``out`` and ``into`` are packed adjacency entries by node; ``inferred`` holds the edges that only
    follow, as ``(source, entry)``; ``types`` are class IRIs as said, without superclasses;
    ``intervals`` are first and last day, for the nodes that have any (``NEVER`` for those whose state lets
    them count on no day).
    """

    def __init__(self, engine: Engine, schema: TraceSchema) -> None:
        self._engine = engine
        self._schema = schema
        self.names: list[str] = []
        self._ids: dict[str, int] = {}
        self._naming = threading.Lock()
        self.out: dict[int, tuple[int, ...]] = {}
        self.into: dict[int, tuple[int, ...]] = {}
        self.inferred: set[tuple[int, int]] = set()
        self.types: dict[int, Types] = {}
        self.members: dict[str, set[int]] = {}
        self.intervals: dict[int, tuple[int, int]] = {}
        self._same_types: dict[Types, Types] = {}
        self._links: dict[str, Links] = {}

    @classmethod
    def build(cls, engine: Engine, schema: TraceSchema) -> TraceGraph:
        """Read the whole graph from the store."""
        graph = cls(engine, schema)
        graph._read_edges()
        graph._read_types()
        dated = (fact.subject for name in telling_days(schema.profile.trace) for fact in graph._facts(name))
        for subject in set(dated):
            graph._read_days(subject)
        return graph

    def copy(self, engine: Engine) -> TraceGraph:
        """Return the same graph for another store with the same facts; neither follows the other."""
        made = TraceGraph(engine, self._schema)
        with self._naming:  # others ask meanwhile
            made.names, made._ids = self.names.copy(), self._ids.copy()
        made.out, made.into, made.inferred = self.out.copy(), self.into.copy(), self.inferred.copy()
        made.types, made.intervals = self.types.copy(), self.intervals.copy()
        made.members = {kind: nodes.copy() for kind, nodes in self.members.items()}
        made._same_types = self._same_types
        return made

    def update(self, changed: Iterable[Fact]) -> None:
        """Bring the graph up to date with the store, for facts that were added or removed there."""
        validity = telling_days(self._schema.profile.trace)
        for fact in changed:
            if fact.predicate in self._schema.number:
                self._read_edge(fact)
            elif fact.predicate == RDF_TYPE:
                self._set_types(fact.subject, self._values(fact.subject, RDF_TYPE))
            elif fact.predicate in validity:
                self._read_days(fact.subject)
            if fact.predicate in self._links and is_iri(fact.object):
                source, target = self.id_of(fact.subject), self.id_of(iri_of(fact.object))
                self._links[fact.predicate].set(source, target, self._holds(None, fact))

    def id_of(self, name: str) -> int:
        """Return the number of a node, giving it one when it is new."""
        number = self._ids.get(name)
        if number is None:
            with self._naming:  # questions that are asked at the same time may name new nodes
                number = self._ids.get(name)
                if number is None:
                    number = len(self.names)
                    self.names.append(name)  # who finds the number finds the name
                    self._ids[name] = number
        return number

    def find(self, name: str) -> int | None:
        """Return the number of a node that some traced fact is about; None when there is none."""
        number = self._ids.get(name)
        if number is None or not (self.types.get(number) or number in self.out or number in self.into):
            return None
        return number

    def valid(self, node: int, day: int) -> bool:
        """Tell whether the node exists on the day (an ordinal)."""
        days = self.intervals.get(node)
        return days is None or days[0] <= day <= days[1]

    def steps(self, node: int, day: int, *, backwards: bool = False) -> list[Edge]:
        """Return the edges from (or, backwards, to) a node whose other end exists on the day.

        A step along a property that only follows from a step along a property below it is not a step
        of its own: it would show one answer twice, and could hide that the step below is inherited.
        """
        entries = (self.into if backwards else self.out).get(node, ())
        edges = [(entry >> _BITS, entry & _MASK) for entry in entries]
        if self.intervals:
            edges = [edge for edge in edges if self.valid(edge[0], day)]
        above = self._schema.above
        if not above or len(edges) < 2:
            return edges
        implied = {(other, number) for other, below in edges for number in above.get(below, ())}
        ends = {edge: (edge[0], node) if backwards else (node, edge[0]) for edge in implied}
        return [
            edge
            for edge in edges
            if edge not in implied or not self.is_inferred(ends[edge][0], edge[1], ends[edge][1])
        ]

    def present(self, node: int, day: int) -> set[int]:
        """Return the properties by which the node has a value that exists on the day."""
        entries = self.out.get(node, ())
        return {entry & _MASK for entry in entries if self.valid(entry >> _BITS, day)}

    def absent(self, day: int) -> set[str]:
        """Return the nodes (IRIs) that do not exist on the day, or do not count on it."""
        return {self.names[node] for node, days in self.intervals.items() if not days[0] <= day <= days[1]}

    def types_of(self, node: int) -> Types:
        """Return the classes the node is said to have."""
        return self.types.get(node, _NONE)

    def linked(self, node: int, predicate: str, *, inverse: bool, day: int) -> list[int]:
        """Return the nodes linked by a predicate that exist on the day. Any predicate may be asked."""
        links = self._links.get(predicate)
        if links is None:
            links = self._read_links(predicate)
        return [other for other in links.values(node, inverse=inverse) if self.valid(other, day)]

    def is_inferred(self, source: int, number: int, target: int) -> bool:
        """Tell whether an edge only follows from others."""
        return (source, target << _BITS | number) in self.inferred

    def edges(self) -> Iterator[tuple[Fact, bool]]:
        """Iterate over all traced edges, each with whether it is only inferred."""
        for source, entries in self.out.items():
            for entry in entries:
                target, number = entry >> _BITS, entry & _MASK
                fact = Fact(self.names[source], self._schema.properties[number], iri(self.names[target]))
                yield fact, (source, entry) in self.inferred

    def _facts(self, predicate: str) -> Iterator[Fact]:
        yield from self._engine.facts(STATED, predicate=predicate)
        yield from self._engine.facts(INFERRED, predicate=predicate)

    def _values(self, subject: str, predicate: str) -> list[str]:
        return [
            fact.object
            for graph in (STATED, INFERRED)
            for fact in self._engine.facts(graph, subject=subject, predicate=predicate)
        ]

    def _holds(self, graph: str | None, fact: Fact) -> bool:
        found = self._engine.facts(graph, subject=fact.subject, predicate=fact.predicate, object=fact.object)
        return next(iter(found), None) is not None

    def _read_edges(self) -> None:
        out: dict[int, list[int]] = {}
        into: dict[int, list[int]] = {}
        for graph in (STATED, INFERRED):
            for predicate, number in self._schema.number.items():
                # A value where a node belongs is left out: validation reports it.
                for source, target in self._numbered(self._engine.links(graph, predicate)):
                    entry = target << _BITS | number
                    entries = out.setdefault(source, [])
                    if graph == INFERRED:
                        if entry in entries:
                            continue
                        self.inferred.add((source, entry))
                    entries.append(entry)
                    into.setdefault(target, []).append(source << _BITS | number)
        self.out = {node: tuple(entries) for node, entries in out.items()}
        self.into = {node: tuple(entries) for node, entries in into.items()}

    def _numbered(self, links: Iterable[tuple[str, str]]) -> Iterator[Edge]:
        """Turn names into numbers. A million go through here at a time."""
        ids, names = self._ids, self.names
        for source, target in links:
            one = ids.get(source)
            if one is None:
                one = ids[source] = len(names)
                names.append(source)
            other = ids.get(target)
            if other is None:
                other = ids[target] = len(names)
                names.append(target)
            yield one, other

    def _read_edge(self, fact: Fact) -> None:
        if not is_iri(fact.object):
            return
        number = self._schema.number[fact.predicate]
        source, target = self.id_of(fact.subject), self.id_of(iri_of(fact.object))
        entry = target << _BITS | number
        stated = self._holds(STATED, fact)
        present = stated or self._holds(INFERRED, fact)
        if present != (entry in self.out.get(source, ())):
            _toggle(self.out, source, entry)
            _toggle(self.into, target, source << _BITS | number)
        if present and not stated:
            self.inferred.add((source, entry))
        else:
            self.inferred.discard((source, entry))

    def _set_types(self, subject: str, classes: Iterable[str]) -> None:
        node = self.id_of(subject)
        said = frozenset(iri_of(term) for term in classes if is_iri(term))
        before = self.types.pop(node, _NONE)
        for gone in before - said:
            self.members[gone].discard(node)
        for new in said - before:
            self.members.setdefault(new, set()).add(node)
        if said:
            self.types[node] = self._same_types.setdefault(said, said)

    def _read_types(self) -> None:
        said: dict[int, set[str]] = {}
        for name in (STATED, INFERRED):
            for subject, kind in self._engine.links(name, RDF_TYPE):
                said.setdefault(self.id_of(subject), set()).add(kind)
        self.set_types({node: frozenset(classes) for node, classes in said.items()})

    def set_types(self, types: Mapping[int, Types]) -> None:
        """Say the classes of all nodes at once."""
        for node, kinds in types.items():
            self.types[node] = self._same_types.setdefault(kinds, kinds)
            for kind in kinds:
                self.members.setdefault(kind, set()).add(node)

    def set_names(self, names: list[str]) -> None:
        """Say the names of all nodes at once, in the order of their numbers."""
        self.names, self._ids = names, {name: number for number, name in enumerate(names)}

    def _read_days(self, subject: str) -> None:
        days = days_of_node(self._schema.profile.trace, lambda predicate: self._values(subject, predicate))
        node = self.id_of(subject)
        if days is None:
            self.intervals.pop(node, None)
        else:
            self.intervals[node] = days

    def uncounted(self, node: int, predicate: str, *, inverse: bool) -> list[int]:
        """Return the nodes linked by a predicate that count on no day, because of their state."""
        if not self._schema.profile.trace.counts_with:
            return []
        links = self._links.get(predicate) or self._read_links(predicate)
        return [other for other in links.values(node, inverse=inverse) if self.intervals.get(other) == NEVER]

    def _read_links(self, predicate: str) -> Links:
        links = Links()
        for fact in self._engine.facts(predicate=predicate):
            if is_iri(fact.object):
                targets = links.forward.setdefault(self.id_of(fact.subject), [])
                target = self.id_of(iri_of(fact.object))
                if target not in targets:
                    targets.append(target)
        self._links[predicate] = links
        return links


def _toggle(side: dict[int, tuple[int, ...]], node: int, entry: int) -> None:
    """Add an entry that is not there, or take out the one that is."""
    entries = side.get(node, ())
    changed = tuple([other for other in entries if other != entry])
    if len(changed) == len(entries):
        changed += (entry,)
    if changed:
        side[node] = changed
    else:
        del side[node]
