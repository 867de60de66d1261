"""Every term of the ontology is typed, labelled, defined and says where it comes from."""

from __future__ import annotations

import re

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.profile_college.reading import QA, QT, SH

PROFILE = URIRef("https://w3id.org/qualitrace/profile/college")
SOURCE = URIRef("http://purl.org/dc/terms/source")
PROPERTY_KINDS = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
# The parts of the plan, as its own headings number them: 五（一）2，表 1 · 附 2 · 三（四）
SECTION = re.compile(r"[一二三四五六七](（[一二三四五六七]）([1-9](、[1-9])*)?)?(，[表图] \d+)?|附 [12]")
# Vocabularies that OWL itself defines; their terms need no declaration.
XSD = "http://www.w3.org/2001/XMLSchema#"
BUILT_IN = (str(OWL), str(RDF), str(RDFS), XSD)


def terms(graph: Graph, namespace: Namespace) -> set[URIRef]:
    return {s for s in graph.subjects(RDF.type) if isinstance(s, URIRef) and s.startswith(namespace)}


def by_language(graph: Graph, node: Node, predicate: URIRef) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for value in graph.objects(node, predicate):
        assert isinstance(value, Literal)
        found.setdefault(value.language, []).append(str(value))
    return found


def check_bilingual(graph: Graph, node: Node, predicate: URIRef) -> None:
    found = by_language(graph, node, predicate)
    assert set(found) == {"zh", "en"}, (node, predicate)
    assert all(len(values) == 1 for values in found.values()), (node, predicate)
    assert re.search(r"[一-鿿]", found["zh"][0]), (node, found)
    assert not re.search(r"[一-鿿]", found["en"][0]), (node, found)


def test_there_are_terms_of_every_family(ontology: Graph) -> None:
    homes = {str(o).rpartition("/")[2] for o in ontology.objects(None, RDFS.isDefinedBy)}
    families = {"organisation", "duties", "standards", "plans", "rules", "diagnosis", "subjects", "common"}
    assert families <= homes


@pytest.mark.parametrize("namespace", [QA, QT], ids=["qa", "qt"])
def test_every_term_is_labelled_and_defined_in_both_languages(ontology: Graph, namespace: Namespace) -> None:
    found = terms(ontology, namespace)
    assert found
    for term in found:
        check_bilingual(ontology, term, RDFS.label)
        check_bilingual(ontology, term, SKOS.definition)
        homes = set(ontology.objects(term, RDFS.isDefinedBy))
        assert len(homes) == 1 and (homes.pop(), RDF.type, OWL.Ontology) in ontology, term


def test_every_term_names_the_section_of_the_plan_it_comes_from(ontology: Graph) -> None:
    for term in terms(ontology, QA):
        found = by_language(ontology, term, SOURCE)
        assert set(found) == {"zh", "en"}, term
        sections = found["zh"][0].removeprefix("实施方案（2019 年修订版）")
        assert sections != found["zh"][0], term
        assert all(SECTION.fullmatch(section) for section in sections.split("；")), (term, sections)


def test_no_two_classes_have_one_label(ontology: Graph) -> None:
    seen: dict[tuple[str | None, str], Node] = {}
    for term in terms(ontology, QA):
        if (term, RDF.type, OWL.Class) in ontology:
            for language, (text,) in by_language(ontology, term, RDFS.label).items():
                assert seen.setdefault((language, text), term) == term


def test_every_term_that_is_used_is_declared(ontology: Graph) -> None:
    """OWL 2 DL: also the terms of other vocabularies; each property is of exactly one kind."""
    for predicate in set(ontology.predicates()):
        if not str(predicate).startswith(BUILT_IN) and not str(predicate).startswith(str(SH)):
            kinds = set(ontology.objects(predicate, RDF.type)) & PROPERTY_KINDS
            assert len(kinds) == 1, (predicate, kinds)
    for kind in set(ontology.objects(None, RDF.type)):
        if not str(kind).startswith(BUILT_IN):
            assert (kind, RDF.type, OWL.Class) in ontology, kind
    for use in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf, OWL.onProperty, OWL.someValuesFrom):
        for above in ontology.objects(None, use):
            if isinstance(above, URIRef):
                assert set(ontology.objects(above, RDF.type)) & {OWL.Class, *PROPERTY_KINDS}, above


def test_domains_and_ranges_are_declared_classes_or_known_datatypes(ontology: Graph) -> None:
    """The datatypes are those of the OWL 2 datatype map, which holds no xsd:date."""
    datatypes = {RDFS.Literal, *(URIRef(XSD + name) for name in ("string", "decimal", "integer"))}
    for use in (RDFS.domain, RDFS.range):
        for term, expression in ontology.subject_objects(use):
            union = ontology.value(expression, OWL.unionOf)
            names = [expression] if union is None else list(Collection(ontology, union))
            for name in names:
                if use == RDFS.range and (term, RDF.type, OWL.DatatypeProperty) in ontology:
                    assert name in datatypes, (term, name)
                else:
                    assert (name, RDF.type, OWL.Class) in ontology, (term, name)


def test_every_property_of_data_is_connected(ontology: Graph) -> None:
    """Every property says from what it leads, or is one of those that any record may have."""
    anywhere = {QA.level, QA.effectiveFrom, QA.effectiveTo, QA.startDate, QA.endDate}
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in ontology.subjects(RDF.type, kind):
            if isinstance(term, URIRef) and term.startswith(QA) and term not in anywhere:
                domains = list(ontology.objects(term, RDFS.domain))
                inverse = set(ontology.objects(term, OWL.inverseOf))
                assert len(domains) == 1 or inverse, term


def test_tracing_properties_are_aligned_with_the_engine(ontology: Graph) -> None:
    tracing = set(ontology.subjects(RDFS.subPropertyOf, QT.tracesTo))
    assert len(tracing) > 20
    for term in tracing:
        assert (term, RDF.type, OWL.ObjectProperty) in ontology
        for inverse in {*ontology.objects(term, OWL.inverseOf), *ontology.subjects(OWL.inverseOf, term)}:
            assert inverse not in tracing, f"{term} would be traced both ways"
    inherited = set(ontology.subjects(QT.basis))
    assert inherited and inherited <= tracing
    for term in ontology.subjects(QT.absence):
        check_bilingual(ontology, term, QT.absence)


def test_a_chain_leads_from_class_to_class(ontology: Graph) -> None:
    """Each link of a chain begins where the one before ends."""
    chains = list(ontology.subject_objects(QT.chain))
    assert chains
    for owner, head in chains:
        links = list(Collection(ontology, head))
        assert links
        place: Node = owner
        for link in links:
            domain, range_ = ontology.value(link, RDFS.domain), ontology.value(link, RDFS.range)
            assert domain == place, (owner, link, domain, place)
            assert (link, QT.absence, None) in ontology, f"{link} has no name for its absence"
            assert range_ is not None
            place = range_


def test_the_profile_says_what_it_is(ontology: Graph) -> None:
    assert str(ontology.value(PROFILE, QT.baseIRI)) == "https://college.example/id/"
    check_bilingual(ontology, PROFILE, QT.steward)
    check_bilingual(ontology, PROFILE, URIRef("http://purl.org/dc/terms/title"))
