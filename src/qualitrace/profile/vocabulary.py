"""Small questions to an ontology graph: names, labels, lists, superclasses.

Namespaces are those of W3C vocabularies and of the engine; nothing here knows a profile's own terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace import terms
from qualitrace.text import Text

QT = rdflib.Namespace(terms.QT)
CODE_IDENTIFIER = URIRef(terms.SH + "codeIdentifier")  # SHACL 1.2; rdflib's SH is 1.0
# Prefixes every profile has, whatever its files declare.
PREFIXES = {
    "dcterms": terms.DCTERMS,
    "owl": terms.OWL,
    "prov": terms.PROV,
    "qt": terms.QT,
    "rdf": terms.RDF,
    "rdfs": terms.RDFS,
    "sh": terms.SH,
    "skos": terms.SKOS,
    "xsd": terms.XSD,
}
LABELS = (RDFS.label, SKOS.prefLabel, DCTERMS.title)
DEFINITIONS = (SKOS.definition, RDFS.comment, DCTERMS.description)
CLASS_TYPES = (OWL.Class, RDFS.Class)
PROPERTY_TYPES = (
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    RDF.Property,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.TransitiveProperty,
    OWL.SymmetricProperty,
)
_GRAPHQL_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")


def text_of(graph: rdflib.Graph, node: Node, *predicates: URIRef) -> Text:
    """Gather the literals of ``predicates`` by language; an earlier predicate wins.

    A regional tag (``zh-cn``) also fills its bare language (``zh``) when nothing else does.
    """
    found: dict[str, str] = {}
    for predicate in predicates:
        for value in sorted(v for v in graph.objects(node, predicate) if isinstance(v, Literal)):
            found.setdefault((value.language or "").lower(), str(value))
    for tag in sorted(found):
        found.setdefault(tag.partition("-")[0], found[tag])
    return Text(found)


def local_name(iri: str) -> str:
    """Return the part of an IRI after its last ``#``, ``/`` or ``:``."""
    return re.split(r"[#/:]", iri)[-1]


def namespace_of(iri: str) -> str:
    """Return an IRI without its local name."""
    name = local_name(iri)
    return iri[: len(iri) - len(name)]


def is_graphql_name(name: str) -> bool:
    """Tell whether ``name`` may name a type or field (GraphQL 2.1.9; ``__`` is reserved)."""
    return _GRAPHQL_NAME.fullmatch(name) is not None


def ntriples_term(term: Node) -> str:
    """Return an IRI or literal in N-Triples syntax, as facts hold their objects."""
    if isinstance(term, Literal):
        return terms.literal(str(term), datatype=str(term.datatype or ""), language=term.language or "")
    return terms.iri(str(term))


def members(graph: rdflib.Graph, head: Node) -> Iterator[Node]:
    """Yield the members of an RDF list. Raises ValueError when the list is broken or endless."""
    seen: set[Node] = set()
    while head != RDF.nil:
        first = graph.value(head, RDF.first)
        if first is None or head in seen:
            raise ValueError("not a proper list")
        seen.add(head)
        yield first
        rest = graph.value(head, RDF.rest)
        if rest is None:
            raise ValueError("not a proper list")
        head = rest


def named_classes(graph: rdflib.Graph, expression: Node) -> list[str]:
    """Return the class IRIs of a class expression: itself, or the members of ``owl:unionOf``."""
    if isinstance(expression, URIRef):
        return [str(expression)]
    union = graph.value(expression, OWL.unionOf)
    if union is None:
        return []
    return [name for member in members(graph, union) for name in named_classes(graph, member)]


def levels(parents: Mapping[str, frozenset[str]], start: str) -> list[list[str]]:
    """Return ``start``, its parents, their parents …: one sorted list per distance, without repeats."""
    seen = {start}
    found = [[start]]
    while found[-1]:
        above = {p for name in found[-1] for p in parents.get(name, frozenset())} - seen
        seen |= above
        found.append(sorted(above))
    return found[:-1]


def direct_parents(graph: rdflib.Graph, relation: URIRef, same: URIRef) -> dict[str, frozenset[str]]:
    """Return the named direct parents along ``relation``; ``same`` (an equivalence) counts both ways."""
    found: dict[str, set[str]] = {}
    pairs = list(graph.subject_objects(relation))
    for left, right in graph.subject_objects(same):
        pairs += [(left, right), (right, left)]
    for child, parent in pairs:
        if isinstance(child, URIRef) and isinstance(parent, URIRef) and child != parent:
            found.setdefault(str(child), set()).add(str(parent))
    return {child: frozenset(above) for child, above in found.items()}


def below(parents: Mapping[str, frozenset[str]], top: str) -> frozenset[str]:
    """Return everything that has ``top`` above it, transitively, without ``top`` itself."""
    children: dict[str, set[str]] = {}
    for child, above in parents.items():
        for parent in above:
            children.setdefault(parent, set()).add(child)
    seen: set[str] = set()
    waiting = [top]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return frozenset(seen - {top})


def is_blank(node: Node) -> bool:
    """Tell whether a node is a blank node."""
    return isinstance(node, BNode)
