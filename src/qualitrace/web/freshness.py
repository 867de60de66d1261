"""Catching up with what others appended, at next to no cost when nobody did (floor 5)."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.web.served import Served

logger = logging.getLogger("qualitrace.web")
_SETTLED = 1.0  # seconds after which a file's time tells every later write apart from the last


class Freshness:
    """Asks the journal for news only when its files may have changed.

    SQLite appends every change to the write-ahead log beside its file, so both files unchanged means no
    change. A file's time may be as coarse as some milliseconds: one that was written to just now is not
    relied on. Any other journal is asked every time.
    """

    def __init__(self, registry: Served) -> None:
        self._registry = registry
        self._files = _files(registry)
        self._seen: tuple[Any, ...] | None = None
        self._one = threading.Lock()

    def stale(self) -> bool:
        """Tell whether there may be news."""
        return not self._files or self._seen is None or self._look() != self._seen

    def catch_up(self) -> None:
        """Apply what others appended, unless somebody slow reads: then that is done when he has finished.

        It waits for a fraction of a second at most; what is asked next is answered from what is there.
        """
        if not self.stale():
            return
        looked = self._look()
        if not caught_up(self._registry):
            self._later()
            return
        latest = max((one[0] for one in looked if one), default=0)
        settled = time.time_ns() - latest > _SETTLED * 1e9
        self._seen = looked if settled else None

    def _later(self) -> None:
        """Catch up in a thread of its own, as soon as nobody slow reads; one at a time."""
        if self._one.acquire(blocking=False):
            threading.Thread(target=self._wait, name="catching up", daemon=True).start()

    def _wait(self) -> None:
        try:
            self._registry.refresh()
        except QualitraceError as error:  # whoever asks next is told
            logger.warning("news could not be applied: %s", error.code)
        finally:
            self._one.release()

    def _look(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_state(path) for path in self._files)


def caught_up(registry: Any) -> bool:
    """Apply what others appended, where that is soon done; tells whether it was."""
    soon = getattr(registry, "catch_up", None)
    if soon is None:
        registry.refresh()
        return True
    return bool(soon())


def _files(registry: Any) -> tuple[str, ...]:
    database = getattr(getattr(registry, "journal", None), "database", None)
    if database is None or database.dialect.name != "sqlite" or not database.url.database:
        return ()
    path = str(database.url.database)
    return path, f"{path}-wal"


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
