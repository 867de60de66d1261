"""The registry as it stood at an earlier position of the journal, for reading (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Self

from qualitrace.journal import Changeset, Journal, Source
from qualitrace.profile.model import Profile
from qualitrace.registry import sourcing
from qualitrace.registry.checkpoint import Checkpoints
from qualitrace.registry.counting import Counting
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.following import Following
from qualitrace.registry.gate import Gate, OneAtATime
from qualitrace.registry.known import Known
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.moments import Moments
from qualitrace.registry.projection import Projection
from qualitrace.registry.recalled import Pasts
from qualitrace.registry.seen import Seeing
from qualitrace.registry.suspecting import Suspicions
from qualitrace.registry.unsaid import Unsaid
from qualitrace.store import OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, validate
from qualitrace.validation.model import Report
from qualitrace.validation.reference import check_by_reference

NetChange = tuple[tuple[Fact, ...], tuple[Fact, ...]]

_ON_DISK = 4  # a fact of a state on disk takes about so many times less memory


class Recalling:
    """The part of a registry that remembers what it knew before."""

    journal: Journal
    profile: Profile
    base: str
    _lock: AbstractContextManager[object]
    _projection: Projection
    _checkpoints: Checkpoints | None = None
    _pasts: Pasts[Past] | None = None
    _moments: Moments | None = None
    _on: dt.date | None = None  # the date of valid time that it was reduced to

    @property
    def _compiled(self) -> CompiledShapes:
        raise NotImplementedError

    def reading(self) -> AbstractContextManager[None]:
        """Keep what is asked as it is meanwhile."""
        raise NotImplementedError

    def standing(self) -> Known | None:
        """Return what is known of the findings here, for checking another state from it."""
        raise NotImplementedError

    def _recalled(self) -> Pasts[Past]:
        """What holds the past states."""
        if self._pasts is None:
            with self._lock:
                if self._pasts is None:
                    self._pasts = Pasts(self.journal, self._remade, checkpoints=self._checkpoints)
        return self._pasts

    def _remade(
        self, pasts: Pasts[Past], projection: Projection, known: Known | None, day: dt.date | None
    ) -> Past:
        journal = self.journal.at(projection.engine.position)
        return Past(
            journal, self.profile, self.base, projection, lambda: self._compiled, pasts, on=day, known=known
        )

    def at(self, moment: str | int) -> Self | Past:
        """Return what the registry knew in a moment of recorded time (:func:`position_of`), for reading.

        The registry itself where that is the present. Raises QueryError when it is no such moment. Ask it of
        the registry, not of its state on a date.
        """
        with self.reading():
            here = self._projection.engine.position
            if self._moments is None:
                self._moments = Moments(self.journal)
            position = self._moments.position(str(moment), here)
            if position == here:
                return self
            if self._on is not None:
                raise RuntimeError("this is the registry on a date: ask for the moment first")
            return self._recalled().at(position, self._projection, self.standing)

    def on(self, day: dt.date) -> Self | Past:
        """Return the registry with the nodes that exist on a date alone, for reading.

        Nodes whose dates say that they begin later or have ended are not there, nor are those whose state
        lets them count on no day. The registry itself where that is all of it.
        """
        if self._on is not None:
            raise RuntimeError("this is the registry on a date already")
        with self.reading():
            return self._recalled().on(day, self._projection, self.standing) or self


class Past(Recalling, Seeing, Following, Counting):
    """What the registry knew at a position: facts, what follows, sources, decisions, findings.

    It answers as the registry answered then, by the rules of today's profile. It never changes, and
    may be asked from several threads.
    """

    _projection: Projection

    def __init__(
        self,
        journal: Journal,
        profile: Profile,
        base: str,
        projection: Projection,
        compiled: CompiledShapes | Callable[[], CompiledShapes],
        pasts: Pasts[Past] | None = None,
        *,
        tried: NetChange | None = None,
        on: dt.date | None = None,
        known: Known | None = None,
    ) -> None:
        self.journal = journal  # as it was then
        self.profile = profile
        self.base = base
        self._projection = projection
        self._rules: CompiledShapes | Callable[[], CompiledShapes] = compiled
        self._gate = Gate()
        self._lock = OneAtATime(self._gate)
        self._decisions: Decisions | None = None
        self._known = known
        self._checked: tuple[dt.date, Report] | None = None
        self._report: tuple[dt.date, Report, Report] | None = None  # the last one: without what is private
        self._unsaid = Unsaid(profile, lambda: self._compiled)
        self._places = sourcing.TraceSources(journal)
        self._suspicions = Suspicions(journal, profile)
        self._pasts = pasts
        self._on = on
        self.tried = tried  # the facts added and removed by a change that nobody has committed

    @property
    def _compiled(self) -> CompiledShapes:
        if not isinstance(self._rules, CompiledShapes):  # compiling takes a second, and traces need no rules
            self._rules = self._rules()
        return self._rules

    def reading(self) -> AbstractContextManager[None]:
        """As :meth:`qualitrace.registry.Registry.reading`: nothing changes here anyway."""
        return self._gate.reading()

    def exchanging(self) -> AbstractContextManager[object]:
        """Keep whoever asks out, while the store is exchanged for one that holds the same."""
        return self._gate.writing()

    @property
    def weight(self) -> int:
        """What it takes of the memory that past states share, in facts, with what others see of it."""
        return _weight(self.engine) + (0 if self._views is None else self._views.held)

    @property
    def projection(self) -> Projection:
        """The facts and what follows from them; copy it before changing anything."""
        return self._projection

    @property
    def engine(self) -> OxigraphEngine:
        """The store that answers questions."""
        return self._projection.engine

    @property
    def position(self) -> int:
        """The journal position that the answers stand at."""
        return self.engine.position

    @property
    def decisions(self) -> Decisions:
        """What had been decided about findings and rules."""
        with self._lock:
            if self._decisions is None:
                self._decisions = Decisions(partial(self.journal.decided, self.position))
            return self._decisions

    def validate(self, day: dt.date | None = None) -> Report:
        """Check every rule against the registry as it stood; exceptions count as on ``day``.

        What is private is left out.
        """
        return self._tell(day, full=False)

    def full_report(self, day: dt.date | None = None) -> Report:
        """Return the report with what is private, for comparing with another; it is shown to nobody."""
        return self._tell(day, full=True)

    def _tell(self, day: dt.date | None, *, full: bool) -> Report:
        with self._lock:
            today = dt.datetime.now(dt.UTC).date()
            if self._report is None or self._report[0] != today:
                report = sourcing.with_sources(self._found(today), self.engine, self.journal)
                report = Lasting(self.journal).told(report, self.position)
                self._report = today, report, self._unsaid.report(self, report)
            _, whole, shown = self._report
            return self.decisions.govern(whole if full else shown, day or self._on)

    def _found(self, today: dt.date) -> Report:
        """Check every rule: by what differs from a state whose report is known, where there is one."""
        before = None if self._known is None else self._known.report()
        if before is None:
            found = validate(self.engine.in_memory(), self.profile, compiled=self._compiled)
        else:
            report, changed = before
            found = validate(
                self.engine, self.profile, compiled=self._compiled, changed=changed, before=report
            )
        self._checked, self._known = (today, found), None
        return found

    def standing(self) -> Known | None:
        """Return what is known of the findings here, for checking another state from it."""
        if self._checked is None:
            return self._known
        day, report = self._checked
        return Known(lambda: report if day == dt.datetime.now(dt.UTC).date() else None)

    def try_rules(self, trial: Profile, day: dt.date | None = None, *, by_reference: bool = False) -> Report:
        """Check the rules of another profile against the registry as it stood.

        ``by_reference``: by pySHACL, the reference validator.
        """
        with self._lock:
            check = check_by_reference if by_reference else validate
            report = sourcing.with_sources(check(self.engine, trial), self.engine, self.journal)
            report = self._unsaid.report(self, Lasting(self.journal).told(report, self.position))
            return self.decisions.govern(report, day)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that stated each fact then; one that came later is not among them."""
        return self.journal.sources(facts)

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read who had changed the registry, when and why, oldest first."""
        return self.journal.changesets(after, changes=False)


def _weight(engine: OxigraphEngine) -> int:
    """What a state takes of the memory that past states share; on disk only its index is in memory."""
    return engine.size // _ON_DISK if engine.on_disk else engine.size
