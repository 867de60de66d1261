"""Readers and writers of one open registry, kept apart (floor 3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Many threads may read at a time, or one may write.

    A thread that waits to write goes before readers that come later, so that reading never keeps a
    change out for ever. A thread that reads may read again within, even while another waits to write;
    a thread that writes may read. A thread that reads must not write: it would wait for itself.

    The gate knows threads, not tasks: hold it in a function that runs in a thread of its own, and never
    across an ``await``.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition(threading.Lock())
        self._readers: dict[int, int] = {}  # thread → how deep it reads
        self._waiting = 0
        self._writer: int | None = None
        self._depth = 0

    @property
    def held(self) -> bool:
        """True while the calling thread reads (and does not write)."""
        me = threading.get_ident()
        return me in self._readers and self._writer != me

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Wait until nobody writes, and keep writers out meanwhile."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Begin to read; :meth:`leave` must follow, in the same thread."""
        me = threading.get_ident()
        with self._turn:
            if me not in self._readers and self._writer != me:
                self._turn.wait_for(lambda: self._writer is None and not self._waiting)
            self._readers[me] = self._readers.get(me, 0) + 1

    def leave(self) -> None:
        """Have done with reading."""
        me = threading.get_ident()
        with self._turn:
            self._readers[me] -= 1
            if not self._readers[me]:
                del self._readers[me]
                self._turn.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Wait until nobody else reads or writes, and keep everybody out meanwhile.

        Raises RuntimeError in a thread that is reading: it would wait for itself.
        """
        me = threading.get_ident()
        with self._turn:
            if self._writer != me:
                if me in self._readers:
                    raise RuntimeError("a thread that reads a registry cannot change it")
                self._waiting += 1
                try:
                    self._turn.wait_for(lambda: self._writer is None and not self._readers)
                finally:
                    self._waiting -= 1
                    if self._waiting == 0:
                        self._turn.notify_all()
                self._writer = me
            self._depth += 1
        try:
            yield
        finally:
            with self._turn:
                self._depth -= 1
                if not self._depth:
                    self._writer = None
                    self._turn.notify_all()


class OneAtATime:
    """Reading, by one thread at a time: for what keeps notes while it reads. May be held within itself."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._gate.enter()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._gate.leave()
