"""Questions that judge and count: verdicts by whatever the nodes lead to, and since a date (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from qualitrace.profile.model import Profile
from qualitrace.registry import naming
from qualitrace.registry.following import Indexed
from qualitrace.tracing import CoverageTable, Verdict, Way, find_way
from qualitrace.tracing.ways import SHOWN


class Counting(Indexed):
    """The part of a registry that counts verdicts. Dates are valid time; none given means today."""

    profile: Profile
    _on: dt.date | None = None  # the date when none is named; None: today

    def verdict(self, node: str, *, as_of: dt.date | None = None) -> Verdict | None:
        """Judge one node (its IRI) by the chains of its classes; None when it has none or is not there.

        Raises UnknownNodeError.
        """
        with self.reading():
            return self._index().verdict(node, as_of=as_of or self._on or dt.date.today())

    def coverage_by(
        self,
        of: str,
        by: Sequence[str | Way] = (),
        *,
        as_of: dt.date | None = None,
        since: dt.date | None = None,
    ) -> CoverageTable:
        """Count the verdicts of a class (name or IRI) by classes, schemes, fields or the steward.

        ``by`` holds names as :func:`qualitrace.tracing.find_way` takes them, or ways; several make a
        cross table. With ``since`` the verdicts of that date stand beside those of ``as_of``.
        Raises QueryError.
        """
        target = naming.class_iri(of, self.profile)
        ways = [way if isinstance(way, Way) else find_way(self.profile, target, way) for way in by]
        with self.reading():
            return self._index().coverage_by(
                target, ways, as_of=as_of or self._on or dt.date.today(), since=since
            )

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        """Group the verdicts of a table in another way; none is judged again."""
        with self.reading():
            return self._index().grouped(table, by)

    def leads_to(
        self,
        nodes: Iterable[str],
        by: str,
        *,
        as_of: dt.date | None = None,
        shown: frozenset[str] = SHOWN,
    ) -> dict[str, frozenset[str]]:
        """Return what nodes (IRIs) lead to by a name as :meth:`coverage_by` takes it. Raises QueryError."""
        with self.reading():
            return self._index().leads_to(nodes, by, as_of=as_of or self._on or dt.date.today(), shown=shown)
