"""RDF files checked against shapes files, without a registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import rdflib
from typer.testing import CliRunner, Result

from qualitrace.cli.app import app
from qualitrace.terms import SH

EX = "http://example.org/"
PREFIXES = f"@prefix ex: <{EX}> .\n@prefix sh: <{SH}> .\n@prefix xsd: <{rdflib.XSD}> .\n"
SHAPES = """
ex:Book a sh:NodeShape ; sh:targetClass ex:Book ; sh:property ex:title , ex:pages , ex:shelf .
ex:title a sh:PropertyShape ; sh:path ex:title ; sh:minCount 1 .
ex:pages a sh:PropertyShape ; sh:path ex:pages ; sh:datatype xsd:byte .
ex:shelf a sh:PropertyShape ; sh:path ex:shelf ; sh:node ex:Shelf .
ex:Shelf a sh:NodeShape ; sh:property [ sh:path ex:room ; sh:minCount 1 ; sh:message "no room"@en ] .
"""
DATA = """
ex:a a ex:Book ; ex:title "A" ; ex:pages "5"^^xsd:byte ; ex:shelf ex:s .
ex:b a ex:Book ; ex:pages 5 .
"""

Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    (tmp_path / "shapes.ttl").write_text(PREFIXES + SHAPES, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(PREFIXES + DATA, encoding="utf-8")

    def run(*options: str, data: str = "data.ttl", shapes: str = "shapes.ttl") -> Result:
        files = ["--data", str(tmp_path / data), "--shapes", str(tmp_path / shapes)]
        return CliRunner().invoke(app, ["validate", *files, *options])

    return run


def results(result: Result) -> set[tuple[str, str, str]]:
    return {(f["rule"], f["focus"], f["value"]) for f in orjson.loads(result.stdout)["findings"]}


FOUND = {
    (EX + "title", EX + "b", ""),
    (EX + "pages", EX + "b", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    (EX + "shelf", EX + "a", f"<{EX}s>"),
}


def test_what_does_not_conform(check: Check) -> None:
    result = check("--json")
    assert result.exit_code == 1
    assert results(result) == FOUND


def test_both_validators_find_the_same(check: Check) -> None:
    result = check("--json", "--engine", "pyshacl")
    assert result.exit_code == 1
    assert results(result) == FOUND
    assert any("pySHACL" in notice["en"] for notice in orjson.loads(result.stdout)["notices"])


def test_what_conforms(check: Check, tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text(PREFIXES + 'ex:a a ex:Book ; ex:title "A" .', encoding="utf-8")
    assert check(data="good.ttl").exit_code == 0


@pytest.mark.parametrize("engine", ["qualitrace", "pyshacl"])
def test_the_table_names_the_reason_at_the_bottom(check: Check, engine: str) -> None:
    assert "no room" in check("--language", "en", "--engine", engine).stdout


def test_the_report_as_turtle(check: Check) -> None:
    graph = rdflib.Graph().parse(data=check("--format", "turtle").stdout, format="turtle")
    assert len(set(graph.objects(None, rdflib.SH.result))) == len(FOUND)
    assert {str(text) for text in graph.objects(None, rdflib.SH.resultMessage)} >= {"no room"}


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_the_report_as_a_file(check: Check, tmp_path: Path, form: str) -> None:
    output = tmp_path / f"report.{form}"
    assert check("--format", form, "--output", str(output)).exit_code == 1
    assert output.stat().st_size > 0


@pytest.mark.parametrize(
    ("suffix", "form"), [("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld"), ("trig", "trig")]
)
def test_every_format(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, form: str
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    graph = rdflib.Dataset()
    graph.default_graph.parse(data=PREFIXES + DATA)
    (tmp_path / f"data.{suffix}").write_text(
        (graph if form == "trig" else graph.default_graph).serialize(format=form), encoding="utf-8"
    )
    assert results(check("--json", data=f"data.{suffix}")) == FOUND


def test_a_folder_of_shapes(check: Check, tmp_path: Path) -> None:
    folder = tmp_path / "rules" / "inner"
    folder.mkdir(parents=True)
    (tmp_path / "shapes.ttl").rename(folder / "shapes.ttl")
    assert results(check("--json", shapes="rules")) == FOUND


def test_nothing_is_fetched(check: Check, tmp_path: Path) -> None:
    imports = "<urn:x> <http://www.w3.org/2002/07/owl#imports> <http://example.org/others> ."
    (tmp_path / "more.ttl").write_text(PREFIXES + SHAPES + imports, encoding="utf-8")
    notices = orjson.loads(check("--json", shapes="more.ttl").stdout)["notices"]
    assert any("owl:imports" in notice["en"] for notice in notices)
    context = '{"@context": "https://schema.org/", "@id": "http://example.org/a", "name": "A"}'
    (tmp_path / "far.jsonld").write_text(context, encoding="utf-8")
    assert "nothing is fetched" in _stderr(check(data="far.jsonld"))


HEAD = '<?xml version="1.0"?><!DOCTYPE rdf:RDF'
BODY = (
    f'<rdf:RDF xmlns:rdf="{rdflib.RDF}" xmlns:ex="{EX}">'
    '<ex:Book rdf:about="&ex;b"><ex:title>&t;</ex:title></ex:Book></rdf:RDF>'
)
SWELLING = f'{HEAD} [<!ENTITY ex "{EX}"><!ENTITY s "ssss"><!ENTITY t "&s;&s;&s;&s;">]>'
REACHING = f'{HEAD} [<!ENTITY ex "{EX}"><!ENTITY t SYSTEM "file:///etc/hostname">]>'
ELSEWHERE = f'{HEAD} SYSTEM "http://example.org/far.dtd">'
HARMLESS = f'{HEAD} [<!ENTITY ex "{EX}"><!ENTITY t "A">]>'


@pytest.mark.parametrize("doctype", [SWELLING, REACHING, ELSEWHERE])
def test_hostile_entities_are_refused(check: Check, tmp_path: Path, doctype: str) -> None:
    (tmp_path / "data.rdf").write_text(doctype + BODY, encoding="utf-8")
    result = check(data="data.rdf")
    assert result.exit_code == 2
    assert "entities" in _stderr(result)


def test_entities_that_shorten_a_namespace_are_read(check: Check, tmp_path: Path) -> None:
    (tmp_path / "data.rdf").write_text(HARMLESS + BODY, encoding="utf-8")
    assert check(data="data.rdf").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content"), [("data.pdf", "x"), ("data.ttl", "ex:a ex:b"), ("missing.ttl", None)]
)
def test_what_cannot_be_read(check: Check, tmp_path: Path, name: str, content: str | None) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    result = check(data=name)
    assert result.exit_code == 2
    assert name in _stderr(result)


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text("", encoding="utf-8")
    runner = CliRunner()
    data = ["validate", "--data", str(tmp_path / "data.ttl")]
    assert runner.invoke(app, data).exit_code == 2
    assert runner.invoke(app, [*data, "--shapes", str(tmp_path), "--compare"]).exit_code == 2


def _stderr(result: Result) -> str:
    return " ".join(result.stderr.split())
