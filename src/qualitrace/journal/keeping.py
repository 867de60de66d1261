"""Backup, restore and compaction of a journal (floor 0)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal import tables
from qualitrace.journal.database import database_url, exclude_writers, is_sqlite
from qualitrace.journal.failures import translated
from qualitrace.journal.files import file_refused, replaced
from qualitrace.journal.journal import Journal
from qualitrace.journal.moving import Moved, Progress, export_journal, import_journal
from qualitrace.journal.sealing import packed
from qualitrace.journal.verifying import faults
from qualitrace.text import Text

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compaction saved: bytes of the database before and after, and the records made shorter."""

    before: int
    after: int
    records: int


def backup(journal: Journal, target: Path, *, progress: Progress | None = None) -> Moved:
    """Write a copy of a journal that others may be using: one state of it, whole or not at all.

    Of SQLite a database file, of PostgreSQL an export (:func:`export_journal`). Raises RegistryError.
    """
    if journal.database.dialect.name != "sqlite":
        return export_journal(journal, target, progress=progress)
    with replaced(target) as draft:
        _run(journal, "VACUUM INTO ?", str(draft))
        copy = Journal.open(draft)
        try:
            position, head = copy.head()
            events = sum(1 for _ in copy.events())
        finally:
            copy.close()
            for suffix in ("-wal", "-shm"):
                Path(f"{draft}{suffix}").unlink(missing_ok=True)
    return Moved(position, events, head)


def restore(source: Path, location: str | Path, *, progress: Progress | None = None) -> Moved:
    """Make a registry from a backup or an export, on either database, when its chain is whole.

    Raises RegistryError when it is not, or when there is a registry at the location already.
    """
    if not source.is_file():
        raise file_refused(source, FileNotFoundError(2, "No such file"))
    if not is_sqlite(source):
        return import_journal(source, location, progress=progress)
    journal = Journal.open(source)
    try:
        found = next(faults(journal, progress=progress), None)
        if found is not None:
            raise RegistryError(
                Text(zh="备份已损坏,没有恢复。", en="The backup is damaged; nothing was restored."),
                where=f"{source}: {found.place()}: {found.what.best('en')}",
                hint=Text(zh="请用另一份备份。", en="Use another backup."),
            )
        url = database_url(location)
        if url.get_backend_name() == "sqlite":
            return backup(journal, Path(url.database or ""))
        with tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "journal.jsonl"
            export_journal(journal, lines)
            return import_journal(lines, location, progress=progress)
    finally:
        journal.close()


def compact(journal: Journal, *, progress: Progress | None = None) -> Compacted:
    """Make the database smaller without changing what it says: every identifier and seal still fits.

    What was reported with changesets is kept in a shorter form, and the database gives back the space
    that it no longer uses. Raises RegistryError.
    """
    before = _size(journal)
    shorter = _pack_records(journal, progress)
    if journal.database.dialect.name == "sqlite":
        _run(journal, "VACUUM")
        _run(journal, "PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with translated(journal.database), journal.database.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM FULL record")
    return Compacted(before, _size(journal), shorter)


def _run(journal: Journal, statement: str, *arguments: str) -> None:
    """Run a statement of SQLite that must not stand in a transaction."""
    with translated(journal.database), journal.database.connect() as connection:
        driver = connection.connection.dbapi_connection
        try:
            if driver is not None:
                driver.execute(statement, arguments)
        except journal.database.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DBAPIError(statement, None, error) from error


def _pack_records(journal: Journal, progress: Progress | None) -> int:
    table, after, changed = tables.record, 0, 0
    with journal.snapshot() as connection:
        total = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    while after < total:
        with translated(journal.database), journal.database.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                exclude_writers(connection)
                query = sa.select(table.c.id, table.c.body).where(table.c.id > after)
                rows = connection.execute(query.order_by(table.c.id).limit(_BATCH)).all()
                for row in rows:
                    short = packed(row.body)
                    if short != row.body:
                        connection.execute(sa.update(table).where(table.c.id == row.id).values(body=short))
                        changed += 1
        if not rows:
            break
        after = rows[-1].id
        if progress:
            progress(after, total)
    return changed


def _size(journal: Journal) -> int:
    """Return how many bytes the database takes."""
    with journal.snapshot() as connection:
        if connection.dialect.name != "sqlite":
            query = "SELECT pg_database_size(current_database())"
            return int(connection.exec_driver_sql(query).scalar_one())
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
