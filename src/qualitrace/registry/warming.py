"""Past states that are asked for again go on in memory, as the present does (floor 3)."""

from __future__ import annotations

import threading
import weakref
from contextlib import AbstractContextManager
from typing import Protocol

from qualitrace.store import OxigraphEngine
from qualitrace.store.moving import Moving

LEAST = 50_000  # facts; fewer are read from disk quickly enough


class Warmed(Protocol):
    """A past state whose store may be exchanged for one that holds the same."""

    @property
    def engine(self) -> OxigraphEngine:
        """The store that answers questions."""
        ...

    def exchanging(self) -> AbstractContextManager[object]:
        """Keep whoever asks out meanwhile."""
        ...


class Warming:
    """Takes past states that were made by links to files into memory, one at a time, beside who asks them.

    A state is linked within milliseconds, but reading much of it then costs several times what it costs in
    memory: worth it once, not for whoever asks again. ``most`` bounds the facts of a state that is taken.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._one = threading.Lock()

    def again(self, state: Warmed) -> None:
        """Note that a state is asked for again; returns at once."""
        engine = state.engine
        if not engine.on_disk or not LEAST < engine.size <= self._most:
            return
        if self._one.acquire(blocking=False):
            # It ends with the main thread: one that the interpreter cut off could not be trusted.
            threading.Thread(target=self._take, args=(weakref.ref(state),), name="past state").start()

    def _take(self, found: weakref.ref[Warmed]) -> None:
        main = threading.main_thread()
        try:
            state = found()
            if state is None:
                return
            moving = Moving(state.engine)
            del state  # let go of meanwhile, it is not wanted any more
            copied = False
            try:
                copied = moving.copy(lambda: found() is None or not main.is_alive())
            finally:
                self._finish(moving, found(), copied=copied)
        finally:
            self._one.release()

    @staticmethod
    def _finish(moving: Moving, state: Warmed | None, *, copied: bool) -> None:
        if state is None or not copied:
            moving.give_up()
            return
        with state.exchanging():
            moving.finish()
