"""Apollo Federation v2: the schema composes, entities are resolved together, a gateway joins two systems."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, ObjectTypeDefinitionNode, parse
from graphql import build_schema as read_schema

from qualitrace.access.model import RIGHTS, Right, Role
from qualitrace.graphql import build_schema, execute, schema_text
from qualitrace.graphql.federation import KEY, MOST, federated
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from tests.contract.node_packages import SYSTEMS
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import KITCHEN, Kitchen
from tests.graphql.test_refusals import Counting

ENTITIES = """query ($of: [_Any!]!) {
  _entities(representations: $of) {
    __typename
    ... on Hazard { id label controlledBy { id procedure { code } } trace(to: Cook) { ends { ending } } }
    ... on Station { id inArea { label } }
  }
}"""


def program(folder: Path, name: str, given: Any) -> Any:
    """Run one of the programs of ``systems/`` on JSON."""
    done = subprocess.run(
        ["node", name],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def other_schema() -> str:
    """The schema of the other system, as its program writes it."""
    text = (SYSTEMS / "inspections.mjs").read_text(encoding="utf-8")
    return text.partition("typeDefs = `")[2].partition("`")[0]


# The schema


@pytest.mark.parametrize("directory", [None, KITCHEN], ids=["shipped", "kitchen"])
def test_every_type_made_from_a_class_has_a_key_and_nothing_else_has(directory: Path | None) -> None:
    text = schema_text(load_profile(directory))
    plain = read_schema(text)
    nodes = {
        name
        for name, type_ in plain.type_map.items()
        if isinstance(type_, GraphQLObjectType) and any(i.name == "Node" for i in type_.interfaces)
    } - {"Resource"}
    marked = {
        one.name.value: [
            (mark.name.value, {a.name.value: a.value.value for a in mark.arguments or ()})  # type: ignore
            for mark in one.directives or ()
        ]
        for one in parse(federated(text)).definitions
        if isinstance(one, ObjectTypeDefinitionNode) and one.directives
    }
    assert len(nodes) > 5
    assert marked == {**{name: [("key", {"fields": KEY})] for name in nodes}, "PageInfo": [("shareable", {})]}


def test_the_plain_schema_says_nothing_of_gateways() -> None:
    made = build_schema(Kitchen())
    assert not {"_service", "_entities", "_Any", "_Entity", "_Service"} & set(made.as_str().split())
    assert ask(made, "{ _service { sdl } }")["_service"]["sdl"] == federated(made.as_str())
    assert schema_text(load_profile(KITCHEN)) == made.as_str().rstrip() + "\n"


@pytest.mark.parametrize("directory", [None, KITCHEN], ids=["shipped", "kitchen"])
def test_it_composes_alone(systems: Path, directory: Path | None) -> None:
    sdl = federated(schema_text(load_profile(directory)))
    found = program(systems, "compose.mjs", [{"name": "registry", "url": "http://127.0.0.1/", "sdl": sdl}])
    assert found["errors"] == []
    assert "@join__type(graph: REGISTRY" in found["supergraph"]


def test_it_composes_beside_another_and_both_resolve_what_they_share(
    systems: Path, other_schema: str
) -> None:
    sdl = federated(schema_text(load_profile(KITCHEN)))
    given = [
        {"name": "registry", "url": "http://127.0.0.1/", "sdl": sdl},
        {"name": "inspections", "url": "http://127.0.0.1/", "sdl": other_schema},
    ]
    found = program(systems, "compose.mjs", given)
    assert found["errors"] == []
    station = found["supergraph"].partition("\ntype Station")[2].partition("}")[0]
    assert station.count('key: "id"') == 2
    # The same without our keys: what the composition rests on is there for a reason.
    given[0]["sdl"] = sdl.replace(' @key(fields: "id")', "")
    assert program(systems, "compose.mjs", given)["errors"] != []


# Entities


def representations(*ids: str, of: str = "Hazard") -> list[dict[str, str]]:
    return [{"__typename": of, "id": one} for one in ids]


def test_entities_come_in_the_order_asked_for_and_null_where_there_is_none() -> None:
    made = build_schema(Kitchen())
    of = [
        *representations("hazard/H10", "hazard/nothing", "hazard/H1", "hazard/H10", "not an identifier"),
        *representations("station/fish", of="Station"),
        *representations("station/fish", of="Hazard"),  # there, but of another type
    ]
    found = ask(made, ENTITIES, {"of": of})["_entities"]
    assert [one and one["id"] for one in found] == [
        *("hazard/H10", None, "hazard/H1", "hazard/H10", None, "station/fish", None)
    ]
    expected = ask(made, '{ node(id: "hazard/H1") { ... on Hazard { label controlledBy { id } } } }')["node"]
    assert found[2]["label"] == expected["label"]
    assert [one["id"] for one in found[2]["controlledBy"]] == [one["id"] for one in expected["controlledBy"]]


def test_an_interface_names_any_type_below_it() -> None:
    of = representations("point/P1", "point/P2", "hazard/H1", of="ControlPoint")
    query = "query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }"
    found = ask(build_schema(Kitchen()), query, {"of": of})["_entities"]
    assert found == [{"__typename": "CriticalControlPoint"}, {"__typename": "OtherControlPoint"}, None]


def test_any_number_of_entities_is_fetched_with_the_queries_of_one() -> None:
    kitchen = Kitchen()
    counting = Counting(kitchen.engine)
    kitchen.engine = counting  # type: ignore[assignment]
    made = build_schema(kitchen)
    counts = []
    for ids in (
        ["hazard/H1"],
        ["hazard/H1", "hazard/H2", "hazard/H10", *(f"hazard/X{n}" for n in range(900))],
    ):
        counting.queries.clear()
        ask(made, ENTITIES, {"of": representations(*ids)})
        counts.append(len(counting.queries))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "hazard/H1"},
        {"__typename": "Hazard"},
        {"__typename": "Hazard", "id": 7},
        {"__typename": "Nothing", "id": "hazard/H1"},
        {"__typename": "Query", "id": "hazard/H1"},
        "hazard/H1",
        ["Hazard", "hazard/H1"],
    ],
)
def test_what_is_no_representation_is_refused(wrong: Any) -> None:
    answer = execute(build_schema(Kitchen()), ENTITIES, {"of": [wrong]})
    assert refused(answer)["code"] == "INVALID_REQUEST"


def test_too_many_representations_are_refused() -> None:
    of = representations(*(f"hazard/X{n}" for n in range(MOST + 1)))
    assert refused(execute(build_schema(Kitchen()), ENTITIES, {"of": of}))["code"] == "LIMIT"


def test_what_is_not_shown_is_no_entity_either() -> None:
    shown = build_schema(Kitchen(), protected=False)
    assert "type Cook implements" in federated(build_schema(Kitchen()).as_str())
    assert "type Cook implements" not in ask(shown, "{ _service { sdl } }")["_service"]["sdl"]
    query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Node { id } } }"
    assert ask(shown, query, {"of": representations("hazard/H1")}) == {"_entities": [{"id": "hazard/H1"}]}
    there, gone = (
        execute(shown, query, {"of": representations(one, of="Cook")}) for one in ("cook/1", "cook/99")
    )
    assert there.body == gone.body
    assert refused(there)["code"] == "INVALID_REQUEST"


@pytest.mark.parametrize("role", list(Role))
def test_the_schema_and_the_entities_are_those_of_the_role(role: Role) -> None:
    held = RIGHTS[role]
    made = build_schema(Kitchen(), rights=held)
    answer = execute(made, "{ _service { sdl } }")
    if Right.EXPLORE in held:
        sdl = answer.body["data"]["_service"]["sdl"]
        assert sdl == federated(made.as_str())
        assert ("type Cook implements" in sdl) is bool(held & {Right.PERSONAL, Right.OWN_PERSONAL})
        assert ("type Subscription" in sdl) is (Right.SUBSCRIBE in held)
    else:
        assert refused(answer)["code"] == "INVALID_REQUEST"
    query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Node { id } } }"
    assert ask(made, query, {"of": representations("hazard/H1", "hazard/none")}) == {
        "_entities": [{"id": "hazard/H1"}, None]
    }


# The gateway

OURS_IN_THEIRS = """{
  inspections {
    nodes { number on station { id label code inArea { label } } }
    pageInfo { hasNextPage }
  }
}"""
THEIRS_IN_OURS = """query ($first: Int!) {
  stations(first: $first) { nodes { id label inspections { number station { label } } } }
}"""


def test_a_gateway_answers_across_both_systems_in_both_directions(
    systems: Path, address: str, registry: Registry
) -> None:
    stations = ask(build_schema(registry), "{ stations(first: 50) { nodes { id label inArea { label } } } }")
    known = {one["id"]: one for one in stations["stations"]["nodes"]}
    assert len(known) > 3
    inspections = [
        {"number": number, "on": f"2025-03-{number + 1:02}", "station": id}
        for number, id in enumerate([*known, *known, "station/gone", None])
    ]
    ours, theirs = program(
        systems,
        "gateway.mjs",
        {
            "url": f"{address}/graphql",
            "inspections": inspections,
            "asked": [
                {"query": OURS_IN_THEIRS},
                {"query": THEIRS_IN_OURS, "variables": {"first": len(known)}},
            ],
        },
    )
    assert "errors" not in ours["answer"]
    for one, told in zip(ours["answer"]["data"]["inspections"]["nodes"], inspections, strict=True):
        node = known.get(str(told["station"]))
        assert (one["number"], one["on"]) == (told["number"], told["on"])
        if node is None:  # a gateway shows a reference to what is gone with its key alone
            assert one["station"] is None or one["station"]["label"] is None
        else:
            assert (one["station"]["label"], one["station"]["inArea"]) == (node["label"], node["inArea"])
    assert len(ours["sent"]) == 1  # all stations in one request
    assert len(ours["sent"][0]["variables"]["representations"]) == 2 * len(known) + 1

    assert "errors" not in theirs["answer"]
    listed = theirs["answer"]["data"]["stations"]["nodes"]
    assert [one["id"] for one in listed] == list(known)
    for one in listed:
        mine = [told["number"] for told in inspections if told["station"] == one["id"]]
        assert [each["number"] for each in one["inspections"]] == mine
        assert {each["station"]["label"] for each in one["inspections"]} == {known[one["id"]]["label"]}
