"""The registry as it stood at an earlier position of the journal, for reading (floor 3)."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Self

from qualitrace.journal import Changeset, Journal, Source
from qualitrace.journal.lookup import count_between, net_change
from qualitrace.profile.model import Profile
from qualitrace.registry import sourcing
from qualitrace.registry.counting import Counting
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.following import Following
from qualitrace.registry.gate import Gate, OneAtATime
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.moments import position_of
from qualitrace.registry.projection import Projection
from qualitrace.registry.seen import Seeing
from qualitrace.registry.suspecting import Suspicions
from qualitrace.store import OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, validate
from qualitrace.validation.model import Report
from qualitrace.validation.reference import check_by_reference

NetChange = tuple[tuple[Fact, ...], tuple[Fact, ...]]

# Facts that past states may hold together before the least recently used are let go.
MOST_FACTS = 2_000_000
_COST_OF_CHANGE = 4  # changing a fact costs about as much as copying so many
_ON_DISK = 4  # a fact of a state on disk takes about so many times less memory

Key = tuple[int, dt.date | None]  # position, and the date of valid time where it is reduced to one


class Recalling:
    """The part of a registry that remembers what it knew before."""

    journal: Journal
    profile: Profile
    base: str
    _lock: AbstractContextManager[object]
    _projection: Projection
    _pasts: Pasts | None = None
    _on: dt.date | None = None  # the date of valid time that it was reduced to

    @property
    def _compiled(self) -> CompiledShapes:
        raise NotImplementedError

    def at(self, moment: str | int) -> Self | Past:
        """Return what the registry knew in a moment of recorded time (:func:`position_of`), for reading.

        The registry itself where that is the present. Raises QueryError when it is no such moment.
        """
        position = position_of(self.journal, str(moment))
        with self._lock:
            if position == self._projection.engine.position:
                return self
            if self._pasts is None:
                self._pasts = Pasts(self.journal, self.profile, self.base, self._compiled)
            return self._pasts.at(position, self._projection)

    def on(self, day: dt.date) -> Self | Past:
        """Return the registry with the nodes that exist on a date alone, for reading.

        Nodes whose dates say that they begin later or have ended are not there, nor are those whose state
        lets them count on no day. The registry itself where that is all of it.
        """
        if self._on is not None:
            raise RuntimeError("this is the registry on a date already")
        with self._lock:
            gone = self._projection.index.absent(day)
            if not gone:
                return self
            if self._pasts is None:
                self._pasts = Pasts(self.journal, self.profile, self.base, self._compiled)
            return self._pasts.on(day, gone, self._projection)


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
        compiled: CompiledShapes,
        pasts: Pasts | None = None,
        *,
        tried: NetChange | None = None,
        on: dt.date | None = None,
    ) -> None:
        self.journal = journal  # as it was then
        self.profile = profile
        self.base = base
        self._projection = projection
        self._rules = compiled
        self._gate = Gate()
        self._lock = OneAtATime(self._gate)
        self._decisions: Decisions | None = None
        self._report: tuple[dt.date, Report] | None = None
        self._places = sourcing.TraceSources(journal)
        self._suspicions = Suspicions(journal, profile)
        self._pasts = pasts
        self._on = on
        self.tried = tried  # the facts added and removed by a change that nobody has committed

    @property
    def _compiled(self) -> CompiledShapes:
        return self._rules

    def reading(self) -> AbstractContextManager[None]:
        """As :meth:`qualitrace.registry.Registry.reading`: nothing changes here anyway."""
        return self._gate.reading()

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
        """Check every rule against the registry as it stood; exceptions count as on ``day``."""
        with self._lock:
            today = dt.datetime.now(dt.UTC).date()
            if self._report is None or self._report[0] != today:
                report = validate(self.engine, self.profile, compiled=self._compiled)
                report = sourcing.with_sources(report, self.engine, self.journal)
                self._report = today, Lasting(self.journal).told(report, self.position)
            return self.decisions.govern(self._report[1], day or self._on)

    def try_rules(self, trial: Profile, day: dt.date | None = None, *, by_reference: bool = False) -> Report:
        """Check the rules of another profile against the registry as it stood.

        ``by_reference``: by pySHACL, the reference validator.
        """
        with self._lock:
            check = check_by_reference if by_reference else validate
            report = sourcing.with_sources(check(self.engine, trial), self.engine, self.journal)
            return self.decisions.govern(Lasting(self.journal).told(report, self.position), day)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that stated each fact then; one that came later is not among them."""
        return self.journal.sources(facts)

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read who had changed the registry, when and why, oldest first."""
        return self.journal.changesets(after, changes=False)


class Pasts:
    """Past states of one registry, the most recently asked for kept.

    A state is made from the nearest one at hand (the present, another past one, or nothing), by the
    changesets between the two: what it costs does not grow with what lies beyond them.
    """

    def __init__(
        self,
        journal: Journal,
        profile: Profile,
        base: str,
        compiled: CompiledShapes,
        *,
        most_facts: int = MOST_FACTS,
    ) -> None:
        self._journal = journal
        self._profile = profile
        self._base = base
        self._compiled = compiled
        self._most_facts = most_facts
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Past] = OrderedDict()

    def at(self, position: int, present: Projection) -> Past:
        """Return the state at a position. ``present`` must not change meanwhile."""
        return self._get((position, None), lambda: self._made(position, present))

    def on(self, day: dt.date, gone: set[str], whole: Projection) -> Past:
        """Return a state without some nodes, those that do not exist on a day."""

        def made() -> Past:
            projection = whole.copy()
            projection.leave_out(gone)
            journal = self._journal.at(projection.engine.position)
            return Past(journal, self._profile, self._base, projection, self._compiled, self, on=day)

        return self._get((whole.engine.position, day), made)

    def _get(self, key: Key, make: Callable[[], Past]) -> Past:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
                self._let_go(key)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _made(self, position: int, present: Projection) -> Past:
        near = [present, *(past.projection for (_, day), past in self._kept.items() if day is None)]
        costs = [self._cost(projection, position) for projection in near]
        best = min(range(len(near)), key=costs.__getitem__)
        if _COST_OF_CHANGE * count_between(self._journal, 0, position) < costs[best]:
            projection = present.copy(empty=True)
        else:
            projection = near[best].copy()
        added, removed = net_change(self._journal, projection.engine.position, position)
        if added or removed:
            projection.try_change(added, removed)
        projection.engine.mark(position)
        journal = self._journal.at(position)
        return Past(journal, self._profile, self._base, projection, self._compiled, self)

    def _cost(self, projection: Projection, position: int) -> int:
        engine = projection.engine
        changes = count_between(self._journal, engine.position, position)
        return (0 if engine.on_disk else engine.size) + _COST_OF_CHANGE * changes

    def _let_go(self, newest: Key) -> None:
        sizes = {key: past.weight for key, past in self._kept.items()}
        for key in list(self._kept):
            if sum(sizes.values()) <= self._most_facts:
                return
            if key != newest:
                del self._kept[key], sizes[key]


def _weight(engine: OxigraphEngine) -> int:
    """What a state takes of the memory that past states share; on disk only its index is in memory."""
    return engine.size // _ON_DISK if engine.on_disk else engine.size
