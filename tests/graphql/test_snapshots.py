"""What is kept for one state of the registry is gone with it."""

from __future__ import annotations

import gc
import operator
import weakref
from functools import partial
from typing import Any

import pytest

from qualitrace.access.model import Audience
from qualitrace.graphql.derive import derive
from qualitrace.graphql.fetch import TYPE_PATH, Fetcher
from qualitrace.graphql.plans.columns import Columns
from qualitrace.graphql.snapshots import AUDIENCES, FULL, KEPT, SHARE, Kept, Snapshot, Snapshots, share_of
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, literal
from tests.graphql.kitchens import BASE, Kitchen


class Row:
    """What is made of a node."""


def filled(snapshot: Snapshot) -> weakref.ref[Any]:
    """Read a column by what knows the snapshot, as plans do."""
    values, _ = snapshot.columns.of("rows", TYPE_PATH, lambda node, terms: (snapshot, Row())[1], [f"{BASE}n"])
    return weakref.ref(values[0])


def kitchens() -> tuple[Any, Any]:
    return Kitchen(), Kitchen()


def of(seen: Any) -> Columns:
    return Columns(Fetcher(seen.engine, derive(seen.profile), seen.base, 10**6))


def test_columns_go_with_their_state_without_waiting_for_the_garbage_collector() -> None:
    whole, part = kitchens()
    audience = Audience(units=frozenset({"u"}))
    snapshots = Snapshots(of, whole)
    gc.collect()
    gc.disable()
    try:
        rows = [filled(snapshots.of(whole)), filled(snapshots.of(part, audience))]
        assert None not in [row() for row in rows]
        whole.position = part.position = 2
        snapshots.of(whole)
        snapshots.of(part, audience)
        assert [row() for row in rows] == [None, None]
    finally:
        gc.enable()


def test_so_many_audiences_are_kept_for() -> None:
    whole, part = kitchens()
    snapshots = Snapshots(of, whole)
    gc.disable()
    try:
        audiences = [Audience(units=frozenset({str(number)})) for number in range(AUDIENCES + 3)]
        rows = [filled(snapshots.of(part, audience)) for audience in audiences]
        assert [row() is None for row in rows] == [True] * 3 + [False] * AUDIENCES
    finally:
        gc.enable()


def test_what_no_longer_fits_is_made_again_and_weighed_once() -> None:
    kept = Kept(10)
    for wanted in range(20):
        assert kept.get("a", partial(int, wanted), lambda one: 4, partial(operator.eq, wanted)) == wanted
    assert kept.get("b", lambda: "b", lambda one: 3) == "b"
    assert kept.get("a", lambda: "again", lambda one: 4) == 19  # there was room for both
    assert not kept._making


@pytest.mark.parametrize(("facts", "share"), [(0, SHARE), (FULL // 4, 1 / 4), (FULL, 1), (9 * FULL, 1)])
def test_more_is_kept_of_a_state_with_many_facts(facts: int, share: float) -> None:
    assert share_of(facts) == share


def test_a_large_state_has_room_for_its_lists() -> None:
    now, then = kitchens()
    many = range(FULL // 4)
    then.engine.change(STATED, [Fact(f"{BASE}n{at}", RDFS_LABEL, literal("名")) for at in many], ())
    snapshot = Snapshots(of, now).of(now)
    for reading, kept in ((then, True), (Kitchen(), False)):
        made = [snapshot.of_state(reading).lists.get("all", object, lambda one: KEPT // 5) for _ in range(2)]
        assert (made[0] is made[1]) is kept
