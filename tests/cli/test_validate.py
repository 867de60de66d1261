"""``validate`` in every form, and with other rules: each form is re-read by an independent reader."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rdflib
from click.testing import Result
from rdflib.namespace import PROV, RDF, RDFS, SH

from qualitrace import demonstration
from qualitrace.profile import load_profile

Program = Callable[..., Result]

KITCHEN = Path(__file__).resolve().parents[1] / "profiles" / "kitchen"
NEW = rdflib.URIRef("https://example.org/shapes#EverythingHasAMotto")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kitchen's demonstration, planted defects and all."""
    location = tmp_path_factory.mktemp("kitchen") / "registry.db"
    demonstration.build(load_profile(KITCHEN), location).close()
    return location


@pytest.fixture
def kitchen(program: Program, registry_file: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    shutil.copy(made, registry_file)
    monkeypatch.setenv("QUALITRACE_PROFILE", str(KITCHEN))
    return program


def answer(program: Program, *arguments: object) -> dict[str, Any]:
    found = json.loads(program("validate", "--json", *arguments).stdout)
    assert isinstance(found, dict)
    return found


def test_json_has_one_spelling_too_many(kitchen: Program) -> None:
    assert answer(kitchen) == json.loads(kitchen("validate", "--format", "json").stdout)
    assert answer(kitchen)["findings"]


@pytest.mark.parametrize("by", ["unit", "rule", "level"])
def test_the_groups_add_up(kitchen: Program, by: str) -> None:
    report = answer(kitchen, "--group-by", by)
    field = {"unit": "unit", "rule": "rule", "level": "severity"}[by]
    keys = [finding[field] for finding in report["findings"]]
    assert report["groups"]["by"] == by
    assert {one["key"]: one["findings"] for one in report["groups"]["counts"]} == {
        key: keys.count(key) for key in keys
    }
    table = kitchen("validate", "--group-by", by, "--language", "en").stdout
    for one in report["groups"]["counts"]:
        assert any(f": {label} · " in table for label in one["label"].values())


def test_turtle_is_a_validation_report(kitchen: Program, tmp_path: Path) -> None:
    report = answer(kitchen)
    assert kitchen("validate", "--format", "turtle", "--output", tmp_path / "r.ttl").exit_code == 1
    graph = rdflib.Graph().parse(tmp_path / "r.ttl")
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    results = list(graph.objects(node, SH.result))
    told = sorted(
        (str(graph.value(result, SH.focusNode)), _time(str(graph.value(result, PROV.generatedAtTime))))
        for result in results
    )
    assert told == sorted((finding["focus"], _time(finding["since"])) for finding in report["findings"])


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_workbook_and_page_hold_every_finding(kitchen: Program, tmp_path: Path) -> None:
    findings = answer(kitchen)["findings"]
    kitchen(
        "validate", "--format", "xlsx", "--group-by", "rule", "--language", "en", "-o", tmp_path / "r.xlsx"
    )
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book["Findings"].max_row == len(findings) + 1
    assert "Counts" in book.sheetnames
    page = kitchen("validate", "--format", "html", "--language", "en").stdout
    assert page.startswith("<!DOCTYPE html>")
    for finding in findings:
        assert finding["message"]["en"].replace("'", "&#39;") in page


def test_a_table_goes_to_a_file_whole(kitchen: Program, tmp_path: Path) -> None:
    result = kitchen("validate", "--output", tmp_path / "r.txt")
    assert result.stdout == ""
    assert "findings" in (tmp_path / "r.txt").read_text(encoding="utf-8")


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KITCHEN / "shapes", tmp_path / "shapes"))


def rewrite(shapes: Path, change: Callable[[rdflib.Graph], None]) -> None:
    """Change a directory of shapes as a graph."""
    graph = rdflib.Graph()
    for path in sorted(shapes.glob("*.ttl")):
        graph.parse(path)
        path.unlink()
    change(graph)
    graph.serialize(shapes / "all.ttl", format="turtle")


def new_rule(graph: rdflib.Graph, target: rdflib.URIRef, targeted: rdflib.URIRef) -> None:
    """Add a rule that nothing keeps."""
    inner = rdflib.BNode()
    graph.add((NEW, RDF.type, SH.NodeShape))
    graph.add((NEW, target, targeted))
    graph.add((NEW, SH.property, inner))
    graph.add((inner, SH.path, rdflib.URIRef("https://example.org/motto")))
    graph.add((inner, SH.minCount, rdflib.Literal(1)))
    graph.add((inner, SH.severity, SH.Info))


def test_idle_rules_are_told_once(kitchen: Program, shapes: Path) -> None:
    rewrite(shapes, lambda graph: new_rule(graph, SH.targetClass, rdflib.URIRef("https://example.org/None")))
    report = answer(kitchen, "--shapes", shapes)
    assert str(NEW) in [rule["rule"] for rule in report["rules"] if rule["checkedNothing"]]
    assert not report["notices"]
    lines = kitchen("validate", "--shapes", shapes).stdout
    assert lines.count("checked nothing") == lines.count(str(NEW)) == 1
    assert "notice:" not in lines


def test_the_same_rules_change_nothing(kitchen: Program, shapes: Path) -> None:
    compared = answer(kitchen, "--shapes", shapes, "--compare")
    assert (compared["newlyFailing"], compared["newlyPassing"], compared["rules"]) == (0, 0, [])
    assert kitchen("validate", "--shapes", shapes, "--compare").exit_code == 0
    assert answer(kitchen, "--shapes", shapes)["findings"] == answer(kitchen)["findings"]


def test_a_rule_switched_off_lets_its_findings_pass(kitchen: Program, shapes: Path) -> None:
    now = answer(kitchen)["findings"]
    rule = now[0]["rule"]

    def switch_off(graph: rdflib.Graph) -> None:
        graph.set((rdflib.URIRef(rule), SH.deactivated, rdflib.Literal(True)))

    rewrite(shapes, switch_off)
    before = kitchen("history", "--json").stdout
    compared = answer(kitchen, "--shapes", shapes, "--compare")
    passing = [finding for change in compared["rules"] for finding in change["passes"]]
    assert {finding["rule"] for finding in passing} == {rule}
    assert passing == [finding for finding in now if finding["rule"] == rule]
    assert compared["newlyPassing"] == len(passing)
    assert compared["newlyFailing"] == 0
    assert compared["findingsAfter"] == len(now) - len(passing)
    # Nothing was changed, and without --compare the new rules alone are applied.
    assert kitchen("history", "--json").stdout == before
    assert answer(kitchen)["findings"] == now
    assert len(answer(kitchen, "--shapes", shapes)["findings"]) == compared["findingsAfter"]
    table = kitchen("validate", "--shapes", shapes, "--compare", "--language", "en").stdout
    assert f"newly passing {len(passing)}" in table
    assert all(finding["message"]["en"] in table for finding in passing)


def test_a_new_rule_says_what_would_fail(kitchen: Program, shapes: Path) -> None:
    rewrite(shapes, lambda graph: new_rule(graph, SH.targetSubjectsOf, RDFS.label))
    compared = answer(kitchen, "--shapes", shapes, "--compare")
    (change,) = compared["rules"]
    assert change["rule"] == str(NEW)
    assert change["before"] is None
    assert change["after"]["targeted"] == len(change["fails"]) == compared["newlyFailing"] > 0
    assert {finding["since"] for finding in change["fails"]} == {None}
    assert compared["newlyPassing"] == 0
    assert kitchen("validate", "--shapes", shapes, "--compare").exit_code == 0
    assert kitchen("validate", "--shapes", shapes, "--compare", "--fail-on", "info").exit_code == 1


def test_another_severity_is_a_change(kitchen: Program, shapes: Path) -> None:
    warning = next(f for f in answer(kitchen)["findings"] if f["severity"] == "warning")

    def raise_(graph: rdflib.Graph) -> None:
        graph.set((rdflib.URIRef(warning["rule"]), SH.severity, SH.Violation))

    rewrite(shapes, raise_)
    compared = answer(kitchen, "--shapes", shapes, "--compare")
    change = next(change for change in compared["rules"] if change["rule"] == warning["rule"])
    assert change["severityChanged"] == change["before"]["failed"] > 0
    assert (compared["newlyFailing"], compared["newlyPassing"]) == (0, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--compare"],
        ["--format", "xlsx"],
        ["--shapes", "{empty}"],
        ["--shapes", "{empty}/none"],
        ["--shapes", "{broken}"],
        ["--shapes", "{broken}", "--compare", "--format", "html"],
        ["--output", "{empty}/none/r.txt"],
        ["--format", "html", "--output", "{empty}"],
        ["--format", "xlsx", "--output", "{empty}/none/r.xlsx"],
    ],
)
def test_what_cannot_be_done_is_explained(kitchen: Program, tmp_path: Path, arguments: list[str]) -> None:
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    empty.mkdir()
    broken.mkdir()
    (broken / "a.ttl").write_text("<a> <b> .", encoding="utf-8")
    result = kitchen("validate", *(one.format(empty=empty, broken=broken) for one in arguments))
    assert result.exit_code == 2
    assert "where:" in result.stderr
    assert "Traceback" not in result.output


def test_the_reference_validator_finds_the_same(kitchen: Program) -> None:
    """Every rule by pySHACL: the same findings, sources and exceptions told of them, and a notice."""
    ours, theirs = answer(kitchen), answer(kitchen, "--engine", "pyshacl")
    names = ("rule", "focus", "component", "path", "value", "severity", "since", "sources")

    def told(report: dict[str, Any]) -> list[str]:
        return sorted(json.dumps([finding[name] for name in names]) for finding in report["findings"])

    assert told(ours) == told(theirs)
    assert any("pySHACL" in notice["en"] for notice in theirs["notices"])
