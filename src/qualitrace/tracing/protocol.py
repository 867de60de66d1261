"""What tracing answers, whichever engine holds the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from qualitrace.profile.model import Profile
from qualitrace.store import Engine
from qualitrace.tracing.index import LIMIT, MAX_DEPTH, TraceIndex
from qualitrace.tracing.model import Coverage, CoverageTable, Trace, Verdict, Way
from qualitrace.tracing.ways import SHOWN

if TYPE_CHECKING:
    from qualitrace.store.neo4j.engine import Neo4jEngine


class Tracing(Protocol):
    """Traces, verdicts and coverage, as :class:`TraceIndex` documents them. Nodes and classes are IRIs."""

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
        """Return the paths from a node to nodes of a class. Raises UnknownNodeError, QueryError."""
        ...

    def coverage(self, of: str, *, as_of: dt.date) -> Coverage:
        """Judge every node of a class. Raises QueryError."""
        ...

    def verdict(self, start: str, *, as_of: dt.date) -> Verdict | None:
        """Judge one node; None when nothing judges it, or it is not there. Raises UnknownNodeError."""
        ...

    def coverage_by(
        self, of: str, by: Sequence[Way], *, as_of: dt.date, since: dt.date | None = None
    ) -> CoverageTable:
        """Count the verdicts of a class by what ways lead to. Raises QueryError."""
        ...

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        """Group the verdicts of a table in another way; none is judged again."""
        ...

    def leads_to(
        self, nodes: Iterable[str], by: str, *, as_of: dt.date, shown: frozenset[str] = SHOWN
    ) -> dict[str, frozenset[str]]:
        """Return what nodes lead to by a name that ``find_way`` takes. Raises QueryError."""
        ...


def tracer(engine: Engine | Neo4jEngine, profile: Profile) -> Tracing:
    """Return what traces in an engine: an index in memory or, for a server of graphs, one that asks it."""
    if hasattr(engine, "read"):  # it takes Cypher
        from qualitrace.tracing.cypher import CypherTracing
        from qualitrace.tracing.cypher_veiled import VeiledCypherTracing

        hides = getattr(engine, "mask").hides  # noqa: B009
        return VeiledCypherTracing(engine, profile) if hides else CypherTracing(engine, profile)
    return TraceIndex.build(engine, profile)
