"""How the values of nodes changed, as the journal tells it (floor 0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.journal import Journal
from qualitrace.journal.reading import within

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class ValueEvent:
    """A value (predicate and N-Triples term) that a node gained or lost at a position."""

    position: int
    predicate: str
    object: str
    gained: bool


def changed_values(
    journal: Journal, predicates: Iterable[str], subjects: Iterable[str] | None = None
) -> dict[str, list[ValueEvent]]:
    """Return, by node, what happened to values of some predicates, oldest first.

    Only of nodes whose values changed after they first had any: of all, or of ``subjects`` (IRIs).
    """
    wanted = sorted(set(predicates))
    if subjects is None:
        return _changed(journal, wanted, sa.true()) if wanted else {}
    named, found = sorted(set(subjects)), dict[str, list[ValueEvent]]()
    for start in range(0, len(named) if wanted else 0, _CHUNK):
        chunk = tables.change.c.subject.in_(named[start : start + _CHUNK])
        found |= _changed(journal, wanted, chunk)
    return found


def _changed(
    journal: Journal, predicates: list[str], about: sa.ColumnElement[bool]
) -> dict[str, list[ValueEvent]]:
    change, upto = tables.change, journal.head()[0]
    chosen = (
        change.c.predicate.in_(predicates),
        change.c.effective,
        within(change.c.changeset, upto),
        about,
    )
    several = sa.select(change.c.subject).where(*chosen).group_by(change.c.subject)
    several = several.having(sa.func.count(sa.distinct(change.c.changeset)) > 1)
    found: dict[str, list[ValueEvent]] = {}
    with journal.snapshot() as connection:
        names = list(connection.execute(several).scalars())
        for start in range(0, len(names), _CHUNK):
            query = sa.select(change).where(*chosen[:3], change.c.subject.in_(names[start : start + _CHUNK]))
            for row in connection.execute(query.order_by(change.c.id)):
                found.setdefault(row.subject, []).append(_event(row))
    return found


def _event(row: Any) -> ValueEvent:
    return ValueEvent(row.changeset, row.predicate, row.object, row.removes is None)


def values_at(events: Iterable[ValueEvent], position: int) -> frozenset[tuple[str, str]]:
    """Return the values (predicate, term) that a node had at a position."""
    held: set[tuple[str, str]] = set()
    for event in events:
        if event.position > position:
            break
        if event.gained:
            held.add((event.predicate, event.object))
        else:
            held.discard((event.predicate, event.object))
    return frozenset(held)
