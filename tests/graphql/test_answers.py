"""Traces, coverage and findings say what the model says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import strawberry

from qualitrace.graphql import build_schema, execute, overview
from qualitrace.journal.model import Basis, Source
from qualitrace.terms import literal
from qualitrace.tracing.model import Ending, Trace
from qualitrace.validation.model import Acceptance, Mode, Severity
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import BASE, FACTS, FINDINGS, TERMS, Kitchen, date, name, node

TRACE = """query (
  $node: String!, $to: NodeClass!, $asOf: Date, $backwards: Boolean = false, $first: Int = 100
) {
  trace(node: $node, to: $to, asOf: $asOf, backwards: $backwards, first: $first) {
    start { id } to asOf backwards partial
    ends { ending basis paths capacity absence node { id } }
    paths {
      ending basis capacity absence missing { iri } end { id } steward { id }
      steps { source { iri } target { iri label } property { iri label(language: "en") } basis capacity
        validFrom validTo sources { document part row cell basis place } }
    }
  }
}"""


def mirrored(trace: Trace) -> list[dict[str, Any]]:
    """The paths of a trace as the API should show them, as far as they are compared."""
    return [
        {
            "ending": path.ending.name,
            "basis": path.basis.name,
            "capacity": path.capacity.best("zh") or None,
            "absence": path.absence.best("zh") or None,
            "missing": path.missing or None,
            "steps": [
                (s.source, s.property, s.target, s.basis.name, s.valid_from or None, s.valid_to or None)
                for s in path.steps
            ],
        }
        for path in trace.paths
    ]


def shown(paths: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "ending": path["ending"],
            "basis": path["basis"],
            "capacity": path["capacity"],
            "absence": path["absence"],
            "missing": path["missing"] and path["missing"]["iri"],
            "steps": [
                (
                    step["source"]["iri"],
                    step["property"]["iri"],
                    step["target"]["iri"],
                    step["basis"],
                    step["validFrom"],
                    step["validTo"],
                )
                for step in path["steps"]
            ],
        }
        for path in paths
    ]


DAYS = ["2023-12-31", "2024-01-01", "2024-06-10", "2024-06-11", "2024-06-15"]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("start", ["hazard/H1", "hazard/H2", "hazard/H10", "point/P1", "reading/P1/2"])
def test_a_trace_shows_what_the_index_found(
    kitchen: Kitchen, schema: strawberry.Schema, start: str, day: str
) -> None:
    found = ask(schema, TRACE, {"node": start, "to": "Cook", "asOf": day})["trace"]
    expected = kitchen.trace(start, TERMS + "Cook", as_of=dt.date.fromisoformat(day))
    assert shown(found["paths"]) == mirrored(expected)
    assert (found["start"]["id"], found["to"], found["asOf"]) == (start, "Cook", day)


def test_a_trace_backwards_shows_what_a_person_answers_for(
    kitchen: Kitchen, schema: strawberry.Schema
) -> None:
    asked = {"node": "cook/2", "to": "Hazard", "asOf": "2024-06-15", "backwards": True}
    found = ask(schema, TRACE, asked)["trace"]
    expected = kitchen.trace("cook/2", TERMS + "Hazard", as_of=dt.date(2024, 6, 15), backwards=True)
    assert shown(found["paths"]) == mirrored(expected)
    assert {path["end"]["id"] for path in found["paths"]} == {"hazard/H1"}


def test_the_acting_holder_and_the_vacancy_are_told_apart(schema: strawberry.Schema) -> None:
    acting = ask(schema, TRACE, {"node": "hazard/H1", "to": "Cook", "asOf": "2024-06-12"})["trace"]["ends"]
    holder = ask(schema, TRACE, {"node": "hazard/H1", "to": "Cook", "asOf": "2024-06-01"})["trace"]["ends"]
    vacant = ask(schema, TRACE, {"node": "hazard/H1", "to": "Cook", "asOf": "2023-06-01"})["trace"]["ends"]
    assert [(e["node"]["id"], e["ending"], e["capacity"]) for e in acting] == [("cook/2", "REACHED", "顶班")]
    assert [(e["node"]["id"], e["ending"], e["capacity"]) for e in holder] == [("cook/1", "REACHED", None)]
    assert [(e["node"]["id"], e["ending"], e["absence"]) for e in vacant] == [("role/lead", "ABSENT", "空岗")]


def test_ends_gather_the_paths_of_a_trace(kitchen: Kitchen, schema: strawberry.Schema) -> None:
    found = ask(schema, TRACE, {"node": "hazard/H2", "to": "Cook"})["trace"]
    assert sum(end["paths"] for end in found["ends"]) == len(found["paths"])
    assert {end["node"]["id"] for end in found["ends"]} == {path["end"]["id"] for path in found["paths"]}


def test_a_bound_that_cuts_is_said(schema: strawberry.Schema) -> None:
    found = ask(schema, TRACE, {"node": "hazard/H2", "to": "Cook", "first": 1})["trace"]
    assert found["partial"] is True
    assert len(found["paths"]) == 1


class Sourced(Kitchen):
    """A kitchen whose traces name their sources, with a weaker basis at one step."""

    def trace(self, node: str, to: str, **asked: Any) -> Trace:
        found = super().trace(node, to, **asked)
        source = Source("plan.docx", "表1", 7, "责任", Basis.MERGED)
        paths = tuple(
            replace(
                path,
                basis=Basis.INHERITED,
                steps=tuple(replace(s, basis=Basis.INHERITED, sources=(source,)) for s in path.steps),
            )
            for path in found.paths
        )
        return replace(found, paths=paths)


def test_every_step_names_its_basis_and_source() -> None:
    found = ask(build_schema(Sourced()), TRACE, {"node": "hazard/H1", "to": "Cook"})["trace"]
    for path in found["paths"]:
        assert path["basis"] == "INHERITED"
        for step in path["steps"]:
            assert step["basis"] == "INHERITED"
            assert step["sources"] == [
                {
                    "document": "plan.docx",
                    "part": "表1",
                    "row": 7,
                    "cell": "责任",
                    "basis": "MERGED",
                    "place": Source("plan.docx", "表1", 7, "责任").place(),
                }
            ]


def test_nodes_on_a_trace_can_be_asked_for_more(schema: strawberry.Schema) -> None:
    query = """{ trace(node: "hazard/H1", to: Cook, asOf: "2024-06-12") {
        ends { node { __typename ... on Cook { code } } }
        paths { steps { target {
          __typename ... on CriticalControlPoint { limit { highest } } ... on Shift { from }
        } } }
    } }"""
    found = ask(schema, query)["trace"]
    assert found["ends"] == [{"node": {"__typename": "Cook", "code": "C2"}}]
    targets = [step["target"] for step in found["paths"][0]["steps"]]
    assert {"__typename": "CriticalControlPoint", "limit": {"highest": 5.0}} in targets
    assert {"__typename": "Shift", "from": "2024-06-11"} in targets


def test_a_trace_can_start_from_the_nodes_of_any_answer(schema: strawberry.Schema) -> None:
    query = """{ hazards { nodes {
        id trace(to: Cook, asOf: "2024-06-12") { start { id } ends { node { id } } }
    } } }"""
    for one in ask(schema, query)["hazards"]["nodes"]:
        alone = ask(schema, TRACE, {"node": one["id"], "to": "Cook", "asOf": "2024-06-12"})["trace"]
        assert one["trace"]["start"]["id"] == one["id"]
        assert [e["node"]["id"] for e in one["trace"]["ends"]] == [e["node"]["id"] for e in alone["ends"]]


COVERAGE = """query (
  $of: NodeClass!, $asOf: Date, $by: [String!]!, $complete: Boolean, $first: Int, $after: String
) {
  coverage(of: $of, asOf: $asOf) {
    of total complete broken
    gaps { count missing { iri } absence }
    groups(by: $by) { node { id } total complete broken }
    verdicts(complete: $complete, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { node { iri } complete missing { iri } absence at { iri } steward { iri } brokenBranches }
    }
  }
}"""


def test_coverage_shows_the_verdicts_of_the_index(kitchen: Kitchen, schema: strawberry.Schema) -> None:
    found = ask(schema, COVERAGE, {"of": "Hazard", "by": "arisesAt"})["coverage"]
    expected = kitchen.coverage(TERMS + "Hazard")
    assert (found["total"], found["complete"]) == (len(expected.verdicts), expected.complete)
    assert found["broken"] == found["total"] - found["complete"] > 0
    shown_ = {
        one["node"]["iri"]: (
            one["complete"],
            one["missing"] and one["missing"]["iri"],
            one["at"] and one["at"]["iri"],
            one["steward"] and one["steward"]["iri"],
            one["brokenBranches"],
        )
        for one in found["verdicts"]["nodes"]
    }
    assert shown_ == {
        v.node.iri: (
            v.complete,
            v.missing or None,
            v.at and v.at.iri,
            v.steward and v.steward.iri,
            v.broken_branches,
        )
        for v in expected.verdicts
    }
    gaps = Counter(v.missing for v in expected.verdicts if not v.complete)
    assert {gap["missing"]["iri"]: gap["count"] for gap in found["gaps"]} == gaps


@pytest.mark.parametrize("by", ["arisesAt", "arisesAt.inArea", "controlledBy"])
def test_groups_count_each_node_under_what_it_leads_to(
    kitchen: Kitchen, schema: strawberry.Schema, by: str
) -> None:
    found = ask(schema, COVERAGE, {"of": "Hazard", "by": by})["coverage"]["groups"]
    complete = {v.node.iri: v.complete for v in kitchen.coverage(TERMS + "Hazard").verdicts}

    def follow(iri: str, names: list[str]) -> Iterator[str]:
        if not names:
            yield iri
            return
        for fact in kitchen.engine.facts(subject=iri, predicate=TERMS + names[0]):
            yield from follow(fact.object[1:-1], names[1:])

    expected: dict[str | None, list[bool]] = {}
    for iri, whole in complete.items():
        for end in set(follow(iri, by.split("."))) or {None}:
            expected.setdefault(end, []).append(whole)
    shown_ = {
        group["node"] and BASE + group["node"]["id"]: (group["total"], group["complete"]) for group in found
    }
    assert shown_ == {end: (len(wholes), sum(wholes)) for end, wholes in expected.items()}


def test_what_is_no_link_cannot_group(schema: strawberry.Schema) -> None:
    answer = execute(schema, COVERAGE, {"of": "Hazard", "by": "arisesAt.colour"})
    error = refused(answer)
    assert error["code"] == "QUERY"
    assert "inArea" in error["hint"]["en"]


def test_verdicts_come_in_pages_and_can_be_the_broken_only(schema: strawberry.Schema) -> None:
    asked = {"of": "Hazard", "by": "arisesAt", "complete": False, "first": 1}
    seen: list[str] = []
    after = None
    while True:
        found = ask(schema, COVERAGE, {**asked, "after": after})["coverage"]["verdicts"]
        seen += [one["node"]["iri"] for one in found["nodes"]]
        assert not any(one["complete"] for one in found["nodes"])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == found["totalCount"]


FIND = """query ($where: ValidationFindingWhere, $language: String, $first: Int, $after: String) {
  findings(where: $where, language: $language, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    groups(by: UNIT) { key label total violations warnings infos node { id } }
    rules { rule targeted failed label }
    edges { cursor }
    nodes { id rule severity path message fix node { iri } unit { iri } }
  }
}"""


def test_findings_show_the_report_strongest_first(schema: strawberry.Schema) -> None:
    found = ask(schema, FIND)["findings"]
    assert found["totalCount"] == len(FINDINGS)
    order = list(Severity.__members__)
    assert [order.index(one["severity"]) for one in found["nodes"]] == sorted(
        order.index(f.severity.name) for f in FINDINGS
    )
    assert {
        (one["rule"], one["node"]["iri"], one["unit"] and one["unit"]["iri"]) for one in found["nodes"]
    } == {(f.rule, f.focus, f.unit or None) for f in FINDINGS}


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"severity": ["WARNING"]}, lambda f: f.severity is Severity.WARNING),
        ({"severity": ["WARNING", "INFO"]}, lambda f: f.severity is not Severity.VIOLATION),
        ({"severity": []}, lambda f: False),
        ({"unit": "area/cold"}, lambda f: f.unit == name("area/cold")),
        ({"rule": "pointHasLimit"}, lambda f: f.rule.endswith("#pointHasLimit")),
        ({"rule": FINDINGS[0].rule}, lambda f: f.rule == FINDINGS[0].rule),
        ({"node": "point/P1"}, lambda f: f.focus == name("point/P1")),
        ({"node": "point/P1", "severity": ["WARNING"]}, lambda f: False),
        ({"unit": None, "rule": None}, lambda f: True),
    ],
)
def test_findings_are_chosen_by_unit_rule_severity_and_node(
    schema: strawberry.Schema, where: dict[str, Any], kept: Any
) -> None:
    found = ask(schema, FIND, {"where": where})["findings"]
    assert {one["node"]["iri"] for one in found["nodes"]} == {f.focus for f in FINDINGS if kept(f)}
    assert found["totalCount"] == len(found["nodes"])
    assert sum(group["total"] for group in found["groups"]) == found["totalCount"]


def test_findings_speak_the_asked_language(schema: strawberry.Schema) -> None:
    for language in ("zh", "en"):
        found = ask(schema, FIND, {"language": language})["findings"]["nodes"]
        assert {one["message"] for one in found} == {f.message[language] for f in FINDINGS}
        assert {one["fix"] for one in found} == {f.fix[language] for f in FINDINGS}


def test_an_accepted_finding_is_shown_with_who_accepts_it() -> None:
    accepted = Acceptance("示例主任", "等候更换", dt.date(2025, 6, 30))
    chosen, *others = FINDINGS
    schema = build_schema(Kitchen(findings=(replace(chosen, excepted=accepted), *others)), protected=True)
    found = ask(schema, "{ findings { nodes { node { iri } excepted { by reason until } } rules { mode } } }")
    shown = {one["node"]["iri"]: one["excepted"] for one in found["findings"]["nodes"]}
    mark = {"by": accepted.by, "reason": accepted.reason, "until": accepted.until.isoformat()}
    assert shown == {finding.focus: mark if finding == chosen else None for finding in FINDINGS}
    assert [rule["mode"] for rule in found["findings"]["rules"]] == [Mode.WARN.name]


def test_findings_come_in_pages(schema: strawberry.Schema) -> None:
    seen: list[str] = []
    after = None
    for _ in FINDINGS:
        found = ask(schema, FIND, {"first": 1, "after": after})["findings"]
        seen += [one["id"] for one in found["nodes"]]
        after = found["edges"][0]["cursor"]
    assert not found["pageInfo"]["hasNextPage"]
    assert len(set(seen)) == len(FINDINGS)


def test_findings_without_a_unit_go_to_the_profiles_steward(
    kitchen: Kitchen, schema: strawberry.Schema
) -> None:
    groups = ask(schema, FIND)["findings"]["groups"]
    assert {group["label"] for group in groups if group["key"] is None} == {kitchen.profile.steward["zh"]}


def test_a_language_falls_back_to_what_there_is(schema: strawberry.Schema) -> None:
    query = '{ node(id: "area/cold") { zh: label none: label(language: null) fr: label(language: "fr") } }'
    assert set(ask(schema, query)["node"].values()) == {"冷菜间"}


def test_a_private_node_shows_nothing_of_itself() -> None:
    kitchen = Kitchen()
    closed = build_schema(kitchen, protected=False)
    query = '{ trace(node: "hazard/H1", to: Role) { start { id } } node(id: "cook/1") { id iri label code } }'
    found = ask(closed, query)
    assert found["node"] == {"id": "withheld", "iri": None, "label": None, "code": None}
    query = """{ trace(node: "cook/2", to: Hazard, backwards: true) {
        paths { steps { target { id label } } }
    } }"""
    steps = ask(closed, query)["trace"]["paths"][0]["steps"]
    assert steps[0]["target"] == {"id": "withheld", "label": None}


BAD = [
    *FACTS,
    *node("limit/P9", "Limit", lowest='"low"', highest=[literal("1"), literal("2")]),
    *node("point/P9", "ControlPoint", "坏数据", "P9", limit="limit/P9", atStation="area/cold"),
    *node("point/P8", "ControlPoint", "悬空", "P8", procedure=["procedure/S1", "procedure/none"]),
    *node("shift/9", "Shift", worker="cook/1", from_=date("2024-13-45")),
]


def test_one_bad_value_does_not_blank_its_neighbours() -> None:
    query = """{
      controlPoints(where: {code: {in: ["P8", "P9"]}}) { nodes {
        code limit { lowest unit highest } atStation { id } procedure { code }
      } }
      shifts(where: {id: {eq: "shift/9"}}) { nodes { from worker { code } } }
    }"""
    answer = execute(build_schema(Kitchen(BAD)), query)
    data = answer.body["data"]
    by_code = {one["code"]: one for one in data["controlPoints"]["nodes"]}
    assert by_code["P9"] == {
        "code": "P9",
        "limit": {"lowest": None, "unit": None, "highest": None},
        "atStation": None,
        "procedure": [],
    }
    assert sorted(by_code["P8"]["procedure"], key=str) == [None, {"code": "S1"}] or by_code["P8"][
        "procedure"
    ] == [
        {"code": "S1"},
        None,
    ]
    assert data["shifts"]["nodes"] == [{"from": None, "worker": {"code": "C1"}}]
    assert {error["extensions"]["code"] for error in answer.body["errors"]} == {"VALUE"}
    assert len(answer.body["errors"]) == 5
    for error in answer.body["errors"]:
        assert set(error["extensions"]) == {"code", "classification", "what", "where", "hint"}
        assert error["path"]


def test_the_overview_counts_what_connections_count(kitchen: Kitchen, schema: strawberry.Schema) -> None:
    for one in overview(kitchen):
        found = ask(schema, f"{{ {one.root} {{ totalCount }} }}")[one.root]
        assert one.count == found["totalCount"]
        if one.complete is not None:
            covered = ask(schema, f"{{ coverage(of: {one.name}) {{ total complete }} }}")["coverage"]
            assert (one.judged, one.complete) == (covered["total"], covered["complete"])


def test_enums_mirror_the_model(schema: strawberry.Schema) -> None:
    types = schema._schema.type_map
    for enum, model in (("FactBasis", Basis), ("TraceEnding", Ending), ("ValidationSeverity", Severity)):
        assert list(types[enum].values) == list(model.__members__)  # type: ignore[attr-defined]


def test_a_finding_says_since_when() -> None:
    at = "2025-02-03T04:05:06.000000Z"
    held = [replace(FINDINGS[0], since=at), *FINDINGS[1:]]
    found = ask(build_schema(Kitchen(findings=held)), "{ findings { nodes { rule since } } }")["findings"]
    assert {one["rule"]: one["since"] for one in found["nodes"]} == {f.rule: f.since or None for f in held}
