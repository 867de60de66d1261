"""Rows as the database holds them, changeset by changeset, also from a damaged file (floor 0)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.failures import UNREADABLE, told

Row = Mapping[str, Any]
_WINDOW = 200
_CHILDREN = {"document": "name", "change": "id", "record": "id"}


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one changeset; ``unreadable`` are (table, what is known of the row)."""

    head: Row
    rows: Mapping[str, Sequence[Row]]
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def position(self) -> int:
        """The changeset's position."""
        return int(self.head["position"])


def read_groups(connection: sa.Connection, after: int = 0, upto: int | None = None) -> Iterator[Group]:
    """Read all rows in order of changesets."""
    positions = tables.changeset.c.position
    while True:
        query = sa.select(positions).where(positions > after).order_by(positions).limit(_WINDOW)
        if upto is not None:
            query = query.where(positions <= upto)
        found = list(connection.execute(query).scalars())
        try:
            yield from _read(connection, found)
        except UNREADABLE:  # one at a time, then, to say which
            for position in found:
                yield _read_damaged(connection, position)
        if len(found) < _WINDOW:
            return
        after = found[-1]


def orphans(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Find rows that belong to no changeset: (table, row)."""
    head = tables.changeset
    for name, key in _CHILDREN.items():
        table = tables.metadata.tables[name]
        query = sa.select(table.c[key], table.c.changeset)
        query = query.outerjoin_from(table, head, table.c.changeset == head.c.position)
        try:
            for row in connection.execute(query.where(head.c.position.is_(None))):
                yield name, f"{key} {row[0]} › changeset {row[1]}"
        except UNREADABLE as error:
            yield name, told(error)


def _raw(table: sa.Table) -> sa.Select[Any]:
    """Select a table as it is stored: a truth value that is neither 0 nor 1 must not look like one."""
    columns = [
        sa.type_coerce(column, sa.Integer).label(column.name)
        if isinstance(column.type, sa.Boolean)
        else column
        for column in table.c
    ]
    return sa.select(*columns)


def _read(connection: sa.Connection, positions: Sequence[int]) -> Iterator[Group]:
    """Read a window. Nothing is given before all of it is read."""
    head = tables.changeset
    query = _raw(head).where(head.c.position.in_(positions)).order_by(head.c.position)
    heads = [dict(row) for row in connection.execute(query).mappings()]
    rows = {name: _grouped(connection, name, positions) for name in _CHILDREN}
    groups = [
        Group(one, {name: found.get(one["position"], []) for name, found in rows.items()}) for one in heads
    ]
    yield from groups


def _grouped(
    connection: sa.Connection, name: str, positions: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    table = tables.metadata.tables[name]
    query = _raw(table).where(table.c.changeset.in_(positions))
    query = query.order_by(table.c.changeset, table.c[_CHILDREN[name]])
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return {key: list(group) for key, group in itertools.groupby(rows, key=lambda row: row["changeset"])}


def _read_damaged(connection: sa.Connection, position: int) -> Group:
    unreadable: list[tuple[str, str]] = []
    rows: dict[str, Sequence[Row]] = {}
    for name in _CHILDREN:
        try:
            rows[name] = _grouped(connection, name, [position]).get(position, [])
        except UNREADABLE as error:
            rows[name] = []
            unreadable += [(name, row) for row in _bad_rows(connection, name, position)] or [
                (name, told(error))
            ]
    head = tables.changeset
    known: dict[str, Any] = {column.name: None for column in head.c} | {"position": position}
    try:
        for row in connection.execute(_raw(head).where(head.c.position == position)).mappings():
            known = dict(row)
    except UNREADABLE as error:
        unreadable.append(("changeset", told(error)))
    return Group(known, rows, tuple(unreadable))


def _bad_rows(connection: sa.Connection, name: str, position: int) -> list[str]:
    """Find the rows of a changeset that cannot be read, by asking for each alone."""
    table, key = tables.metadata.tables[name], _CHILDREN[name]
    bad = []
    try:
        keys = list(
            connection.execute(sa.select(table.c[key]).where(table.c.changeset == position)).scalars()
        )
    except UNREADABLE:
        return []
    for value in keys:
        try:
            query = _raw(table).where(table.c.changeset == position, table.c[key] == value)
            connection.execute(query).all()
        except UNREADABLE as error:
            bad.append(f"{key} {value} › {told(error)}")
    return bad
