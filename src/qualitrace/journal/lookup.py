"""Finding changesets, and what several of them did together (floor 0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.journal import Journal
from qualitrace.journal.model import SourcedFact
from qualitrace.journal.reading import sourced, within
from qualitrace.terms import Fact

_SHOWN = 5
_CHUNK = 400


def position_at(journal: Journal, moment: str) -> int:
    """Return the position that the journal stood at in a moment (UTC, as changesets write it).

    That is the one before the first changeset made later: a clock that was put back in between hides
    changesets, and never shows one too early.
    """
    table = tables.changeset
    later = sa.select(sa.func.min(table.c.position)).where(table.c.at > moment)
    with journal.snapshot() as connection:
        first = connection.execute(later).scalar()
    return journal.head()[0] if first is None else int(first) - 1


def positions_of(journal: Journal, prefix: str) -> list[int]:
    """Return the positions of a few changesets whose identifiers begin so (hex digits)."""
    table = tables.changeset
    found = sa.select(table.c.position).where(table.c.id.startswith(prefix, autoescape=True))
    with journal.snapshot() as connection:
        return list(connection.execute(found.order_by(table.c.position).limit(_SHOWN)).scalars())


def positions_by_id(journal: Journal, ids: Iterable[str]) -> dict[str, int]:
    """Return the positions of changesets by their identifiers; unknown ones are left out."""
    table, wanted = tables.changeset, sorted(set(ids))
    found: dict[str, int] = {}
    with journal.snapshot() as connection:
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(table.c.id, table.c.position).where(
                table.c.id.in_(wanted[start : start + _CHUNK])
            )
            found |= {row.id: row.position for row in connection.execute(query)}
    return found


def count_between(journal: Journal, one: int, other: int) -> int:
    """Count the statements that were added or removed between two positions, in either order."""
    table = tables.change
    query = sa.select(sa.func.count()).where(*_between(min(one, other), max(one, other)))
    with journal.snapshot() as connection:
        return int(connection.execute(query.select_from(table)).scalar_one())


def net_change(journal: Journal, start: int, end: int) -> tuple[list[Fact], list[Fact]]:
    """Return the facts to add and to remove that lead from a position to another, earlier or later.

    Every changeset between the two is read, none before or after them.
    """
    table, forwards = tables.change, start <= end
    query = sa.select(table.c.subject, table.c.predicate, table.c.object, table.c.removes)
    query = query.where(*_between(min(start, end), max(start, end)), table.c.effective)
    query = query.order_by(table.c.id if forwards else table.c.id.desc()).execution_options(yield_per=1000)
    holds: dict[Fact, bool] = {}
    first: dict[Fact, bool] = {}
    with journal.snapshot() as connection:
        for row in connection.execute(query):
            fact = Fact(row.subject, row.predicate, row.object)
            holds[fact] = (row.removes is None) is forwards
            first.setdefault(fact, not holds[fact])
    changed = [fact for fact in holds if holds[fact] != first[fact]]
    return [fact for fact in changed if holds[fact]], [fact for fact in changed if not holds[fact]]


@dataclass(frozen=True, slots=True)
class Signature:
    """A changeset without its content, and how many statements it added and removed."""

    position: int
    id: str
    author: str
    at: str
    message: str
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with the changeset that made it, and the one that ended it, if any did."""

    entry: SourcedFact
    stated: Signature
    ended: Signature | None


def statements_about(journal: Journal, subjects: Iterable[str], *, ended: bool = False) -> list[Statement]:
    """Return the statements about nodes (IRIs) in force, with ``ended`` those of the past too; oldest first.

    A journal as it was (:meth:`Journal.at`) tells what was in force then.
    """
    change, end, upto = tables.change, tables.change.alias("end"), journal.head()[0]
    joined = sa.and_(end.c.removes == change.c.id, within(end.c.changeset, upto))
    query = sa.select(change, end.c.changeset.label("ended")).outerjoin_from(change, end, joined)
    query = query.where(change.c.removes.is_(None), within(change.c.changeset, upto)).order_by(change.c.id)
    if not ended:
        query = query.where(end.c.id.is_(None))
    wanted = sorted(set(subjects))
    rows: list[Any] = []
    with journal.snapshot() as connection:
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            rows += connection.execute(query.where(change.c.subject.in_(chunk))).all()
    positions = {row.changeset for row in rows} | {row.ended for row in rows if row.ended}
    signed = {one.position: one for one in signatures(journal, positions)}
    return [
        Statement(sourced(row), signed[row.changeset], signed[row.ended] if row.ended else None)
        for row in rows
    ]


def signatures(journal: Journal, positions: Iterable[int]) -> list[Signature]:
    """Return who made changesets, when and why, oldest first."""
    table, wanted = tables.changeset, sorted(set(positions))
    found: list[Signature] = []
    with journal.snapshot() as connection:
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(table).where(table.c.position.in_(wanted[start : start + _CHUNK]))
            for row in connection.execute(query.order_by(table.c.position)):
                found.append(Signature(row.position, row.id, row.author, row.at, row.message))
    return found


def find_changes(
    journal: Journal, *, subject: str = "", author: str = "", since: str = "", until: str = ""
) -> list[Signature]:
    """Return the changesets about a node (IRI), by an author, made in a time (UTC); newest first."""
    table, change = tables.changeset, tables.change
    about = change.c.subject == subject if subject else sa.true()
    counted = (
        sa.select(
            change.c.changeset,
            sa.func.count().label("all"),
            sa.func.count(change.c.removes).label("removed"),
        )
        .where(about)
        .group_by(change.c.changeset)
        .subquery()
    )
    query = sa.select(table, counted.c.all, counted.c.removed)
    query = query.join_from(table, counted, counted.c.changeset == table.c.position, isouter=not subject)
    query = query.where(within(table.c.position, journal.head()[0])).order_by(table.c.position.desc())
    if author:
        query = query.where(table.c.author == author)
    if since:
        query = query.where(table.c.at >= since)
    if until:
        query = query.where(table.c.at <= until)
    with journal.snapshot() as connection:
        return [
            Signature(
                row.position,
                row.id,
                row.author,
                row.at,
                row.message,
                (row.all or 0) - (row.removed or 0),
                row.removed or 0,
            )
            for row in connection.execute(query)
        ]


def _between(after: int, upto: int) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.change.c.changeset > after, tables.change.c.changeset <= upto
