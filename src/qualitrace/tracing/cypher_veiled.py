"""Tracing in a graph server where some links are hidden: what is told is what an audience sees.

As :mod:`qualitrace.tracing.veiled` does in memory: verdicts are those of the whole, told without what is
hidden, and a link that is only hidden is not said to be missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from qualitrace.profile.model import PathStep, Profile
from qualitrace.terms import OWL_THING
from qualitrace.tracing.cypher import CypherTracing
from qualitrace.tracing.cypher_graph import CypherGraph
from qualitrace.tracing.index import LIMIT, MAX_DEPTH, unknown_node
from qualitrace.tracing.model import Ending, Node, Path, Trace, Verdict


class VeiledCypherTracing(CypherTracing):
    """Traces in what is seen of an engine (a ``SeenEngine``); verdicts are worked out in the whole of it."""

    def __init__(self, engine: Any, profile: Profile) -> None:
        super().__init__(engine, profile)
        self._whole = CypherTracing(engine.whole, profile)

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
        """Trace along links that are seen; ``partial`` also when a link is hidden where a path ends."""
        found = super().trace(
            start,
            to,
            as_of=as_of,
            backwards=backwards,
            limit=limit,
            max_depth=max_depth,
            shortest=shortest or to == OWL_THING,
        )
        kept = self._missing(found, as_of)
        return found if len(kept) == len(found.paths) else replace(found, paths=kept, partial=True)

    def verdict(self, start: str, *, as_of: dt.date) -> Verdict | None:
        """Judge one node that is seen, as :meth:`CypherTracing.verdict`."""
        graph = self._graph(as_of)
        graph.load([start])
        if not graph.exists(start):
            raise unknown_node(start)
        found = self._whole.verdict(start, as_of=as_of)
        return next(self._told(graph, [found]), None) if found is not None else None

    def _judged(self, of: str, as_of: dt.date) -> tuple[Verdict, ...]:
        """Return the verdicts of the nodes of a class that are seen."""
        return tuple(self._told(self._graph(as_of), self._whole._judged(of, as_of)))

    def _told(self, graph: CypherGraph, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Tell verdicts under the names that are seen; none of a node that is not."""
        verdicts = tuple(verdicts)
        named = [node for one in verdicts for node in (one.node, one.at, one.steward) if node is not None]
        graph.load(node.iri for node in named)
        book = self._book(graph)

        def seen(node: Node | None) -> Node | None:
            if node is None or not graph.exists(node.iri):
                return None
            return book.node(graph.id_of(node.iri))

        for one in verdicts:
            node = seen(one.node)
            if node is not None:
                yield replace(one, node=node, at=seen(one.at), steward=seen(one.steward))

    def _missing(self, trace: Trace, as_of: dt.date) -> tuple[Path, ...]:
        """Return the paths without those that end at a missing link which is only hidden."""
        ends = {
            (path.steps[-1].target if path.steps else trace.start, path.missing)
            for path in trace.paths
            if path.ending is Ending.ABSENT and path.missing in self._schema.number
        }
        if not ends:
            return trace.paths
        graph, day = self._whole._graph(as_of), as_of.toordinal()
        by_link: dict[str, list[int]] = {}
        for end, missing in sorted(ends):
            by_link.setdefault(missing, []).append(graph.id_of(end))
        graph.walk([(nodes, (PathStep(missing),)) for missing, nodes in by_link.items()])
        hidden = {
            (end, missing)
            for end, missing in ends
            if graph.linked(graph.id_of(end), missing, inverse=False, day=day)
        }
        return tuple(
            path
            for path in trace.paths
            if path.ending is not Ending.ABSENT
            or (path.steps[-1].target if path.steps else trace.start, path.missing) not in hidden
        )
