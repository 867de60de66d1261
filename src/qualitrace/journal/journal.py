"""The journal: the registry itself, of which everything else is a projection (floor 0)."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal import migrating, reading, tables, writing
from qualitrace.journal.database import connect, exclude_writers, not_a_registry
from qualitrace.journal.failures import shown, translated
from qualitrace.journal.model import Changeset, Document, Event, Note, Source, SourcedFact
from qualitrace.journal.reading import within
from qualitrace.journal.sealing import unpacked
from qualitrace.terms import Fact
from qualitrace.text import Text

_CHUNK = 400


class Journal:
    """An append-only sequence of changesets in one database, and of events beside them.

    Any number of processes and threads may use one database: a reader sees one state throughout a
    question, writers take turns. Every method may raise RegistryError when the database fails.
    """

    def __init__(self, engine: sa.Engine, *, upto: int | None = None) -> None:
        self._engine = engine
        self._upto = upto  # the last position that is read; None: whatever there is
        self._held = threading.local()

    def at(self, position: int) -> Journal:
        """Return the journal as it was at a position, for reading: what came later is not there."""
        return Journal(self._engine, upto=position)

    @classmethod
    def create(cls, location: str | Path, settings: Mapping[str, str]) -> Journal:
        """Make a new journal with its settings. Raises RegistryError when one is there already."""
        engine = connect(location, create=True)
        with translated(engine), engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            if sa.inspect(connection).has_table("meta"):
                raise RegistryError(
                    Text(zh="这里已有登记库。", en="There is a registry here already."),
                    where=shown(engine.url),
                    hint=Text(zh="请换一个位置,或直接使用它。", en="Choose another place, or use it."),
                )
            writing.make_tables(connection, settings)
            connection.commit()
        return cls(engine)

    @classmethod
    def open(cls, location: str | Path) -> Journal:
        """Open an existing journal; one of an earlier format is brought up to date.

        Raises RegistryError when there is none, or when a newer program made it.
        """
        engine = connect(location, create=False)
        with translated(engine):
            looked = sa.inspect(engine)
            if not looked.has_table("meta") or not looked.has_table("changeset"):
                raise not_a_registry(shown(engine.url))
            migrating.bring_up_to_date(engine)
        return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @property
    def database(self) -> sa.Engine:
        """The database, for other modules of this package."""
        return self._engine

    @property
    def where(self) -> str:
        """The database's address as it may be shown."""
        return shown(self._engine.url)

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the journal until the block ends; never write on it."""
        with translated(self._engine), self._engine.connect() as connection:
            yield connection

    def settings(self) -> dict[str, str]:
        """Return what was set when the registry was made."""
        with self.snapshot() as connection:
            rows = connection.execute(sa.select(tables.meta.c.key, tables.meta.c.value))
            return {row.key: row.value for row in rows if row.key != "seal"}

    def head(self) -> tuple[int, str]:
        """Return position and identifier of the newest changeset; ``(0, "")`` when empty."""
        with self.snapshot() as connection:
            return reading.head(connection, self._upto)

    def id_at(self, position: int) -> str:
        """Return the identifier of the changeset at a position; ``""`` when there is none."""
        query = sa.select(tables.changeset.c.id).where(tables.changeset.c.position == position)
        with self.snapshot() as connection:
            return connection.execute(query).scalar() or ""

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other writers out until :meth:`append` has written, or the block ends. For one thread.

        What was checked inside is what will be appended to. Readers are not held up.
        """
        with self._writing() as connection:
            self._held.connection = connection
            try:
                yield
            finally:
                self._held.connection = None

    def append(
        self, changeset: Changeset, records: Sequence[tuple[str, Any]] = (), notes: Sequence[Note] = ()
    ) -> None:
        """Append a changeset with its records (kind, JSON-able body) and notes, all or nothing.

        Raises ConflictError when its parent is no longer the head, when a statement that it removes is
        gone or one that it adds is there already, or when the stream of a note has gone on.
        """
        held = getattr(self._held, "connection", None)
        if held is not None:
            with translated(self._engine):
                writing.insert_changeset(held, changeset, records)
                writing.insert_notes(held, notes)
                held.commit()
            return
        with self._writing() as connection:
            writing.insert_changeset(connection, changeset, records)
            writing.insert_notes(connection, notes)
            connection.commit()

    def note(self, *notes: Note) -> tuple[Event, ...]:
        """Write down events, all or nothing. Raises ConflictError when a stream has gone on."""
        with self._writing() as connection:
            made = writing.insert_notes(connection, notes)
            connection.commit()
            return made

    def events(
        self, stream: str | None = None, *, kind: str | None = None, after: int = 0
    ) -> Generator[Event, None, None]:
        """Read the events after a position, oldest first: all, or those of one stream or kind."""
        with self.snapshot() as connection:
            yield from reading.events(connection, stream, kind, after)

    def changesets(
        self, after: int = 0, upto: int | None = None, *, changes: bool = True
    ) -> Generator[Changeset, None, None]:
        """Read the changesets after a position, oldest first; without ``changes`` only who and when."""
        with self.snapshot() as connection:
            yield from reading.changesets(connection, after, self._bound(upto), changes=changes)

    def decided(self, upto: int) -> list[Changeset]:
        """Return the changesets up to a position that hold decisions, without their changes."""
        with self.snapshot() as connection:
            return list(reading.decided(connection, upto))

    def facts(self, upto: int | None = None) -> Generator[Fact, None, None]:
        """Read the facts that hold at a position (default: now), without replaying.

        In no order; a fact comes once for each place that states it.
        """
        with self.snapshot() as connection:
            yield from reading.facts(connection, self._bound(upto))

    def recorded(self, kind: str, *, after: int, upto: int) -> Generator[tuple[str, Any], None, None]:
        """Read the records of one kind after a position and up to another, newest first.

        Each comes with when its changeset was made. Rows are fetched as they are asked for.
        """
        head, kept = tables.changeset, tables.record
        query = sa.select(head.c.at, kept.c.body).join_from(head, kept).where(kept.c.kind == kind)
        query = query.where(head.c.position > after, head.c.position <= upto)
        query = query.order_by(kept.c.id.desc()).execution_options(yield_per=8)
        with self.snapshot() as connection:
            for row in connection.execute(query):
                yield row.at, json.loads(unpacked(row.body))

    def knows(self, sha256: str) -> Document | None:
        """Return the current document with these bytes, or None when none of it is in force."""
        latest = self.documents()
        return next((document for document in latest if document.sha256 == sha256), None)

    def documents(self) -> list[Document]:
        """Return the newest version of every document, by name."""
        table = tables.document
        with self.snapshot() as connection:
            query = sa.select(table).where(within(table.c.changeset, self._upto))
            rows = connection.execute(query.order_by(table.c.changeset))
            newest = {row.name: Document(row.name, row.sha256) for row in rows}
        return [newest[name] for name in sorted(newest)]

    def statements(self, document: str) -> list[SourcedFact]:
        """Return the statements in force that were read from a document."""
        return self._active(tables.change.c.document == document)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return, for each fact in force, the places that state it. Unknown facts are left out."""
        wanted = set(facts)
        found: dict[Fact, list[Source]] = {}
        for entry in self.about({fact.subject for fact in wanted}):
            if entry.fact in wanted:
                found.setdefault(entry.fact, []).append(entry.source)
        return {fact: tuple(places) for fact, places in found.items()}

    def about(self, subjects: Iterable[str]) -> Iterator[SourcedFact]:
        """Iterate over the statements in force about nodes (IRIs)."""
        wanted = sorted(set(subjects))
        for start in range(0, len(wanted), _CHUNK):
            yield from self._active(tables.change.c.subject.in_(wanted[start : start + _CHUNK]))

    def _active(self, condition: sa.ColumnElement[bool]) -> list[SourcedFact]:
        change, ends = tables.change, tables.change.alias("ends")
        query = (
            sa.select(change)
            .outerjoin(ends, sa.and_(ends.c.removes == change.c.id, within(ends.c.changeset, self._upto)))
            .where(condition, change.c.removes.is_(None), ends.c.id.is_(None))
            .where(within(change.c.changeset, self._upto))
            .order_by(change.c.id)
        )
        with self.snapshot() as connection:
            return [reading.sourced(row) for row in connection.execute(query)]

    def _bound(self, upto: int | None) -> int | None:
        bounds = [bound for bound in (upto, self._upto) if bound is not None]
        return min(bounds, default=None)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Give a connection whose transaction keeps other writers out; what is not committed is undone."""
        with translated(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            connection.begin()
            exclude_writers(connection)
            yield connection
