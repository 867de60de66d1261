"""The command line and the API say the same of one registry: findings, coverage, traces."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from click.testing import Result
from typer.testing import CliRunner

from qualitrace.cli.app import app
from qualitrace.graphql import build_schema
from qualitrace.registry import Registry
from tests.graphql.asking import ask
from tests.graphql.kitchens import KITCHEN

DAY = "2025-03-10"
Program = Callable[..., Result]


@pytest.fixture
def program(registry: Registry, location: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("QUALITRACE_REGISTRY", location)
    monkeypatch.setenv("QUALITRACE_PROFILE", str(KITCHEN))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


def told(result: Result) -> Any:
    assert result.exit_code in (0, 1), result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def schema(registry: Registry) -> strawberry.Schema:
    return build_schema(registry)


FINDINGS = """query ($where: ValidationFindingWhere) {
  findings(where: $where, language: "en", first: 2000) {
    totalCount
    unit: groups(by: UNIT) { key total violations warnings infos }
    rule: groups(by: RULE) { key total violations warnings infos }
    severity: groups(by: SEVERITY) { key total }
    rules { rule targeted checked failed excepted }
    nodes {
      rule severity message(language: "en") zh: message(language: "zh") fix since value
      node { iri } unit { iri } sources { document part row cell }
    }
  }
}"""


def test_findings_are_the_same_figures(program: Program, schema: strawberry.Schema) -> None:
    asked = ask(schema, FINDINGS)["findings"]
    report = told(program("validate", "--json"))
    found = report["findings"]
    assert asked["totalCount"] == len(found) > 1
    for by, key in (("unit", "unit"), ("rule", "rule"), ("severity", "severity")):
        assert {group["key"] or "": group["total"] for group in asked[by]} == Counter(
            one[key] or "" for one in found
        )
    for by in ("unit", "rule", "level"):
        grouped = told(program("validate", "--json", "--group-by", by))["groups"]
        shown = asked["severity" if by == "level" else by]
        assert {group["key"]: group["findings"] for group in grouped["counts"]} == {
            group["key"] or "": group["total"] for group in shown
        }
    figures = ("rule", "targeted", "checked", "failed", "excepted")
    assert {tuple(rule[name] for name in figures) for rule in asked["rules"]} == {
        tuple(rule[name] for name in figures) for rule in report["rules"]
    }


def test_findings_say_the_same_in_both_languages(program: Program, schema: strawberry.Schema) -> None:
    asked = ask(schema, FINDINGS)["findings"]["nodes"]
    found = told(program("validate", "--json"))["findings"]

    def key(rule: str, severity: str, node: str, unit: str, zh: str, en: str, fix: str, since: str) -> Any:
        return rule, severity.lower(), node, unit, zh, en, fix, since

    shown = Counter(
        key(
            one["rule"],
            one["severity"],
            one["node"]["iri"],
            one["unit"]["iri"] if one["unit"] else "",
            one["zh"],
            one["message"],
            one["fix"] or "",
            one["since"] or "",
        )
        for one in asked
    )
    listed = Counter(
        key(
            one["rule"],
            one["severity"],
            one["focus"],
            one["unit"],
            one["message"]["zh"],
            one["message"]["en"],
            one["fix"].get("en", ""),
            one["since"],
        )
        for one in found
    )
    assert shown == listed
    assert all(one[7] for one in shown), "each says since when"
    places = {(s["document"], s["part"], s["row"]) for one in asked for s in one["sources"]}
    assert places == {(s["document"], s["part"] or None, s["row"]) for one in found for s in one["sources"]}


def test_findings_are_counted_by_what_their_nodes_lead_to(
    program: Program, schema: strawberry.Schema, registry: Registry
) -> None:
    query = """query ($by: String!, $where: ValidationFindingWhere) {
      findings(where: $where) { totalCount groupsBy(by: $by) { key total } nodes { node { iri } } }
    }"""
    found = told(program("validate", "--json"))["findings"]
    leads = registry.leads_to([one["focus"] for one in found], "Area")
    assert any(leads.values())
    expected: Counter[str] = Counter()
    for one in found:
        expected.update(leads[one["focus"]] or {""})
    asked = ask(schema, query, {"by": "Area"})["findings"]
    assert {group["key"] or "": group["total"] for group in asked["groupsBy"]} == expected
    for area, total in expected.items():
        where = {"leads": [{"by": "Area", "to": area or None}]}
        chosen = ask(schema, query, {"by": "Area", "where": where})["findings"]
        assert chosen["totalCount"] == total
        for one in chosen["nodes"]:
            assert (area in leads[one["node"]["iri"]]) if area else not leads[one["node"]["iri"]]


TABLE = """query ($of: NodeClass!, $by: [String!]!, $asOf: Date, $since: Date) {
  coverage(of: $of, asOf: $asOf, since: $since) {
    total complete broken
    gaps { count missing { iri } absence(language: "en") }
    earlier { total complete broken mended broke entered left }
    groups(by: $by) {
      total complete broken keys { node { iri } } gaps { count missing { iri } }
      earlier { total complete broken mended broke entered left }
      verdicts(first: 2000) { nodes { complete change node { iri } } }
    }
    verdicts(first: 2000) {
      nodes { complete change node { iri } missing { iri } at { iri } steward { iri } brokenBranches }
    }
  }
}"""


@pytest.mark.parametrize("since", ["", "2025-01-15"])
@pytest.mark.parametrize(
    ("of", "by"),
    [("Hazard", []), ("Hazard", ["Area"]), ("ControlPoint", ["Station", "Role"]), ("Hazard", ["steward"])],
)
def test_coverage_is_the_same(
    program: Program, schema: strawberry.Schema, of: str, by: list[str], since: str
) -> None:
    options = [option for one in by for option in ("--by", one)] + (["--since", since] if since else [])
    listed = told(program("coverage", of, "--as-of", DAY, "--json", *options))
    asked = ask(schema, TABLE, {"of": of, "by": by, "asOf": DAY, "since": since or None})["coverage"]
    counts = ("total", "complete", "broken", "earlier")
    assert {key: asked[key] for key in counts} == {key: listed[key] for key in counts}
    assert [(gap["missing"]["iri"], gap["count"], gap["absence"]) for gap in asked["gaps"]] == [
        (gap["missing"], gap["count"], gap["absence"]["en"]) for gap in listed["gaps"]
    ]
    assert {
        one["node"]["iri"]: (
            one["complete"],
            one["missing"]["iri"] if one["missing"] else "",
            one["at"] and one["at"]["iri"],
            one["steward"] and one["steward"]["iri"],
            one["brokenBranches"],
            one["change"],
        )
        for one in asked["verdicts"]["nodes"]
    } == {
        one["node"]["id"]: (
            one["complete"],
            one["missing"],
            one["at"] and one["at"]["id"],
            one["steward"] and one["steward"]["id"],
            one["brokenBranches"],
            one["change"] and one["change"].upper(),
        )
        for one in listed["verdicts"]
        if one["change"] != "left"
    }
    if not by:
        return
    assert [
        (
            [key["node"] and key["node"]["iri"] for key in group["keys"]],
            *(group[key] for key in counts),
            {(v["node"]["iri"], v["complete"], v["change"]) for v in group["verdicts"]["nodes"]},
        )
        for group in asked["groups"]
    ] == [
        (
            [key and key["id"] for key in group["keys"]],
            *(group[key] for key in counts),
            {(v["id"], v["complete"], v["change"] and v["change"].upper()) for v in group["nodes"]},
        )
        for group in listed["groups"]
    ]


TRACE = """query ($node: String!, $to: NodeClass!, $asOf: Date, $backwards: Boolean!, $shortest: Boolean!) {
  trace(node: $node, to: $to, asOf: $asOf, backwards: $backwards, shortest: $shortest, first: 2000) {
    partial verdict { complete missing { iri } at { iri } steward { iri } }
    paths {
      ending basis capacity(language: "en") absence(language: "en") steward { iri } missing { iri }
      steps {
        source { iri } property { iri } target { iri } basis validFrom validTo sources { document row }
      }
    }
  }
}"""


@pytest.mark.parametrize("shortest", [False, True])
@pytest.mark.parametrize(
    ("start", "to", "backwards"),
    [
        ("hazard/H01", "Cook", False),
        ("hazard/H03", "Cook", False),
        ("reading/CP03/2025-03-10", "Cook", False),
        ("hazard/H07", "Role", False),
        ("cook/K02", "Hazard", True),
        ("cook/K03", "ControlPoint", True),
        ("role/Coldkitchenlead", "Cook", False),
    ],
)
def test_traces_are_the_same(
    program: Program, schema: strawberry.Schema, start: str, to: str, backwards: bool, shortest: bool
) -> None:
    options = ["--backwards"] * backwards + ["--shortest"] * shortest
    listed = told(program("trace", start, "--to", to, "--as-of", DAY, "--json", *options))
    asked = ask(
        schema,
        TRACE,
        {"node": start, "to": to, "asOf": DAY, "backwards": backwards, "shortest": shortest},
    )["trace"]
    assert asked["partial"] is listed["partial"]
    verdict = listed["verdict"]
    assert asked["verdict"] == (
        verdict
        and {
            "complete": verdict["complete"],
            "missing": {"iri": verdict["missing"]} if verdict["missing"] else None,
            "at": verdict["at"] and {"iri": verdict["at"]["id"]},
            "steward": verdict["steward"] and {"iri": verdict["steward"]["id"]},
        }
    )
    assert [
        (
            path["ending"].lower(),
            path["basis"].lower(),
            path["capacity"] or "",
            path["absence"] or "",
            path["missing"]["iri"] if path["missing"] else "",
            path["steward"]["iri"] if path["steward"] else "",
            [
                (
                    *(step[key]["iri"] for key in ("source", "property", "target")),
                    step["basis"].lower(),
                    step["validFrom"] or "",
                    step["validTo"] or "",
                    [(source["document"], source["row"]) for source in step["sources"]],
                )
                for step in path["steps"]
            ],
        )
        for path in asked["paths"]
    ] == [
        (
            path["ending"],
            path["basis"],
            path["capacity"].get("en", ""),
            path["absence"].get("en", ""),
            path["missing"],
            path["steward"],
            [
                (
                    *(step[key] for key in ("source", "property", "target")),
                    step["basis"],
                    step["validFrom"],
                    step["validTo"],
                    [(source["document"], source["row"]) for source in step["sources"]],
                )
                for step in path["steps"]
            ],
        )
        for path in listed["paths"]
    ]
