"""Token buckets: what each of many callers has left of what a minute gives (floor 5)."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from qualitrace.graphql import TooOftenError
from qualitrace.text import Text

WINDOW = 60.0  # seconds in which an empty bucket fills


@dataclass
class _Bucket:
    left: float
    at: float


class Buckets:
    """The buckets of one kind, by key. Threads may share them; those not used for long are forgotten.

    A bucket holds what a minute gives, and fills evenly. They are of this process alone: where several
    answer for one registry, each is to be given its share.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, most: int = 20_000) -> None:
        self._clock = clock
        self._most = most
        self._held: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, amount: float, holds: float) -> int:
        """Take an amount, and return what is left. Raises TooOftenError when there is less.

        What is more than a full bucket ``holds`` takes all of it.
        """
        needed = min(amount, holds)
        with self._lock:
            bucket = self._filled(key, holds)
            if bucket.left >= needed:
                bucket.left -= needed
                return int(bucket.left)
            missing = needed - bucket.left
        raise too_often(missing * WINDOW / holds)

    def give(self, key: str, amount: float, holds: float) -> int:
        """Give back what was not needed (or, below 0, take what was needed more); return what is left."""
        with self._lock:
            bucket = self._filled(key, holds)
            bucket.left = max(0.0, min(holds, bucket.left + amount))
            return int(bucket.left)

    def state(self, key: str, holds: float) -> tuple[int, int]:
        """Return what is left, and the seconds until the bucket is full again."""
        with self._lock:
            left = self._filled(key, holds).left
        return int(left), math.ceil((holds - left) * WINDOW / holds)

    def _filled(self, key: str, holds: float) -> _Bucket:
        now = self._clock()
        bucket = self._held.get(key)
        if bucket is None:
            bucket = self._held[key] = _Bucket(holds, now)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(key)
            bucket.left = min(holds, bucket.left + (now - bucket.at) * holds / WINDOW)
            bucket.at = now
        return bucket


def too_often(seconds: float) -> TooOftenError:
    """Return the error of a caller who must wait so long."""
    wait = max(1, math.ceil(seconds))
    error = TooOftenError(
        Text(zh="这一分钟内问得太多。", en="More was asked than a minute allows."),
        where="RateLimit",
        hint=Text(
            zh=f"请等 {wait} 秒,或问得少一些;须要更多请与管理员商量。",
            en=f"Wait {wait} seconds, or ask for less; whoever runs the server can allow more.",
        ),
    )
    error.retry_after = wait
    return error
