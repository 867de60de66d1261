"""The ontology in HermiT, through owlready2: consistent, every class can have members."""

from __future__ import annotations

import io

import owlready2
import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef

from tests.profile_college.reading import QA, ROOT, read

EX = Namespace("https://college.example/id/")


def reason(graph: Graph) -> set[str]:
    """Run HermiT; return the IRIs of classes that cannot have members.

    Raises owlready2.OwlReadyInconsistentOntologyError.
    """
    world = owlready2.World()
    found = world.get_ontology("https://w3id.org/qualitrace/ontology/all#")
    found.load(fileobj=io.BytesIO(graph.serialize(format="nt", encoding="utf-8")))
    with found:
        owlready2.sync_reasoner_hermit(world, debug=0)
    return {concept.iri for concept in world.inconsistent_classes()} - {str(OWL.Nothing)}


@pytest.fixture
def modules(engine_terms: Graph, java: None) -> Graph:
    """The OWL modules: all of ``ontology/`` but the chains, which are lists for the engine, no axioms."""
    paths = [path for path in sorted((ROOT / "ontology").glob("*.ttl")) if path.name != "chains.ttl"]
    return read(*paths) + engine_terms


def test_every_class_can_have_members(modules: Graph) -> None:
    assert reason(modules) == set()


def test_a_member_of_every_class_is_no_contradiction(modules: Graph) -> None:
    """Consistency is empty talk without individuals: one of each concrete class."""
    parents = set(modules.objects(None, RDFS.subClassOf))
    for concept in list(modules.subjects(RDF.type, OWL.Class)):
        if isinstance(concept, URIRef) and concept.startswith(QA) and concept not in parents:
            individual = EX[concept.rpartition("#")[2]]
            modules.add((individual, RDF.type, concept))
            modules.add((individual, RDF.type, OWL.NamedIndividual))
    assert reason(modules) == set()


def test_a_planted_empty_class_is_found(modules: Graph) -> None:
    planted = QA.PlantedClass
    modules.add((planted, RDF.type, OWL.Class))
    modules.add((planted, RDFS.subClassOf, QA.QualitativeCriterion))
    modules.add((planted, RDFS.subClassOf, QA.QuantitativeCriterion))
    assert reason(modules) == {str(planted)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (QA.QualitativeCriterion, QA.QuantitativeCriterion),
        (QA.Department, QA.TeachingUnit),
        (QA.Post, QA.Person),
        (QA.MasterPlan, QA.SpecialPlan),
        (QA.WorkStandard, QA.CourseStandard),
    ],
    ids=lambda concept: concept.rpartition("#")[2],
)
def test_a_planted_contradiction_is_found(modules: Graph, left: URIRef, right: URIRef) -> None:
    for kind in (OWL.NamedIndividual, left, right):
        modules.add((EX.planted, RDF.type, kind))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(modules)


def test_a_node_at_the_wrong_end_of_a_link_is_a_contradiction(modules: Graph) -> None:
    for node, kind in ((EX.duty, QA.Duty), (EX.person, QA.Person)):
        modules.add((node, RDF.type, kind))
        modules.add((node, RDF.type, OWL.NamedIndividual))
    modules.add((EX.duty, QA.realisedBy, EX.person))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(modules)
