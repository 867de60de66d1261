"""What one request may do: limits, time, and who is told what (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from qualitrace.budget import Budget
from qualitrace.errors import QueryError
from qualitrace.graphql.costs import Cost
from qualitrace.graphql.limits import Limits

LEAST = 10  # what any operation costs
PER_SECOND = 100_000  # values that a second of one processor is worth: about what the executor shows in it


class TooOftenError(QueryError):
    """A caller has asked for more than their share of a time. ``retry_after`` seconds make room for it."""

    code = "RATE_LIMITED"
    retry_after: float = 1.0


@dataclass
class Allowance:
    """What a request may do, made by whoever knows who asks. ``cost`` is filled in once it is known.

    ``limits``: those of the schema when None. ``explore`` allows introspection, and suggestions in error
    texts. ``charge`` takes a cost from what the caller has left: it returns that, or raises TooOftenError.
    ``refund`` gives back what was not needed: what an operation costs at most is reserved, and what it took
    is paid, with the seconds that another machine ``worked`` for it. ``told`` asks for the cost in the
    answer's extensions.
    """

    limits: Limits | None = None
    budget: Budget | None = None
    explore: bool = True
    told: bool = False
    charge: Callable[[int], int | None] | None = None
    refund: Callable[[int], int | None] | None = None
    cost: Cost | None = None
    spent: int | None = None
    left: int | None = None
    reserved: int = 0
    worked: float = 0.0  # seconds of other machines

    def take(self) -> None:
        """Reserve what the operation costs, once. Raises TooOftenError."""
        assert self.cost is not None
        if self.charge is not None and not self.reserved:
            self.left = self.charge(self.cost.total)
            self.reserved = self.cost.total

    def settle(self, seconds: float) -> None:
        """Pay for the time that a request took, here and elsewhere; what was reserved beyond that is free."""
        if self.spent is None:
            own = LEAST + int(seconds * PER_SECOND)
            others = int(self.worked * PER_SECOND)
            self.spent = own + min(others, max(0, self.reserved - own))  # how busy they are is not his doing
            if self.refund is not None:
                self.left = self.refund(self.reserved - self.spent)

    def said(self, allowed: int) -> dict[str, Any]:
        """Return ``extensions.cost``."""
        assert self.cost is not None
        shown: dict[str, Any] = {"requested": self.cost.total, "allowed": allowed}
        if self.cost.dearest:
            shown["dearest"] = {"field": self.cost.dearest, "requested": self.cost.of_it}
        if self.spent is not None:
            shown["spent"] = self.spent
        return shown if self.left is None else {**shown, "left": self.left}


_asked: ContextVar[Allowance | None] = ContextVar("qualitrace_allowance", default=None)


@contextmanager
def under(allowance: Allowance) -> Iterator[None]:
    """Hold an allowance around an execution."""
    token = _asked.set(allowance)
    try:
        yield
    finally:
        _asked.reset(token)


def allowed() -> Allowance:
    """Return the allowance of the request that is executed; one without bounds of its own when none is."""
    return _asked.get() or Allowance()
