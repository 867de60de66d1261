"""`whatIf` over GraphQL: the answer of the command line, for those who may propose, of what they see."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from typer.testing import CliRunner

from qualitrace import demonstration
from qualitrace.access.model import PUBLIC, RIGHTS, Caller, Principal, Role
from qualitrace.cli.app import app
from qualitrace.exporting import what_if as drawing
from qualitrace.graphql import build_schema, execute, schema_text
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.scenarios import asked, change_of
from qualitrace.registry.what_if import what_if
from tests.graphql.asking import ask, refused

POST, PERSON = "post/教务处/课程建设岗", "person/S1028"
NODE = "{ iri label }"
WHAT_IF = """query ($s: AskedScenario!, $asOf: Date) { whatIf(scenario: $s, asOf: $asOf) {
  title(language: "en") asOf added removed broken whole partial
  scenario { name title parameters { name classIri label } } nodes { iri }
  difference { nodes { node { iri } sentence values { sentence } }
    verdicts { node { iri } unit { iri } broken lost { iri } sentence }
    appeared { rule node { iri } } gone { rule node { iri } } }
  answering { node { iri } unit { iri } before after worse had { iri label } has { iri label } sentence }
  concluded { rule new node { iri } property { iri } value unit { iri } }
  rejected { rule node { iri } message }
  text { title lines { kind kindLabel text below } }
} }"""
KEEP = """mutation ($s: AskedScenario!) { propose(title: "示例", by: "甲", whatIf: $s) {
  proposal { number added removed } difference { nodes { sentence } } } }"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("what-if") / "demo.db"


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
    def run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--registry", str(place)], env={"COLUMNS": "400"})
        assert result.exit_code == code, (result.stdout, result.stderr)
        return result

    return run


def test_the_same_as_on_the_command_line(
    college: Registry, schema: strawberry.Schema, command: Callable[..., Any]
) -> None:
    shown = command("what-if", "person-leaves", PERSON, "--from", "2025-09-15")
    told = json.loads(command("what-if", "person-leaves", PERSON, "--from", "2025-09-15", "--json").stdout)
    found = ask(schema, WHAT_IF, {"s": {"name": "person-leaves", "nodes": [PERSON], "from": "2025-09-15"}})
    answer = found["whatIf"]
    assert answer["broken"] > 0 and not answer["partial"]
    assert (answer["asOf"], answer["added"], answer["removed"]) == (
        told["asOf"],
        told["added"],
        told["removed"],
    )
    assert [
        (v["node"]["iri"], (v["unit"] or {"iri": ""})["iri"], v["broken"], v["sentence"])
        for v in answer["difference"]["verdicts"]
    ] == [
        (v["node"]["id"], v["unit"], v["broken"], v["sentence"]["zh"]) for v in told["difference"]["verdicts"]
    ]
    assert [
        (a["node"]["iri"], a["before"].lower(), a["after"].lower(), a["sentence"])
        for a in answer["answering"]
    ] == [(a["node"]["id"], a["before"], a["after"], a["sentence"]["zh"]) for a in told["answering"]]
    assert [(f["rule"], f["node"]["iri"]) for f in answer["difference"]["appeared"]] == [
        (f["rule"], f["focus"]) for f in told["difference"]["findings"]["appeared"]
    ]
    assert [(c["rule"], c["new"], c["node"]["iri"]) for c in answer["concluded"]] == [
        (c["rule"], c["new"], c["node"]["id"]) for c in told["concluded"]
    ]
    printed = "".join(shown.stdout.split())
    for passage in answer["text"]:
        assert passage["title"] in shown.stdout
        for line in passage["lines"]:
            assert "".join(line["text"].split()) in printed
            assert all("".join(one.split()) in printed for one in line["below"])


def test_the_scenarios_are_listed_alike(schema: strawberry.Schema, command: Callable[..., Any]) -> None:
    query = "{ scenarios { name title says dated parameters { name classIri label } } }"
    found = ask(schema, query)["scenarios"]
    told = json.loads(command("what-if", "--json").stdout)
    assert [(s["name"], s["title"], s["says"], s["dated"]) for s in found] == [
        (s["name"], s["title"]["zh"], s["says"]["zh"], s["dated"]) for s in told
    ]
    assert {"abolish-post", "merge-units", "person-leaves", "withdraw-standard"} <= {s["name"] for s in found}
    listed = command("what-if").stdout
    assert all(s["name"] in listed and s["says"] in listed.replace("\n", "") for s in found)


def test_every_form_of_the_answer(college: Registry, command: Callable[..., Any], tmp_path: Path) -> None:
    asked_for = ("what-if", "abolish-post", POST, "--from", "2025-09-15", "--output")
    page = tmp_path / "what-if.html"
    command(*asked_for, str(page))
    command(*asked_for, str(tmp_path / "what-if.pdf"), code=2)
    one = asked(college, "abolish-post", (POST,), dt.date(2025, 9, 15))
    found = what_if(college, one, change_of(college, one))
    picture = drawing.what_if_svg(found, college.profile)
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>") and html.count("<svg") == 1
    shown = ET.fromstring(picture)
    assert "".join(shown.itertext()).count("课程建设岗")
    diagram = drawing.what_if_diagram(found, college.profile, "zh")
    assert {box.key for box in diagram.boxes if box.role == "absent"} >= {
        verdict.node.iri for verdict in found.difference.verdicts if verdict.broken
    }
    assert drawing.what_if_mermaid(found, college.profile, "en").startswith("flowchart")
    for verdict in found.difference.verdicts:
        assert verdict.sentence["zh"] in html.replace("&#34;", '"')


def test_it_is_kept_as_a_proposal_both_ways(
    college: Registry, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(place, copy)
    kept_so = ("--propose", "示例", "--author", "甲", "--json", "--registry", str(copy))
    run = CliRunner().invoke(app, ["what-if", "abolish-post", POST, "--from", "2025-09-15", *kept_so])
    assert run.exit_code == 0, run.stderr
    told = json.loads(run.stdout)
    other = Registry.open(copy, college.profile)
    schema = build_schema(other)
    scenario = {"name": "abolish-post", "nodes": [POST], "from": "2025-09-15"}
    kept = ask(schema, KEEP, {"s": scenario})["propose"]
    assert kept["proposal"]["number"] == told["proposal"] + 1
    assert (kept["proposal"]["added"], kept["proposal"]["removed"]) == (told["added"], told["removed"])
    assert [n["sentence"] for n in kept["difference"]["nodes"]] == [
        n["sentence"]["zh"] for n in told["difference"]["nodes"]
    ]
    neither = 'mutation { propose(title: "x", by: "甲") { acceptable } }'
    assert refused(execute(schema, neither))["code"] == "INVALID_REQUEST"
    other.close()


def test_rules_cannot_be_kept(command: Callable[..., Any], tmp_path: Path) -> None:
    rule = tmp_path / "rule.rq"
    rule.write_text("CONSTRUCT { ?x a ?x } WHERE { ?x a ?x }")
    result = command("what-if", "--rule", str(rule), "--propose", "x", code=2)
    assert "reasoning/" in result.stderr


def test_only_who_may_propose_is_answered(college: Registry) -> None:
    for role, rights in RIGHTS.items():
        text = schema_text(college.profile, rights=rights)
        assert ("whatIf(" in text) is (role in (Role.STEWARD, Role.OFFICE, Role.SYSTEM))


def test_who_does_not_see_everything_is_answered_of_what_they_see(
    college: Registry, schema: strawberry.Schema
) -> None:
    scenario = {"name": "abolish-post", "nodes": [POST], "from": "2025-09-15"}
    whole = ask(schema, WHAT_IF, {"s": scenario})["whatIf"]
    caller = Caller(Principal("示例", frozenset({Role.SYSTEM})))
    with on_behalf_of(Asker(caller, college.seen_by(PUBLIC))):
        seen = ask(schema, WHAT_IF, {"s": scenario})["whatIf"]
    assert [v["node"] for v in seen["difference"]["verdicts"]] == [
        v["node"] for v in whole["difference"]["verdicts"]
    ]
    assert [(a["node"], a["after"]) for a in seen["answering"]] == [
        (a["node"], a["after"]) for a in whole["answering"]
    ]
    hidden = {text for _, text in college.protected_texts() if len(text) > 2}
    told = json.dumps(seen, ensure_ascii=False)
    assert any(text in json.dumps(whole, ensure_ascii=False) for text in hidden)
    assert not [text for text in hidden if text in told]


def test_what_cannot_be_asked_is_said(schema: strawberry.Schema) -> None:
    for scenario, code in (
        ({"name": "abolish-post", "nodes": []}, "QUERY"),
        ({"name": "abolish-post", "nodes": ["unit/教务处"]}, "QUERY"),
        ({"name": "no-such", "nodes": [POST]}, "QUERY"),
        ({"name": "abolish-post", "nodes": ["post/no/such"]}, "UNKNOWN_NODE"),
        ({"name": "merge-units", "nodes": ["unit/教务处", "unit/教务处"]}, "QUERY"),
    ):
        assert refused(execute(schema, WHAT_IF, {"s": scenario}))["code"] == code
