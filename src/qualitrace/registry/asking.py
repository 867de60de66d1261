"""Questions to the registry as it stands (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

from qualitrace.journal import Changeset, Journal, Source
from qualitrace.profile.model import Profile
from qualitrace.registry import sourcing
from qualitrace.registry.checking import Checks
from qualitrace.registry.counting import Counting
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.following import Following
from qualitrace.registry.gate import Gate, OneAtATime
from qualitrace.registry.known import Known
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.past import Recalling
from qualitrace.registry.projection import Projection
from qualitrace.registry.seen import Seeing
from qualitrace.registry.suspecting import Suspicions
from qualitrace.registry.unsaid import Unsaid
from qualitrace.store import OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, validate
from qualitrace.validation.model import Report
from qualitrace.validation.reference import check_by_reference


class Asking(Recalling, Seeing, Following, Counting):
    """What can be asked of an open registry. Each question sees one state, from its start to its end."""

    _projection: Projection

    def __init__(self, journal: Journal, profile: Profile, base: str) -> None:
        self.journal = journal
        self.profile = profile
        self.base = base
        self.decisions = Decisions()
        self._projection = Projection(profile, bare=True)
        self._checks = Checks(self._projection.engine, profile)
        self._lasting = Lasting(journal)
        self._places = sourcing.TraceSources(journal)
        self._suspicions = Suspicions(journal, profile)
        self._gate = Gate()
        self._lock = OneAtATime(self._gate)
        self._told: tuple[Report, int, Report, Report] | None = None  # the last one: without what is private
        self._unsaid = Unsaid(profile, lambda: self._compiled)

    @property
    def engine(self) -> OxigraphEngine:
        """The store that answers questions. Ask several that belong together within :meth:`reading`."""
        return self._projection.engine

    @property
    def position(self) -> int:
        """The journal position that the answers stand at."""
        return self.engine.position

    @property
    def _compiled(self) -> CompiledShapes:
        return self._checks.compiled

    def standing(self) -> Known:
        """Return what is known of the findings here, for checking another state from it."""
        return Known(self._checks.standing())

    def reading(self) -> AbstractContextManager[None]:
        """Keep the registry as it is while the calling thread asks: ``with registry.reading(): ...``.

        Commits and catching up wait meanwhile. It may be held within itself. A commit within it raises
        RuntimeError, and :meth:`Registry.refresh` does nothing. It belongs to one thread: hold it in a
        function that a thread of its own runs, never across an ``await``.
        """
        return self._gate.reading()

    def warm(self) -> None:
        """Work out now what the first question and the first commit would have to: index and report."""
        with self._lock:
            _ = self._projection.index
            self._checks.report()

    def validate(self, day: dt.date | None = None) -> Report:
        """Check every rule against the registry as it stands; findings say from where and since when.

        Exceptions count as they do on ``day`` (default: today). What is private is left out.
        """
        with self.reading():
            return self._tell(self._checks.report(), day)

    def full_report(self, day: dt.date | None = None) -> Report:
        """Return the report with what is private, for comparing with another; it is shown to nobody."""
        with self.reading():
            return self._tell(self._checks.report(), day, full=True)

    def _tell(self, checked: Report, day: dt.date | None, *, full: bool = False) -> Report:
        """Say of each finding where it comes from and since when it holds, and who accepts it."""
        with self.reading(), self._lock:
            if self._told is None or self._told[0] is not checked or self._told[1] != self.position:
                report = sourcing.with_sources(checked, self.engine, self.journal)
                report = self._lasting.told(report, self.position)
                self._told = checked, self.position, report, self._unsaid.report(self, report)
            _, _, whole, shown = self._told
            return self.decisions.govern(whole if full else shown, day)

    def try_rules(self, trial: Profile, day: dt.date | None = None, *, by_reference: bool = False) -> Report:
        """Check the rules of another profile against the registry as it stands; nothing changes.

        ``by_reference``: by pySHACL, the reference validator.
        """
        with self._lock:
            check = check_by_reference if by_reference else validate
            report = sourcing.with_sources(check(self.engine, trial), self.engine, self.journal)
            report = self._unsaid.report(self, self._lasting.told(report, self.position))
            return self.decisions.govern(report, day)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that state each fact."""
        return self.journal.sources(facts)

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read who changed the registry, when and why, oldest first."""
        return self.journal.changesets(after, changes=False)
