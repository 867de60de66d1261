"""The ontology in HermiT, through owlready2: consistent, no class is empty, classified as expected.

``QUALITRACE_GOLDEN=write pytest tests/profile_college/test_ontology_dl.py`` writes what is expected anew; a
line of ``classification.txt`` is a class, and what it lies directly below.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import owlready2
import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Namespace, URIRef

from tests.profile_college.reading import QA, ROOT, read

EX = Namespace("https://college.example/id/")


EXPECTED = Path(__file__).with_name("classification.txt")
Answer = TypeVar("Answer")


def reason(graph: Graph) -> set[str]:
    """Run HermiT; return the IRIs of classes that cannot have members.

    Raises owlready2.OwlReadyInconsistentOntologyError.
    """
    return asked(graph, lambda world: {one.iri for one in world.inconsistent_classes()} - {str(OWL.Nothing)})


def classification(graph: Graph) -> list[str]:
    """Run HermiT; return each class with what it lies directly below, or is the same as."""

    def lines(world: owlready2.World) -> list[str]:
        own = [concept for concept in world.classes() if concept.iri.startswith(QA)]
        return [f"{_name(one)}: {', '.join(_above(one)) or '-'}" for one in sorted(own, key=_name)]

    return asked(graph, lines)


def _above(concept: owlready2.ThingClass) -> list[str]:
    named = [one for one in (*concept.is_a, *concept.equivalent_to) if hasattr(one, "iri")]
    return sorted(_name(one) for one in named if one is not owlready2.Thing)


def _name(concept: owlready2.ThingClass) -> str:
    return str(concept.iri).removeprefix(QA)


def asked(graph: Graph, answer: Callable[[owlready2.World], Answer]) -> Answer:
    """Run HermiT and read something off what it found."""
    world = owlready2.World()
    found = world.get_ontology("https://w3id.org/qualitrace/ontology/all#")
    found.load(fileobj=io.BytesIO(graph.serialize(format="nt", encoding="utf-8")))
    with found:
        owlready2.sync_reasoner_hermit(world, debug=0)
    return answer(world)


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


def test_classes_are_classified_as_expected(modules: Graph) -> None:
    found = classification(modules)
    if os.environ.get("QUALITRACE_GOLDEN") == "write":
        EXPECTED.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8").splitlines()
    assert len(found) == len(
        {one for one in modules.subjects(RDF.type, OWL.Class) if str(one).startswith(QA)}
    )


def test_a_class_that_comes_to_lie_below_another_is_seen(modules: Graph) -> None:
    """Whatever reads an indicator is the same as a reading: three axioms say so together, none by itself."""
    before = classification(modules)
    some = BNode()
    for triple in (
        (some, RDF.type, OWL.Restriction),
        (some, OWL.onProperty, QA.observationOf),
        (some, OWL.someValuesFrom, QA.Indicator),
        (QA.PlantedClass, RDF.type, OWL.Class),
        (QA.PlantedClass, OWL.equivalentClass, some),
    ):
        modules.add(triple)
    found = dict(one.split(": ", 1) for one in classification(modules) if one not in before)
    # Of two classes that are the same, either may be told to lie below what the other lies below.
    above = {name: set(classes.split(", ")) for name, classes in found.items()}
    assert set(above) == {"Observation", "PlantedClass"}
    assert "PlantedClass" in above["Observation"]
    assert "Observation" in above["PlantedClass"]


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
