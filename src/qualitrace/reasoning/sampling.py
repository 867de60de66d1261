"""A part of the facts as OWL individuals, for a reasoner that could not take all of them (floor 2)."""

from __future__ import annotations

from dataclasses import dataclass

import rdflib
from rdflib.namespace import OWL, RDF
from rdflib.term import Identifier, URIRef

from qualitrace.reasoning.apart import readable
from qualitrace.store import INFERRED, STATED, SparqlEngine
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri, lit_of


@dataclass(frozen=True, slots=True)
class Sample:
    """Facts about some nodes, of all classes in turn. ``left_out`` counts their facts that are not in it:

    links to nodes outside, and values that OWL has no datatype for.
    """

    graph: rdflib.Graph
    nodes: int
    of: int  # nodes in all
    left_out: int


def sample(engine: SparqlEngine, ontology: rdflib.Graph, most: int) -> Sample:
    """Take up to ``most`` nodes, evenly over their classes and over each class, with the facts among them."""
    by_class: dict[str, list[str]] = {}
    for fact in engine.facts(STATED, predicate=RDF_TYPE):
        if is_iri(fact.object):
            by_class.setdefault(iri_of(fact.object), []).append(fact.subject)
    every = {node for nodes in by_class.values() for node in nodes}
    chosen = _chosen(by_class, most)
    graph, left_out = rdflib.Graph(), 0
    for node in sorted(chosen):
        graph.add((URIRef(node), RDF.type, OWL.NamedIndividual))
        for name in (STATED, INFERRED):
            for fact in engine.facts(name, subject=node):
                taken = _taken(fact, chosen, ontology)
                left_out += taken is None
                if taken is not None:
                    graph.add((URIRef(node), URIRef(fact.predicate), taken))
    return Sample(graph, len(chosen), len(every), left_out)


def _chosen(by_class: dict[str, list[str]], most: int) -> set[str]:
    chosen: set[str] = set()
    for at, name in enumerate(sorted(by_class)):
        share = max(1, (most - len(chosen)) // (len(by_class) - at))
        nodes = sorted(set(by_class[name]) - chosen)
        step = max(1, -(-len(nodes) // share))
        chosen |= set(nodes[::step])
    return set(sorted(chosen)[:most])


def _taken(fact: Fact, chosen: set[str], ontology: rdflib.Graph) -> Identifier | None:
    """The value of a fact that OWL can read and that stays within the sample; annotations are no facts."""
    predicate = URIRef(fact.predicate)
    if is_iri(fact.object):
        value = URIRef(iri_of(fact.object))
        if predicate == RDF.type or str(value) in chosen:
            return value
        return value if (value, RDF.type, OWL.NamedIndividual) in ontology else None
    if (predicate, RDF.type, OWL.DatatypeProperty) not in ontology:
        return None
    lit = lit_of(fact.object)
    found = rdflib.Literal(
        lit.value, lang=lit.language or None, datatype=None if lit.language else lit.datatype
    )
    return found if readable(found) else None
