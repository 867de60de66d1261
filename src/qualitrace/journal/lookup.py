"""Finding changesets, and what several of them did together (floor 0)."""

from __future__ import annotations

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.journal import Journal
from qualitrace.terms import Fact

_SHOWN = 5


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


def _between(after: int, upto: int) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.change.c.changeset > after, tables.change.c.changeset <= upto
