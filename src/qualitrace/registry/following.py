"""Questions that follow links from a named node: the same for the present and for a past state (floor 3)."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from qualitrace.profile.model import Profile
from qualitrace.registry import naming, sourcing
from qualitrace.registry.suspecting import Suspicions
from qualitrace.registry.uncounted import why_uncounted
from qualitrace.store import SparqlEngine
from qualitrace.terms import OWL_THING
from qualitrace.tracing import LIMIT, MAX_DEPTH, Tracing
from qualitrace.tracing.model import Coverage, Trace


class Projected(Protocol):
    """The facts that answers come from: all, or those that somebody sees."""

    @property
    def engine(self) -> SparqlEngine:
        """The store."""
        ...

    @property
    def index(self) -> Tracing:
        """The trace index."""
        ...


class Indexed:
    """The part of a registry that has a trace index."""

    _lock: AbstractContextManager[object]
    _projection: Projected

    def reading(self) -> AbstractContextManager[None]:
        """Keep what is asked as it is meanwhile; whoever holds the state says how."""
        raise NotImplementedError

    def _index(self) -> Tracing:
        """Return the trace index, to whoever reads.

        Verdicts and traces are worked out without the lock: a million facts take seconds, and others go on.
        """
        with self._lock:
            return self._projection.index


class Following(Indexed):
    """The part of a registry that resolves names, traces and judges. Dates are valid time."""

    profile: Profile
    base: str
    _on: dt.date | None = None  # the date when none is named; None: today
    _places: sourcing.TraceSources
    _suspicions: Suspicions

    def resolve(self, name: str) -> str:
        """Find the IRI of a node by IRI, identifier below the base, code or label.

        Raises UnknownNodeError, naming the candidates, when none or several match.
        """
        with self.reading():
            return naming.resolve(name, self._projection.engine, self.profile, self.base)

    def trace(
        self,
        node: str,
        to: str = OWL_THING,
        *,
        as_of: dt.date | None = None,
        backwards: bool = False,
        shortest: bool = False,
        limit: int = LIMIT,
        max_depth: int = MAX_DEPTH,
    ) -> Trace:
        """Trace from a node (any name that :meth:`resolve` takes) to a class (name or IRI).

        Without a class: to everything, the shortest ways.
        """
        with self.reading():
            start, target = self.resolve(node), naming.class_iri(to, self.profile)
            trace = self._index().trace(
                start,
                target,
                as_of=as_of or self._on or dt.date.today(),
                backwards=backwards,
                shortest=shortest,
                limit=limit,
                max_depth=max_depth,
            )
            return self.sourced(self._admitted(trace))

    def sourced(self, trace: Trace) -> Trace:
        """Say of each step where it was read, and whether it is suspect; or why the start does not count."""
        with self.reading():
            engine = self._projection.engine
            if not trace.paths:
                return self._explained(trace)
            return self._suspicions.marked(self._places.told(trace, engine), engine)

    def _explained(self, trace: Trace) -> Trace:
        """Say why there are no paths, when the start does not count on the date."""
        day = dt.date.fromisoformat(trace.as_of)
        why = why_uncounted(trace.start, day, self._projection.engine, self.profile)
        return replace(trace, uncounted=why) if why else trace

    def _admitted(self, trace: Trace) -> Trace:
        """Return a trace as it may be told; a view does not call missing what is only hidden."""
        return trace

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        """Give every node of a class (name or IRI) its verdict on a date."""
        target = naming.class_iri(of, self.profile)
        with self.reading():
            return self._index().coverage(target, as_of=as_of or self._on or dt.date.today())
