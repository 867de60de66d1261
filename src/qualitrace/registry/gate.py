"""Readers and writers of one open registry, kept apart (floor 3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BRIEF = 0.25  # seconds that newcomers wait for those inside to leave, the first time a writer asks for it
ATTEMPTS = 3  # after so many times in vain, newcomers wait until the writer has had its turn
_GROWTH = 4  # each time lasts so many times as long as the one before


class Gate:
    """Many threads may read at a time, or one may write.

    While a thread waits to write, newcomers wait too, so that those who read can leave: but only for
    ``brief`` seconds. Whoever still reads then is slow; newcomers are let in again until all who were slow
    have left, and the door is shut anew, for longer. So one slow reader holds up others for ``brief`` seconds
    in all, however long it reads. After ``attempts`` times the door stays shut: a writer waits for at most
    ``attempts`` + 1 generations of readers.

    A thread that reads may read again within, even while another waits to write; a thread that writes may
    read. A thread that reads must not write: it would wait for itself.

    The gate knows threads, not tasks: hold it in a function that runs in a thread of its own, and never
    across an ``await``.
    """

    def __init__(
        self,
        *,
        brief: float = BRIEF,
        attempts: int = ATTEMPTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._brief, self._attempts, self._clock = brief, attempts, clock
        self._turn = threading.Condition(threading.Lock())
        self._readers: dict[int, int] = {}  # thread → how deep it reads
        self._slow: set[int] = set()  # those of them for whom a writer waited in vain
        self._waiting: dict[int, int] = {}  # waits to write → how often the door was opened
        self._opened = 0
        self._shut_until: float | None = None  # the end of the present attempt; None: there is none
        self._writer: int | None = None
        self._depth = 0

    @property
    def held(self) -> bool:
        """True while the calling thread reads (and does not write)."""
        me = threading.get_ident()
        return me in self._readers and self._writer != me

    @property
    def held_up(self) -> bool:
        """True while a slow reader keeps writers out: it makes no sense to wait for it briefly."""
        return bool(self._slow)

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
                while self._writer is not None or self._shut():
                    self._turn.wait()
            self._readers[me] = self._readers.get(me, 0) + 1

    def leave(self) -> None:
        """Have done with reading."""
        me = threading.get_ident()
        with self._turn:
            self._readers[me] -= 1
            if not self._readers[me]:
                del self._readers[me]
                self._slow.discard(me)
                if self._waiting:
                    self._turn.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Wait until nobody else reads or writes, and keep everybody out meanwhile.

        Raises RuntimeError in a thread that is reading: it would wait for itself.
        """
        self._begin(None)
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def writing_soon(self) -> Iterator[bool]:
        """Write unless somebody slow is in the way; tells whether the thread may. Waits ``brief`` at most.

        Raises RuntimeError as :meth:`writing` does.
        """
        may = self._begin(self._clock() + self._brief)
        try:
            yield may
        finally:
            if may:
                self._end()

    def _shut(self) -> bool:
        """Tell whether newcomers wait for a writer."""
        return bool(self._waiting) and (not self._slow or self._tried() >= self._attempts)

    def _tried(self) -> int:
        """How often whoever waits longest to write has waited in vain for those inside to leave."""
        return self._opened - min(self._waiting.values())

    def _begin(self, until: float | None) -> bool:
        """Become the writer; False when that was not to be had by then (a time of the clock)."""
        me = threading.get_ident()
        with self._turn:
            if self._writer != me:
                if me in self._readers:
                    raise RuntimeError("a thread that reads a registry cannot change it")
                self._waiting[me] = self._opened
                try:
                    if not self._waited(until):
                        return False
                    self._writer = me
                finally:
                    del self._waiting[me]
                    if self._writer == me or not self._waiting:
                        self._shut_until = None
                    self._turn.notify_all()
            self._depth += 1
            return True

    def _end(self) -> None:
        with self._turn:
            self._depth -= 1
            if not self._depth:
                self._writer = None
                self._turn.notify_all()

    def _waited(self, until: float | None) -> bool:
        """Wait until nobody reads or writes; False when it became too late, or somebody slow reads."""
        while self._writer is not None or self._readers:
            now = self._clock()
            if until is not None and (self._slow or now >= until):
                if not self._slow and self._writer is None and len(self._waiting) == 1:
                    self._open()
                return False
            ends = until
            if self._writer is None and self._shut():
                ends = self._attempt(now, until)
                if ends is not None and now >= ends:
                    self._open()
                    continue
            self._turn.wait(None if ends is None else ends - now)
        return True

    def _attempt(self, now: float, until: float | None) -> float | None:
        """Return when to look again while the door is shut; None: when somebody leaves."""
        tried = self._tried()
        if tried >= self._attempts:
            return until
        if self._shut_until is None:
            self._shut_until = now + self._brief * _GROWTH**tried
        return self._shut_until if until is None else min(until, self._shut_until)

    def _open(self) -> None:
        """Let newcomers in: who is still there is slow."""
        self._slow = set(self._readers)
        self._opened += 1
        self._shut_until = None
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
