"""Single cases of connections; what holds on every engine is in ``tests/contract``."""

from __future__ import annotations

import pytest
import strawberry

from qualitrace.graphql import execute
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import BASE


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
