"""A journal of an earlier format is brought up to date when it is opened (floor 0).

The steps are Alembic's, one module a format in ``migrations/versions``. A step runs whole or not at all:
both databases change their tables inside a transaction.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal import tables
from qualitrace.journal.database import exclude_writers
from qualitrace.journal.failures import shown
from qualitrace.text import Text

if TYPE_CHECKING:
    from alembic.config import Config


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the steps that a journal has not seen; nothing happens when it is of today's format.

    A SQLite file is copied first, to ``<file>.format-<n>.backup`` beside it. Raises RegistryError when
    the format is newer than this program, or when the journal is not as its author left it.
    """
    with engine.connect() as connection:
        found = _format(connection)
    if found == tables.FORMAT:
        return
    _check_known(found, shown(engine.url))
    if engine.dialect.name == "sqlite" and engine.url.database:
        _copy(engine, Path(f"{engine.url.database}.format-{found}.backup"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        exclude_writers(connection)
        if _format(connection) != tables.FORMAT:  # nobody else did it meanwhile
            _upgrade(connection, found)


def _format(connection: sa.Connection) -> str:
    query = sa.select(tables.meta.c.value).where(tables.meta.c.key == "format")
    return connection.execute(query).scalar() or ""


def _check_known(found: str, where: str) -> None:
    if found.isdecimal() and 1 <= int(found) < int(tables.FORMAT):
        return
    raise RegistryError(
        Text(
            zh=f"登记库格式为 {found or '?'},本程序只读到格式 {tables.FORMAT}。",
            en=f"The registry has format {found or '?'}; this program reads formats up to {tables.FORMAT}.",
        ),
        where=where,
        hint=Text(zh="请使用更新版本的程序。", en="Use a newer version of the program."),
    )


def _copy(engine: sa.Engine, target: Path) -> None:
    if target.exists():  # left by an attempt that failed; the registry is still as it was then
        return
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        if raw is not None:
            raw.execute("VACUUM INTO ?", (str(target),))


def _upgrade(connection: sa.Connection, found: str) -> None:
    # Imported where needed: it costs every start a tenth of a second, and is hardly ever wanted.
    from alembic import command

    config = _configuration(connection)
    if not sa.inspect(connection).has_table(tables.version.name):
        command.stamp(config, found)
    command.upgrade(config, "head")
    connection.execute(
        sa.update(tables.meta).where(tables.meta.c.key == "format").values(value=tables.FORMAT)
    )


def _configuration(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
