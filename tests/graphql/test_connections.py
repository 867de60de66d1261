"""Connections against a reference that filters, sorts and cuts plain Python records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.graphql import build_schema, execute
from qualitrace.store import INFERRED, STATED, OxigraphEngine
from qualitrace.terms import RDFS_LABEL, Fact, literal
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import BASE, SCHEME, Kitchen, date, decimal, name, node

LETTERS = "abAB1"
texts = st.text(LETTERS, min_size=0, max_size=3)
names = st.text(LETTERS, min_size=1, max_size=3)
values = st.sampled_from([Decimal(n) / 4 for n in range(-4, 9)])
days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 6))
OUTCOMES = {"WITHIN": "within", "OUTSIDE": "outside"}


@dataclass
class Reading:
    id: str
    value: Decimal | None
    takenOn: dt.date | None
    outcome: str | None
    code: str | None = None
    label: list[str] = field(default_factory=list)


@dataclass
class Point:
    id: str
    critical: bool
    code: str | None
    label: list[str]
    readings: list[Reading]


readings = st.builds(
    Reading, st.none(), st.none() | values, st.none() | days, st.none() | st.sampled_from(sorted(OUTCOMES))
)
points = st.builds(
    Point,
    st.none(),
    st.booleans(),
    st.none() | names,
    st.lists(names, max_size=2, unique=True),
    st.lists(readings, max_size=3),
)


@st.composite
def worlds(draw: st.DrawFn) -> list[Point]:
    found = draw(st.lists(points, max_size=6))
    for number, point in enumerate(found):
        point.id = f"point/{number}"
        for count, reading in enumerate(point.readings):
            reading.id = f"reading/{number}/{count}"
    return found


def facts_of(world: list[Point]) -> list[Fact]:
    facts: list[Fact] = []
    for point in world:
        facts += node(
            point.id, "CriticalControlPoint" if point.critical else "ControlPoint", code=point.code or ""
        )
        facts += [
            Fact(name(point.id), RDFS_LABEL, literal(text, language=language))
            for text, language in zip(point.label, ("zh", "en"), strict=False)
        ]
        for reading in point.readings:
            links: dict[str, str | list[str]] = {"readingOf": point.id}
            if reading.value is not None:
                links["value"] = decimal(str(reading.value))
            if reading.takenOn is not None:
                links["takenOn"] = date(reading.takenOn.isoformat())
            if reading.outcome is not None:
                links["outcome"] = f"<{SCHEME}{OUTCOMES[reading.outcome]}>"
            facts += node(reading.id, "Reading", **links)
    return facts


def put(kitchen: Kitchen, facts: list[Fact]) -> None:
    """Put other facts behind the schema. Half of them count as inferred: it must make no difference."""
    kitchen.engine = OxigraphEngine()
    kitchen.engine.change(STATED, facts[::2], ())
    kitchen.engine.change(INFERRED, facts[1::2], ())


@pytest.fixture(scope="module")
def other() -> Kitchen:
    return Kitchen((), ())


@pytest.fixture(scope="module")
def asked(other: Kitchen) -> strawberry.Schema:
    return build_schema(other)


# The reference

Where = Mapping[str, Any]


def holds(where: Where, one: Any, links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    return all(condition(key, value, one, links) for key, value in where.items())


def condition(key: str, value: Any, one: Any, links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    if key == "and":
        return all(holds(part, one, links) for part in value)
    if key == "or":
        return any(holds(part, one, links) for part in value)
    if key == "not":
        return not holds(value, one, links)
    if key in links:
        return linked(value, links[key](one), links)
    held = getattr(one, key)
    return leaf(value, held if isinstance(held, list) else [] if held is None else [held])


def linked(value: Where, ends: list[Any], links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    some = {op: any(holds(part, end, links) for end in ends) for op, part in value.items() if op != "exists"}
    return (
        some.get("some", True)
        and not some.get("none", False)
        and ("exists" not in value or bool(ends) is value["exists"])
    )


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, asked: held == asked,
    "in": lambda held, asked: held in asked,
    "gt": lambda held, asked: held > asked,
    "gte": lambda held, asked: held >= asked,
    "lt": lambda held, asked: held < asked,
    "lte": lambda held, asked: held <= asked,
    "contains": lambda held, asked: asked.lower() in held.lower(),
    "startsWith": lambda held, asked: held.lower().startswith(asked.lower()),
}


def leaf(value: Where, held: list[Any]) -> bool:
    tests = {op: asked for op, asked in value.items() if op != "exists"}
    if value.get("exists") is False:
        return not held and not tests
    if not value:
        return True
    return any(all(TESTS[op](one, asked) for op, asked in tests.items()) for one in held)


def json_of(where: Any) -> Any:
    """A filter as the variables of a request."""
    if isinstance(where, Mapping):
        return {key: json_of(value) for key, value in where.items()}
    if isinstance(where, list):
        return [json_of(value) for value in where]
    return (
        float(where)
        if isinstance(where, Decimal)
        else where.isoformat()
        if isinstance(where, dt.date)
        else where
    )


# Filters at random


def operators(held: st.SearchStrategy[Any], *more: str) -> st.SearchStrategy[dict[str, Any]]:
    one: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(("eq", *more), held)
    return some_of({**one, "in": st.lists(held, max_size=3), "exists": st.booleans()})


def some_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly one key, which tells most; at times none or several."""
    single = [st.fixed_dictionaries({key: held}) for key, held in fields.items()]
    return st.one_of(*single, st.fixed_dictionaries({}, optional=fields))


ORDERED = ("gt", "gte", "lt", "lte")
text_filter = operators(texts, "contains", "startsWith")
naming = {"code": text_filter, "label": text_filter}


def combined(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    plain = some_of(fields)
    return st.recursive(
        plain,
        lambda inner: st.fixed_dictionaries(
            {}, optional={"and": st.lists(inner, max_size=2), "or": st.lists(inner, max_size=2), "not": inner}
        ),
        max_leaves=4,
    )


reading_where = combined(
    {
        "value": operators(values, *ORDERED),
        "takenOn": operators(days, *ORDERED),
        "outcome": operators(st.sampled_from(sorted(OUTCOMES))),
    }
)
links_filter = some_of({"some": reading_where, "none": reading_where, "exists": st.booleans()})
point_where = combined({**naming, "readings": links_filter})
LINKS: dict[str, Callable[[Any], list[Any]]] = {"readings": lambda point: point.readings}

ALL = """query ($where: ControlPointWhere) {
  controlPoints(where: $where, first: 500) { totalCount nodes { id } }
}"""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds(), point_where)
def test_where_finds_what_the_reference_finds(
    other: Kitchen, asked: strawberry.Schema, world: list[Point], where: Where
) -> None:
    put(other, facts_of(world))
    found = ask(asked, ALL, {"where": json_of(where)})["controlPoints"]
    expected = {point.id for point in world if holds(where, point, LINKS)}
    assert {one["id"] for one in found["nodes"]} == expected
    assert found["totalCount"] == len(found["nodes"]) == len(expected)


RICH = [
    Point(
        f"point/{number}",
        number % 2 == 0,
        code,
        label,
        [
            Reading(f"reading/{number}/{count}", value, day, outcome)
            for count, (value, day, outcome) in enumerate(
                [
                    (Decimal(number), dt.date(2024, 1, number + 1), "WITHIN"),
                    (Decimal(number) / 2, None, "OUTSIDE"),
                    (None, dt.date(2024, 1, 2), None),
                ][:number]
            )
        ],
    )
    for number, (code, label) in enumerate([("a", ["ab", "BA"]), ("b1", ["b"]), (None, []), ("AB", ["1a"])])
]
SAMPLES: dict[str, list[Any]] = {
    "code": ["a", "b", "b1", "B1", "ab", "AB", ""],
    "label": ["a", "b", "ab", "ba", "1", ""],
    "value": [Decimal(number) / 2 for number in range(-1, 8)],
    "takenOn": [dt.date(2024, 1, number) for number in range(1, 6)],
    "outcome": sorted(OUTCOMES),
}


def leaves(field_: str) -> list[dict[str, Any]]:
    """Every operator of a field with every sample."""
    operators_ = ["eq"]
    if field_ in ("value", "takenOn"):
        operators_ += ORDERED
    if field_ in ("code", "label"):
        operators_ += ["contains", "startsWith"]
    return [
        *({operator: sample} for operator in operators_ for sample in SAMPLES[field_]),
        *({"in": SAMPLES[field_][at : at + 2]} for at in range(len(SAMPLES[field_]))),
        *({"exists": wanted} for wanted in (True, False)),
    ]


@pytest.mark.parametrize("field_", SAMPLES)
def test_every_operator_means_what_it_says(other: Kitchen, asked: strawberry.Schema, field_: str) -> None:
    put(other, facts_of(RICH))
    for filter_ in leaves(field_):
        plain = {field_: filter_}
        own = field_ in ("code", "label")
        for where in [plain] if own else [{"readings": {op: plain}} for op in ("some", "none")]:
            found = ask(asked, ALL, {"where": json_of(where)})["controlPoints"]["nodes"]
            assert {one["id"] for one in found} == {p.id for p in RICH if holds(where, p, LINKS)}, where


LINKED = """query ($where: ReadingWhere, $order: [ReadingOrder!], $first: Int) {
  controlPoints(first: 500) { nodes { id readings(where: $where, orderBy: $order, first: $first) { id } } }
}"""


def natural(text: str) -> list[tuple[int, int, str]]:
    """Runs of digits count as numbers; written apart from the engine's own."""
    parts: list[tuple[int, int, str]] = []
    run = ""
    for letter in [*text, ""]:
        if run and (letter == "" or letter.isdigit() != run[-1].isdigit()):
            parts.append((0, int(run), "") if run[0].isdigit() else (1, 0, run))
            run = ""
        run += letter
    return parts


def sorted_by(records: list[Any], order: list[tuple[str, bool]]) -> list[Any]:
    """Sort by several fields; a missing value comes last in either direction, then the identifier."""
    found = sorted(records, key=lambda one: natural(BASE + one.id))
    for name_, down in reversed(order):

        def held(one: Any, name_: str = name_) -> Any:
            value = one.label[:1] if name_ == "label" else getattr(one, name_)
            value = (value or [None])[0] if name_ == "label" else value
            if name_ == "outcome" and value is not None:
                return list(OUTCOMES).index(value)
            return natural(value) if isinstance(value, str) else value

        there = [one for one in found if held(one) is not None]
        there.sort(key=held, reverse=down)
        found = there + [one for one in found if held(one) is None]
    return found


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
    other: Kitchen,
    asked: strawberry.Schema,
    world: list[Point],
    where: Where,
    order: list[tuple[str, bool]],
    first: int | None,
) -> None:
    put(other, facts_of(world))
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
    other: Kitchen, asked: strawberry.Schema, world: list[Point], order: list[tuple[str, bool]], size: int
) -> None:
    put(other, facts_of(world))
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
    other: Kitchen,
    asked: strawberry.Schema,
    world: list[Point],
    order: list[tuple[str, bool]],
    data: st.DataObject,
) -> None:
    put(other, facts_of(world))
    order_by = [{name_: "DESC" if down else "ASC"} for name_, down in order]
    whole = [one.id for one in sorted_by(world, order or [("code", False), ("label", False)])]
    at = data.draw(st.integers(0, len(whole) - 1))
    cursor = page(asked, order=order_by)["edges"][at]["cursor"]
    gone = data.draw(st.sets(st.sampled_from(whole)))
    put(other, facts_of([point for point in world if point.id not in gone]))
    after = [one["id"] for one in page(asked, order=order_by, after=cursor)["nodes"]]
    before = [one["id"] for one in page(asked, order=order_by, before=cursor)["nodes"]]
    assert after == [one for one in whole[at + 1 :] if one not in gone]
    assert before == [one for one in whole[:at] if one not in gone]


def test_a_cursor_of_another_order_is_refused(schema: strawberry.Schema) -> None:
    query = "query ($after: String) { hazards(orderBy: [{label: ASC}], after: $after) { nodes { id } } }"
    cursor = ask(schema, "{ hazards { edges { cursor } } }")["hazards"]["edges"][0]["cursor"]
    for wrong in (cursor, "", "zzz", "W10=", "WzFd", "bnVsbA=="):
        assert refused(execute(schema, query, {"after": wrong}))["code"] == "INVALID_REQUEST"


def test_a_node_counts_once_however_often_it_is_typed_or_linked(schema: strawberry.Schema) -> None:
    # point/P1 is a CriticalControlPoint by statement and a ControlPoint by inference.
    data = ask(schema, "{ controlPoints { totalCount nodes { id } } }")["controlPoints"]
    assert sorted(one["id"] for one in data["nodes"]) == ["point/P1", "point/P2"]
    assert data["totalCount"] == 2


def test_codes_sort_as_people_count(schema: strawberry.Schema) -> None:
    data = ask(schema, "{ hazards { nodes { code } } }")["hazards"]
    assert [one["code"] for one in data["nodes"]] == ["H1", "H2", "H10"]


def test_identifiers_select_nodes(schema: strawberry.Schema) -> None:
    query = "query ($id: IdFilter) { hazards(where: {id: $id}) { nodes { code } } }"
    for chosen in ({"eq": "hazard/H2"}, {"eq": BASE + "hazard/H2"}, {"in": ["hazard/H2", "point/P1"]}):
        assert ask(schema, query, {"id": chosen})["hazards"]["nodes"] == [{"code": "H2"}]


@pytest.mark.parametrize("hostile", ["a> } #", 'x" . ', "a b", "", "<http://x>", "\n"])
def test_identifiers_and_texts_cannot_break_out_of_the_query(schema: strawberry.Schema, hostile: str) -> None:
    by_id = execute(
        schema, "query ($v: ID) { hazards(where: {id: {eq: $v}}) { nodes { id } } }", {"v": hostile}
    )
    assert refused(by_id)["code"] == "INVALID_REQUEST"
    query = "query ($v: String) { hazards(where: {label: {contains: $v}}) { nodes { label } } }"
    labels = [one["label"] for one in ask(schema, query, {"v": hostile})["hazards"]["nodes"]]
    everything = [one["label"] for one in ask(schema, "{ hazards { nodes { label } } }")["hazards"]["nodes"]]
    assert labels == [label for label in everything if hostile in label]
