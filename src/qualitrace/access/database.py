"""Where access is kept: a file beside a SQLite registry, tables of their own in PostgreSQL (floor 1).

A file of its own, because what is noted at every read must neither wait for whoever writes the journal nor
touch its files: a server looks at those to see whether the registry has changed.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.errors import RegistryError
from qualitrace.journal.database import check_file, connect, database_url, not_a_registry
from qualitrace.journal.failures import shown, translated
from qualitrace.journal.files import file_refused
from qualitrace.text import Text

SUFFIX = ".access"
_BUSY_MILLISECONDS = 10_000
_LOCK = 7_162_839_405  # any number: two programs do not make the tables at once

# format → what brings the tables from it to the next
_STEPS: Mapping[int, Callable[[sa.Connection], None]] = {
    1: lambda connection: _add(connection, "access_hook", "older TEXT DEFAULT '[]' NOT NULL"),
    2: lambda connection: _add(connection, "access_token", "grants TEXT DEFAULT '[]' NOT NULL"),
}


def open_database(location: str | Path, *, alone: bool = False) -> sa.Engine:
    """Open what is kept beside the registry at a location; made when it is not there yet.

    ``alone``: there need not be a registry; what was made so is opened as any other from then on. Raises
    RegistryError when there is no registry, or when a newer program made the tables.
    """
    url = database_url(location)
    if url.get_backend_name() == "sqlite":
        registry, path = Path(url.database or ""), Path(f"{url.database}{SUFFIX}")
        if registry.exists() or not (alone or path.is_file()):
            check_file(registry, create=False)
            engine = _sqlite(path, registry)
        else:
            engine = _sqlite(path, path.parent)
    else:
        # A note of a read follows nothing that it has to see as of one moment, and must not fail for it.
        engine = connect(location, create=False).execution_options(isolation_level="READ COMMITTED")
        with translated(engine):
            there = sa.inspect(engine)
            if not (alone or there.has_table("changeset") or there.has_table(tables.meta.name)):
                raise not_a_registry(shown(engine.url))
    with translated(engine):
        _bring_up_to_date(engine)
    return engine


def _sqlite(path: Path, registry: Path) -> sa.Engine:
    _make_private(path, registry)
    engine = connect(path, create=False)
    sa.event.listen(engine, "connect", _wait_briefly)
    return engine


def _make_private(path: Path, registry: Path) -> None:
    """Make the file when it is not there, for nobody but its owner (SQLite gives its helpers its rights).

    What root makes belongs to whoever the registry belongs to: the server, as a rule. A file that everybody
    may read is shut to others. Raises RegistryError.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        found, owner = path.stat(), registry.stat()
        if found.st_mode & 0o007:
            with suppress(PermissionError):  # it is another's
                path.chmod(stat.S_IMODE(found.st_mode) & ~0o007)
        if found.st_size == 0:
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                os.chown(path, owner.st_uid, owner.st_gid)
            with sqlite3.connect(path) as connection:
                connection.execute("PRAGMA journal_mode=WAL")  # writes the head of the file
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise file_refused(path, error) from error


def _wait_briefly(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


def _bring_up_to_date(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if sa.inspect(connection).has_table(tables.meta.name) and _format(connection) == tables.FORMAT:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if not sa.inspect(connection).has_table(tables.meta.name):
            tables.metadata.create_all(connection)
            connection.execute(sa.insert(tables.meta).values(key="format", value=str(tables.FORMAT)))
            return
        found = _format(connection)
        _check_known(found, shown(engine.url))
        for number in range(found, tables.FORMAT):
            _STEPS[number](connection)
        written = sa.update(tables.meta).where(tables.meta.c.key == "format")
        connection.execute(written.values(value=str(tables.FORMAT)))


def _add(connection: sa.Connection, table: str, column: str) -> None:
    connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column}"))


def _format(connection: sa.Connection) -> int:
    query = sa.select(tables.meta.c.value).where(tables.meta.c.key == "format")
    found = connection.execute(query).scalar() or ""
    return int(found) if found.isdecimal() else 0


def _check_known(found: int, where: str) -> None:
    if 1 <= found <= tables.FORMAT:
        return
    newer = Text(zh="请使用更新版本的程序。", en="Use a newer version of the program.")
    damaged = Text(
        zh="这里没有写明格式，可能已损坏；请从备份恢复。",
        en="It does not say its format and may be damaged: restore it from a backup.",
    )
    raise RegistryError(
        Text(
            zh=f"访问数据的格式为 {found or '?'}，本程序只读到格式 {tables.FORMAT}。",
            en=f"What is kept of access has format {found or '?'}; this program reads up to {tables.FORMAT}.",
        ),
        where=where,
        hint=newer if found else damaged,
    )


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection to ask. Raises RegistryError when the database fails."""
    with translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection to write, all or nothing; done when the block ends. Raises RegistryError."""
    with (
        translated(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


def now() -> dt.datetime:
    """Return the time in UTC."""
    return dt.datetime.now(dt.UTC)


def stamp(moment: dt.datetime | None) -> str:
    """Write a time as the tables keep it; ``""`` for None. A time without a zone is taken as UTC."""
    if moment is None:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> dt.datetime | None:
    """Read a time as the tables keep it."""
    return dt.datetime.fromisoformat(text) if text else None


def clean(text: str, most: int) -> str:
    """Return what either database takes as text: at most so many characters, without NUL or halves."""
    return text[:most].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
