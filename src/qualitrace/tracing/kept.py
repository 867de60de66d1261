"""Tables that were worked out, kept until a fact changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from qualitrace.tracing.model import CoverageTable


class Tables:
    """A few tables by key; the least recently used goes first. Threads may share one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, CoverageTable] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        make: Callable[[], CoverageTable],
        fits: Callable[[CoverageTable], bool] = lambda table: True,
    ) -> CoverageTable:
        """Return the table of a key if it fits, else make it. Errors are raised and not kept."""
        with self._lock:
            found = self._held.get(key)
            if found is not None and fits(found):
                self._held.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._held[key] = made
            self._held.move_to_end(key)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._held.clear()
