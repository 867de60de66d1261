"""Coverage in the API: crossed, since a date, and in pages; the same as the index and by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import strawberry

from qualitrace.graphql import build_schema, execute
from qualitrace.tracing import find_way
from qualitrace.tracing.model import CoverageGroup
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import FINDINGS, SCHEME, TERMS, Kitchen, name

BY = [
    ["Station"],
    ["arisesAt"],
    ["Station", "Area"],
    ["arisesAt.inArea", "steward"],
    ["ControlPoint", "Station", "Area"],
]
TABLE = """query ($of: NodeClass!, $by: [String!]!, $asOf: Date, $since: Date) {
  coverage(of: $of, asOf: $asOf, since: $since) {
    total complete broken since
    earlier { total complete broken mended broke entered left }
    groups(by: $by) {
      keys { by label(language: "en") fields node { iri } }
      node { iri }
      total complete broken
      gaps { missing { iri } count }
      earlier { total complete broken mended broke entered left }
      verdicts { totalCount nodes { complete change node { iri } } }
    }
  }
}"""


def table(schema: strawberry.Schema, of: str, by: list[str], **more: Any) -> Any:
    return ask(schema, TABLE, {"of": of, "by": by, **more})["coverage"]


def keys_of(group: Any) -> tuple[str | None, ...]:
    return tuple(key["node"] and key["node"]["iri"] for key in group["keys"])


def counted(group: CoverageGroup) -> dict[str, int]:
    became = Counter(str(change) for change in group.changes.values())
    before = group.earlier or ()
    complete = sum(verdict.complete for verdict in before)
    kinds = {kind: became[kind] for kind in ("mended", "broke", "entered", "left")}
    return {"total": len(before), "complete": complete, "broken": len(before) - complete, **kinds}


@pytest.mark.parametrize("by", BY, ids=" × ".join)
@pytest.mark.parametrize("since", [None, "2023-12-31", "2024-06-10"])
def test_tables_are_those_of_the_index(
    kitchen: Kitchen, schema: strawberry.Schema, by: list[str], since: str | None
) -> None:
    found = table(schema, "Hazard", by, asOf="2024-06-15", since=since)
    ways = [find_way(kitchen.profile, TERMS + "Hazard", one) for one in by]
    expected = kitchen.coverage_by(
        TERMS + "Hazard",
        ways,
        as_of=dt.date(2024, 6, 15),
        since=dt.date.fromisoformat(since) if since else None,
    )
    assert (found["since"], found["total"]) == (since, expected.whole.total)
    assert found["earlier"] == (counted(expected.whole) if since else None)
    assert [keys_of(group) for group in found["groups"]] == [
        tuple(key and key.iri for key in group.keys) for group in expected.groups
    ]
    for group, wanted in zip(found["groups"], expected.groups, strict=True):
        assert [key["by"] for key in group["keys"]] == by
        assert (group["node"] and group["node"]["iri"]) == keys_of(group)[0]
        assert (group["total"], group["complete"], group["broken"]) == (
            wanted.total,
            wanted.complete,
            wanted.broken,
        )
        assert {gap["missing"]["iri"]: gap["count"] for gap in group["gaps"]} == {
            gap.missing: gap.count for gap in wanted.gaps
        }
        assert group["earlier"] == (counted(wanted) if since else None)
        assert {
            one["node"]["iri"]: (one["complete"], one["change"]) for one in group["verdicts"]["nodes"]
        } == {
            v.node.iri: (v.complete, change.upper() if (change := wanted.changes.get(v.node.iri)) else None)
            for v in wanted.verdicts
        }


def test_a_class_is_reached_by_way_of_who_answers_and_the_fields_are_named(schema: strawberry.Schema) -> None:
    found = table(schema, "Hazard", ["Area"])
    keys = [key for group in found["groups"] for key in group["keys"]]
    assert {tuple(key["fields"]) for key in keys} == {("controlledBy.atStation.inArea",)}
    assert {key["label"] for key in keys} == {"Area"}
    named = table(schema, "Hazard", ["arisesAt.inArea"])
    assert {keys_of(group) for group in named["groups"]} != {keys_of(group) for group in found["groups"]} or (
        [group["total"] for group in named["groups"]] != [group["total"] for group in found["groups"]]
    )


def test_a_scheme_groups_by_its_concepts(schema: strawberry.Schema, kitchen: Kitchen) -> None:
    way = find_way(kitchen.profile, TERMS + "Reading", "kc:outcome")
    assert way.fields == ("outcome",)
    assert way.concepts == {SCHEME + "within", SCHEME + "outside"}
    found = kitchen.leads_to([name(f"reading/P1/{number}") for number in range(3)], "kc:outcome")
    assert found == {
        name("reading/P1/0"): {SCHEME + "within"},
        name("reading/P1/1"): {SCHEME + "within"},
        name("reading/P1/2"): {SCHEME + "outside"},
    }


def test_the_nodes_of_a_group_come_in_pages_and_by_what_became_of_them() -> None:
    kitchen = Kitchen()
    schema = build_schema(kitchen)
    query = """query ($change: [CoverageChange!], $complete: Boolean, $after: String) {
      coverage(of: Hazard, asOf: "2024-06-15", since: "2023-12-31") {
        groups(by: "steward") { verdicts(change: $change, complete: $complete, first: 1, after: $after) {
          totalCount pageInfo { hasNextPage endCursor }
          edges { cursor node { node { code } change } }
          nodes { node { code } change }
        } }
      }
    }"""
    whole = kitchen.coverage_by(
        TERMS + "Hazard", as_of=dt.date(2024, 6, 15), since=dt.date(2023, 12, 31)
    ).whole
    assert whole.changes  # the role was vacant then
    for change in ("mended", "broke", "entered", "left"):
        wanted = {iri for iri, became in whole.changes.items() if became == change}
        page = ask(schema, query, {"change": [change.upper()]})["coverage"]["groups"]
        assert sum(group["verdicts"]["totalCount"] for group in page) == len(wanted)
        for group in page:
            assert [edge["node"] for edge in group["verdicts"]["edges"]] == group["verdicts"]["nodes"]
            assert {one["change"] for one in group["verdicts"]["nodes"]} <= {change.upper()}
    every = ask(schema, query, {})["coverage"]["groups"]
    assert sum(group["verdicts"]["totalCount"] for group in every) == whole.total


@pytest.mark.parametrize("by", ["colour", "arisesAt.colour", "", ".", "arisesAt.", "Person"])
def test_what_leads_nowhere_is_refused_with_what_there_is(schema: strawberry.Schema, by: str) -> None:
    error = refused(execute(schema, TABLE, {"of": "Hazard", "by": [by]}))
    assert error["code"] == "QUERY"
    assert error["where"] == by
    assert "steward" in error["hint"]["en"]


def test_a_table_of_too_many_ways_is_refused(schema: strawberry.Schema) -> None:
    error = refused(execute(schema, TABLE, {"of": "Hazard", "by": ["Station"] * 5}))
    assert error["code"] == "LIMIT"


def test_no_ways_make_one_group_of_all(schema: strawberry.Schema) -> None:
    found = table(schema, "Hazard", [])
    assert [(group["keys"], group["node"]) for group in found["groups"]] == [([], None)]
    assert found["groups"][0]["total"] == found["total"]


def test_what_is_withheld_cannot_be_grouped_by(kitchen: Kitchen) -> None:
    closed = build_schema(kitchen, protected=False)
    query = "query ($by: [String!]!) { coverage(of: Hazard) { groups(by: $by) { total } } }"
    assert refused(execute(closed, query, {"by": ["Cook"]}))["code"] == "QUERY"
    assert ask(closed, query, {"by": ["Station"]})["coverage"]["groups"]


VERDICT = """query ($node: String!, $to: NodeClass!, $asOf: Date) {
  trace(node: $node, to: $to, asOf: $asOf) {
    verdict { complete missing { iri } absence(language: "en") at { iri } steward { iri } node { iri } }
  }
}"""


@pytest.mark.parametrize("day", ["2023-06-01", "2024-06-01", "2024-06-15"])
@pytest.mark.parametrize("start", ["hazard/H1", "hazard/H2", "hazard/H10", "point/P1", "role/lead"])
def test_a_trace_says_whether_the_chain_of_its_start_is_whole(
    kitchen: Kitchen, schema: strawberry.Schema, start: str, day: str
) -> None:
    found = ask(schema, VERDICT, {"node": start, "to": "Cook", "asOf": day})["trace"]["verdict"]
    judged = kitchen.verdict(name(start), as_of=dt.date.fromisoformat(day))
    if judged is None:
        assert found is None
        return
    assert found == {
        "complete": judged.complete,
        "missing": {"iri": judged.missing} if judged.missing else None,
        "absence": judged.absence.best("en") or None,
        "at": judged.at and {"iri": judged.at.iri},
        "steward": judged.steward and {"iri": judged.steward.iri},
        "node": {"iri": name(start)},
    }


def test_the_verdicts_differ(kitchen: Kitchen) -> None:
    """Otherwise the test above would compare one answer with itself."""
    days = [dt.date(2023, 6, 1), dt.date(2024, 6, 1)]
    found = {
        (verdict is None, verdict is not None and verdict.complete)
        for start in ("hazard/H1", "hazard/H2", "role/lead")
        for day in days
        for verdict in [kitchen.verdict(name(start), as_of=day)]
    }
    assert found == {(True, False), (False, True), (False, False)}


STEPS = 'query ($n: Int!) { trace(node: "hazard/H1", to: Cook, maxSteps: $n) { partial paths { ending } } }'


def test_a_bound_on_steps_is_said(schema: strawberry.Schema) -> None:
    short, whole = (ask(schema, STEPS, {"n": steps})["trace"] for steps in (2, 16))
    assert (short["partial"], short["paths"]) == (True, [])
    assert (whole["partial"], bool(whole["paths"])) == (False, True)
    assert refused(execute(schema, STEPS, {"n": 33}))["code"] == "LIMIT"
    assert refused(execute(schema, STEPS, {"n": 0}))["code"] == "QUERY"


LED = """query ($by: String!, $where: ValidationFindingWhere) {
  findings(where: $where) { totalCount groupsBy(by: $by) { key total node { id } } nodes { id node { iri } } }
}"""


def found_on(*focus: str) -> Kitchen:
    """A kitchen with one and the same finding on several nodes, at times twice on one."""
    return Kitchen(findings=[replace(FINDINGS[0], focus=name(one)) for one in focus])


def test_findings_are_counted_and_chosen_by_what_their_nodes_lead_to() -> None:
    schema = build_schema(found_on("hazard/H1", "hazard/H2", "hazard/H10", "station/fish", "area/cold"))
    groups = {
        group["key"]: (group["total"], group["node"] and group["node"]["id"])
        for group in ask(schema, LED, {"by": "Area"})["findings"]["groupsBy"]
    }
    # H1 by its control point, the station by its area, the area by itself; the others lead to none.
    assert groups == {name("area/cold"): (3, "area/cold"), None: (2, None)}
    for to in ("area/cold", name("area/cold"), "cold"):
        where = {"leads": [{"by": "Area", "to": to}]}
        chosen = ask(schema, LED, {"by": "Area", "where": where})["findings"]["nodes"]
        assert {one["node"]["iri"] for one in chosen} == {
            name(one) for one in ("hazard/H1", "station/fish", "area/cold")
        }
    none = ask(schema, LED, {"by": "Area", "where": {"leads": [{"by": "Area"}]}})["findings"]
    assert none["totalCount"] == 2


def test_the_same_finding_twice_counts_twice_as_on_the_command_line() -> None:
    found = ask(build_schema(found_on("hazard/H1", "hazard/H1")), LED, {"by": "Area"})["findings"]
    assert found["totalCount"] == len({one["id"] for one in found["nodes"]}) == 2


@pytest.mark.parametrize("lead", [{"by": "Colour"}, {"by": "Area", "to": "nowhere"}])
def test_findings_cannot_be_chosen_by_what_there_is_not(lead: dict[str, str]) -> None:
    where = {"leads": [lead]}
    error = refused(execute(build_schema(found_on("hazard/H1")), LED, {"by": "Area", "where": where}))
    assert error["code"] in ("QUERY", "UNKNOWN_NODE")


def test_findings_about_what_is_withheld_are_withheld_too() -> None:
    kitchen = found_on("cook/1", "hazard/H1")
    query = "{ findings { totalCount nodes { node { iri } } groups(by: RULE) { total } } }"
    whole = ask(build_schema(kitchen), query)["findings"]
    closed = ask(build_schema(kitchen, protected=False), query)["findings"]
    assert (whole["totalCount"], closed["totalCount"]) == (2, 1)
    assert closed["nodes"] == [{"node": {"iri": name("hazard/H1")}}]
    assert sum(group["total"] for group in closed["groups"]) == 1
