"""The past states of an open registry that are at hand, and how others are made from them (floor 3)."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from qualitrace.journal import Journal
from qualitrace.journal.lookup import count_between, net_change
from qualitrace.registry.checkpoint import Checkpoints
from qualitrace.registry.copying import COST_OF_CHANGE, Copies
from qualitrace.registry.known import Known
from qualitrace.registry.projection import Projection
from qualitrace.registry.warming import Warmed, Warming
from qualitrace.store import PROFILE

# Facts that past states may hold together before the least recently used are let go.
MOST_FACTS = 2_000_000
_MOST_WHOLE = 1000  # dates of which it is kept that everything exists on them

Standing = Callable[[], Known | None]
Key = tuple[int, dt.date | None]  # position, and the date of valid time where it is reduced to one


class State(Warmed, Protocol):
    """A past state."""

    @property
    def projection(self) -> Projection:
        """The facts and what follows from them; copy it before changing anything."""
        ...

    @property
    def weight(self) -> int:
        """What it takes of the memory that past states share, in facts."""
        ...

    def standing(self) -> Known | None:
        """What is known of its findings."""
        ...


S = TypeVar("S", bound=State)


class Pasts(Generic[S]):
    """Past states of one registry, the most recently asked for kept.

    A state is made from the nearest one at hand (the present, another past one, or nothing), by the
    changesets between the two: what it costs does not grow with what lies beyond them. Whoever asks for one
    that is there does not wait for another that is being made.
    """

    def __init__(
        self,
        journal: Journal,
        make: Callable[[Pasts[S], Projection, Known | None, dt.date | None], S],
        *,
        checkpoints: Checkpoints | None = None,
        most_facts: int = MOST_FACTS,
    ) -> None:
        self._journal = journal
        self._make = make
        self._copies = Copies(journal, checkpoints)
        self._most_facts = most_facts
        self._warming = Warming(most_facts)
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._kept: OrderedDict[Key, S] = OrderedDict()
        self._whole: dict[Key, None] = {}

    def at(self, position: int, present: Projection, standing: Standing = lambda: None) -> S:
        """Return the state at a position. ``present`` must not change meanwhile.

        ``standing`` says what is known of its findings.
        """
        return self._get((position, None), lambda: self._made(position, present, standing), present)

    def on(self, day: dt.date, whole: Projection, standing: Standing = lambda: None) -> S | None:
        """Return a state without the nodes that do not exist on a day; None when all of them do."""
        key = whole.engine.position, day
        if key in self._whole:
            return None
        found = self._there(key)
        if found is not None:
            return self._again(found, whole)
        gone = whole.index.absent(day)
        if gone:
            return self._get(key, lambda: self._reduced(day, gone, whole, standing), whole)
        if len(self._whole) >= _MOST_WHOLE:
            self._whole = {}
        self._whole[key] = None
        return None

    def _get(self, key: Key, make: Callable[[], S], present: Projection) -> S:
        found = self._there(key)
        if found is not None:
            return self._again(found, present)
        with self._making:
            found = self._there(key) or make()
            with self._lock:
                self._kept[key] = found
                self._let_go(key)
            return found

    def _there(self, key: Key) -> S | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _again(self, found: S, present: Projection) -> S:
        """Return a state that is asked for again; where the present is in memory, it goes there too."""
        if not present.engine.on_disk:
            self._warming.again(found)
        return found

    def _reduced(self, day: dt.date, gone: set[str], whole: Projection, standing: Standing) -> S:
        projection, known = self._copies.of(whole), standing()
        known = known and known.then((), projection.leave_out(gone))
        return self._make(self, projection, known, day)

    def _made(self, position: int, present: Projection, standing: Standing) -> S:
        with self._lock:
            kept = [past for (_, day), past in self._kept.items() if day is None]
        near = [(present, standing), *((past.projection, past.standing) for past in kept)]
        costs = [self._cost(projection, position) for projection, _ in near]
        best = min(range(len(near)), key=costs.__getitem__)
        known: Known | None = None
        anew = present.engine.count(PROFILE) + COST_OF_CHANGE * count_between(self._journal, 0, position)
        if anew < costs[best]:
            projection = present.copy(empty=True)
        else:
            projection, known = self._copies.of(near[best][0]), near[best][1]()
        added, removed = net_change(self._journal, projection.engine.position, position)
        if added or removed:
            delta = projection.try_change(added, removed)
            known = known and known.then(delta.added, delta.removed)
        projection.engine.mark(position)
        return self._make(self, projection, known, None)

    def _cost(self, projection: Projection, position: int) -> int:
        changes = count_between(self._journal, projection.engine.position, position)
        return self._copies.cost(projection) + COST_OF_CHANGE * changes

    def _let_go(self, newest: Key) -> None:
        sizes = {key: past.weight for key, past in self._kept.items()}
        for key in list(self._kept):
            if sum(sizes.values()) <= self._most_facts:
                return
            if key != newest:
                del self._kept[key], sizes[key]
