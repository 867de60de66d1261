"""A small college with one record of every class, and nothing wrong: no rule may fire on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph
from rdflib.term import URIRef

from tests.profile_college.inference import with_what_follows
from tests.profile_college.reading import QA, SH, results

BASE = "https://college.example/id/"


@pytest.fixture(scope="module")
def college() -> Graph:
    return Graph().parse(Path(__file__).with_name("clean.ttl"), publicID=BASE)


def test_it_has_a_record_of_every_class(college: Graph, shapes: Graph) -> None:
    assert set(college.objects(None, RDF.type)) == set(shapes.objects(None, SH.targetClass))


def test_it_uses_every_property_or_its_inverse(college: Graph, ontology: Graph) -> None:
    """All but what rules conclude on a date, which is never data."""
    concluded = set(
        ontology.subjects(RDFS.isDefinedBy, URIRef("https://w3id.org/qualitrace/ontology/standing"))
    )
    unused = {
        term
        for term in ontology.subjects(RDF.type)
        if isinstance(term, URIRef) and term.startswith(QA) and term.rpartition("#")[2][0].islower()
    } - set(with_what_follows(college, ontology).predicates())
    assert concluded
    unused -= concluded
    assert {term.rpartition("#")[2] for term in unused} == set()


def test_no_rule_fires(college: Graph, ontology: Graph, shapes: Graph) -> None:
    assert results(with_what_follows(college, ontology), shapes) == []
