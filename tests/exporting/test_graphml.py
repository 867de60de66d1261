"""GraphML, re-read by networkx and by a plain XML parser."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections import Counter

import networkx as nx
import pytest

from qualitrace import exporting
from qualitrace.profile import Profile
from qualitrace.store import INFERRED, STATED, Engine, OxigraphEngine
from qualitrace.store.neo4j.naming import Naming
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, XSD, Fact, iri, iri_of, is_iri, literal
from tests.exporting.conftest import INFERRED_FACTS, NASTY, QA, STATED_FACTS, node


def graphml(engine: Engine, profile: Profile, language: str = "zh") -> bytes:
    stream = io.BytesIO()
    exporting.graphml(engine, profile, stream, language)
    return stream.getvalue()


@pytest.fixture(scope="module")
def graph(engine: Engine, profile: Profile) -> nx.MultiDiGraph[str]:
    return nx.read_graphml(io.BytesIO(graphml(engine, profile)), force_multigraph=True)


def test_every_link_is_an_edge_with_its_basis(graph: nx.MultiDiGraph[str], profile: Profile) -> None:
    naming = Naming.of(profile)
    expected = Counter(
        (
            fact.subject,
            iri_of(fact.object),
            naming.types[fact.predicate],
            profile.shorten(fact.predicate),
            inferred,
        )
        for facts, inferred in ((STATED_FACTS, False), (INFERRED_FACTS, True))
        for fact in facts
        if is_iri(fact.object) and fact.predicate != RDF_TYPE
    )
    found = Counter(
        (s, t, data["type"], data["property"], data["inferred"]) for s, t, data in graph.edges(data=True)
    )
    assert found == expected
    assert len({key for *_, key in graph.edges(keys=True)}) == graph.number_of_edges()


def test_nodes_carry_label_class_and_code(graph: nx.MultiDiGraph[str]) -> None:
    point = graph.nodes[node("point/2.3.2")]
    assert (point["label"], point["class"], point["code"]) == ("示例诊断点", "qa:DiagnosisPoint", "2.3.2")
    assert set(graph.nodes) == {fact.subject for fact in STATED_FACTS}


def test_the_class_is_the_most_specific_one(graph: nx.MultiDiGraph[str]) -> None:
    unit = graph.nodes[node("unit/甲")]
    assert unit["class"] == "qa:Department"  # though it is inferred to be a Unit
    assert unit["labels"] == "Department;Unit"


def test_days_on_which_a_node_counts(graph: nx.MultiDiGraph[str]) -> None:
    past = graph.nodes[node("appointment/1")]
    assert (past["_from"], past["_to"], past["endDate"]) == ("2020-01-01", "2024-12-31", "2024-12-31")
    assert "_to" not in graph.nodes[node("appointment/2")]


def test_labels_come_in_the_language_asked_for(engine: Engine, profile: Profile) -> None:
    read = nx.read_graphml(io.BytesIO(graphml(engine, profile, "en")))
    assert read.nodes[node("acting")]["label"] == "acting"


def test_two_links_between_the_same_nodes_both_survive(profile: Profile) -> None:
    engine = OxigraphEngine()
    fact = next(fact for fact in STATED_FACTS if fact.predicate == QA + "dutyOf")
    other = fact._replace(predicate=QA + "responsibleUnit")
    engine.change(STATED, [fact, other], [])
    engine.change(INFERRED, [fact], [])  # stated wins
    read = nx.read_graphml(io.BytesIO(graphml(engine, profile)), force_multigraph=True)
    assert sorted((data["property"], data["inferred"]) for _, _, data in read.edges(data=True)) == [
        ("qa:dutyOf", False),
        ("qa:responsibleUnit", False),
    ]


def test_text_that_xml_does_not_allow_is_cleaned(engine: Engine, profile: Profile) -> None:
    texts = {element.text for element in ET.fromstring(graphml(engine, profile)).iter()}
    assert NASTY.replace("\x07", "") in texts


def test_same_registry_same_bytes(engine: Engine, profile: Profile) -> None:
    assert graphml(engine, profile) == graphml(engine, profile)


AWKWARD = [
    Fact(node("a"), RDFS_LABEL, literal("without a language")),
    Fact(node("a"), RDFS_LABEL, literal("两行\r\n和\t制表", language="zh")),
    Fact(node("a"), QA + "value", literal("12.50", datatype=XSD + "decimal")),
    Fact(node("a"), QA + "target", literal("no number")),
    Fact(node("a"), QA + "email", literal('a;b, "c" <d>')),
    Fact(node("a"), QA + "email", literal("e")),
    Fact(node("a"), QA + "dueBy", literal("2025-02-28", datatype=XSD + "date")),
    Fact(node("a"), "https://elsewhere.example/says", literal("什么")),
    Fact(node("a"), "https://elsewhere.example/knows", iri(node("b&c"))),
]


def test_values_of_every_kind(profile: Profile) -> None:
    engine = OxigraphEngine()
    engine.change(STATED, AWKWARD, [])
    read = nx.read_graphml(io.BytesIO(graphml(engine, profile)))
    found = read.nodes[node("a")]
    assert (found["label"], found["label_value"]) == (found["label_zh"], "without a language")
    assert found["label_zh"] == "两行\r\n和\t制表"
    assert (found["value"], found["dueBy"]) == (12.5, "2025-02-28")
    assert sorted(json.loads(found["emails"])) == ['a;b, "c" <d>', "e"]
    exact = set(json.loads(found["_exact"]))
    assert {f"<{AWKWARD[number].predicate}> {AWKWARD[number].object}" for number in (2, 3, 7)} == exact
    ((_, target, data),) = read.edges(data=True)
    assert (target, data["type"]) == (node("b&c"), "OTHER")
