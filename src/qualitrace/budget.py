"""How long a question may take, looked at wherever work may go on and on (floor 0).

Whoever asks holds a budget around the question; whatever works for it looks at it between batches. A
query that runs in the store cannot be stopped from here, so those are bounded by what may be asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from qualitrace.errors import QueryError
from qualitrace.text import Text


class TimeUpError(QueryError):
    """A question took longer than it may; ``where`` says what was left out."""

    code = "TIME"


class Budget:
    """The time of one question, from when it is made. ``clock`` tells seconds that never go back.

    ``left_out`` names what was cut short with no error in its place, with how often.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.left_out: dict[str, int] = {}
        self._clock = clock
        self._until = clock() + seconds

    @property
    def spent(self) -> bool:
        """True once the time is over."""
        return self._clock() > self._until

    @property
    def left(self) -> float:
        """Seconds that are left; never below 0."""
        return max(0.0, self._until - self._clock())

    def leave_out(self, where: str) -> None:
        """Note that an answer is given which would have been longer."""
        self.left_out[where] = self.left_out.get(where, 0) + 1

    def error(self, where: str) -> TimeUpError:
        """Return what is said in place of something that was not worked out."""
        return TimeUpError(
            Text(
                zh=f"超过了一次请求的时限（{self.seconds:g} 秒），这一部分没有算出。",
                en=f"This was not worked out: the request went over its {self.seconds:g} seconds.",
            ),
            where=where,
            hint=Text(
                zh="请用 first 或 where 缩小范围，或拆成几个请求。",
                en="Narrow it with first or where, or ask in several requests.",
            ),
        )


_held: ContextVar[Budget | None] = ContextVar("qualitrace_budget", default=None)


@contextmanager
def within(budget: Budget | None) -> Iterator[None]:
    """Hold a budget around a question, in this thread or task."""
    token = _held.set(budget)
    try:
        yield
    finally:
        _held.reset(token)


def held() -> Budget | None:
    """Return the budget that is held; None when there is no limit."""
    return _held.get()


def look(where: str) -> None:
    """Raise TimeUpError when the time of the question is over."""
    budget = _held.get()
    if budget is not None and budget.spent:
        raise budget.error(where)


def over() -> bool:
    """Tell whether the time of the question is over, for work that can stop with what it has."""
    budget = _held.get()
    return budget is not None and budget.spent
