"""What a changeset did to the facts, a bounded part of it at a time (floor 0)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.journal import Journal
from qualitrace.terms import Fact


@dataclass(frozen=True, slots=True)
class Effects:
    """The facts that came and went with a changeset; ``whole`` is false when there are more of them."""

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    whole: bool


def effects(journal: Journal, position: int, most: int) -> Effects:
    """Return at most so many of the facts that a changeset added or removed, in the order it names them."""
    table = tables.change
    query = sa.select(table.c.subject, table.c.predicate, table.c.object, table.c.removes)
    query = query.where(table.c.changeset == position, table.c.effective).order_by(table.c.id)
    with journal.snapshot() as connection:
        rows = connection.execute(query.limit(most + 1)).all()
    added: list[Fact] = []
    removed: list[Fact] = []
    for row in rows[:most]:
        (added if row.removes is None else removed).append(Fact(row.subject, row.predicate, row.object))
    return Effects(tuple(added), tuple(removed), len(rows) <= most)
