"""Relay: its compiler takes the schema, and the served connections keep its rules.

The rules are those of the cursor connections specification (https://relay.dev/graphql/connections.htm)
and of object identification (https://relay.dev/graphql/objectidentification.htm).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.graphql import build_schema as make_schema
from qualitrace.graphql import execute
from qualitrace.registry import Registry
from tests.contract.node_packages import node

# A list of points with what Relay needs to page and refetch it, as an application would write it.
PAGED = """
import { graphql } from 'react-relay';
graphql`
  query pointsQuery($count: Int!) { ...points_page @arguments(count: $count) }
`;
graphql`
  fragment points_page on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "pointsPageQuery") {
    diagnosisPoints(first: $count, after: $cursor, orderBy: [{ code: ASC }])
    @connection(key: "points_diagnosisPoints") {
      edges { node { id label ...points_point } }
    }
  }
`;
graphql`
  fragment points_point on DiagnosisPoint @refetchable(queryName: "pointsPointQuery") {
    code
    trace(to: Person) { partial ends { ending node { id label } } }
  }
`;
graphql`
  fragment points_verdicts on Query
  @argumentDefinitions(
    count: { type: "Int" }, cursor: { type: "String" }, last: { type: "Int" }, before: { type: "String" }
  )
  @refetchable(queryName: "pointsVerdictsQuery") {
    findings(first: $count, after: $cursor, last: $last, before: $before)
    @connection(key: "points_findings") {
      edges { node { id message } }
    }
  }
`;
"""
MADE = ("pointsQuery", "pointsPageQuery", "pointsPointQuery", "pointsVerdictsQuery")


@pytest.fixture(scope="module")
def schema_file(repo_root: Path) -> Path:
    return repo_root / "graphql" / "schema.graphql"


@pytest.fixture(scope="module")
def schema(schema_file: Path) -> GraphQLSchema:
    return build_schema(schema_file.read_text(encoding="utf-8"))


@pytest.fixture
def compiled(npm: Path, schema_file: Path, tmp_path: Path) -> Callable[[str], tuple[bool, str, Path]]:
    """Compiles a source file against the shipped schema: whether it did, what was said, what was made."""

    def compile_(source: str) -> tuple[bool, str, Path]:
        for name in ("source", "made"):
            (tmp_path / name).mkdir()
        (tmp_path / "source" / "points.js").write_text(source, encoding="utf-8")
        (tmp_path / "schema.graphql").write_text(schema_file.read_text(encoding="utf-8"), encoding="utf-8")
        config = {
            "src": "./source",
            "schema": "./schema.graphql",
            "artifactDirectory": "./made",
            "language": "javascript",
        }
        (tmp_path / "relay.config.json").write_text(json.dumps(config), encoding="utf-8")
        program = npm / "node_modules" / "relay-compiler" / "cli.js"
        done = node(npm, program, "relay.config.json", cwd=tmp_path)
        return done.returncode == 0, done.stdout + done.stderr, tmp_path / "made"

    return compile_


def test_relay_compiles_connections_and_refetchable_fragments(compiled: Any) -> None:
    done, said, made = compiled(PAGED)
    assert done, said
    for name in MADE:
        text = (made / f"{name}.graphql.js").read_text(encoding="utf-8")
        assert f'"name": "{name}"' in text
    page = (made / "points_page.graphql.js").read_text(encoding="utf-8")
    assert '"connection":' in page
    assert "hasNextPage" in page
    assert "node(id: $id)" in (made / "pointsPointQuery.graphql.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("edges { node { id label ...points_point } }", "edges { id }"),
        ('key: "points_diagnosisPoints"', 'key: "no such form"'),
        ("on DiagnosisPoint @refetchable", "on DiagnosisPoints @refetchable"),
    ],
)
def test_the_compiler_refuses_what_is_wrong(compiled: Any, before: str, after: str) -> None:
    """Otherwise its consent above would mean nothing."""
    assert before in PAGED
    done, said, _ = compiled(PAGED.replace(before, after))
    assert not done
    assert "ERROR" in said


# The schema


def connections(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLObjectType]]:
    for name, type_ in schema.type_map.items():
        if name.endswith("Connection"):
            assert isinstance(type_, GraphQLObjectType)
            yield name, type_


def connection_fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__"):
            for field_name, field in type_.fields.items():
                if get_named_type(field.type).name.endswith("Connection"):
                    yield f"{name}.{field_name}", field


def test_page_info_is_as_specified(schema: GraphQLSchema) -> None:
    """Sections 2.1.4 and 5: two booleans that are always there, two cursors that may not be."""
    info = schema.type_map["PageInfo"]
    assert isinstance(info, GraphQLObjectType)
    assert {name: str(field.type) for name, field in info.fields.items()} == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


def test_connections_and_edges_are_as_specified(schema: GraphQLSchema) -> None:
    """Sections 2.1 and 3: ``edges`` is a list of edges, each with a ``node`` and a ``cursor``."""
    checked = 0
    for name, connection in connections(schema):
        assert str(connection.fields["pageInfo"].type) == "PageInfo!", name
        edges = get_nullable_type(connection.fields["edges"].type)
        assert isinstance(edges, GraphQLList), name
        edge = get_nullable_type(edges.of_type)
        assert isinstance(edge, GraphQLObjectType)
        assert edge.name.endswith("Edge"), name
        assert str(edge.fields["cursor"].type) == "String!", name
        assert not isinstance(get_nullable_type(edge.fields["node"].type), GraphQLList), name
        checked += 1
    assert checked > 30


def test_fields_that_are_connections_take_the_arguments_of_a_page(schema: GraphQLSchema) -> None:
    """Section 4: forwards by ``first`` and ``after``, backwards (all but the journal's) by the others."""
    forwards = backwards = 0
    for name, field in connection_fields(schema):
        for count, cursor in (("first", "after"), ("last", "before")):
            if count == "first" or count in field.args or cursor in field.args:
                assert str(field.args[count].type) == "Int", name
                assert str(field.args[cursor].type) == "String", name
        forwards += 1
        backwards += "last" in field.args
    assert forwards > 30
    assert forwards - backwards <= 1


def test_nodes_are_identified_as_specified(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    interface = schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert str(interface.fields["id"].type) == "ID!"
    field = schema.query_type.fields["node"]
    assert str(field.type) == "Node"
    assert {name: str(argument.type) for name, argument in field.args.items()} == {"id": "ID!"}


def test_what_has_an_identifier_is_a_node_or_can_only_be_reached_in_a_list(schema: GraphQLSchema) -> None:
    """A type with ``id`` that is no node is never refetched by it: none is the end of a link of a node."""
    interface = schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    nodes = {type_.name for type_ in schema.get_possible_types(interface)}
    loose = {
        name
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and "id" in type_.fields and name not in nodes
    }
    for name in nodes:
        type_ = schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        assert not {get_named_type(field.type).name for field in type_.fields.values()} & loose


def test_values_in_a_filter_are_never_objects_of_the_answer(schema: GraphQLSchema) -> None:
    assert isinstance(schema.type_map["Date"], GraphQLScalarType)
    assert isinstance(schema.type_map["Long"], GraphQLScalarType)
    assert isinstance(get_nullable_type(GraphQLNonNull(schema.type_map["Date"])), GraphQLScalarType)


# The served registry

LISTED = """query ($first: Int, $after: String, $last: Int, $before: String) {
  readings(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
FOUND = LISTED.replace("readings(", "findings(")
JUDGED = """query ($first: Int, $after: String, $last: Int, $before: String) {
  coverage(of: Hazard, asOf: "2025-03-10") {
    verdicts(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      edges { cursor node { node { id } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
LISTS = {"readings": LISTED, "findings": FOUND, "verdicts": JUDGED}


@pytest.fixture(scope="module")
def ask(registry: Registry) -> Callable[..., Any]:
    made = make_schema(registry)

    def asked(name: str, **window: Any) -> Any:
        answer = execute(made, LISTS[name], window)
        assert not answer.errors, answer.body
        data = answer.body["data"]
        return data["coverage"]["verdicts"] if name == "verdicts" else data[name]

    return asked


def edges_to_return(
    edges: list[Any], first: int | None, after: str | None, last: int | None, before: str | None
) -> list[Any]:
    """Section 4.4, ``EdgesToReturn`` and ``ApplyCursorsToEdges``, as written there."""
    cursors = [edge["cursor"] for edge in edges]
    if after is not None and after in cursors:
        edges = edges[cursors.index(after) + 1 :]
    cursors = [edge["cursor"] for edge in edges]
    if before is not None and before in cursors:
        edges = edges[: cursors.index(before)]
    if first is not None and len(edges) > first:
        edges = edges[:first]
    if last is not None and len(edges) > last:
        edges = edges[len(edges) - last :]
    return edges


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_those_of_the_algorithm_of_the_specification(ask: Any, name: str) -> None:
    whole = ask(name, first=500)
    every = whole["edges"]
    assert len(every) == whole["totalCount"] > 4
    assert len({edge["cursor"] for edge in every}) == len(every)
    sizes = st.none() | st.integers(0, len(every) + 1)
    cursors = st.none() | st.sampled_from([edge["cursor"] for edge in every])

    @settings(max_examples=60, deadline=None)
    @given(sizes, cursors, sizes, cursors)
    def compare(first: int | None, after: str | None, last: int | None, before: str | None) -> None:
        if first is None and last is None:
            first = len(every)
        page = ask(name, first=first, after=after, last=last, before=before)
        expected = edges_to_return(every, first, after, last, before)
        assert page["edges"] == expected
        assert page["totalCount"] == len(every)
        info = page["pageInfo"]
        assert info["startCursor"] == (expected[0]["cursor"] if expected else None)
        assert info["endCursor"] == (expected[-1]["cursor"] if expected else None)
        if first is not None and last is None:  # section 5: what must be told, forwards
            rest = edges_to_return(every, None, after, None, before)
            if before is None:
                assert info["hasNextPage"] is (len(rest) > first)
        if last is not None and first is None and after is None:  # backwards
            rest = edges_to_return(every, None, after, None, before)
            assert info["hasPreviousPage"] is (len(rest) > last)

    compare()


def test_the_order_is_the_same_forwards_and_backwards(ask: Any) -> None:
    whole = ask("readings", first=500)["edges"]
    assert ask("readings", last=5)["edges"] == whole[-5:]
    assert ask("readings", last=5, before=whole[10]["cursor"])["edges"] == whole[5:10]


def test_every_node_is_found_again_by_its_identifier(registry: Registry) -> None:
    """Object identification: ``node(id)`` gives the object with that identifier, whatever its type."""
    made = make_schema(registry)
    roots = ["hazards", "controlPoints", "readings", "cooks", "shifts"]
    listed = " ".join(f"{root}(first: 20) {{ nodes {{ __typename id label }} }}" for root in roots)
    data = execute(made, f"{{ {listed} }}").body["data"]
    nodes = [one for root in roots for one in data[root]["nodes"]]
    assert len({one["id"] for one in nodes}) == len(nodes) > 40
    again = "query ($id: ID!) { node(id: $id) { __typename id label } }"
    for one in nodes:
        answer = execute(made, again, {"id": one["id"]})
        assert answer.body["data"]["node"] == one


def test_an_identifier_of_nothing_gives_null(registry: Registry) -> None:
    answer = execute(make_schema(registry), '{ node(id: "nothing/at-all") { id } }')
    assert answer.body["data"] == {"node": None}
    assert answer.body["errors"][0]["extensions"]["code"] == "UNKNOWN_NODE"
