"""Connections on every engine: filters, order, pages in both directions, each node once."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.graphql import Limits, build_schema
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact
from tests.contract.connections import (
    LINKS,
    RICH,
    SAMPLES,
    Point,
    Where,
    facts_of,
    holds,
    json_of,
    leaves,
    point_where,
    reading_where,
    sorted_by,
    worlds,
)
from tests.contract.engines import MakeEngine
from tests.graphql.asking import ask
from tests.graphql.kitchens import Kitchen


class Filled(Kitchen):
    """A kitchen whose facts change, on an engine of the suite. Half of them count as inferred."""

    def __init__(self, make_engine: MakeEngine) -> None:
        super().__init__((), ())
        self.make_engine = make_engine

    def put(self, facts: list[Fact]) -> None:
        self.engine = self.make_engine(self.profile)
        self.engine.change(STATED, facts[::2], ())
        self.engine.change(INFERRED, facts[1::2], ())


@pytest.fixture(scope="module")
def other(make_engine: MakeEngine) -> Filled:
    return Filled(make_engine)


@pytest.fixture(scope="module")
def asked(other: Filled) -> strawberry.Schema:
    return build_schema(other, limits=Limits(conditions=1000, cost=10**9))  # questions at random may be large


ALL = """query ($where: ControlPointWhere) {
  controlPoints(where: $where, first: 500) { totalCount nodes { id } }
}"""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds(), point_where)
def test_where_finds_what_the_reference_finds(
    other: Filled, asked: strawberry.Schema, world: list[Point], where: Where
) -> None:
    other.put(facts_of(world))
    found = ask(asked, ALL, {"where": json_of(where)})["controlPoints"]
    expected = {point.id for point in world if holds(where, point, LINKS)}
    assert {one["id"] for one in found["nodes"]} == expected
    assert found["totalCount"] == len(found["nodes"]) == len(expected)


@pytest.mark.parametrize("field_", SAMPLES)
def test_every_operator_means_what_it_says(other: Filled, asked: strawberry.Schema, field_: str) -> None:
    other.put(facts_of(RICH))
    for filter_ in leaves(field_):
        plain = {field_: filter_}
        own = field_ in ("code", "label")
        for where in [plain] if own else [{"readings": {op: plain}} for op in ("some", "none")]:
            found = ask(asked, ALL, {"where": json_of(where)})["controlPoints"]["nodes"]
            assert {one["id"] for one in found} == {p.id for p in RICH if holds(where, p, LINKS)}, where


LINKED = """query ($where: ReadingWhere, $order: [ReadingOrder!], $first: Int) {
  controlPoints(first: 500) { nodes { id readings(where: $where, orderBy: $order, first: $first) { id } } }
}"""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    worlds(),
    reading_where,
    st.lists(
        st.tuples(st.sampled_from(["value", "takenOn", "outcome"]), st.booleans()),
        max_size=2,
        unique_by=lambda p: p[0],
    ),
    st.none() | st.integers(0, 3),
)
def test_links_are_filtered_sorted_and_cut_for_each_node(
    other: Filled,
    asked: strawberry.Schema,
    world: list[Point],
    where: Where,
    order: list[tuple[str, bool]],
    first: int | None,
) -> None:
    other.put(facts_of(world))
    order_by = [{name_: "DESC" if down else "ASC"} for name_, down in order]
    data = ask(asked, LINKED, {"where": json_of(where), "order": order_by or None, "first": first})
    found = {one["id"]: [end["id"] for end in one["readings"]] for one in data["controlPoints"]["nodes"]}
    for point in world:
        # Without an order, links come by identifier, which the reference does with no fields at all.
        expected = sorted_by([r for r in point.readings if holds(where, r, LINKS)], order)
        assert found[point.id] == [reading.id for reading in expected][:first]


PAGE = """query ($order: [ControlPointOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  controlPoints(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
orders = st.lists(
    st.tuples(st.sampled_from(["code", "label"]), st.booleans()), max_size=2, unique_by=lambda pair: pair[0]
)


def page(asked: strawberry.Schema, **variables: Any) -> Any:
    found = ask(asked, PAGE, variables)["controlPoints"]
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    info, cursors = found["pageInfo"], [edge["cursor"] for edge in found["edges"]]
    assert [info["startCursor"], info["endCursor"]] == (
        [cursors[0], cursors[-1]] if cursors else [None, None]
    )
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds(), orders, st.integers(1, 4))
def test_pages_cover_the_sorted_list_once_in_both_directions(
    other: Filled, asked: strawberry.Schema, world: list[Point], order: list[tuple[str, bool]], size: int
) -> None:
    other.put(facts_of(world))
    order_by = [{name_: "DESC" if down else "ASC"} for name_, down in order]
    expected = [one.id for one in sorted_by(world, order or [("code", False), ("label", False)])]

    forwards: list[str] = []
    after = None
    while True:
        found = page(asked, order=order_by, first=size, after=after)
        assert found["totalCount"] == len(expected)
        assert found["pageInfo"]["hasPreviousPage"] is bool(forwards)
        forwards += [one["id"] for one in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        assert found["pageInfo"]["hasNextPage"] is (len(forwards) < len(expected))
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert forwards == expected

    backwards: list[str] = []
    before = None
    while True:
        found = page(asked, order=order_by, last=size, before=before)
        backwards = [one["id"] for one in found["nodes"]] + backwards
        before = found["pageInfo"]["startCursor"]
        if not found["pageInfo"]["hasPreviousPage"]:
            break
    assert backwards == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds().filter(lambda world: len(world) > 2), orders, st.data())
def test_a_cursor_stays_where_it_was_when_the_list_changes(
    other: Filled,
    asked: strawberry.Schema,
    world: list[Point],
    order: list[tuple[str, bool]],
    data: st.DataObject,
) -> None:
    other.put(facts_of(world))
    order_by = [{name_: "DESC" if down else "ASC"} for name_, down in order]
    whole = [one.id for one in sorted_by(world, order or [("code", False), ("label", False)])]
    at = data.draw(st.integers(0, len(whole) - 1))
    cursor = page(asked, order=order_by)["edges"][at]["cursor"]
    gone = data.draw(st.sets(st.sampled_from(whole)))
    other.put(facts_of([point for point in world if point.id not in gone]))
    after = [one["id"] for one in page(asked, order=order_by, after=cursor)["nodes"]]
    before = [one["id"] for one in page(asked, order=order_by, before=cursor)["nodes"]]
    assert after == [one for one in whole[at + 1 :] if one not in gone]
    assert before == [one for one in whole[:at] if one not in gone]
