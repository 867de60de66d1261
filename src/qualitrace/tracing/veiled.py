"""Tracing where some links are hidden: verdicts are those of the whole, told without what is hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from qualitrace.profile.model import Profile
from qualitrace.store import Engine
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.index import TraceIndex
from qualitrace.tracing.model import CoverageTable, Node, Verdict
from qualitrace.tracing.schema import TraceSchema


class VeiledIndex(TraceIndex):
    """An index of what is seen. Whether a chain is whole is asked of the ``whole`` index: a hidden link is
    not a missing one.
    """

    def __init__(
        self, engine: Engine, schema: TraceSchema, graph: TraceGraph, whole: Callable[[], TraceIndex]
    ) -> None:
        super().__init__(engine, schema, graph)
        self._whole = whole

    @classmethod
    def of(cls, engine: Engine, profile: Profile, whole: Callable[[], TraceIndex]) -> VeiledIndex:
        """Read the tracing facts that are seen."""
        schema = TraceSchema(profile)
        return cls(engine, schema, TraceGraph.build(engine, schema), whole)

    def verdict(self, start: str, *, as_of: dt.date) -> Verdict | None:
        """Judge one node that is seen, as :meth:`TraceIndex.verdict`."""
        self._number(start)
        found = self._whole().verdict(start, as_of=as_of)
        return next(iter(self._told([found])), None) if found is not None else None

    def _judged(self, of: str, as_of: dt.date, since: dt.date | None) -> CoverageTable:
        """Return the verdicts of the nodes of a class that are seen."""

        def made() -> CoverageTable:
            table = self._whole()._judged(of, as_of, since)
            earlier = table.whole.earlier
            seen = None if earlier is None else tuple(self._told(earlier))
            group = replace(table.whole, verdicts=tuple(self._told(table.whole.verdicts)), earlier=seen)
            return replace(table, whole=group)

        return self._tables.get((of, as_of, since), made)

    def _told(self, verdicts: Iterable[Verdict]) -> Iterable[Verdict]:
        for verdict in verdicts:
            node = self._seen(verdict.node)
            if node is not None:
                at, steward = self._seen(verdict.at), self._seen(verdict.steward)
                yield replace(verdict, node=node, at=at, steward=steward)

    def _seen(self, node: Node | None) -> Node | None:
        """A node under the name it is seen by; None when it is not seen."""
        number = None if node is None else self._graph.find(node.iri)
        return None if number is None else self._book.node(number)
