"""Notes of reads, written together: many threads, one transaction (floor 1).

Whoever comes while nobody writes, writes what waits at that moment; whoever comes meanwhile waits and is
written with the others by the next. No thread of its own, nothing to start or stop, and alone a note waits
for nobody.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from qualitrace.access import tables
from qualitrace.access.database import clean, stamp, writing
from qualitrace.access.gate import PersonalRead
from qualitrace.errors import RegistryError
from qualitrace.text import Text

_MOST_TEXT, _MOST_IRI = 2_000, 2_000
_MOST_TOGETHER = 200
_CHUNK = 500
READ, FORGOTTEN = "read", "forgotten"


@dataclass(eq=False)
class _Waiting:
    read: PersonalRead
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False  # it is this one's turn to write
    kept: bool = False
    failed: RegistryError | None = None


class ReadLog:
    """Writes notes of reads to the database, durably, before it returns."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._busy = False

    def note(self, read: PersonalRead) -> None:
        """Keep a note. It is on disk when this returns. Raises RegistryError when it could not be kept."""
        mine = _Waiting(read)
        with self._lock:
            self._waiting.append(mine)
            mine.leads = not self._busy
            self._busy = True
        if not mine.leads:
            mine.woken.wait()  # another wrote it, or left it to this one to write
        if mine.leads:
            self._lead()
        if not mine.kept:
            raise mine.failed or _lost()

    def _lead(self) -> None:
        """Write what waits, one's own note first, then leave the next to whoever came first since."""
        with self._lock:
            batch = self._waiting[:_MOST_TOGETHER]
            del self._waiting[:_MOST_TOGETHER]
        try:
            self._write(batch)
        finally:
            with self._lock:
                self._busy = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].woken.set()
            for one in batch:
                one.woken.set()

    def _write(self, batch: Sequence[_Waiting]) -> None:
        """Write together; what one note has wrong is no reason to lose the others."""
        try:
            self._insert(batch)
        except RegistryError as error:
            if len(batch) == 1:
                batch[0].failed = error
                return
            for one in batch:
                self._write([one])

    def _insert(self, batch: Sequence[_Waiting]) -> None:
        try:
            with writing(self._engine) as connection:
                insert_reads(connection, [one.read for one in batch])
        except (ArithmeticError, TypeError, ValueError) as error:  # what a driver says of a value
            raise _lost() from error
        for one in batch:
            one.kept = True


def _lost() -> RegistryError:
    return RegistryError(
        Text(
            zh="读取个人信息的记录没有写入,因此没有给出答案。",
            en="The note of reading personal data could not be kept, so nothing was answered.",
        )
    )


def insert_reads(connection: sa.Connection, reads: Sequence[PersonalRead], kind: str = READ) -> None:
    """Write notes in one transaction."""
    if connection.dialect.name == "postgresql":  # nobody deletes identifiers meanwhile (forgetting.py)
        connection.exec_driver_sql("LOCK TABLE access_read IN ROW EXCLUSIVE MODE")
    listed = [sorted({clean(node, _MOST_IRI) for node in read.nodes}) for read in reads]
    # All at once and in order: two servers that give numbers to the same ones do not wait in a ring.
    numbers = _numbers(connection, sorted(set(itertools.chain.from_iterable(listed))))
    for read, nodes in zip(reads, listed, strict=True):
        row = {
            "kind": kind,
            "at": stamp(read.at),
            "who": clean(read.who, _MOST_TEXT),
            "token": clean(read.token, _MOST_TEXT),
            "purpose": clean(read.purpose, _MOST_TEXT),
            "route": clean(read.route, _MOST_TEXT),
            "total": read.count,
            "cut": kind == READ and read.count > len(nodes),
            "address": clean(read.address, _MOST_TEXT),
        }
        made = connection.execute(sa.insert(tables.read).values(row)).inserted_primary_key
        assert made is not None
        if nodes:
            pairs = [{"read": made[0], "node": numbers[node]} for node in nodes]
            connection.execute(sa.insert(tables.read_node), pairs)


def _numbers(connection: sa.Connection, iris: Sequence[str]) -> dict[str, int]:
    """Return the number of each identifier; new ones are given one."""
    known = _known(connection, iris)
    missing = [iri for iri in iris if iri not in known]
    if missing:
        insert: Callable[[sa.Table], Any]
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        rows = [{"iri": iri} for iri in missing]
        connection.execute(insert(tables.node).on_conflict_do_nothing(index_elements=["iri"]), rows)
        known |= _known(connection, missing)
    return known


def _known(connection: sa.Connection, iris: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(iris):
        query = sa.select(tables.node.c.iri, tables.node.c.id).where(tables.node.c.iri.in_(chunk))
        found.update((row.iri, row.id) for row in connection.execute(query))
    return found


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
