"""A Neo4j server or cluster, as engines use it (floor 1).

Reads go to replicas where the address says so (``neo4j://``) and see what this process wrote before
(bookmarks). What may be tried again is tried again by the driver. Errors of the driver become ours.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions

from qualitrace import budget
from qualitrace.errors import QualitraceError
from qualitrace.store.neo4j import refusals

Row = dict[str, Any]
Result = TypeVar("Result")

OLDEST = (5, 26)  # labels given as values
SCHEMES = ("neo4j", "bolt", "neo4j+s", "neo4j+ssc", "bolt+s", "bolt+ssc")
_SYSTEM = "system"  # Neo4j's own database: names of databases are the same in capitals
_WAIT = 1.0  # seconds before a statement is tried again; twice as long each time, as the driver has it
_SHORTEST = 0.05  # seconds that a statement is given at least: 0 would mean for ever


@dataclass(frozen=True)
class Account:
    """Who asks a server, where, and for how long it may be tried. The password is never shown."""

    uri: str
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"
    patience: float = 15.0  # seconds that a connection or a statement is tried again
    statement_time: float | None = None  # seconds one statement may take; None: no limit
    connections: int = 50

    @property
    def where(self) -> str:
        """The address and database, in words; without an account."""
        parts = urlsplit(self.uri)
        place = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{place}{port}/{self.database}"


class Reads(Protocol):
    """What runs reading statements."""

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a statement; returns all rows."""
        ...

    def stream(self, statement: str, **parameters: Any) -> Iterator[Row]:
        """Run a statement and yield its rows as they come."""
        ...


class Server:
    """Runs statements on one database. Safe from several threads; close it when done."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.types_by_name: bool | None = None  # whether they may be values; None: not tried yet
        parts = refusals.address(account.uri, SCHEMES)
        if parts.username or parts.password:
            raise refusals.account_in_address()
        if account.database.lower() == _SYSTEM:
            raise refusals.no_registries(account.database)
        _say_nothing_twice()
        with self._translated():
            self._driver = neo4j.GraphDatabase.driver(
                account.uri,
                auth=(account.user, account.password),
                connection_timeout=account.patience,
                connection_acquisition_timeout=account.patience,
                max_transaction_retry_time=account.patience,
                max_connection_pool_size=account.connections,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                user_agent="qualitrace",
            )
            self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return self.account.where

    @property
    def routed(self) -> bool:
        """Whether reads may go to other servers than writes do."""
        return urlsplit(self.account.uri).scheme.startswith("neo4j")

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> str:
        """Make sure that it can be used; returns its version.

        Raises UnavailableError when it is away or too old, AccessError for a wrong password, RegistryError
        for a database that is not there.
        """
        rows = self.read("CALL dbms.components() YIELD name, versions RETURN name, versions[0] AS version")
        version = next((str(row["version"]) for row in rows if row["name"] == "Neo4j Kernel"), "")
        numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
        if numbers < OLDEST:
            raise refusals.too_old(self.where, version)
        return version

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a reading statement on a replica, again when it failed in passing; returns all rows.

        The server opens its transaction itself: beginning and ending one would each be a round trip more.
        Raises TimeUpError when the time of the question, or of one statement, is over.
        """
        with self._translated():
            until, wait = 0.0, _WAIT
            while True:
                budget.look("neo4j")
                try:
                    return self._rows(statement, parameters)
                except (exceptions.Neo4jError, exceptions.DriverError) as error:
                    now = time.monotonic()
                    until = until or now + self.account.patience
                    if not error.is_retryable() or now > until:
                        raise
                time.sleep(wait * random.uniform(0.8, 1.2))  # who was refused together comes back apart
                wait *= 2

    def _rows(self, statement: str, parameters: Mapping[str, Any]) -> list[Row]:
        query = neo4j.Query(statement, timeout=self._time())
        with self._driver.session(
            database=self.account.database,
            bookmark_manager=self._bookmarks,
            default_access_mode=neo4j.READ_ACCESS,
            fetch_size=-1,  # all rows are wanted: none is to be asked for by itself
        ) as session:
            result = session.run(query, dict(parameters))
            names = result.keys()
            return [dict(zip(names, record.values(), strict=True)) for record in result]

    def stream(self, statement: str, **parameters: Any) -> Iterator[Row]:
        """Run a reading statement and yield its rows as they come; it is not tried again."""
        with self._session(neo4j.READ_ACCESS) as session:
            for record in session.run(statement, parameters):
                yield dict(record)

    def write(self, work: Callable[[neo4j.ManagedTransaction], Result]) -> Result:
        """Do work in one transaction; all of it happens or nothing does. It may be called again."""
        with self._session() as session:
            return session.execute_write(work)

    def run(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a statement in a transaction that Neo4j opens: indexes, and what is cut in batches."""
        with self._session() as session:
            return [dict(record) for record in session.run(statement, parameters)]

    @contextmanager
    def _session(self, mode: str = neo4j.WRITE_ACCESS) -> Iterator[neo4j.Session]:
        with (
            self._translated(),
            self._driver.session(
                database=self.account.database,
                bookmark_manager=self._bookmarks,
                default_access_mode=mode,
            ) as session,
        ):
            yield session

    def _time(self) -> float | None:
        """Seconds that the next statement may take; None: as long as the server lets it."""
        held = budget.held()
        limits = [self.account.statement_time, held.left if held is not None else None]
        known = [max(_SHORTEST, limit) for limit in limits if limit is not None]
        return min(known) if known else None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except QualitraceError:
            raise
        except (exceptions.Neo4jError, exceptions.DriverError, OSError, ValueError) as error:
            held = budget.held()
            if held is not None and refusals.timed_out(error):
                raise held.error("neo4j") from error
            raise refusals.translated(error, self.account.where) from error


def _say_nothing_twice() -> None:
    """Keep the driver from writing to stderr what we say in words; where a log is set up, it writes there."""
    log = logging.getLogger("neo4j")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
