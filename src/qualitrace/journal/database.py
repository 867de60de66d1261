"""Where the journal lives: one SQLite file, or PostgreSQL (floor 0)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qualitrace.errors import ConflictError, RegistryError
from qualitrace.text import Text

_BUSY_SECONDS = 30.0
_SQLITE_MAGIC = b"SQLite format 3\x00"


def database_url(location: str | Path) -> sa.URL:
    """Turn a registry's location (a path or a database URL) into a SQLAlchemy URL."""
    text = str(location)
    if "://" in text:
        try:
            return sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError) as error:
            raise _bad_address(text) from error
    return sa.URL.create("sqlite", database=text)


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
    if url.get_backend_name() == "sqlite" and url.database:
        _check_file(Path(url.database), create=create)
    arguments = {"timeout": _BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {}
    try:
        engine = sa.create_engine(url, connect_args=arguments)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise _bad_address(url.render_as_string(hide_password=True)) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _check_file(path: Path, *, create: bool) -> None:
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
    with path.open("rb") as stream:
        if stream.read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
            raise not_a_registry(str(path))


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


@contextmanager
def translated(engine: sa.Engine) -> Iterator[None]:
    """Turn database errors into RegistryError, and a lost race into ConflictError."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise ConflictError(
            Text(zh="别人刚刚先提交了变更。", en="Somebody else committed first."),
            where=where,
            hint=Text(zh="请重新执行,变更会再校验一次。", en="Run it again; the change is checked anew."),
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise RegistryError(
            Text(zh="登记库无法读写。", en="The registry cannot be read or written."),
            where=f"{where}: {error.__cause__ or error}",
            hint=Text(
                zh="请检查文件权限、磁盘空间和数据库服务。",
                en="Check permissions, free space and the database server.",
            ),
        ) from error
