"""Verdicts grouped by what their nodes lead to, and compared with those of an earlier date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qualitrace.profile.model import PathStep
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.model import CoverageGroup, CoverageTable, Node, Verdict, Way
from qualitrace.tracing.nodes import NodeBook, Stewards, by_label, follow_links
from qualitrace.tracing.schema import TraceSchema

Key = tuple[int | None, ...]
Grouped = dict[Key, tuple[Verdict, ...]]


class Grouper:
    """Follows ways from nodes on one day."""

    def __init__(self, graph: TraceGraph, schema: TraceSchema, day: int) -> None:
        self._graph = graph
        self._day = day
        self._stewards = Stewards(graph, schema, day)

    def grouped(self, verdicts: Sequence[Verdict], by: Sequence[Way]) -> Grouped:
        """Put verdicts under what their nodes lead to: under each of several ends, or under None."""
        groups: dict[Key, list[Verdict]] = {}
        for verdict in verdicts:
            for key in self.keys(self._graph.id_of(verdict.node.iri), by):
                groups.setdefault(key, []).append(verdict)
        return {key: tuple(members) for key, members in groups.items()}

    def keys(self, number: int, by: Sequence[Way]) -> list[Key]:
        """Return the groups a node is in: every combination of what the ways lead to."""
        keys: list[Key] = [()]
        for way in by:
            ends = self._follow(number, way)
            keys = [(*key, end) for key in keys for end in ends]
        return keys

    def _follow(self, number: int, way: Way) -> tuple[int | None, ...]:
        if way.steward:
            return (self._stewards.of(number),)
        for routes in (way.routes, way.inherited):
            ends = {end for route in routes for end in self._ends_of(number, route) if self._counts(end, way)}
            if ends:
                return tuple(ends)
        return (None,)

    def _ends_of(self, number: int, route: tuple[PathStep, ...]) -> set[int]:
        return follow_links(self._graph, {number}, route, self._day)

    def _counts(self, end: int, way: Way) -> bool:
        if way.classes and way.classes.isdisjoint(self._graph.types_of(end)):
            return False
        return not way.concepts or self._graph.names[end] in way.concepts


def joined(later: Grouped, earlier: Grouped | None, book: NodeBook) -> tuple[CoverageGroup, ...]:
    """Make the groups of one or two dates, by their keys; what leads to nothing comes last."""
    groups = [
        CoverageGroup(
            keys=tuple(None if number is None else book.node(number) for number in key),
            verdicts=later.get(key, ()),
            earlier=None if earlier is None else earlier.get(key, ()),
        )
        for key in {**later, **(earlier or {})}
    ]
    return tuple(sorted(groups, key=lambda group: [_place(node) for node in group.keys]))


def compared(later: CoverageTable, earlier: CoverageTable, since_known: str) -> CoverageTable:
    """Put the verdicts of another state of the registry beside those of a table grouped alike.

    Groups and nodes are matched by their IRIs. ``since_known`` says in words which state it is.
    """
    before = {_iris(group): group for group in earlier.groups}
    after = {_iris(group): group for group in later.groups}
    groups = [
        CoverageGroup(
            keys=group.keys,
            verdicts=after[iris].verdicts if iris in after else (),
            earlier=before[iris].verdicts if iris in before else (),
        )
        for iris, group in {**before, **after}.items()
    ]
    return replace(
        later,
        since=earlier.as_of,
        since_known=since_known,
        whole=replace(later.whole, earlier=earlier.whole.verdicts),
        groups=tuple(sorted(groups, key=lambda group: [_place(node) for node in group.keys])),
    )


def _iris(group: CoverageGroup) -> tuple[str, ...]:
    return tuple("" if node is None else node.iri for node in group.keys)


def _place(node: Node | None) -> tuple[bool, tuple[str, str]]:
    return node is None, ("", "") if node is None else by_label(node)
