"""What follows from axioms about classes, compared with owlrl on generated ontologies and data."""

from __future__ import annotations

import random

import owlrl
import pytest
import rdflib
import reasonable
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import BNode, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.reasoning import infer
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import QT, RDF_TYPE, Fact, iri, literal
from tests.reasoning.profiles import DATA, VOCABULARY, fact, profile
from tests.reasoning.test_changes import Kept

CLASSES = [URIRef(VOCABULARY + name) for name in "ABCDE"]
PROPERTIES = ("p", "q")
NODES = ("a", "b", "c", "d")


def described(graph: rdflib.Graph, chosen: random.Random, depth: int = 0) -> Node:
    """A named class, or a description of one.

    A property has one ``owl:someValuesFrom`` at most: that one such class lies within another is for the
    classification of the ontology to find, not for rules on facts.
    """
    kind = chosen.randrange(5 if depth < 2 else 1)
    if kind == 0:
        return chosen.choice(CLASSES)
    node = BNode()
    if kind < 3:
        link = URIRef(VOCABULARY + chosen.choice(PROPERTIES))
        some = {one for one in graph.subjects(OWL.someValuesFrom) if (one, OWL.onProperty, link) in graph}
        graph.add((node, RDF.type, OWL.Restriction))
        graph.add((node, OWL.onProperty, link))
        if kind == 1 or some:
            graph.add((node, OWL.hasValue, URIRef(DATA + chosen.choice(NODES))))
        else:
            graph.add((node, OWL.someValuesFrom, OWL.Thing))
            if chosen.randrange(3):
                graph.set((node, OWL.someValuesFrom, described(graph, chosen, depth + 1)))
    else:
        members = BNode()
        Collection(graph, members, [described(graph, chosen, depth + 1) for _ in range(2)])
        graph.add((node, OWL.intersectionOf if kind == 3 else OWL.unionOf, members))
        graph.add((node, RDF.type, OWL.Class))
    return node


def ontology(chosen: random.Random) -> rdflib.Graph:
    graph = rdflib.Graph()
    for one in CLASSES:
        graph.add((one, RDF.type, OWL.Class))
    for name in PROPERTIES:
        graph.add((URIRef(VOCABULARY + name), RDF.type, OWL.ObjectProperty))
    for _ in range(3):
        graph.add((chosen.choice(CLASSES), OWL.equivalentClass, described(graph, chosen)))
    graph.add((chosen.choice(CLASSES), RDFS.subClassOf, described(graph, chosen)))
    for link in PROPERTIES:  # what links say of their ends; only what is declared to infer anything
        end = chosen.choice([RDFS.domain, RDFS.range, None])
        if end is not None:
            graph.add((URIRef(VOCABULARY + link), URIRef(QT + "infers"), end))
            graph.add((URIRef(VOCABULARY + link), end, described(graph, chosen, depth=1)))
    return graph


def some_facts(chosen: random.Random) -> set[Fact]:
    typed = {Fact(DATA + chosen.choice(NODES), RDF_TYPE, iri(str(chosen.choice(CLASSES)))) for _ in range(2)}
    return typed | {
        fact(chosen.choice(NODES), chosen.choice(PROPERTIES), chosen.choice(NODES)) for _ in range(5)
    }


def reference(graph: rdflib.Graph, facts: set[Fact]) -> set[Fact]:
    """What owlrl concludes about the nodes, their links and their named classes."""
    closure = rdflib.Graph()
    for triple in graph:
        closure.add(triple)
    for one in facts:
        closure.add((URIRef(one.subject), URIRef(one.predicate), URIRef(one.object[1:-1])))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    about = {VOCABULARY + name for name in PROPERTIES}
    return {
        Fact(str(s), str(p), iri(str(o)))
        for s, p, o in closure
        if str(s).startswith(DATA) and (str(p) in about or (p == RDF.type and o in CLASSES))
    }


def with_classes_above(graph: rdflib.Graph, facts: set[Fact]) -> set[Fact]:
    """Questions use the closure of classes; here it is written down."""
    above = {
        fact._replace(object=iri(str(one)))
        for fact in facts
        if fact.predicate == RDF_TYPE
        for one in graph.transitive_objects(URIRef(fact.object[1:-1]), RDFS.subClassOf)
        if one in CLASSES
    }
    return facts | above


def concluded(graph: rdflib.Graph, facts: set[Fact]) -> set[Fact]:
    """All that ours says of the nodes; every class is asked for, whatever the profile describes."""
    shapes = "".join(f"d:shape sh:property [ sh:class <{one}> ] . " for one in CLASSES)
    engine = OxigraphEngine()
    engine.load(PROFILE, graph.serialize(format="nt"))
    engine.change(STATED, facts, ())
    infer(engine, profile(graph, shapes=shapes))
    return with_classes_above(graph, set(engine.facts(INFERRED)) | facts)


def test_membership_is_that_of_owlrl() -> None:
    compared: list[int] = []

    @settings(max_examples=30, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def same(seed: int) -> None:
        chosen = random.Random(seed)
        graph, facts = ontology(chosen), some_facts(chosen)
        expected = reference(graph, facts)
        assert concluded(graph, facts) == expected
        compared.append(len(expected - facts))

    same()
    assert sum(compared) > 60, compared


def simple_ontology(chosen: random.Random) -> rdflib.Graph:
    """Axioms about classes that reasonable covers: equivalence, values, some values, ends of links."""
    graph = rdflib.Graph()
    for one in CLASSES:
        graph.add((one, RDF.type, OWL.Class))
    for name in PROPERTIES:
        link, end = URIRef(VOCABULARY + name), chosen.choice([RDFS.domain, RDFS.range])
        graph.add((link, RDF.type, OWL.ObjectProperty))
        graph.add((link, URIRef(QT + "infers"), end))
        graph.add((link, end, chosen.choice(CLASSES)))
    for _ in range(3):
        node, link = BNode(), URIRef(VOCABULARY + chosen.choice(PROPERTIES))
        graph.add((node, RDF.type, OWL.Restriction))
        graph.add((node, OWL.onProperty, link))
        if chosen.randrange(2):
            graph.add((node, OWL.hasValue, URIRef(DATA + chosen.choice(NODES))))
        else:
            graph.add((node, OWL.someValuesFrom, chosen.choice(CLASSES)))
        graph.add(
            (chosen.choice(CLASSES), OWL.equivalentClass, chosen.choice([node, chosen.choice(CLASSES)]))
        )
    graph.add((chosen.choice(CLASSES), RDFS.subClassOf, chosen.choice(CLASSES)))
    return graph


def test_membership_is_that_of_reasonable() -> None:
    compared = 0
    about = {VOCABULARY + name for name in PROPERTIES}
    for seed in range(150):
        chosen = random.Random(seed)
        graph, facts = simple_ontology(chosen), some_facts(chosen)
        reasoner = reasonable.PyReasoner()
        reasoner.from_graph([*graph, *((URIRef(s), URIRef(p), URIRef(value[1:-1])) for s, p, value in facts)])
        expected = {
            Fact(str(s), str(p), iri(str(o)))
            for s, p, o in reasoner.reason()
            if str(s).startswith(DATA) and (str(p) in about or (p == RDF.type and o in CLASSES))
        }
        assert concluded(graph, facts) == expected, seed
        compared += len(expected - facts)
    assert compared > 400, compared


def test_a_domain_or_range_says_nothing_unless_it_is_meant_to() -> None:
    turtle = (
        "v:p a owl:ObjectProperty ; rdfs:domain v:A ; rdfs:range v:B . v:A a owl:Class . v:B a owl:Class ."
    )
    facts = {fact("a", "p", "b"), fact("a", "p", literal("words"))}
    assert concluded(profile(turtle).ontology, facts) == facts
    meant = profile(turtle + f" v:p <{QT}infers> rdfs:range .").ontology
    assert concluded(meant, facts) - facts == {Fact(DATA + "b", RDF_TYPE, iri(VOCABULARY + "B"))}


def test_what_may_infer_is_a_domain_or_a_range() -> None:
    with pytest.raises(ProfileError) as refused:
        concluded(profile(f"v:p a owl:ObjectProperty ; <{QT}infers> v:A .").ontology, set())
    assert "rdfs:range" in refused.value.what["en"] and VOCABULARY + "p" in refused.value.where


def test_membership_follows_changes() -> None:
    compared = 0
    for seed in range(12):
        chosen = random.Random(seed)
        shapes = "".join(f"d:shape sh:property [ sh:class <{one}> ] . " for one in CLASSES)
        kept = Kept(profile(ontology(chosen), shapes=shapes), some_facts(chosen))
        for _ in range(5):
            gone = {one for one in sorted(kept.stated) if chosen.randrange(3) == 0}
            kept.change(some_facts(chosen) - kept.stated, gone)
        compared += kept.compared
    assert compared > 100


def test_nobody_asks_for_it_so_it_is_not_inferred() -> None:
    turtle = "f:Post owl:equivalentClass f:Seat . v:Thing a owl:Class ."
    engine = OxigraphEngine()
    model = profile(turtle)
    engine.change(STATED, [Fact(DATA + "a", RDF_TYPE, "<https://example.com/foreign#Post>")], ())
    assert infer(engine, model).added == ()
