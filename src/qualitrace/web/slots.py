"""Who is worked for: a bounded number of requests at a time, shared fairly between callers (floor 5)."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque

from qualitrace.graphql import TooOftenError
from qualitrace.text import Text

SPARE = 4  # beyond ``running``: for callers who have nothing running, so that others never keep them out


class BusyError(TooOftenError):
    """Nobody can be found to work on a request in time; it may be sent again."""

    code = "BUSY"


class Slots:
    """Lets requests of one event loop run or wait: ``running`` of all, ``each`` of one caller.

    Whoever has nothing running starts at once, within the spare. The callers who wait take turns,
    whatever the number of their requests; a caller's own requests wait in the order they came.
    """

    def __init__(self, *, running: int, each: int, waiting: int, spare: int = SPARE) -> None:
        self._running = running
        self._each = each
        self._most_waiting = waiting
        self._spare = spare
        self._mine: Counter[str] = Counter()
        self._total = 0
        self._queues: OrderedDict[str, deque[tuple[asyncio.Future[None], int]]] = OrderedDict()

    async def enter(self, key: str, seconds: float, *, alone: bool = False) -> None:
        """Wait for a slot. Raises BusyError when too many of the caller's wait, or none is free in time.

        ``alone``: the caller is the only one there is, so that it is not kept to its share.
        """
        each = self._running if alone else self._each
        if key not in self._queues and self._may_start(key, each):
            self._start(key)
            return
        queue = self._queues.setdefault(key, deque())
        if len(queue) >= self._most_waiting:
            if not queue:
                del self._queues[key]
            raise _busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append((turn, each))
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            self._give_up(key, turn)
            if isinstance(error, TimeoutError):
                raise _busy() from error
            raise

    def leave(self, key: str) -> None:
        """Give a slot back, and let others begin."""
        self._mine[key] -= 1
        if not self._mine[key]:
            del self._mine[key]
        self._total -= 1
        self._go_on()

    def _may_start(self, key: str, each: int) -> bool:
        if self._total < self._running:
            return self._mine[key] < each if key in self._mine else True
        return key not in self._mine and self._total < self._running + self._spare

    def _start(self, key: str) -> None:
        self._mine[key] += 1
        self._total += 1

    def _go_on(self) -> None:
        """Start whoever may: one of each caller in turn."""
        for key in list(self._queues):
            queue = self._queues[key]
            while queue and queue[0][0].done():
                queue.popleft()
            if queue and self._may_start(key, queue[0][1]):
                self._start(key)
                queue.popleft()[0].set_result(None)
                self._queues.move_to_end(key)
            if not queue:
                self._queues.pop(key, None)

    def _give_up(self, key: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():  # it was given a slot in the very moment
            self.leave(key)
            return
        turn.cancel()
        queue = self._queues.get(key)
        if queue is not None:
            left = deque(one for one in queue if one[0] is not turn)
            if left:
                self._queues[key] = left
            else:
                del self._queues[key]


def _busy() -> BusyError:
    error = BusyError(
        Text(zh="您的其他请求还在处理,排不上了。", en="Too many of your requests are already waiting."),
        where="RateLimit",
        hint=Text(zh="请等前面的请求答复后再发。", en="Send it again when earlier ones have been answered."),
    )
    error.retry_after = 1
    return error
