"""An OWL ontology taken apart into its axioms: what can be left out by itself (floor 2).

An axiom is one triple between named terms together with the blank nodes it leads to (OWL 2 Mapping to RDF
Graphs, https://www.w3.org/TR/owl2-mapping-to-rdf/, writes an axiom so), or one axiom that is a blank node
of its own (``owl:AllDisjointClasses`` …). Declarations are not counted: without them the rest cannot be read.
Annotations say nothing that reasoning could use, nor do the engine's own terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS, XSD
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.terms import QT

Triple = tuple[Node, Node, Node]

_DECLARING = frozenset(
    {
        *(OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual),
        *(OWL.Ontology, RDFS.Datatype),
    }
)
_AXIOM_NODES = (
    OWL.AllDisjointClasses,
    OWL.AllDisjointProperties,
    OWL.AllDifferent,
    OWL.NegativePropertyAssertion,
)
_ANNOTATING = frozenset(
    {
        *(RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy),
        *(OWL.versionInfo, OWL.deprecated, OWL.imports, OWL.versionIRI, OWL.priorVersion),
    }
)


_UNKNOWN_DATATYPES = frozenset(
    {
        *(XSD.date, XSD.time, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gMonthDay, XSD.gDay),
        *(XSD.duration, XSD.dayTimeDuration, XSD.yearMonthDuration, XSD.QName, XSD.NOTATION),
    }
)


@dataclass(frozen=True, slots=True)
class Axiom:
    """One axiom: its first triple, and all of its triples. ``terms`` are the named terms in it."""

    triple: Triple
    triples: tuple[Triple, ...]
    terms: frozenset[URIRef]


def declarations(graph: rdflib.Graph) -> list[Triple]:
    """Return what says of which kind the terms are."""
    return [
        (term, RDF.type, kind)
        for kind in sorted(_DECLARING)
        for term in sorted(graph.subjects(RDF.type, kind), key=str)
        if isinstance(term, URIRef) and not str(term).startswith(QT + "chain")
    ]


def axioms_in(graph: rdflib.Graph) -> list[Axiom]:
    """Return the axioms of an ontology, and the facts in it, in a fixed order."""
    found = [_axiom(graph, triple) for triple in graph if _counts(graph, triple)]
    return sorted(found, key=lambda one: (str(one.triple[0]), str(one.triple[1]), _text(one)))


def _counts(graph: rdflib.Graph, triple: Triple) -> bool:
    subject, predicate, value = triple
    if predicate == RDF.type and value in _DECLARING:
        return False
    if isinstance(subject, BNode):
        return predicate == RDF.type and value in _AXIOM_NODES
    return not _annotates(graph, predicate)


def _annotates(graph: rdflib.Graph, predicate: Node) -> bool:
    if predicate in _ANNOTATING or (predicate, RDF.type, OWL.AnnotationProperty) in graph:
        return True
    text = str(predicate)
    if text.startswith((QT, str(SKOS), str(DCTERMS))):
        return (predicate, RDF.type, OWL.ObjectProperty) not in graph
    return False


def _axiom(graph: rdflib.Graph, triple: Triple) -> Axiom:
    triples = list(dict.fromkeys([triple, *_below(graph, triple)]))
    terms = {term for one in triples for term in one if isinstance(term, URIRef)}
    mentioned = {term for term in terms if not str(term).startswith((str(OWL), str(RDF), str(RDFS)))}
    return Axiom(triple, tuple(triples), frozenset(mentioned))


def _below(graph: rdflib.Graph, triple: Triple) -> Iterator[Triple]:
    seen: set[Node] = set()
    waiting = [term for term in (triple[0], triple[2]) if isinstance(term, BNode)]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            for _, predicate, value in graph.triples((node, None, None)):
                yield node, predicate, value
                if isinstance(value, BNode):
                    waiting.append(value)


def _text(one: Axiom) -> str:
    """What an axiom says, whatever its blank nodes are called."""
    last = one.triple[2]
    if not isinstance(last, BNode):
        return str(last)
    return " ".join(
        sorted(str(term) for triple in one.triples for term in triple if not isinstance(term, BNode))
    )


def about(among: Iterable[Axiom], start: Iterable[URIRef]) -> Iterator[list[Axiom]]:
    """Yield ever larger parts: the axioms that mention ``start``, those that mention what these do, …"""
    left, known, near = list(among), set(start), list[Axiom]()
    while left:
        found = [one for one in left if one.terms & known]
        if not found:
            return
        chosen = set(map(id, found))
        left = [one for one in left if id(one) not in chosen]
        near += found
        known |= {term for one in found for term in one.terms}
        yield list(near)


def readable(value: Node) -> bool:
    """Tell whether OWL 2 reasoners read a literal, or a datatype: it is in OWL's datatype map (section 4)."""
    if isinstance(value, Literal):
        return value.datatype is None or readable(value.datatype)
    return value not in _UNKNOWN_DATATYPES
