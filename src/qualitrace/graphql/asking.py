"""On whose behalf a request is answered (floor 4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from qualitrace.access.gate import Access
from qualitrace.access.model import EVERYTHING, Audience, Caller, Principal
from qualitrace.graphql.reading import Reading

TRUSTED = Caller(Principal("", frozenset()), trusted=True)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and the registry as they see it; ``seen`` is None for the one the schema was built with.

    ``access`` keeps what was read, for those who may ask about it.
    """

    caller: Caller = TRUSTED
    seen: Reading | None = None
    access: Access | Any | None = None

    @property
    def audience(self) -> Audience:
        """For whose eyes the answer is."""
        return EVERYTHING if self.seen is None else self.caller.audience


_NOBODY_ELSE = Asker()
_asking: ContextVar[Asker] = ContextVar("qualitrace_asker", default=_NOBODY_ELSE)


@contextmanager
def on_behalf_of(asker: Asker) -> Iterator[None]:
    """Answer for somebody within the block; without it, for this machine, which sees everything."""
    token = _asking.set(asker)
    try:
        yield
    finally:
        _asking.reset(token)


def asker() -> Asker:
    """Return on whose behalf the calling thread answers."""
    return _asking.get()
