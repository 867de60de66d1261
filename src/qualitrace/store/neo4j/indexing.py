"""Making the constraints and indexes of a database, and waiting until they work (floor 1).

Where much is there already (an import, another registry) they are filled in the background, which takes
minutes: who waits is told which one is being filled, and how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from neo4j import ManagedTransaction

from qualitrace.errors import UnavailableError
from qualitrace.store.neo4j import schema, veils
from qualitrace.store.neo4j.naming import Naming
from qualitrace.store.neo4j.server import Row, Server
from qualitrace.text import Text

Filling = Callable[[str, float], None]  # an index that is being filled, and how far (percent)

LONGEST = 12 * 3600.0  # seconds that indexes are waited for
_EVERY = 3.0  # seconds between looks
_CONSTRAINT = "CREATE CONSTRAINT"
_WORKS = "ONLINE"
_STATES = "SHOW INDEXES YIELD name, state, populationPercent RETURN name, state, populationPercent AS percent"


class Indexing:
    """Makes a profile's constraints and indexes. ``filling`` is told what is waited for, now and then.

    ``longest``: seconds that they are waited for at most.
    """

    def __init__(
        self, server: Server, naming: Naming, filling: Filling | None = None, longest: float = LONGEST
    ) -> None:
        self._server = server
        self._wanted = [*schema.statements(naming), *veils.statements(naming)]
        self._filling = filling or (lambda name, percent: None)
        self._longest = longest
        self._closed = Event()

    def close(self) -> None:
        """Wait no longer: whoever waits in another thread comes back, and the server goes on alone."""
        self._closed.set()

    def make(self) -> None:
        """Make what is missing, and wait until all works.

        Raises UnavailableError when it takes too long or an index cannot be filled; who comes next goes on.
        """
        names = schema.names(self._wanted)
        if {row["name"] for row in self._states(names) if row["state"] == _WORKS} < names:
            self.constraints()
            self.indexes()

    def constraints(self) -> None:
        """Make the constraints that are missing, as :meth:`make`."""
        self._make(
            [one for one in self._wanted if one.startswith(_CONSTRAINT)],
            lambda missing: [self._server.run(one) for one in missing],
        )

    def indexes(self) -> None:
        """Make the indexes that are missing, in one transaction, as :meth:`make`."""

        def work(transaction: ManagedTransaction, missing: Sequence[str]) -> None:
            for one in missing:
                transaction.run(one).consume()

        self._make(
            [one for one in self._wanted if not one.startswith(_CONSTRAINT)],
            lambda missing: self._server.write(lambda transaction: work(transaction, missing)),
        )

    def _make(self, wanted: Sequence[str], make: Callable[[Sequence[str]], object]) -> None:
        names = schema.names(wanted)
        there = {row["name"] for row in self._states(names)}
        missing = [one for one in wanted if not schema.names([one]) <= there]
        until = time.monotonic() + self._longest
        if missing:
            with ThreadPoolExecutor(1) as pool:
                making = pool.submit(make, missing)
                while not _over(making.exception, _EVERY):  # a constraint is filled while it is made
                    self._tell(self._unfinished(names))
                making.result()
        while not self._closed.is_set() and (left := self._unfinished(names)):
            self._tell(left)
            if time.monotonic() > until:
                raise _too_long(left[0], self._longest)
            self._closed.wait(_EVERY)

    def _states(self, names: Container[str]) -> list[Row]:
        return [row for row in self._server.read(_STATES) if row["name"] in names]

    def _unfinished(self, names: Container[str]) -> list[Row]:
        """Return those that do not work yet. Raises UnavailableError for one that never will."""
        rows = self._states(names)
        for row in rows:
            if row["state"] == "FAILED":
                raise _failed(str(row["name"]))
        return [row for row in rows if row["state"] != _WORKS]

    def _tell(self, rows: Sequence[Row]) -> None:
        for row in rows[:1]:
            self._filling(str(row["name"]), float(row["percent"] or 0.0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How indexes are waited for: who is told which one is being filled and how far, and how many seconds."""

    told: Filling | None = None
    longest: float = LONGEST

    def indexing(self, server: Server, naming: Naming) -> Indexing:
        """Return what makes those of a profile."""
        return Indexing(server, naming, self.told, self.longest)


def _over(wait: Callable[[float], object], seconds: float) -> bool:
    try:
        wait(seconds)
    except TimeoutError:
        return False
    return True


def _too_long(row: Row, longest: float) -> UnavailableError:
    name, percent = row["name"], float(row["percent"] or 0.0)
    return UnavailableError(
        Text(
            zh=f"等了 {longest:,.0f} 秒，Neo4j 的索引 {name} 还没有建好（{percent:.0f}%）。",
            en=f"After {longest:,.0f} seconds the index {name} of Neo4j is not filled yet ({percent:.0f} %).",
        ),
        hint=Text(
            zh="Neo4j 会继续建立；请稍后再运行一次，或用 --index-wait 等得更久。",
            en="Neo4j goes on with it; run this again later, or wait longer with --index-wait.",
        ),
    )


def _failed(name: str) -> UnavailableError:
    return UnavailableError(
        Text(zh=f"Neo4j 建不成索引 {name}。", en=f"Neo4j could not fill the index {name}."),
        hint=Text(
            zh="原因见 Neo4j 的日志（或 SHOW INDEXES YIELD name, failureMessage）；"
            f"排除后用 DROP INDEX {name} 删掉它，再运行一次。",
            en="Its log says why (SHOW INDEXES YIELD name, failureMessage does, too); when that is mended, "
            f"take it away with DROP INDEX {name} and run this again.",
        ),
    )
