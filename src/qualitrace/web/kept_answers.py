"""Answers of another machine, kept while it stands where it stood (floor 5).

Asked again, a question need not travel: an answer is given again as long as the machine says that nothing was
changed since. What it hangs on otherwise (day, audience, rights, variables) is in its key (:mod:`tags`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from qualitrace.errors import UnavailableError
from qualitrace.graphql import TooOftenError
from qualitrace.graphql.allowance import LEAST
from qualitrace.web.asking import Asking
from qualitrace.web.protocol import Asked
from qualitrace.web.tags import Tags

PART = 8  # an answer is kept if it takes at most this part (1/PART) of the room
_OVERHEAD = 400  # bytes that an entry takes beside its content


class Standing(Protocol):
    """A registry on another machine, which tells where it stands."""

    def state(self, *, ask: bool = True) -> str | None:
        """Return what names the state; None when it would have to be asked for and ``ask`` is not set."""
        ...

    def keeps_still(self, state: str, since: float) -> bool:
        """Tell whether it was in a state at ``since`` (monotonic seconds) or later, asking if need be."""
        ...


@dataclass(slots=True)
class _Kept:
    content: bytes
    done: float  # when the answer was there
    sure: bool = False  # it was seen, after that, that the state had not changed

    @property
    def weight(self) -> int:
        return len(self.content) + _OVERHEAD


class KeptAnswers:
    """Answers by key, the ones asked for last, in a bounded number of bytes. Safe from several threads.

    The state an answer is kept under is the one known when it was asked for, which may have changed before it
    was there: so it counts only once the machine was seen in the same state afterwards. States never come
    back, as each tells when it was written.
    """

    def __init__(self, room: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._clock = clock
        self._used = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, state: str, registry: Standing, *, ask: bool = True) -> bytes | None:
        """Return the answer kept for a key, of a state; None without one, or where one would have to ask."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
        if not found.sure:
            if not ask:
                return None
            found.sure = registry.keeps_still(state, found.done)
            if not found.sure:
                self._drop(key, found)
                return None
        return found.content

    def put(self, key: Hashable, content: bytes) -> None:
        """Keep an answer that was worked out just now."""
        made = _Kept(content, self._clock())
        if made.weight * PART > self._room:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._used += made.weight - (before.weight if before is not None else 0)
            self._kept[key] = made
            while self._used > self._room:
                self._used -= self._kept.popitem(last=False)[1].weight

    def _drop(self, key: Hashable, found: _Kept) -> None:
        with self._lock:
            if self._kept.get(key) is found:
                self._used -= self._kept.pop(key).weight


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer hangs on: ``digest`` is its tag, ``state`` where the machine stood."""

    digest: str
    state: str
    allowed: Hashable  # what else decides whether there is an answer at all


class Again:
    """Answers questions that were asked before of a registry on another machine."""

    def __init__(self, stands: Standing, tags: Tags, room: int) -> None:
        self._stands = stands
        self._tags = tags
        self._answers = KeptAnswers(room)

    @classmethod
    def of(cls, registry: Any, tags: Tags, room: int) -> Again | None:
        """Return what keeps answers about a registry; None where nothing tells when they are out of date."""
        stands = getattr(registry, "stands", None)
        found = stands() if stands is not None else None
        return None if found is None else cls(found, tags, room)

    def key(self, asking: Asking, text: str, asked: Asked, *, ask: bool = True) -> Key | None:
        """Return what an answer hangs on; None where it may change by itself, or its showing is noted.

        None too when the machine must be asked and is away: whoever asks it next is told so.
        """
        try:
            state = self._stands.state(ask=ask)
        except UnavailableError:
            return None
        digest = "" if state is None else self._tags.of(asking, text, asked, state)
        if state is None or not digest:
            return None
        return Key(digest, state, (asking.allowance.limits, asking.allowance.explore))

    def find(self, key: Key, asking: Asking, *, ask: bool = True) -> bytes | None:
        """Return the answer given before; it costs what the least of all questions does.

        None without one, or where the caller has not that much left: then they are told as always.
        """
        try:
            found = self._answers.get(key, key.state, self._stands, ask=ask)
        except UnavailableError:
            return None
        if found is not None and asking.allowance.charge is not None:
            try:
                asking.allowance.charge(LEAST)
            except TooOftenError:
                return None
        return found

    def at_once(self, asking: Asking, text: str, asked: Asked) -> tuple[Key, bytes] | None:
        """Return the answer given before where that is known without asking the machine anything."""
        key = self.key(asking, text, asked, ask=False)
        found = None if key is None else self.find(key, asking, ask=False)
        return None if key is None or found is None else (key, found)

    def keep(self, key: Key, content: bytes) -> None:
        """Keep an answer that has just been worked out."""
        self._answers.put(key, content)
