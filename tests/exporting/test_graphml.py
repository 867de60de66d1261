"""GraphML, re-read by networkx and by a plain XML parser."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from qualitrace import exporting
from qualitrace.profile import Profile
from qualitrace.store import INFERRED, STATED, Engine, OxigraphEngine
from qualitrace.terms import RDF_TYPE, iri_of, is_iri
from tests.exporting.conftest import INFERRED_FACTS, NASTY, QA, STATED_FACTS, node


def graphml(engine: Engine, profile: Profile, language: str = "zh") -> bytes:
    stream = io.BytesIO()
    exporting.graphml(engine, profile, stream, language)
    return stream.getvalue()


@pytest.fixture(scope="module")
def graph(engine: Engine, profile: Profile) -> nx.MultiDiGraph[str]:
    return nx.read_graphml(io.BytesIO(graphml(engine, profile)), force_multigraph=True)


def test_every_link_is_an_edge_with_its_basis(graph: nx.MultiDiGraph[str], profile: Profile) -> None:
    expected = {
        (fact.subject, iri_of(fact.object), profile.shorten(fact.predicate), basis)
        for facts, basis in ((STATED_FACTS, "stated"), (INFERRED_FACTS, "inferred"))
        for fact in facts
        if is_iri(fact.object) and fact.predicate != RDF_TYPE
    }
    found = {(s, t, data["property"], data["basis"]) for s, t, data in graph.edges(data=True)}
    assert found == expected
    assert graph.number_of_edges() == len(expected)


def test_nodes_carry_label_class_and_code(graph: nx.MultiDiGraph[str]) -> None:
    point = graph.nodes[node("point/2.3.2")]
    assert (point["label"], point["class"], point["code"]) == ("示例诊断点", "qa:DiagnosisPoint", "2.3.2")
    assert set(graph.nodes) == {fact.subject for fact in STATED_FACTS}


def test_the_class_is_the_most_specific_one(graph: nx.MultiDiGraph[str]) -> None:
    assert graph.nodes[node("unit/甲")]["class"] == "qa:Department"  # though it is inferred to be a Unit


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
    assert sorted((data["property"], data["basis"]) for _, _, data in read.edges(data=True)) == [
        ("qa:dutyOf", "stated"),
        ("qa:responsibleUnit", "stated"),
    ]


def test_text_that_xml_does_not_allow_is_cleaned(engine: Engine, profile: Profile) -> None:
    texts = {element.text for element in ET.fromstring(graphml(engine, profile)).iter()}
    assert NASTY.replace("\x07", "") in texts


def test_same_registry_same_bytes(engine: Engine, profile: Profile) -> None:
    assert graphml(engine, profile) == graphml(engine, profile)
