"""Where the journal lives: one SQLite file, or PostgreSQL (floor 0)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal.failures import shown
from qualitrace.text import Text

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_SQLITE_MAGIC = b"SQLite format 3\x00"
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}


def database_url(location: str | Path) -> sa.URL:
    """Turn a registry's location (a path or a database URL) into a SQLAlchemy URL."""
    text = str(location)
    if "://" not in text:
        return sa.URL.create("sqlite", database=text)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _bad_address(location_shown(text)) from error
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


def location_shown(location: str | Path) -> str:
    """Return a registry's location as it may be shown: without the password."""
    text = str(location)
    if "://" not in text:
        return text
    try:
        return shown(sa.make_url(text))
    except (sa.exc.ArgumentError, ValueError):
        return re.sub(r"//.*@", "//***@", text)


def _bad_address(where: str) -> RegistryError:
    return RegistryError(
        Text(zh="登记库地址无法识别。", en="The registry's address cannot be understood."),
        where=where,
        hint=Text(
            zh="请给出 SQLite 文件路径或 postgresql:// 地址。",
            en="Give the path of a SQLite file or a postgresql:// address.",
        ),
    )


def connect(location: str | Path, *, create: bool) -> sa.Engine:
    """Open the database. Raises RegistryError when it is missing, or is there and must not be."""
    url = database_url(location)
    name = url.get_backend_name()
    if name not in {"sqlite", "postgresql"}:
        raise _bad_address(shown(url))
    if name == "sqlite" and url.database:
        check_file(Path(url.database), create=create)
    try:
        engine = _sqlite_engine(url) if name == "sqlite" else _postgresql_engine(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise _bad_address(shown(url)) from error
    return engine


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": float(_BUSY_SECONDS)})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    arguments: dict[str, Any] = {}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = _CONNECT_SECONDS
    # A reading transaction sees one state of the journal throughout, as it does in SQLite.
    return sa.create_engine(
        url, connect_args=arguments, isolation_level="REPEATABLE READ", pool_pre_ping=True
    )


def check_file(path: Path, *, create: bool) -> None:
    """Check that a SQLite file is there, or (``create``) that it can be made. Raises RegistryError."""
    if create:
        if path.exists():
            raise RegistryError(
                Text(zh="登记库文件已存在。", en="The registry file is already there."),
                where=str(path),
                hint=Text(zh="请换一个文件名,或直接使用它。", en="Choose another name, or use this one."),
            )
        if not path.parent.is_dir():
            raise RegistryError(
                Text(zh="文件夹不存在。", en="The folder does not exist."), where=str(path.parent)
            )
        return
    if not path.is_file():
        raise RegistryError(
            Text(zh="找不到登记库文件。", en="There is no registry file."),
            where=str(path),
            hint=Text(
                zh="请先运行 qualitrace init,或用 --registry 指出它的位置。",
                en="Run qualitrace init first, or say where it is with --registry.",
            ),
        )
    if not is_sqlite(path):
        raise not_a_registry(str(path))


def is_sqlite(path: Path) -> bool:
    """Tell whether a file is a SQLite database. Raises RegistryError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError as error:
        raise RegistryError(
            Text(zh="文件无法读取。", en="The file cannot be read."),
            where=f"{path}: {error.strerror}",
            hint=Text(zh="请检查文件权限。", en="Check the rights on the file."),
        ) from error


def not_a_registry(where: str) -> RegistryError:
    """Make the error for a database that holds no registry."""
    return RegistryError(
        Text(zh="这不是登记库。", en="This is not a registry."),
        where=where,
        hint=Text(
            zh="请用 --registry 指出由 qualitrace init 建立的登记库。",
            en="Point --registry to one that qualitrace init made.",
        ),
    )


def exclude_writers(connection: sa.Connection) -> None:
    """Keep every other writer out until the transaction ends; readers go on.

    SQLite did it when the transaction began (``BEGIN IMMEDIATE``). In PostgreSQL the lock comes before
    the first question, so that the transaction sees what the last writer left.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
        connection.exec_driver_sql("LOCK TABLE changeset IN SHARE ROW EXCLUSIVE MODE")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is put off until the first write; ours takes the write lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
