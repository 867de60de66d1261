"""Tables that were worked out, kept until a fact changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from qualitrace.tracing.model import CoverageTable


class Tables:
    """A few tables by key; the least recently used goes first. Threads may share one.

    Those that ask for the same at the same time wait for the first; ``make`` must not ask for its own key.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, CoverageTable] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        make: Callable[[], CoverageTable],
        fits: Callable[[CoverageTable], bool] = lambda table: True,
    ) -> CoverageTable:
        """Return the table of a key if it fits, else make it. Errors are raised and not kept."""
        with self._lock:
            found = self._find(key, fits)
            if found is not None:
                return found
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                with self._lock:
                    found = self._find(key, fits)
                if found is None:
                    found = make()
                    self._keep(key, found)
                return found
            finally:
                with self._lock:
                    if self._making.get(key) is making:
                        del self._making[key]

    def _find(self, key: Hashable, fits: Callable[[CoverageTable], bool]) -> CoverageTable | None:
        found = self._held.get(key)
        if found is None or not fits(found):
            return None
        self._held.move_to_end(key)
        return found

    def _keep(self, key: Hashable, made: CoverageTable) -> None:
        with self._lock:
            self._held[key] = made
            self._held.move_to_end(key)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._held.clear()
