"""The root fields ``changes``, ``diff`` and ``blame`` (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import context_of, raw
from qualitrace.graphql.history_types import (
    ChangesetAnswer,
    ChangesetConnection,
    ChangesetEdge,
    DifferenceAnswer,
    StatementOrigin,
    difference_answer,
    registry_of,
)
from qualitrace.graphql.node import given
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.shared_types import FactSource, PropertyName
from qualitrace.journal.lookup import find_changes
from qualitrace.registry.blaming import blame
from qualitrace.registry.differing import difference
from qualitrace.registry.moments import first_instant, last_instant

Info = strawberry.Info[Any, Any]


def history_fields() -> dict[str, Any]:
    """Return the root fields about what changed."""
    return {
        "changes": strawberry.field(
            _changes, description="谁在何时为何改了什么 / Who changed what, when, why"
        ),
        "diff": strawberry.field(
            _diff, description="两个登记时间之间有什么不同 / What is different between two moments"
        ),
        "blame": strawberry.field(
            _blame, description="每条陈述由谁、何时、据何处所说 / Who stated each fact, when, from which cell"
        ),
    }


def _changes(
    info: Info,
    node: str | None = UNSET,
    author: str | None = UNSET,
    since: Moment | None = UNSET,
    until: Moment | None = UNSET,
    first: int | None = UNSET,
    after: str | None = UNSET,
    known_at: Moment | None = UNSET,
) -> ChangesetConnection | None:
    state = registry_of(context_of(info).known(raw(info), given(known_at)))
    found = find_changes(
        state.journal,
        subject=state.resolve(node) if node else "",
        author=author or "",
        since=first_instant(since) if since else "",
        until=last_instant(until) if until else "",
    )
    listing = Listing.of("changes", (True,), [Entry((one.position,), one) for one in found])
    page = listing.page(first=given(first), after=given(after))
    shown = [ChangesetAnswer.of(one) for one in page.items]
    return ChangesetConnection(
        total_count=len(found),
        nodes=shown,
        edges=[
            ChangesetEdge(cursor=listing.cursor(entry), node=answer)
            for entry, answer in zip(page.entries, shown, strict=True)
        ],
        page_info=page_info(page),
    )


def _diff(
    info: Info, before: Moment, after: Moment | None = UNSET, as_of: dt.date | None = UNSET
) -> DifferenceAnswer | None:
    state = registry_of(context_of(info))
    later = state.at(after) if after else state
    return difference_answer(difference(state.at(before), later, as_of=given(as_of)), later)


def _blame(
    info: Info,
    node: str,
    removed: bool = False,
    as_of: dt.date | None = UNSET,
    known_at: Moment | None = UNSET,
) -> list[StatementOrigin] | None:
    state = registry_of(context_of(info).known(raw(info), given(known_at), given(as_of)))
    return [
        StatementOrigin(
            property=PropertyName(iri=one.entry.fact.predicate, text=one.property),
            value_text=one.value,
            incoming=one.incoming,
            source=FactSource.of(one.entry.source),
            stated=ChangesetAnswer.of(one.stated),
            removed=ChangesetAnswer.of(one.removed) if one.removed else None,
        )
        for one in blame(state, node, everything=removed)
    ]
