"""Tracing asked of a graph server in Cypher.

A question fetches what it can reach, in one or two statements, and is then answered by the code that
answers it from memory: what counts, what is inherited and what is missing is decided in one place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from qualitrace.budget import look
from qualitrace.errors import QueryError
from qualitrace.profile.model import PathStep, Profile
from qualitrace.terms import OWL_THING
from qualitrace.tracing.coverage import Coverer
from qualitrace.tracing.cypher_graph import CypherBook, CypherGraph
from qualitrace.tracing.cypher_names import CypherNames
from qualitrace.tracing.cypher_said import Memory
from qualitrace.tracing.grouping import Grouped, Grouper, joined
from qualitrace.tracing.index import LIMIT, MAX_DEPTH, check_bounds, unknown_node, way_or_error
from qualitrace.tracing.model import Coverage, CoverageGroup, CoverageTable, Trace, Verdict, Way
from qualitrace.tracing.nodes import NodeBook
from qualitrace.tracing.paths import PathWriter, TraceQuestion
from qualitrace.tracing.schema import TraceSchema
from qualitrace.tracing.search import REACHED, Bounds, Found, search
from qualitrace.tracing.ways import SHOWN

BEYOND = 24  # steps further than asked that are looked at, to tell whether something lies there
TRACES = 256  # kept with what the server said, and taken again where it says the same
REMEMBERED = 500  # nodes that a trace may reach to be kept
KEPT = 4  # classes and dates whose verdicts are kept until something changes


class CypherTracing:
    """Traces and judges in an engine that takes Cypher; see :class:`qualitrace.tracing.protocol.Tracing`."""

    def __init__(self, engine: Any, profile: Profile) -> None:
        self._engine = engine
        self._schema = TraceSchema(profile)
        self._names = CypherNames(engine.naming, engine.mask)
        self._memory = Memory(self._names, profile)
        self._traces: dict[tuple[Any, ...], tuple[list[Any], Trace]] = {}
        self._kept: dict[tuple[str, dt.date], tuple[Any, tuple[Verdict, ...]]] = {}

    def trace(
        self,
        start: str,
        to: str,
        *,
        as_of: dt.date,
        backwards: bool = False,
        limit: int = LIMIT,
        max_depth: int = MAX_DEPTH,
        shortest: bool = False,
    ) -> Trace:
        """Return all simple paths from a node to nodes of a class on a date.

        ``partial`` also when something lies more than ``BEYOND`` steps past ``max_depth``: that far
        nothing is fetched. Raises UnknownNodeError for the start, QueryError for the class or a bound.
        """
        check_bounds(limit, max_depth)
        self._schema.family(to)
        look("trace")
        shortest = shortest or to == OWL_THING
        graph = self._graph(as_of)
        rows = graph.reached([start], max_depth + BEYOND, backwards=backwards)
        asked = graph.asked
        key = (start, to, as_of, backwards, limit, max_depth, shortest)
        known = self._traces.get(key)
        if known is not None and known[0] == rows:
            return known[1]
        graph.take(rows, backwards=backwards)
        trace = self._traced(graph, *key)
        if graph.asked == asked and not trace.partial and len(rows) <= REMEMBERED:
            if len(self._traces) >= TRACES:
                self._traces = {}
            self._traces[key] = rows, trace  # it follows from these rows alone
        return trace

    def _traced(
        self,
        graph: CypherGraph,
        start: str,
        to: str,
        as_of: dt.date,
        backwards: bool,
        limit: int,
        max_depth: int,
        shortest: bool,
    ) -> Trace:
        if not graph.exists(start):
            raise unknown_node(start)
        day, book, number = as_of.toordinal(), self._book(graph), graph.id_of(start)
        if not graph.valid(number, day):
            return Trace(start, to, as_of.isoformat(), backwards, (), {start: book.node(number)})
        if backwards:
            graph.reach(self._inheriting(graph), max_depth + BEYOND)
        asked = TraceQuestion(graph, self._schema, day, number, to, backwards=backwards)
        found, partial = search(asked.question(), Bounds(limit, max_depth), shortest=shortest)
        broken = [path for path in found if path.missing != REACHED]
        self._prepare(graph, broken)
        paths, nodes = PathWriter(graph, self._schema, book, day, backwards=backwards).write(found)
        nodes.setdefault(start, book.node(number))
        return Trace(start, to, as_of.isoformat(), backwards, paths, nodes, partial or graph.cut)

    def _inheriting(self, graph: CypherGraph) -> list[str]:
        """Return the nodes whose inherited links only count where nothing else leads on."""
        inherited, mask = self._schema.inherited, (1 << 12) - 1
        sources = {
            entry >> 12 for entries in graph.into.values() for entry in entries if inherited[entry & mask]
        }
        return sorted(graph.names[node] for node in sources)

    def _prepare(self, graph: CypherGraph, broken: Sequence[Found]) -> None:
        """Fetch what is said of paths that break: who must repair them, and what stands there in vain."""
        if not broken:
            return
        graph.walk_stewards({node for path in broken for node in path.nodes})
        if self._schema.profile.trace.counts_with:
            graph.walk_states()

    def coverage(self, of: str, *, as_of: dt.date) -> Coverage:
        """Judge every node of a class that exists on the date. Raises QueryError."""
        return Coverage(of, as_of.isoformat(), self._judged(of, as_of))

    def verdict(self, start: str, *, as_of: dt.date) -> Verdict | None:
        """Judge one node by the chains of its classes; None when it has none, or is not there that day.

        Raises UnknownNodeError.
        """
        graph = self._graph(as_of)
        graph.load([start])
        if not graph.exists(start):
            raise unknown_node(start)
        number = graph.id_of(start)
        if not self._schema.chains(graph.types_of(number)) or not graph.valid(number, as_of.toordinal()):
            return None
        return self._coverer(graph, as_of, [number]).verdict(number)

    def coverage_by(
        self, of: str, by: Sequence[Way], *, as_of: dt.date, since: dt.date | None = None
    ) -> CoverageTable:
        """Count the verdicts of a class by what each way leads to on the date. Raises QueryError."""
        earlier = None if since is None else self._judged(of, since)
        whole = CoverageGroup((), self._judged(of, as_of), earlier)
        table = CoverageTable(of, as_of.isoformat(), since.isoformat() if since else "", (), whole, ())
        return self.grouped(table, by) if by else table

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        """Group the verdicts of a table by what each way leads to; none is judged again."""
        earlier = table.whole.earlier
        graph = self._graph(dt.date.fromisoformat(table.as_of))
        later = self._grouped(graph, table.whole.verdicts, by, table.as_of)
        before = None
        if earlier is not None:
            then = self._graph(dt.date.fromisoformat(table.since))
            found = self._grouped(then, earlier, by, table.since)
            before = {
                tuple(None if end is None else graph.id_of(then.names[end]) for end in key): verdicts
                for key, verdicts in found.items()
            }
            graph.load({graph.names[end] for key in before for end in key if end is not None})
        return replace(table, by=tuple(by), groups=joined(later, before, self._book(graph)))

    def leads_to(
        self, nodes: Iterable[str], by: str, *, as_of: dt.date, shown: frozenset[str] = SHOWN
    ) -> dict[str, frozenset[str]]:
        """Return what nodes lead to by a name that ``find_way`` takes. Raises QueryError."""
        names = list(dict.fromkeys(nodes))
        graph = self._graph(as_of)
        graph.load(names)
        ways: dict[str, Way | QueryError] = {}
        asked: dict[str, list[Way]] = {}
        for name in names:
            for kind in (
                self._schema.most_specific(graph.types_of(graph.id_of(name))) if graph.exists(name) else ()
            ):
                if kind not in ways:
                    ways[kind] = way_or_error(self._schema.profile, kind, by, shown)
                way = ways[kind]
                if isinstance(way, Way):
                    asked.setdefault(name, []).append(way)
        errors = [way for way in ways.values() if isinstance(way, QueryError)]
        if errors and len(errors) == len(ways):
            raise errors[0]
        for way in {id(way): way for some in asked.values() for way in some}.values():
            self._follow(graph, [graph.id_of(name) for name, some in asked.items() if way in some], [way])
        grouper = Grouper(graph, self._schema, as_of.toordinal())
        found = {}
        for name in names:
            keys = [key for way in asked.get(name, ()) for key in grouper.keys(graph.id_of(name), [way])]
            found[name] = frozenset(graph.names[key[0]] for key in keys if key[0] is not None)
        return found

    def _judged(self, of: str, as_of: dt.date) -> tuple[Verdict, ...]:
        """Judge a class, or return what was found of it since the last change."""
        stands = None if self._names.mask.hides else self._engine.settled.look()
        if stands is None or not stands.at:  # views are many; and what nobody published has no mark to go by
            return self._judge(of, as_of)
        kept = self._kept.get((of, as_of))
        if kept is None or kept[0] != stands:
            kept = stands, self._judge(of, as_of)
            if self._engine.settled.look() != stands:
                return kept[1]
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[of, as_of] = kept
        return kept[1]

    def _judge(self, of: str, as_of: dt.date) -> tuple[Verdict, ...]:
        family = self._schema.family(of)
        graph = self._graph(as_of)
        judged = bool(self._schema.chains(frozenset({of})))
        members = graph.load_members(family) if judged else []
        return self._coverer(graph, as_of, members).verdicts(of)

    def _coverer(self, graph: CypherGraph, as_of: dt.date, members: Sequence[int]) -> Coverer:
        """Fetch all that judging some nodes needs."""
        look("coverage")
        chains: dict[tuple[PathStep, ...], list[int]] = {}
        for number in members:
            for chain in self._schema.chains(graph.types_of(number)):
                chains.setdefault(chain.links, []).append(number)
        graph.walk([(nodes, links) for links, nodes in chains.items()])
        coverer = Coverer(graph, self._schema, self._book(graph), as_of.toordinal())
        graph.walk_stewards({node for number in members for node in coverer.first_break(number)})
        if self._schema.profile.trace.counts_with:
            graph.walk_states()
        return coverer

    def _grouped(
        self, graph: CypherGraph, verdicts: Sequence[Verdict], by: Sequence[Way], on: str
    ) -> Grouped:
        graph.load(verdict.node.iri for verdict in verdicts)
        numbers = [graph.id_of(verdict.node.iri) for verdict in verdicts]
        self._follow(graph, numbers, by)
        day = dt.date.fromisoformat(on).toordinal()
        return Grouper(graph, self._schema, day).grouped(verdicts, by)

    def _follow(self, graph: CypherGraph, numbers: Sequence[int], by: Sequence[Way]) -> None:
        if any(way.steward for way in by):
            graph.walk_stewards(numbers)
        routes = {route for way in by for route in (*way.routes, *way.inherited)}
        graph.walk([(numbers, route) for route in sorted(routes, key=repr)])

    def _graph(self, as_of: dt.date) -> CypherGraph:
        return CypherGraph(self._engine, self._names, self._schema, as_of, self._memory)

    def _book(self, graph: CypherGraph) -> NodeBook:
        return CypherBook(graph, self._schema)
