"""From rows to changesets, facts and events (floor 0)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.model import Basis, Changeset, Decision, Document, Event, Record, Source, SourcedFact
from qualitrace.journal.sealing import unpacked
from qualitrace.terms import Fact

_WINDOW = 200  # changesets read with one query a table
_STREAMED = 5_000  # rows fetched at a time
_DECISIONS = [kind.value for kind in Decision]


def within(column: sa.Column[int], upto: int | None) -> sa.ColumnElement[bool]:
    """Return the condition that a position is not beyond a bound, if there is one."""
    return sa.true() if upto is None else column <= upto


def head(connection: sa.Connection, upto: int | None = None) -> tuple[int, str]:
    """Return position and identifier of the newest changeset; ``(0, "")`` when there is none."""
    table = tables.changeset
    query = sa.select(table.c.position, table.c.id).where(within(table.c.position, upto))
    row = connection.execute(query.order_by(table.c.position.desc()).limit(1)).first()
    return (0, "") if row is None else (row.position, row.id)


def changesets(
    connection: sa.Connection, after: int, upto: int | None, *, changes: bool
) -> Iterator[Changeset]:
    """Read changesets in order, a window at a time."""
    table = tables.changeset
    while True:
        query = sa.select(table).where(table.c.position > after, within(table.c.position, upto))
        heads = connection.execute(query.order_by(table.c.position).limit(_WINDOW)).all()
        yield from _window(connection, heads, changes=changes)
        if len(heads) < _WINDOW:
            return
        after = heads[-1].position


def decided(connection: sa.Connection, upto: int) -> Iterator[Changeset]:
    """Read the changesets up to a position that hold decisions, without their changes."""
    head, kept = tables.changeset, tables.record
    positions = sa.select(kept.c.changeset).where(kept.c.kind.in_(_DECISIONS), kept.c.changeset <= upto)
    query = sa.select(head).where(head.c.position.in_(positions)).order_by(head.c.position)
    heads = connection.execute(query).all()
    for start in range(0, len(heads), _WINDOW):
        yield from _window(connection, heads[start : start + _WINDOW], changes=False)


def facts(connection: sa.Connection, upto: int | None) -> Iterator[Fact]:
    """Read the facts that hold at a position (None: now), each as often as it is stated."""
    change, ends = tables.change, tables.change.alias("ends")
    ended = sa.and_(ends.c.removes == change.c.id, within(ends.c.changeset, upto))
    query = sa.select(change.c.subject, change.c.predicate, change.c.object)
    query = query.outerjoin_from(change, ends, ended).where(change.c.removes.is_(None), ends.c.id.is_(None))
    query = query.where(within(change.c.changeset, upto))
    for row in connection.execute(query.execution_options(yield_per=_STREAMED)):
        yield Fact(row[0], row[1], row[2])


def events(connection: sa.Connection, stream: str | None, kind: str | None, after: int) -> Iterator[Event]:
    """Read events in order."""
    table = tables.event
    query = sa.select(table).where(table.c.position > after).order_by(table.c.position)
    if stream is not None:
        query = query.where(table.c.stream == stream)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    for row in connection.execute(query.execution_options(yield_per=100)):
        yield Event(
            row.position, row.parent, row.head, row.stream, row.kind, row.author, row.at, row.body, row.id
        )


def sourced(row: Any) -> SourcedFact:
    """Turn a row of ``change`` into a statement."""
    return SourcedFact(
        Fact(row.subject, row.predicate, row.object),
        Source(row.document, row.part, row.row, row.cell, Basis(row.basis)),
    )


def _window(connection: sa.Connection, heads: Sequence[Any], *, changes: bool) -> Iterator[Changeset]:
    if not heads:
        return
    positions = [row.position for row in heads]
    documents = _grouped(_rows(connection, tables.document, positions, tables.document.c.name))
    kept = tables.record
    records = _grouped(_rows(connection, kept, positions, kept.c.id, kept.c.kind.in_(_DECISIONS)))
    streamed = _streamed(connection, positions) if changes else iter(())
    ahead = next(streamed, None)
    for head in heads:
        rows: list[Any] = []
        if ahead is not None and ahead[0] == head.position:
            rows = list(ahead[1])
            ahead = next(streamed, None)
        yield _changeset(head, documents.get(head.position, []), records.get(head.position, []), rows)


def _rows(
    connection: sa.Connection,
    table: sa.Table,
    positions: Sequence[int],
    order: sa.Column[Any],
    *conditions: sa.ColumnElement[bool],
) -> Sequence[Any]:
    query = sa.select(table).where(table.c.changeset.in_(positions), *conditions)
    return connection.execute(query.order_by(table.c.changeset, order)).all()


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    return {key: list(group) for key, group in itertools.groupby(rows, key=lambda row: row.changeset)}


def _streamed(connection: sa.Connection, positions: Sequence[int]) -> Iterator[tuple[int, Iterator[Any]]]:
    table = tables.change
    query = sa.select(table).where(table.c.changeset.in_(positions))
    query = query.order_by(table.c.changeset, table.c.id).execution_options(yield_per=_STREAMED)
    return itertools.groupby(connection.execute(query), key=lambda row: row.changeset)


def _changeset(head: Any, documents: Iterable[Any], records: Iterable[Any], rows: list[Any]) -> Changeset:
    added = [row for row in rows if row.removes is None]
    removed = [row for row in rows if row.removes is not None]
    return Changeset(
        position=head.position,
        parent=head.parent,
        author=head.author,
        at=head.at,
        message=head.message,
        documents=tuple(Document(row.name, row.sha256) for row in documents),
        added=tuple(sourced(row) for row in added),
        removed=tuple(sourced(row) for row in removed),
        facts_added=_effective(added),
        facts_removed=_effective(removed),
        id=head.id,
        records=tuple(Record(Decision(row.kind), unpacked(row.body)) for row in records),
    )


def _effective(rows: list[Any]) -> tuple[Fact, ...]:
    facts = (Fact(row.subject, row.predicate, row.object) for row in rows if row.effective)
    return tuple(dict.fromkeys(facts))
