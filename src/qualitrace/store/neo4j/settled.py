"""Reading a registry of which no change is under way (floor 1).

A change of many facts goes in several transactions. Who writes it says so in the mark, waits for ``GRACE``
and only then writes the first; who reads trusts a mark that it read less than ``LEASE`` ago. So what is read
is never a part of a change, and reading the mark costs nothing where much is read. A replica may be late, and
what stood apart in time may come to it at once: there the mark is read again after each statement.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from qualitrace.errors import UnavailableError
from qualitrace.store.neo4j import marks
from qualitrace.store.neo4j.marks import Mark
from qualitrace.store.neo4j.server import Row, Server
from qualitrace.text import Text

LEASE = 0.5  # seconds that a mark is trusted for
GRACE = 2 * LEASE  # seconds between saying that a change begins and its first transaction
_ATTEMPTS = 5  # times that a statement is run while changes come in between

_Known = tuple[float, Mark]  # when it was begun to be read, and the mark


class Settled:
    """Reads one registry in one database; safe from several threads."""

    def __init__(self, server: Server, registry: str) -> None:
        self._server = server
        self._registry = registry
        self._last: _Known | None = None

    def look(self) -> Mark:
        """Read the mark."""
        return self._look()[1]

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a reading statement; returns all rows, of one state.

        Raises UnavailableError while a change is under way.
        """
        known = self._known()
        for _ in range(_ATTEMPTS):
            rows = self._server.read(statement, **parameters)
            if self._trusted(known):
                return rows
            before, known = known, self._look()
            if known[1] == before[1]:
                return rows
            _whole(known[1])
        raise _changing()

    def stream(self, statement: str, **parameters: Any) -> Iterator[Row]:
        """Run a reading statement and yield its rows as they come.

        Raises UnavailableError while a change is under way; at the end when one came in between.
        """
        before = self.look()
        _whole(before)
        yield from self._server.stream(statement, **parameters)
        if self.look() != before:
            raise _changing()

    def _known(self) -> _Known:
        """Return a mark that says that nothing is under way: a trusted one, or else as it is now."""
        known = self._last
        if known is None or known[1].toward >= 0 or not (self._server.routed or self._trusted(known)):
            known = self._look()
        _whole(known[1])
        return known

    def _trusted(self, known: _Known) -> bool:
        # Where nothing is yet, a first publication begins at once.
        return not self._server.routed and known[1].position > 0 and time.monotonic() - known[0] < LEASE

    def _look(self) -> _Known:
        begun = time.monotonic()
        rows = self._server.read(marks.READ, registry=self._registry)
        self._last = begun, Mark.of(rows[0]["said"]) if rows else Mark()
        return self._last


def _whole(mark: Mark) -> None:
    if mark.toward >= 0:
        raise UnavailableError(
            Text(
                zh=f"正在把登记库的变更（到第 {mark.toward} 号）写入 Neo4j，现在只有一部分。",
                en=f"Changes of the registry (up to {mark.toward}) are being written to Neo4j: "
                "only a part is there yet.",
            ),
            hint=_again(),
        )


def _changing() -> UnavailableError:
    return UnavailableError(
        Text(
            zh="读取期间，Neo4j 里的登记库一直在变。",
            en="The registry in Neo4j kept changing while it was read.",
        ),
        hint=_again(),
    )


def _again() -> Text:
    return Text(
        zh="请稍后再问；若发布中断了，请再运行一次 sync neo4j。",
        en="Ask again in a moment; if the publication broke off, run sync neo4j again.",
    )
