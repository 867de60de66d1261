"""HermiT on small ontologies: what is empty, what contradicts, and the fewest axioms that say why."""

from __future__ import annotations

import owlready2
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from qualitrace.errors import ProfileError, UnavailableError
from qualitrace.reasoning.apart import Axiom, axioms_in
from qualitrace.reasoning.consistency import Consistency, check_consistency

EX = rdflib.Namespace("https://example.org/t#")
HEAD = """@prefix : <https://example.org/t#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class . :D a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :n a owl:DatatypeProperty . """
NOISE = """:B rdfs:label "b"@en . :C rdfs:subClassOf :D . :p rdfs:domain :A . :q rdfs:subPropertyOf :p . """


pytestmark = pytest.mark.usefixtures("java")


def graph(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=HEAD + text, format="turtle")


def check(axioms: str, facts: str = "") -> Consistency:
    return check_consistency(graph(NOISE + axioms), graph(facts) if facts else None)


def said(part: tuple[Axiom, ...]) -> set[tuple[str, ...]]:
    return {
        tuple(
            str(term).rpartition("#")[2] if not isinstance(term, rdflib.BNode) else "_" for term in one.triple
        )
        for one in part
    }


def test_a_sound_ontology_and_what_follows_from_it() -> None:
    some = "[ a owl:Restriction ; owl:onProperty %s ; owl:someValuesFrom :B ]"
    found = check(f":A owl:equivalentClass {some % ':p'} . :C rdfs:subClassOf {some % ':q'} .")
    assert found.contradictions == ()
    assert (str(EX.C), str(EX.A)) in found.classified
    assert (str(EX.C), str(EX.D)) not in found.classified  # that was stated


def test_that_two_classes_are_the_same_follows_too() -> None:
    some = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom owl:Thing ]"
    found = check(f":A rdfs:subClassOf {some} . :B owl:equivalentClass {some} .")  # the domain of :p is :A
    assert set(found.classified) == {(str(EX.A), str(EX.B)), (str(EX.B), str(EX.A))}


def test_an_empty_class_is_explained_by_the_fewest_axioms() -> None:
    found = check(":A rdfs:subClassOf :B , :C . :B owl:disjointWith :D .")
    assert {one.term for one in found.contradictions} == {str(EX.A)}
    (one,) = found.contradictions
    assert said(one.axioms) == {
        ("A", "subClassOf", "B"),
        ("A", "subClassOf", "C"),
        ("C", "subClassOf", "D"),
        ("B", "disjointWith", "D"),
    }


def test_every_part_of_an_explanation_is_needed() -> None:
    text = NOISE + ":A rdfs:subClassOf :B , :C . :B owl:disjointWith :D ."
    (one,) = check_consistency(graph(text)).contradictions
    for needless in one.axioms:
        less = graph(text)
        for triple in needless.triples:
            less.remove(triple)
        assert check_consistency(less).contradictions == ()


def test_facts_that_contradict_axioms_are_named() -> None:
    found = check(
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :D ) .",
        ":x a owl:NamedIndividual , :B ; :q :y . :y a owl:NamedIndividual . :z a owl:NamedIndividual , :A .",
    )
    (one,) = found.contradictions
    assert one.term == ""
    assert said(one.axioms) == {
        ("q", "subPropertyOf", "p"),
        ("p", "domain", "A"),
        ("_", "type", "AllDisjointClasses"),
        ("x", "type", "B"),
        ("x", "q", "y"),
    }


def test_axioms_that_contradict_each_other_are_named() -> None:
    found = check(":i a owl:NamedIndividual , :A , :B . :A owl:disjointWith :B .")
    (one,) = found.contradictions
    assert said(one.axioms) == {("i", "type", "A"), ("i", "type", "B"), ("A", "disjointWith", "B")}


def test_annotations_and_declarations_are_no_axioms() -> None:
    listed = axioms_in(graph(NOISE))
    assert said(tuple(listed)) == {
        ("C", "subClassOf", "D"),
        ("p", "domain", "A"),
        ("q", "subPropertyOf", "p"),
    }


def test_datatypes_that_owl_does_not_know_are_left_out_and_counted() -> None:
    found = check(":n rdfs:range xsd:date . :i a owl:NamedIndividual ; :n '2025-01-01'^^xsd:date .")
    assert (found.axioms, found.left_out, found.contradictions) == (3, 2, ())


def test_what_hermit_cannot_read_is_said() -> None:
    with pytest.raises(ProfileError) as caught:
        check(
            ":q a owl:TransitiveProperty . :A rdfs:subClassOf"
            " [ a owl:Restriction ; owl:onProperty :q ; owl:maxCardinality 1 ] ."
        )
    assert "OWL 2" in caught.value.hint["en"]


def test_without_java_it_says_what_to_install_and_what_was_not_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owlready2, "JAVA_EXE", "no-such-java")
    with pytest.raises(UnavailableError) as caught:
        check("")
    assert "Java" in caught.value.hint["en"] and "Not checked" in caught.value.hint["en"]


def test_the_whole_list_of_an_axiom_goes_with_it() -> None:
    (one,) = axioms_in(graph("[] a owl:AllDisjointClasses ; owl:members ( :A :B ) ."))
    assert {EX.A, EX.B} <= one.terms
    assert (OWL.members in {triple[1] for triple in one.triples}) and RDF.first in {t[1] for t in one.triples}
    assert RDFS.label not in {triple[1] for triple in one.triples}
