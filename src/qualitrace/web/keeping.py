"""What is worked out once for many who ask at a time (floor 5)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass
class _Held(Generic[V]):
    """What is kept for a key: of which state, until when it was the newest one, and whether one is made."""

    state: Hashable
    value: V
    seen: float  # when it was last found to be of the newest state
    making: bool = False


@dataclass
class Kept(Generic[V]):
    """Values by key, each of one state of something; one thread at a time makes the value of a key.

    Others who ask for the key meanwhile get the value before if it was of the newest state within the last
    ``grace`` seconds, and else wait. So who asks alone always gets the newest, and many who ask
    at a time do not all wait for what has just changed.
    """

    most: int
    grace: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[Hashable, _Held[V]] = field(default_factory=OrderedDict)
    _first: set[Hashable] = field(default_factory=set)  # keys whose first value is being made
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def get(self, key: Hashable, state: Hashable, make: Callable[[], tuple[Hashable, V]]) -> V:
        """Return the value of a key; ``make`` returns the state it found, and the value.

        What ``make`` raises is raised to the one for whom it was called.
        """
        with self._turn:
            while True:
                held = self._held.get(key)
                now = self.clock()
                if held is not None and held.state == state:
                    held.seen = now
                    self._held.move_to_end(key)
                    return held.value
                if held is None and key not in self._first:
                    self._first.add(key)
                    break
                if held is not None and not held.making:
                    held.making = True
                    break
                if held is not None and now - held.seen < self.grace:
                    return held.value
                self._turn.wait()
        try:
            found, value = make()
        except BaseException:
            self._done(key, None)
            raise
        self._done(key, _Held(found, value, self.clock()))
        return value

    def _done(self, key: Hashable, made: _Held[V] | None) -> None:
        with self._turn:
            self._first.discard(key)
            if made is not None:
                self._held[key] = made
                self._held.move_to_end(key)
                while len(self._held) > self.most:
                    self._held.popitem(last=False)
            elif key in self._held:
                self._held[key].making = False
            self._turn.notify_all()
