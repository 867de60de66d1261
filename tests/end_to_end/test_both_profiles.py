"""Documents in, answers out, on the shipped profile and on a kitchen's: nothing here is one domain's.

Every case reads what it needs from the profile itself and from its demonstration (``examples``).
"""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import openpyxl
import pytest
import rdflib
from fastapi.testclient import TestClient

from qualitrace import demonstration, exporting
from qualitrace.journal.model import Basis
from qualitrace.profile import Profile, default_directory, load_profile
from qualitrace.registry import Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j.naming import Naming
from qualitrace.store.neo4j.nodes import in_node, read
from qualitrace.terms import RDFS_LABEL, XSD, Fact, iri, iri_of, lit_of
from qualitrace.tracing.model import Ending, Trace
from qualitrace.web import create_app

KITCHEN = Path(__file__).resolve().parents[1] / "profiles" / "kitchen"


@dataclass(frozen=True)
class Case:
    """A registry made from a profile's demonstration, and a day on which to ask."""

    registry: Registry
    location: Path
    demo: dict[str, Any]

    @property
    def profile(self) -> Profile:
        return self.registry.profile

    @property
    def day(self) -> dt.date:
        return dt.date.fromisoformat(str(self.demo["as_of"]))


@pytest.fixture(scope="module", params=["shipped", "kitchen"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    directory = default_directory() if request.param == "shipped" else KITCHEN
    profile = load_profile(directory)
    location = tmp_path_factory.mktemp(request.param) / "registry.db"
    registry = demonstration.build(profile, location)
    yield Case(registry, location, demonstration.settings(profile))
    registry.close()


@pytest.fixture(scope="module")
def client(case: Case) -> Iterator[TestClient]:
    with TestClient(create_app(case.registry), base_url="http://localhost") as made:
        yield made


def all_facts(case: Case) -> set[Fact]:
    return {*case.registry.engine.facts(STATED), *case.registry.engine.facts(INFERRED)}


def judged(case: Case) -> list[str]:
    """The classes of the profile that have chains, by IRI."""
    return sorted(model.iri for model in case.profile.classes.values() if model.chains)


def last_classes(case: Case) -> list[str]:
    """The classes where tracing ends: of an asked-for kind, and no tracing property leaves them."""
    left = {name for found in case.profile.trace.properties.values() for name in found.domains}
    graph = case.profile.ontology
    ranges = {
        str(end)
        for name in case.profile.trace.properties
        for end in graph.objects(rdflib.URIRef(name), rdflib.RDFS.range)
    }
    return sorted(name for name in ranges - left if name in case.profile.classes)


# Loading


def test_the_demonstration_is_as_its_lists_say(case: Case) -> None:
    """Sizes, planted defects (exactly those), and every operation answers."""
    assert [problem.both() for problem in demonstration.check(case.registry)] == []


def test_every_fact_says_where_it_was_read(case: Case) -> None:
    facts = list(case.registry.engine.facts(STATED))
    sources = case.registry.sources(facts)
    documents = {Path(name).name for name in case.demo["documents"]}
    assert facts
    for fact in facts:
        assert sources[fact], fact
        assert {source.document for source in sources[fact]} <= documents
        assert all(source.row for source in sources[fact])


def test_loading_the_same_documents_again_changes_nothing(case: Case) -> None:
    examples = case.profile.directory / "examples"
    position = case.registry.position
    change = case.registry.prepare([examples / name for name in case.demo["documents"]])
    assert change.empty
    assert len(change.unchanged) == len(case.demo["documents"])
    case.registry.commit(change, author="test", message="again")
    assert case.registry.position == position


def test_a_registry_opened_anew_gives_the_same_answers(case: Case) -> None:
    again = Registry.open(case.location, case.profile)
    assert set(again.engine.facts(STATED)) == set(case.registry.engine.facts(STATED))
    assert set(again.engine.facts(INFERRED)) == set(case.registry.engine.facts(INFERRED))
    assert again.validate().findings == case.registry.validate().findings
    again.close()


# Validation


def test_findings_say_what_to_do_in_both_languages_and_who_must(case: Case) -> None:
    report = case.registry.validate()
    assert report.findings
    assert not report.violations
    for finding in report.findings:
        assert finding.message["zh"]
        assert finding.message["en"]
        assert finding.fix["zh"]
        assert finding.fix["en"]
        assert finding.unit or finding.unit_label == case.profile.steward
        assert "{" not in finding.message.both()


def test_rules_report_how_many_nodes_they_looked_at(case: Case) -> None:
    report = case.registry.validate()
    failed: dict[str, set[str]] = {}
    for finding in report.findings:
        failed.setdefault(finding.rule, set()).add(finding.focus)
    for rule in report.rules:
        assert rule.failed == len(failed.get(rule.rule, ()))
        assert rule.targeted >= rule.failed


# Reasoning


def test_inferred_facts_are_kept_apart_from_stated_ones(case: Case) -> None:
    inferred = set(case.registry.engine.facts(INFERRED))
    assert inferred
    assert inferred.isdisjoint(case.registry.engine.facts(STATED))


# Tracing


def traces(case: Case) -> list[Trace]:
    """Traces from nodes of every judged class to where tracing ends, on the demonstration's day."""
    found = []
    for of in judged(case):
        for verdict in case.registry.coverage(of, as_of=case.day).verdicts[:10]:
            found += [case.registry.trace(verdict.node.iri, to, as_of=case.day) for to in last_classes(case)]
    return found


def test_traces_reach_people_along_facts_that_are_there(case: Case) -> None:
    facts = all_facts(case)
    asked = traces(case)
    assert any(path.ending is Ending.REACHED for trace in asked for path in trace.paths)
    assert any(path.ending is Ending.ABSENT for trace in asked for path in trace.paths)
    for trace in asked:
        family = {trace.to, *case.profile.classes[trace.to].children}
        for path in trace.paths:
            at = trace.start
            for step in path.steps:
                assert (step.source, step.property) == (at, step.property)
                assert Fact(step.source, step.property, iri(step.target)) in facts
                assert step.property in case.profile.trace.properties
                at = step.target
            if path.ending is Ending.REACHED:
                assert family & set(trace.nodes[at].classes)
            else:
                assert path.absence["zh"]
                assert path.absence["en"]


def test_steps_that_were_stated_name_their_source(case: Case) -> None:
    steps = [step for trace in traces(case) for path in trace.paths for step in path.steps]
    stated = [step for step in steps if step.basis in (Basis.STATED, Basis.MERGED)]
    assert stated
    assert all(step.sources for step in stated)


def test_nothing_is_reached_through_what_is_over(case: Case) -> None:
    valid: dict[str, list[tuple[bool, str]]] = {}
    for fact in case.registry.engine.facts():
        if fact.predicate in case.profile.trace.valid_from:
            valid.setdefault(fact.subject, []).append((True, fact.object[1:11]))
        if fact.predicate in case.profile.trace.valid_to:
            valid.setdefault(fact.subject, []).append((False, fact.object[1:11]))
    day = case.day.isoformat()
    met = 0
    for trace in traces(case):
        for node in trace.nodes:
            for begins, limit in valid.get(node, ()):
                met += 1
                assert limit <= day if begins else day <= limit
    assert met


def test_coverage_judges_every_node_and_names_every_gap(case: Case) -> None:
    assert judged(case)
    for of in judged(case):
        answer = case.registry.coverage(of, as_of=case.day)
        family = {of, *case.profile.classes[of].children}
        members = {
            fact.subject
            for kind in family
            for fact in case.registry.engine.facts(predicate=str(rdflib.RDF.type), object=iri(kind))
        }
        assert {verdict.node.iri for verdict in answer.verdicts} <= members
        for verdict in answer.verdicts:
            assert verdict.complete == (not verdict.missing)
            if not verdict.complete:
                assert verdict.at is not None
                assert verdict.absence["zh"]
                assert verdict.absence["en"]


# Over HTTP


def ask(client: TestClient, query: str, **variables: Any) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]
    return found


def test_every_operation_answers_over_http(case: Case, client: TestClient) -> None:
    assert case.profile.operations
    for operation in case.profile.operations:
        data = ask(client, operation.document, **operation.variables)
        assert all(value is not None for value in data.values()), operation.name


def test_the_start_page_lists_the_sample_questions(case: Case, client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for operation in case.profile.operations:
        if operation.sample:
            assert operation.titles["zh"] in page.text
    assert client.get("/healthz").status_code == 200


def test_http_and_registry_count_alike(case: Case, client: TestClient) -> None:
    for of in judged(case):
        model = case.profile.classes[of]
        query = f"query Q($day: Date!) {{ coverage(of: {model.name}, asOf: $day) {{ total complete }} }}"
        there = ask(client, query, day=case.day.isoformat())["coverage"]
        here = case.registry.coverage(of, as_of=case.day)
        assert there == {"total": len(here.verdicts), "complete": here.complete}
    total = ask(client, "{ findings { totalCount } }")["findings"]["totalCount"]
    assert total == len(case.registry.validate().findings)


# Exports, read again by other programs


def test_turtle_and_json_ld_hold_every_stated_fact(case: Case) -> None:
    expected = rdflib.Graph()
    text = "\n".join(fact.ntriples() for fact in case.registry.engine.facts(STATED))
    expected.parse(data=text, format="nt")
    for write, form in ((exporting.turtle, "turtle"), (exporting.jsonld, "json-ld")):
        stream = io.BytesIO()
        write(case.registry.engine, case.profile, stream)
        found = rdflib.Graph().parse(data=stream.getvalue(), format=form)
        assert set(expected) <= set(found), form


def test_graphml_holds_every_fact(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    with path.open("wb") as stream:
        exporting.graphml(case.registry.engine, case.profile, stream)
    graph = nx.read_graphml(path, force_multigraph=True)
    naming = Naming.of(case.profile)
    links = Counter(
        (fact.subject, iri_of(fact.object), naming.types[fact.predicate], inferred)
        for name, inferred in ((STATED, False), (INFERRED, True))
        for fact in case.registry.engine.facts(name)
        if not in_node(fact)
    )
    assert links == Counter((s, t, data["type"], data["inferred"]) for s, t, data in graph.edges(data=True))
    values = {fact for fact in all_facts(case) if in_node(fact)}
    plain = {fact for fact in values if fact.predicate == RDFS_LABEL and not lit_of(fact.object).language}
    found = {Fact(node, *said) for node, data in graph.nodes(data=True) for said in held(naming, data)}
    assert found == values - plain
    for fact in plain:
        data = graph.nodes[fact.subject]
        assert lit_of(fact.object).value in (data["label"], data.get("label_value"))


def held(naming: Naming, data: dict[str, Any]) -> set[tuple[str, str]]:
    """The values and classes of a node of a GraphML file; what it is called without a language left out."""
    kept = {key: value for key, value in data.items() if not key.startswith("label") or "_" in key}
    for key, value in kept.items():
        told = naming.value_of(key)
        if key in ("_exact", "_inferred") or (told and told[0].many and not told[0].text and not told[1]):
            kept[key] = json.loads(value)
        elif told and told[0].datatype == XSD + "date":
            kept[key] = dt.date.fromisoformat(value)
    kept.pop("label_value", None)
    facts = read(naming, data["labels"].split(";"), kept)
    return {(name, one) for name, one in facts.stated | facts.inferred if one}


def test_findings_are_rows_of_a_workbook(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "findings.xlsx"
    report = case.registry.validate()
    exporting.findings_xlsx(report, path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    shown = {str(value) for row in sheet.iter_rows(values_only=True) for value in row if value}
    assert sheet.max_row >= 1 + len(report.findings)
    for finding in report.findings:
        assert any(finding.message["zh"] in text for text in shown)


def test_a_trace_is_drawn(case: Case) -> None:
    trace = next(t for t in traces(case) if any(p.ending is Ending.REACHED for p in t.paths))
    picture = ET.fromstring(exporting.trace_svg(trace, case.profile))
    text = " ".join(picture.itertext())
    diagram = exporting.trace_mermaid(trace, case.profile)
    start = trace.nodes[trace.start].label.best("zh")
    assert start.split()[0] in text
    assert start.split()[0] in diagram


# What is particular to the kitchen: its answers were planned with its examples


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    profile = load_profile(KITCHEN)
    registry = demonstration.build(profile, tmp_path_factory.mktemp("kitchen") / "registry.db")
    yield registry
    registry.close()


@pytest.mark.parametrize(
    ("node", "day", "who", "basis", "capacity"),
    [
        ("reading/CP03/2025-02-10", "2025-02-15", "示例 Bo", Basis.STATED, ""),
        ("reading/CP03/2025-02-10", "2025-02-16", "示例 Chidi", Basis.STATED, "standing in"),
        ("reading/CP03/2025-02-10", "2025-03-16", "示例 Dora", Basis.STATED, ""),
        ("hazard/H06", "2025-03-10", "示例 Fatima", Basis.INHERITED, ""),
    ],
)
def test_the_kitchen_knows_who_answered(
    kitchen: Registry, node: str, day: str, who: str, basis: Basis, capacity: str
) -> None:
    trace = kitchen.trace(node, "Cook", as_of=dt.date.fromisoformat(day))
    (path,) = [path for path in trace.paths if path.ending is Ending.REACHED]
    assert trace.nodes[path.steps[-1].target].label.best() == who
    assert path.basis is basis
    assert path.capacity.best("en") == capacity


def test_the_kitchen_says_when_nobody_was_there(kitchen: Registry) -> None:
    for day, staffed in (("2025-02-28", True), ("2025-03-01", False)):
        trace = kitchen.trace("hazard/H09", "Cook", as_of=dt.date.fromisoformat(day))
        endings = {path.ending for path in trace.paths}
        assert endings == ({Ending.REACHED} if staffed else {Ending.ABSENT})
        if not staffed:
            assert {path.absence["en"] for path in trace.paths} == {"unstaffed"}


def test_an_alias_is_the_area_it_stands_for(kitchen: Registry) -> None:
    area = kitchen.resolve("Cold kitchen")
    links = {fact.object for fact in kitchen.engine.facts(subject=kitchen.resolve("station/Salads"))}
    assert iri(area) in links


def test_the_examples_are_what_their_script_writes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_examples", KITCHEN / "examples" / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.write(tmp_path)
    assert cells(tmp_path / "kitchen.xlsx") == cells(KITCHEN / "examples" / "kitchen.xlsx")
    assert rows(tmp_path / "readings.csv") == rows(KITCHEN / "examples" / "readings.csv")


def cells(path: Path) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
