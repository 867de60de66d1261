"""What is kept between requests, for one state of the registry (floor 4).

An answer depends on the journal position alone, so what was worked out for one holds until the next; a sorted
list of all nodes of a type, until a change touches what it was sorted by.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from qualitrace.access.model import EVERYTHING, Audience
from qualitrace.graphql.reading import Reading
from qualitrace.store import STATED, Engine

if TYPE_CHECKING:
    from qualitrace.graphql.plans.columns import Columns

KEPT = 200_000  # entries of sorted lists kept, together
ANSWERS = 64_000_000  # bytes of written answers kept, together
AUDIENCES = 16  # that something is kept for, beside those who see everything
SHARE = 1 / 8  # of the two bounds above, for each of them
FULL = 500_000  # stated facts of another state of the registry for which as much is kept as of the present


class Kept:
    """Results by key, each with a weight; when they weigh too much the least recently used go."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._weight = 0
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        make: Callable[[], Any],
        weight: Callable[[Any], int],
        fits: Callable[[Any], bool] = lambda found: True,
    ) -> Any:
        """Return what is kept under a key if it ``fits``, else make it. Errors are raised and not kept.

        Threads that ask for the same at the same time wait for the first. ``make`` must not ask for a
        key that may be waiting for this one.
        """
        with self._lock:
            found = self._find(key)
        if found is not None and fits(found[0]):
            return found[0]
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                with self._lock:
                    found = self._find(key)
                if found is not None and fits(found[0]):
                    return found[0]
                made = make()
                self._keep(key, made, weight(made) + 1)
            finally:
                with self._lock:
                    if self._making.get(key) is making:
                        del self._making[key]
        return made

    def _find(self, key: Hashable) -> tuple[Any, int] | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def _keep(self, key: Hashable, made: Any, heavy: int) -> None:
        with self._lock:
            if key in self._held:
                self._weight -= self._held.pop(key)[1]
            if heavy <= self._bound:
                self._held[key] = (made, heavy)
                self._weight += heavy
                while self._weight > self._bound:
                    self._weight -= self._held.popitem(last=False)[1][1]


class Snapshot:
    """What is kept for one position of one store. ``share`` of what may be kept is its own.

    ``lists`` and ``answers`` are of this position; ``listings`` (:mod:`listing`) go on from that ``before``,
    for as long as no change touches them.
    """

    def __init__(
        self,
        engine: Engine,
        position: int,
        columns: Columns,
        share: float = 1,
        before: Snapshot | None = None,
    ) -> None:
        self.engine = engine
        self.position = position
        self.columns = columns
        goes_on = before is not None and before.engine is engine
        self.listings: Kept = before.listings if before and goes_on else Kept(int(KEPT * share))
        self.lists = Kept(int(KEPT * share))
        self.answers = Kept(int(ANSWERS * share))
        self._others: WeakKeyDictionary[Reading, Snapshot] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def of_state(self, reading: Reading) -> Snapshot:
        """Return what is kept for another state of the registry, for as long as the state is."""
        with self._lock:
            found = self._others.get(reading)
            if found is None or found.engine is not reading.engine:
                share = share_of(reading.engine.count(STATED))
                columns = self.columns.on(reading.engine, share)
                found = self._others[reading] = Snapshot(reading.engine, reading.position, columns, share)
            return found


def share_of(facts: int) -> float:
    """Return the share kept for another state that states so many facts.

    Lists and findings of a large one are long. Such states share the memory for their facts, so that there
    are few of them, or they are small.
    """
    return min(1.0, max(SHARE, facts / FULL))


class Snapshots:
    """The snapshots of a registry as it stands, one for each audience: others whenever it has moved on.

    What is kept for one audience never answers another. ``whole`` is the registry as those see it who see
    everything.
    """

    def __init__(self, columns: Callable[[Reading], Columns], whole: Reading) -> None:
        self._columns = columns
        self._whole = whole
        self._now: Snapshot | None = None
        self._others: OrderedDict[Audience, Snapshot] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, seen: Reading, audience: Audience = EVERYTHING) -> Snapshot:
        """Return the snapshot of the registry's position, as an audience sees it."""
        if seen is self._whole:
            now, engine, position = self._now, seen.engine, seen.position
            if now is None or now.engine is not engine or now.position != position:
                now = self._now = Snapshot(engine, position, self._columns(seen), before=now)
            return now
        with self._lock:
            return self._of_part(seen, audience)

    def _of_part(self, seen: Reading, audience: Audience) -> Snapshot:
        engine, position = seen.engine, seen.position
        held = self._others.pop(audience, None)
        if held is None or held.engine is not engine or held.position != position:
            held = Snapshot(engine, position, self._columns(seen), SHARE, before=held)
        self._others[audience] = held
        if len(self._others) > AUDIENCES:
            self._others.popitem(last=False)
        return held
