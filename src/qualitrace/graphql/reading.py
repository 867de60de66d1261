"""What the API asks of a registry (floor 4). ``qualitrace.registry.Registry`` is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from qualitrace.profile.model import Profile
from qualitrace.store import Engine
from qualitrace.terms import OWL_THING
from qualitrace.tracing.model import Coverage, CoverageTable, Trace, Verdict, Way
from qualitrace.tracing.ways import SHOWN
from qualitrace.validation.model import Report


class Reading(Protocol):
    """A registry that can be asked. Nothing here changes it; calls may come from several threads."""

    @property
    def profile(self) -> Profile:
        """The profile the API is made from."""
        ...

    @property
    def base(self) -> str:
        """Base of the identifiers; identifiers in the API are relative to it."""
        ...

    @property
    def engine(self) -> Engine:
        """The store that answers queries."""
        ...

    @property
    def position(self) -> int:
        """The journal position that answers stand at."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Keep the registry as it is while the calling thread asks."""
        ...

    def at(self, moment: str) -> Reading:
        """What was known in a moment of recorded time. Raises QueryError when it is none."""
        ...

    def on(self, day: dt.date) -> Reading:
        """What exists on a date of valid time, alone."""
        ...

    def resolve(self, name: str) -> str:
        """Find the IRI of a node. Raises UnknownNodeError."""
        ...

    def trace(
        self,
        node: str,
        to: str = OWL_THING,
        *,
        as_of: dt.date | None = None,
        backwards: bool = False,
        shortest: bool = False,
        limit: int = 10_000,
        max_depth: int = 16,
    ) -> Trace:
        """Trace from a node to a class. Raises UnknownNodeError or QueryError."""
        ...

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        """Give every node of a class its verdict. Raises QueryError."""
        ...

    def coverage_by(
        self,
        of: str,
        by: Sequence[Way] = (),
        *,
        as_of: dt.date | None = None,
        since: dt.date | None = None,
    ) -> CoverageTable:
        """Count the verdicts of a class, by what ways lead to, and compare. Raises QueryError."""
        ...

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        """Group the verdicts of a table in another way."""
        ...

    def leads_to(
        self,
        nodes: Iterable[str],
        by: str,
        *,
        as_of: dt.date | None = None,
        shown: frozenset[str] = SHOWN,
    ) -> dict[str, frozenset[str]]:
        """Return what nodes (IRIs) of any classes lead to by a class, scheme or field. Raises QueryError."""
        ...

    def verdict(self, node: str, *, as_of: dt.date | None = None) -> Verdict | None:
        """Judge one node (its IRI); None when it has no chains or is not there on the date."""
        ...

    def validate(self) -> Report:
        """Check every rule."""
        ...


def at_home(reading: Reading) -> Reading:
    """Return where the journal is: the registry behind one that another server answers for, or itself."""
    home: Reading | None = getattr(reading, "home", None)
    return reading if home is None else home
