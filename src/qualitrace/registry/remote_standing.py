"""Where a server of graphs stands (floor 3): asked at most twice a second."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from typing import Protocol

from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.store.neo4j.marks import Mark

FRESH = 0.5  # seconds that a server is taken to stand where it stood


class Positioned(Protocol):
    """A registry at home."""

    @property
    def position(self) -> int:
        """The journal position that it stands at."""
        ...


@dataclass(frozen=True, slots=True)
class _Stood:
    begun: float  # when it was begun to be asked
    mark: Mark
    stamp: str  # by what it was worked out who sees what
    state: str

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.begun > FRESH


class Stands:
    """Where a registry on a server stands, and what its registry ``home`` adds to that, if there is one.

    Every property raises UnavailableError when the server must be asked and is away.
    """

    def __init__(self, engine: Neo4jEngine, home: Positioned | None) -> None:
        self._engine = engine
        self._home = home
        self._stood: _Stood | None = None

    @property
    def position(self) -> int:
        """The journal position that answers stand at."""
        return self._standing().mark.position

    @property
    def stamp(self) -> str:
        """By what it was worked out who sees what; "" where it was not."""
        return self._standing().stamp

    def state(self, *, ask: bool = True) -> str | None:
        """Return what names the state that answers are of, as it was known at most ``FRESH`` seconds ago.

        None where the server would have to be asked, or brought up to home, and ``ask`` is not set. No state
        comes twice: each tells when it was written.
        """
        stood = self._stood
        if not ask and (stood is None or stood.is_old):
            return None
        if ask:
            stood = self._standing()
        assert stood is not None
        home = 0 if self._home is None else self._home.position
        return None if not ask and stood.mark.position < home else f"{stood.state} {home}"

    def keeps_still(self, state: str, since: float) -> bool:
        """Tell whether it stood in a state at ``since`` (monotonic seconds) or later, asking if need be."""
        stood = self._stood
        if stood is None or stood.begun < since:
            self.forget()
        return self.state() == state

    def forget(self) -> None:
        """Have the server asked again: it stands elsewhere by now."""
        self._stood = None

    def _standing(self) -> _Stood:
        known = self._stood
        if known is None or known.is_old:
            begun = time.monotonic()
            mark, stamp = self._engine.standing()
            known = self._stood = _Stood(begun, mark, stamp, f"{astuple(mark)} {stamp}")
        return known
