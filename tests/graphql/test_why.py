"""`why` and `conclusions` over GraphQL answer as the command line does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from typer.testing import CliRunner

from qualitrace import demonstration
from qualitrace.access.model import PUBLIC, Caller, Principal
from qualitrace.cli.app import app
from qualitrace.graphql import build_schema, execute
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.profile import load_profile
from qualitrace.reasoning import dated_rules
from qualitrace.registry import Registry
from qualitrace.store import INFERRED
from tests.graphql.asking import ask, refused

DAY = "2025-03-01"
WHY = """query ($fact: AskedFact!, $asOf: Date, $first: Int! = 200, $depth: Int! = 32) {
  why(fact: $fact, asOf: $asOf, first: $first, depth: $depth) {
    asked more partial textZh: text textEn: text(language: "en")
    facts { key ground step because cut property { iri } sentence(language: "en") zh: sentence
      rule says sources { place } subject { iri } object { iri } value }
  }
}"""
CONCLUSIONS = """query ($of: String, $rule: [String!], $asOf: Date) {
  conclusions(of: $of, rule: $rule, asOf: $asOf) {
    rule title asOf totalCount withheld
    found(first: 2000) { node { iri } property { iri } value valueIri unit { iri } }
  }
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("why") / "demo.db"


@pytest.fixture(scope="module")
def college(place: Path) -> Iterator[Registry]:
    registry = demonstration.build(load_profile(), place)
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def schema(college: Registry) -> strawberry.Schema:
    return build_schema(college)


@pytest.fixture(scope="module")
def command(college: Registry, place: Path) -> Callable[..., Any]:
    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--registry", str(place), "--json"])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run


def test_the_same_explanations_as_on_the_command_line(
    college: Registry, schema: strawberry.Schema, command: Callable[..., Any]
) -> None:
    by_property: dict[str, str] = {}
    for fact in sorted(college.engine.facts(INFERRED)):
        by_property.setdefault(fact.predicate, fact.subject)
    node = next(iter(by_property.values()))
    asked = [*[(node, name) for name, node in by_property.items()][:5], (node, "")]
    for node, name in asked:
        told = command("why", node, name, "--as-of", DAY)
        given = {"subject": node, "property": name or None}
        found = ask(schema, WHY, {"fact": given, "asOf": DAY})["why"]
        assert found["more"] == told["more"] and not found["partial"]
        assert [nested(found["facts"], at) for at in found["asked"]] == [
            shortened(one) for one in told["facts"]
        ]
        keys = [one["key"] for one in found["facts"]]
        assert keys == list(range(len(keys)))
        assert all(line.strip() for line in found["textZh"])
        assert {one["sentence"] for one in found["facts"]} <= {
            line.strip().removeprefix("• ") for line in found["textEn"]
        }


def nested(facts: list[dict[str, Any]], at: int) -> dict[str, Any]:
    one = facts[at]
    return {
        "predicate": one["property"]["iri"],
        "sentence": one["zh"],
        "ground": one["ground"].lower(),
        "step": one["step"] or "",
        "rule": one["rule"] or "",
        "sources": [source["place"] for source in one["sources"]],
        "because": sorted((nested(facts, key) for key in set(one["because"])), key=str),
    }


def shortened(one: dict[str, Any]) -> dict[str, Any]:
    parts = {json.dumps(part, sort_keys=True): part for part in one["because"]}
    return {
        "predicate": one["predicate"],
        "sentence": one["sentence"]["zh"],
        "ground": one["ground"],
        "step": one["step"],
        "rule": one["rule"].get("zh", ""),
        "sources": [source["place"] for source in one["sources"]],
        "because": sorted((shortened(part) for part in parts.values()), key=str),
    }


def test_a_cut_answer_says_so(college: Registry, schema: strawberry.Schema) -> None:
    node = min(college.engine.facts(INFERRED)).subject
    whole = ask(schema, WHY, {"fact": {"subject": node}})["why"]
    flat = ask(schema, WHY, {"fact": {"subject": node}, "depth": 0})["why"]
    assert flat["partial"] and any(one["cut"] for one in flat["facts"])
    assert {one["zh"] for one in flat["facts"]} == {whole["facts"][at]["zh"] for at in whole["asked"]}
    one = ask(schema, WHY, {"fact": {"subject": node}, "first": 1})["why"]
    assert len(one["asked"]) == 1 and one["more"] == len(whole["asked"]) - 1 and one["partial"]


def test_the_same_conclusions_as_on_the_command_line(
    college: Registry, schema: strawberry.Schema, command: Callable[..., Any]
) -> None:
    told = command("conclude", "--as-of", DAY)
    found = ask(schema, CONCLUSIONS, {"asOf": DAY})["conclusions"]
    assert [one["rule"] for one in found] == [rule.name for rule in dated_rules(college.profile)]
    assert [short(one) for one in found] == [short_told(one, college.base) for one in told]
    some = next(one for one in told if one["conclusions"])
    node = some["conclusions"][0]["node"]["id"]
    about = ask(schema, CONCLUSIONS, {"of": node, "rule": [some["rule"]], "asOf": DAY})["conclusions"]
    assert [short(one) for one in about] == [
        short_told(one, college.base)
        for one in command("conclude", some["rule"], "--node", node, "--as-of", DAY)
    ]


def short(one: dict[str, Any]) -> Any:
    found = [
        (c["node"]["iri"], c["property"]["iri"], c["value"], (c["unit"] or {"iri": ""})["iri"])
        for c in one["found"]
    ]
    return one["rule"], one["title"], one["asOf"], one["totalCount"], found


def short_told(one: dict[str, Any], base: str) -> Any:
    found = [
        (
            base + c["node"]["id"].removeprefix(base),
            c["property"],
            c["value"].get("zh") or next(iter(c["value"].values())),
            c["unit"],
        )
        for c in one["conclusions"]
    ]
    return one["rule"], one["title"]["zh"], one["asOf"], len(found), found


def test_a_dated_conclusion_is_explained_for_its_day(college: Registry, schema: strawberry.Schema) -> None:
    found = ask(schema, CONCLUSIONS, {"asOf": DAY})["conclusions"]
    rule = next(one for one in found if one["found"])
    one = rule["found"][0]
    given = {"subject": one["node"]["iri"], "property": one["property"]["iri"]}
    told = ask(schema, WHY, {"fact": given, "asOf": DAY})["why"]
    assert rule["rule"] in {fact["step"] for fact in told["facts"]}


def test_a_view_is_told_what_it_sees_alone(college: Registry, schema: strawberry.Schema) -> None:
    """What a view is told holds in the whole; no hidden name is in it, whichever way it is asked for."""
    whole = execute(schema, CONCLUSIONS, {"asOf": DAY}).body["data"]["conclusions"]
    reader = Asker(Caller(Principal("示例", frozenset())), college.seen_by(PUBLIC))
    with on_behalf_of(reader):
        told = ask(schema, CONCLUSIONS, {"asOf": DAY})["conclusions"]
        for one, of_whole in zip(told, whole, strict=True):
            assert one["rule"] == of_whole["rule"]
            assert one["withheld"] or bare(one) <= bare(of_whole)
        named = next(one["found"] for one in told if one["rule"] == "acting-holder")
        assert named
        given = {"subject": named[0]["node"]["iri"], "property": named[0]["property"]["iri"]}
        answer = ask(schema, WHY, {"fact": given, "asOf": DAY})["why"]
    assert bare_why(answer) == bare_why(ask(schema, WHY, {"fact": given, "asOf": DAY})["why"])
    hidden = {text for _, text in college.protected_texts() if len(text) > 2}
    assert hidden and not [text for text in hidden if text in json.dumps([told, answer], ensure_ascii=False)]


def bare(one: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Conclusions without names."""
    return {(c["node"]["iri"], c["property"]["iri"], c["valueIri"] or c["value"]) for c in one["found"]}


def bare_why(one: dict[str, Any]) -> list[Any]:
    return [(f["property"]["iri"], f["subject"], f["object"], f["step"], f["because"]) for f in one["facts"]]


def test_what_is_not_there_is_said(schema: strawberry.Schema) -> None:
    assert refused(execute(schema, WHY, {"fact": {"subject": "no/such"}}))["code"] == "UNKNOWN_NODE"
    assert refused(execute(schema, CONCLUSIONS, {"rule": ["no-such-rule"]}))["code"] == "QUERY"
    assert refused(execute(schema, WHY, {"fact": {"subject": "x"}, "first": 10_000}))["code"] == "LIMIT"
