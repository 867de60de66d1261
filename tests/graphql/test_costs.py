"""What an operation costs at most is never less than what its answer holds, and close to it."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
import strawberry
from graphql import parse, parse_value, value_from_ast_untyped

from qualitrace.graphql import Limits, build_schema, costs, execute
from qualitrace.graphql.costs import cost_of
from qualitrace.graphql.derive import derive
from qualitrace.graphql.sizes import ROOM, Bounds, Sizes
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, SKOS_NOTATION, Fact, iri, literal
from tests.graphql.generated import Operations, facts
from tests.graphql.kitchens import FACTS, KITCHEN, TERMS, Kitchen, name, node

WIDE = Limits(
    tokens=10**6, depth=100, fields=10**6, aliases=10**6, directives=10**6, fragments=10**6, roots=10**6,
    repeats=10**6, conditions=10**6, cost=10**12, values=10**9,
)  # fmt: skip
OPERATIONS = 150  # of each world


def bounds(schema: strawberry.Schema) -> Bounds | None:
    found: Bounds | None = schema.admission._bounds()  # type: ignore[attr-defined]
    return found


def cost(schema: strawberry.Schema, query: str, **variables: Any) -> int:
    return cost_of(schema._schema, parse(query), variables, None, bounds(schema)).total


def values_in(answer: Any) -> int:
    """How many values an answer holds: all but lists and objects."""
    if isinstance(answer, dict):
        return sum(map(values_in, answer.values()))
    return sum(map(values_in, answer)) if isinstance(answer, list) else 1


@pytest.fixture(scope="module", params=["kitchen", "shipped"])
def world(request: pytest.FixtureRequest) -> Profile:
    return load_profile(KITCHEN) if request.param == "kitchen" else load_profile()


def test_no_answer_holds_more_than_it_may_cost(world: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the weights of what is worked out, which would hide a list that is longer than thought."""
    monkeypatch.setattr(costs, "WEIGHTS", {})
    monkeypatch.setattr(costs, "ARGUMENTS", {})
    monkeypatch.setattr(costs, "CONDITION", 0)
    schema = build_schema(Kitchen(facts(world, Random(3)), (), profile_=world, findings=()), limits=WIDE)
    assert schema._schema.query_type is not None
    judged = [one.name for one in world.classes.values() if one.chains and not one.abstract]
    told = full = 0
    for number in range(OPERATIONS):
        asked = Operations(schema._schema, Random(number), judged)
        query = asked.operation()
        if re.search(r"\b(sources|found|groups|groupsBy|rules|keys|because|why|conclusions)\b", query):
            continue  # as long as what is told elsewhere: docs/limits.md
        body = execute(schema, query, asked.variables).body
        held, most = values_in(body.get("data")), cost(schema, query, **asked.variables)
        assert held <= most, (held, most, query, asked.variables)
        told, full = told + 1, full + held
    assert told > OPERATIONS / 4
    assert full > 4 * OPERATIONS


HUB = [
    *node("area/hub", "Area", "大区"),
    *(fact for n in range(45) for fact in node(f"station/h{n}", "Station", f"台{n}", inArea="area/hub")),
    *(fact for n in range(30) for fact in node(f"role/h{n}", "Role", f"岗{n}", "R1" if n < 3 else f"R{n}")),
    *(Fact(name("role/h5"), TERMS + "filledBy", iri(name(f"shift/h{n}"))) for n in range(33)),
    *(fact for n in range(33) for fact in node(f"shift/h{n}", "Shift", "")),
]


@pytest.fixture
def hub() -> tuple[Kitchen, strawberry.Schema]:
    kitchen = Kitchen(HUB)
    return kitchen, build_schema(kitchen)


def test_a_list_is_as_long_as_there_are_nodes(hub: tuple[Kitchen, strawberry.Schema]) -> None:
    _, schema = hub
    listed = "{ roles%s { nodes { id } } }"
    assert cost(schema, listed % "") == cost(schema, listed % "(first: 2000)") == 2 + 30
    assert cost(schema, listed % "(first: 7)") == 2 + 7
    assert cost(schema, "{ hazards { nodes { id } } }") == 2


def test_links_are_as_many_as_lead_from_one_node(hub: tuple[Kitchen, strawberry.Schema]) -> None:
    _, schema = hub
    query = "{ roles(first: 1) { nodes { filledBy%s { id } } } }"
    most = cost(schema, query % "")
    assert most == 2 + 1 + 33, "more than is assumed where nothing is known"
    assert cost(schema, query % "(first: 5)") == 2 + 1 + 5
    assert cost(schema, query % "(first: 500)") == most


@pytest.mark.parametrize(
    ("where", "most"),
    [
        ('{ id: { eq: "role/h1" } }', 1),
        ('{ id: { in: ["role/h1", "role/h2"] } }', 2),
        ('{ code: { eq: "R7" } }', 3),  # so many share one
        ('{ code: { in: ["R7", "R8"] } }', 6),
        ('{ and: [{ id: { eq: "role/h1" } }, { label: { contains: "x" } }] }', 1),
        ('{ or: [{ id: { eq: "role/h1" } }, { id: { eq: "role/h2" } }] }', 2),
        ('{ or: [{ id: { eq: "role/h1" } }, { label: { contains: "岗" } }] }', 30),
        ('{ not: { id: { eq: "role/h1" } } }', 30),
        ('{ label: { eq: "岗1" } }', 30),
        ("{ id: { in: [] } }", 0),
    ],
)
def test_a_filter_that_names_nodes_finds_no_more(
    hub: tuple[Kitchen, strawberry.Schema], where: str, most: int
) -> None:
    _, schema = hub
    conditions = cost_of(
        schema._schema, parse(f"{{ roles(where: {where}) {{ totalCount }} }}"), {}
    ).conditions
    query = f"{{ roles(where: {where}) {{ nodes {{ id }} }} }}"
    assert cost(schema, query) == 2 + 500 * conditions + most
    assert len(execute(schema, query).body["data"]["roles"]["nodes"]) <= most
    for way in ("query ($w: RoleWhere) {", f"query ($w: RoleWhere = {where}) {{"):
        given = {} if "=" in way else {"w": _read(where)}
        assert cost(schema, f"{way} roles(where: $w) {{ nodes {{ id }} }} }}", **given) == cost(schema, query)


def _read(where: str) -> Any:
    return value_from_ast_untyped(parse_value(where))


def test_what_is_added_is_counted_before_it_is_read_again(hub: tuple[Kitchen, strawberry.Schema]) -> None:
    """Facts that come and go: the bound is never below what there is, and not far above it for long."""
    kitchen, schema = hub
    query, links = "{ roles { nodes { id } } }", "{ roles(first: 1) { nodes { filledBy { id } } } }"
    held = 30
    for number in range(40):
        one = node(f"role/n{number}", "Role", "新")
        one.append(Fact(name("role/h5"), TERMS + "filledBy", iri(name(f"shift/n{number}"))))
        kitchen.engine.change(STATED, one, ())
        held += 1
        assert held <= cost(schema, query) - 2 <= held + held // 3 + ROOM
        assert 33 + number + 1 <= cost(schema, links) - 3 <= 2 * (33 + number + 1) + ROOM
    gone = [Fact(name(f"role/n{number}"), RDF_TYPE, iri(TERMS + "Role")) for number in range(40)]
    kitchen.engine.change(STATED, (), gone)
    assert cost(schema, query) - 2 >= 30


def test_a_code_that_many_come_to_share(hub: tuple[Kitchen, strawberry.Schema]) -> None:
    kitchen, schema = hub
    query = '{ roles(where: { code: { eq: "R9" } }) { nodes { id } } }'
    for number in range(10, 25):
        kitchen.engine.change(STATED, [Fact(name(f"role/h{number}"), SKOS_NOTATION, literal("R9"))], ())
        found = len(execute(schema, query).body["data"]["roles"]["nodes"])
        assert found <= cost(schema, query) - 502


def test_of_an_earlier_state_only_pages_are_known(hub: tuple[Kitchen, strawberry.Schema]) -> None:
    _, schema = hub
    query = '{ roles(knownAt: "1") { nodes { filledBy { id } } } }'
    assert cost(schema, query) == 10_000 + 2 + 100 * (1 + 33)
    assert cost(schema, '{ roles(asOf: "2024-01-01") { nodes { id } } }') == 10_000 + 2 + 30


def test_states_let_go_are_forgotten() -> None:
    kitchen = Kitchen()
    sizes = Sizes(derive(kitchen.profile))
    assert sizes.of(kitchen) is not None
    assert len(sizes._read) == 1
    kitchen.engine = kitchen.engine.copy()
    assert not sizes._read


def test_ordinary_nested_questions_need_no_first() -> None:
    """An hour with the API: no list below says how many, and all are answered."""
    schema = build_schema(Kitchen())
    traced = "trace { partial ends { basis node { label } } paths { basis steps { source { id label } target { id label } basis sources { document cell } } } }"  # noqa: E501
    for query in (
        f"{{ hazards {{ nodes {{ label {traced} }} }} }}",
        '{ hazards(where: { code: { eq: "H1" } }) { nodes { controlledBy { procedure { label '
        + traced
        + " } } } } }",
    ):
        answer = execute(schema, query)
        assert "errors" not in answer.body, answer.body["errors"]


def test_a_state_on_a_date_is_charged_where_one_is_made() -> None:
    schema = build_schema(Kitchen(FACTS, (), profile_=load_profile(KITCHEN), findings=()))
    for asked, state in (
        ("hazards", True), ('nodeAt(id: "hazard/H1"', True), ("findings", True),
        ('trace(node: "hazard/H1", to: Cook', False), ("coverage(of: Hazard", False),
    ):  # fmt: skip
        below = "{ __typename }"
        plain = f"{{ {asked}{')' if '(' in asked else ''} {below} }}"
        dated = f'{{ {asked}{", " if "(" in asked else "("}asOf: "2024-06-01") {below} }}'
        assert cost(schema, dated) - cost(schema, plain) == (costs.ARGUMENTS["asOf"] if state else 0), asked
