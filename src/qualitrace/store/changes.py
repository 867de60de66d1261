"""What changed lately in a store, for those who keep what they read in it (floor 1)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from itertools import islice

from qualitrace.terms import Fact

MOST = 4096  # facts
Touched = tuple[str, str]  # subject and predicate of a fact that came or went


class Changes:
    """The newest changes of a store, numbered; older ones are forgotten. Safe from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._last: deque[Touched] = deque(maxlen=most)
        self._made = 0
        self._forgotten = 0  # nobody knows what changed up to this number
        self._lock = threading.Lock()

    @property
    def mark(self) -> int:
        """The number of the newest change; for :meth:`since`."""
        return self._made

    def note(self, facts: Collection[Fact]) -> None:
        """Note facts that came or went."""
        if len(facts) > self._most:
            self.forget()
            return
        with self._lock:
            self._last.extend((fact.subject, fact.predicate) for fact in facts)
            self._made += len(facts)

    def forget(self) -> None:
        """Note that anything may have changed."""
        with self._lock:
            self._last.clear()
            self._made += 1
            self._forgotten = self._made

    def since(self, mark: int) -> tuple[int, list[Touched] | None]:
        """Return the newest mark, and what changed after another one; None when that is not known."""
        with self._lock:
            count = self._made - mark
            if mark < self._forgotten or count > len(self._last):
                return self._made, None
            return self._made, list(islice(self._last, len(self._last) - count, None))
