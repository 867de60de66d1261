"""Format 2: seals and checksums over every row, and events.

The tables are described here as they were then: later formats must not change what this step does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from qualitrace.errors import RegistryError
from qualitrace.journal import reading
from qualitrace.journal.sealing import checksum, seal, settings_seal
from qualitrace.text import Text

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add the columns and the table, check the chain, and seal what is there."""
    for table in ("document", "change", "record"):
        column = sa.Column("checksum", sa.BigInteger, nullable=False, server_default=sa.text("0"))
        op.add_column(table, column)
    op.add_column("changeset", sa.Column("seal", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_record_kind", "record", ["kind"])
    op.drop_index("ix_change_subject", "change")
    op.create_index("ix_change_subject", "change", ["subject"], postgresql_using="hash")
    _make_events()
    connection = op.get_bind()
    _check_chain(connection)
    _seal_all(connection)


def _make_events() -> None:
    op.create_table(
        "event",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("parent", sa.String(64), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_event_stream", "event", ["stream"])
    op.create_index("ix_event_kind", "event", ["kind"])


def _check_chain(connection: sa.Connection) -> None:
    """Refuse to seal what does not fit its identifier."""
    parent = ""
    for position, changeset in enumerate(reading.changesets(connection, 0, None, changes=True), start=1):
        if (changeset.position, changeset.parent) != (position, parent) or changeset.digest() != changeset.id:
            raise RegistryError(
                Text(
                    zh="登记库的记录与其校验值不符,没有升级。",
                    en="An entry of the registry does not fit its hash; it was not brought up to date.",
                ),
                where=f"changeset {changeset.position}",
                hint=Text(zh="请用备份恢复后再打开。", en="Restore a backup, then open that."),
            )
        parent = changeset.id


def _seal_all(connection: sa.Connection) -> None:
    meta = sa.table("meta", sa.column("key"), sa.column("value"))
    settings = {row.key: row.value for row in connection.execute(sa.select(meta.c.key, meta.c.value))}
    last = settings_seal(settings)
    connection.execute(sa.insert(meta).values(key="seal", value=last))
    streams = {name: _rows(connection, name, order) for name, order in _ORDER.items()}
    ahead = {name: next(stream, None) for name, stream in streams.items()}
    heads = _all(connection, "changeset", "position")
    for head in heads:
        rows: list[tuple[str, Mapping[str, Any]]] = [("changeset", head)]
        for name, stream in streams.items():
            group = ahead[name]
            if group is not None and group[0] == head["position"]:
                rows += [(name, row) for row in group[1]]
                ahead[name] = next(stream, None)
        last = seal(last, rows)
        _mark(connection, last, rows)


_ORDER = {"document": "name", "change": "id", "record": "id"}
_COLUMNS = {
    "changeset": ("position", "id", "parent", "author", "at", "message"),
    "document": ("changeset", "name", "sha256"),
    "change": (
        "id", "changeset", "removes", "effective", "subject", "predicate", "object", "document", "part",
        "row", "cell", "basis",
    ),
    "record": ("id", "changeset", "kind", "body"),
}  # fmt: skip


def _all(connection: sa.Connection, name: str, *order: str) -> list[dict[str, Any]]:
    table = sa.table(name, *(sa.column(column) for column in _COLUMNS[name]))
    query = sa.select(table).order_by(*(table.c[column] for column in order))
    return [dict(row._mapping) for row in connection.execute(query)]


def _rows(connection: sa.Connection, name: str, order: str) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    for position, group in itertools.groupby(
        _all(connection, name, "changeset", order), key=lambda row: int(row["changeset"])
    ):
        yield position, list(group)


def _mark(connection: sa.Connection, last: str, rows: list[tuple[str, Mapping[str, Any]]]) -> None:
    heads = sa.table("changeset", sa.column("position"), sa.column("seal"))
    position = rows[0][1]["position"]
    connection.execute(sa.update(heads).where(heads.c.position == position).values(seal=last))
    for name in _ORDER:
        keys = ("changeset", "name") if name == "document" else ("id",)
        table = sa.table(name, sa.column("checksum"), *(sa.column(key) for key in keys))
        found = [row for table_name, row in rows if table_name == name]
        if found:
            condition = sa.and_(*(table.c[key] == sa.bindparam("at_" + key) for key in keys))
            values = [
                {**{"at_" + key: row[key] for key in keys}, "checksum": checksum(name, row)} for row in found
            ]
            connection.execute(
                sa.update(table).where(condition).values(checksum=sa.bindparam("checksum")), values
            )
