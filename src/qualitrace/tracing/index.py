"""The trace index: the tracing facts in memory, and the questions asked of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.profile.dates import NEVER
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import OWL_THING, Fact, iri
from qualitrace.text import Text
from qualitrace.tracing.coverage import Coverer
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.grouping import Grouped, Grouper, joined
from qualitrace.tracing.kept import Tables
from qualitrace.tracing.model import Coverage, CoverageGroup, CoverageTable, Trace, Verdict, Way
from qualitrace.tracing.nodes import NodeBook, follow_path
from qualitrace.tracing.paths import PathWriter, TraceQuestion
from qualitrace.tracing.saving import dump, load
from qualitrace.tracing.schema import TraceSchema
from qualitrace.tracing.search import Bounds, search
from qualitrace.tracing.ways import SHOWN, find_way

LIMIT = 10_000
MAX_DEPTH = 16
_MANY = 1_000
_KEPT = 12  # coverage tables


class TraceIndex:
    """A projection of the store for tracing. Build it once, then :meth:`apply` every change.

    Dates are valid time. Nodes with a validity interval that does not hold ``as_of`` are treated as
    if they were not there.
    """

    def __init__(self, engine: Engine, schema: TraceSchema, graph: TraceGraph) -> None:
        self._engine = engine
        self._schema = schema
        self._graph = graph
        self._book = NodeBook(engine, graph, schema)
        self._tables = Tables(_KEPT)

    @classmethod
    def build(cls, engine: Engine, profile: Profile) -> TraceIndex:
        """Read the tracing facts of a store, stated and inferred."""
        schema = TraceSchema(profile)
        return cls(engine, schema, TraceGraph.build(engine, schema))

    @classmethod
    def restore(cls, data: bytes, engine: Engine, profile: Profile) -> TraceIndex:
        """Go on from what :meth:`saved` wrote down when the store held the same facts.

        Raises ValueError when another version, or another profile, wrote it.
        """
        schema = TraceSchema(profile)
        return cls(engine, schema, load(data, engine, schema))

    def named_by(self, engine: Engine) -> TraceIndex:
        """Return an index of the same links, whose nodes are called as another engine says.

        It follows the links of this one by itself; :meth:`apply` it every change of names.
        """
        return _Renamed(engine, self._schema, self._graph)

    def copy(self, engine: Engine) -> TraceIndex:
        """Return the same index for another store with the same facts; neither follows the other."""
        return TraceIndex(engine, self._schema, self._graph.copy(engine))

    def absent(self, as_of: dt.date) -> set[str]:
        """Return the nodes (IRIs) that do not exist on a date, or do not count on it."""
        return self._graph.absent(as_of.toordinal())

    def dated(self) -> Iterable[tuple[int, int]]:
        """Return the first and last days (ordinals) of the nodes that do not always exist."""
        return tuple(days for days in self._graph.intervals.values() if days != NEVER)

    def shares(self, other: TraceIndex) -> bool:
        """Tell whether the links are those of another index."""
        return self._graph is other._graph

    def stewards(self, node: str, *, as_of: dt.date, among: frozenset[str]) -> frozenset[str]:
        """Return all that the steward path of a node ends at on a date, by its classes ``among`` some."""
        number = self._graph.find(node)
        if number is None:
            return frozenset()
        path = self._schema.steward(self._graph.types_of(number) & among)
        ends = follow_path(self._graph, number, path, as_of.toordinal())
        return frozenset(self._graph.names[end] for end in ends)

    def has(self, node: str, property: str, *, as_of: dt.date) -> bool:
        """Tell whether a node has a value of a tracing property that exists on a date."""
        number, wanted = self._graph.find(node), self._schema.number.get(property)
        return number is not None and wanted in self._graph.present(number, as_of.toordinal())

    def saved(self) -> bytes:
        """Write the index down, for :meth:`restore`."""
        return dump(self._graph, self._schema)

    def apply(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Follow a change that the store has already made, in whichever of its graphs.

        Both the stated and the inferred facts that changed must be named; how they stand now is read
        from the store, so that a fact that moved from one graph to the other comes out right.
        """
        changed = {*added, *removed}
        self._tables.clear()
        if len(changed) > max(_MANY, len(self._graph.out) // 4):  # reading everything again is quicker
            self._graph = TraceGraph.build(self._engine, self._schema)
            self._book = NodeBook(self._engine, self._graph, self._schema)
            return
        self._graph.update(changed)
        self._book.update(changed)

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
        """Return all simple paths from a node to nodes of a class (or its subclasses) on a date.

        Forwards, paths also end where a link is missing that has a name for its absence. Backwards,
        the paths lead from the node to everything of the class that reaches it; their steps keep the
        tracing direction, so the target of the first one is ``start``. ``shortest`` keeps the
        shortest paths to each end, and so does asking for everything (``owl:Thing``). ``partial`` says
        that ``limit`` paths, or ``max_depth`` steps, may have left some out; the paths kept are then the
        shortest.

        Raises UnknownNodeError for the start, QueryError for the class or a bound below 1.
        """
        check_bounds(limit, max_depth)
        shortest = shortest or to == OWL_THING  # each node on a path is an end itself
        day, number = as_of.toordinal(), self._number(start)
        asked = TraceQuestion(self._graph, self._schema, day, number, to, backwards=backwards)
        if not self._graph.valid(number, day):
            return Trace(start, to, as_of.isoformat(), backwards, (), {start: self._book.node(number)})
        found, partial = search(asked.question(), Bounds(limit, max_depth), shortest=shortest)
        writer = PathWriter(self._graph, self._schema, self._book, day, backwards=backwards)
        paths, nodes = writer.write(found)
        nodes.setdefault(start, self._book.node(number))
        return Trace(start, to, as_of.isoformat(), backwards, paths, nodes, partial)

    def coverage(self, of: str, *, as_of: dt.date) -> Coverage:
        """Judge every node of a class that exists on the date by the chains of its classes.

        A chain is whole when, at every node it reaches, the next link has a value that exists on the
        date. The shallowest missing link decides the verdict, then the order of the chains.
        Raises QueryError when the class is unknown or has no chain.
        """
        return Coverage(of, as_of.isoformat(), self._judged(of, as_of, None).whole.verdicts)

    def verdict(self, start: str, *, as_of: dt.date) -> Verdict | None:
        """Judge one node by the chains of its classes; None when it has none, or is not there that day.

        Raises UnknownNodeError.
        """
        number = self._number(start)
        judged = self._schema.chains(self._graph.types_of(number))
        if not judged or not self._graph.valid(number, as_of.toordinal()):
            return None
        return self._coverer(as_of).verdict(number)

    def coverage_by(
        self, of: str, by: Sequence[Way], *, as_of: dt.date, since: dt.date | None = None
    ) -> CoverageTable:
        """Count the verdicts of a class by what each way leads to from the node on the date.

        Several ways make a cross table. With ``since`` every group also holds its verdicts on that
        date, when a node may have been in another group. Raises QueryError as :meth:`coverage` does.
        """
        table = self._judged(of, as_of, since)
        return self.grouped(table, by) if by else table

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        """Group the verdicts of a table by what each way leads to; none is judged again."""

        def made() -> CoverageTable:
            earlier = table.whole.earlier
            groups = joined(
                self._grouped(table.whole.verdicts, by, table.as_of),
                None if earlier is None else self._grouped(earlier, by, table.since),
                self._book,
            )
            return replace(table, by=tuple(by), groups=groups)

        key = (table.of, table.as_of, table.since, *by)
        return self._tables.get(key, made, lambda kept: kept.whole is table.whole)

    def leads_to(
        self, nodes: Iterable[str], by: str, *, as_of: dt.date, shown: frozenset[str] = SHOWN
    ) -> dict[str, frozenset[str]]:
        """Return what nodes (IRIs) of any classes lead to by a name :func:`find_way` takes.

        A node that leads to nothing of the kind is there with an empty set. Raises QueryError when no
        class of the nodes has such a way.
        """
        grouper = Grouper(self._graph, self._schema, as_of.toordinal())
        profile, names = self._schema.profile, self._graph.names
        ways: dict[str, Way | QueryError] = {}
        found: dict[str, frozenset[str]] = {}
        for node in nodes:
            number = self._graph.find(node)
            classes = self._schema.most_specific(self._graph.types_of(number)) if number is not None else ()
            ends: set[int | None] = set()
            for name in classes:
                if name not in ways:
                    ways[name] = way_or_error(profile, name, by, shown)
                way = ways[name]
                if number is not None and isinstance(way, Way):
                    ends.update(key[0] for key in grouper.keys(number, [way]))
            found[node] = frozenset(names[end] for end in ends if end is not None)
        errors = [way for way in ways.values() if isinstance(way, QueryError)]
        if errors and len(errors) == len(ways):
            raise errors[0]
        return found

    def edges(self) -> Iterable[tuple[Fact, bool]]:
        """Iterate over the traced facts, each with whether it is only inferred."""
        return self._graph.edges()

    def _judged(self, of: str, as_of: dt.date, since: dt.date | None) -> CoverageTable:
        """Return the verdicts of a class, in no groups."""

        def made() -> CoverageTable:
            earlier = None if since is None else self._coverer(since).verdicts(of)
            whole = CoverageGroup((), self._coverer(as_of).verdicts(of), earlier)
            return CoverageTable(of, as_of.isoformat(), since.isoformat() if since else "", (), whole, ())

        return self._tables.get((of, as_of, since), made)

    def _grouped(self, verdicts: Sequence[Verdict], by: Sequence[Way], on: str) -> Grouped:
        day = dt.date.fromisoformat(on).toordinal()
        return Grouper(self._graph, self._schema, day).grouped(verdicts, by)

    def _coverer(self, as_of: dt.date) -> Coverer:
        return Coverer(self._graph, self._schema, self._book, as_of.toordinal())

    def _number(self, start: str) -> int:
        """Return the number of a node. Raises UnknownNodeError when no fact mentions it."""
        number = self._graph.find(start)
        if number is not None:
            return number
        for graph in (STATED, INFERRED):
            for facts in (
                self._engine.facts(graph, subject=start),
                self._engine.facts(graph, object=iri(start)),
            ):
                if next(iter(facts), None) is not None:
                    return self._graph.id_of(start)
        raise unknown_node(start)


class _Renamed(TraceIndex):
    """The links of another index, under the names of an engine of its own."""

    def apply(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Follow a change; the other index follows what it does to the links."""
        self._tables.clear()
        self._book.update({*added, *removed})


def unknown_node(name: str) -> UnknownNodeError:
    """Return what is said of a node that no fact mentions."""
    return UnknownNodeError(
        Text(zh="登记库里没有这个对象。", en="There is no such node in the registry."),
        where=name,
        hint=Text(zh="请核对标识符。", en="Check the identifier."),
    )


def way_or_error(profile: Profile, of: str, by: str, shown: frozenset[str]) -> Way | QueryError:
    """Return the way from a class by a name, or why there is none."""
    if of not in profile.classes:
        return QueryError(Text(zh="配置里没有这个类。", en="The profile has no such class."), where=of)
    try:
        return find_way(profile, of, by, shown=shown)
    except QueryError as error:
        return error


def check_bounds(limit: int, max_depth: int) -> None:
    """Raise QueryError when a bound is below 1."""
    if limit < 1 or max_depth < 1:
        raise QueryError(
            Text(
                zh="路径条数和步数上限至少为 1。", en="The bounds on paths and on steps must be at least 1."
            ),
            where=f"limit={limit}, max_depth={max_depth}",
        )
