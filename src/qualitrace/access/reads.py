"""Who read personal data: asked page by page, and forgotten after a time (floor 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.access.database import clean, moment, now, reading, stamp, writing
from qualitrace.access.gate import PersonalRead
from qualitrace.access.noting import FORGOTTEN, READ, insert_reads

MOST = 1_000  # reads on a page


@dataclass(frozen=True, slots=True)
class Logged:
    """A note of the log. ``kind`` is ``read``, or ``forgotten`` where older notes were deleted.

    ``read.nodes`` are identifiers in order; ``cut`` says that more were read than are listed.
    """

    id: int
    kind: str
    read: PersonalRead
    cut: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notes are wanted. Times: from ``since`` on, before ``until``; newest first.

    ``node``: notes that list it, and those whose list was cut, as they may concern it. ``before`` is the
    number of the last note of the page before.
    """

    who: str = ""
    node: str = ""
    purpose: str = ""  # part of it
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before: int | None = None
    limit: int = 100


def reads(engine: sa.Engine, asked: Asked) -> list[Logged]:
    """Return a page of notes, newest first. Raises RegistryError."""
    table = tables.read
    query = sa.select(table).order_by(table.c.id.desc()).limit(max(1, min(asked.limit, MOST)))
    if asked.who:
        query = query.where(table.c.who == asked.who)
    if asked.node:
        query = query.where(sa.or_(table.c.cut, table.c.id.in_(_reads_of(asked.node))))
    if asked.purpose:
        query = query.where(table.c.purpose.contains(asked.purpose, autoescape=True))
    if asked.since:
        query = query.where(table.c.at >= stamp(asked.since))
    if asked.until:
        query = query.where(table.c.at < stamp(asked.until))
    if asked.before is not None:
        query = query.where(table.c.id < asked.before)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
        nodes = _nodes(connection, [row.id for row in rows])
    return [_logged(row, nodes.get(row.id, ())) for row in rows]


def forget_reads(engine: sa.Engine, before: dt.datetime, *, by: str) -> int:
    """Delete the notes made before a time, and note that this was done. Returns how many there were.

    What was noted of earlier forgetting stays. Raises RegistryError.
    """
    table = tables.read
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":  # no note gets a number that is deleted here
            connection.exec_driver_sql("LOCK TABLE access_read IN EXCLUSIVE MODE")
        old = sa.select(table.c.id).where(table.c.at < stamp(before), table.c.kind == READ)
        links = tables.read_node
        connection.execute(sa.delete(links).where(links.c.read.in_(old)))
        count = connection.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
        left = sa.select(links.c.node).where(links.c.node == tables.node.c.id)
        connection.execute(sa.delete(tables.node).where(~left.exists()))
        note = PersonalRead(now(), by, "", f"before {stamp(before)}", "reads --forget-before", (), count)
        insert_reads(connection, [note], FORGOTTEN)
    return count


def _reads_of(node: str) -> sa.Select[tuple[int]]:
    links = sa.join(tables.read_node, tables.node, tables.read_node.c.node == tables.node.c.id)
    wanted = tables.node.c.iri == clean(node, 2_000)
    return sa.select(tables.read_node.c.read).select_from(links).where(wanted)


def _nodes(connection: sa.Connection, identifiers: Sequence[int]) -> dict[int, list[str]]:
    if not identifiers:
        return {}
    links = sa.join(tables.read_node, tables.node, tables.read_node.c.node == tables.node.c.id)
    query = sa.select(tables.read_node.c.read, tables.node.c.iri).select_from(links)
    query = query.where(tables.read_node.c.read.in_(identifiers)).order_by(tables.node.c.iri)
    found: dict[int, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.read, []).append(row.iri)
    return found


def _logged(row: sa.Row[tuple[object, ...]], nodes: Sequence[str]) -> Logged:
    at = moment(row.at)
    assert at is not None
    read = PersonalRead(at, row.who, row.token, row.purpose, row.route, tuple(nodes), row.total, row.address)
    return Logged(row.id, row.kind, read, row.cut)
