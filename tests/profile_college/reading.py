"""Reading the shipped profile's files, and running pySHACL on parts of its shapes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyshacl
import rdflib
from rdflib import RDF, RDFS, SKOS, Graph, Namespace
from rdflib.term import BNode, Node, URIRef

ROOT = Path(__file__).parents[2]
SHAPES = sorted((ROOT / "shapes").glob("*.ttl"))
# Of one registry; what reaches across registries has its examples in tests/cluster_checks.
SHAPES_AT_HOME = [path for path in SHAPES if path.name != "across.ttl"]
QA = Namespace("https://w3id.org/qualitrace/qa#")
QAS = Namespace("https://w3id.org/qualitrace/scheme/")
QS = Namespace("https://w3id.org/qualitrace/shapes#")
QT = Namespace("https://w3id.org/qualitrace/engine#")
SH = Namespace("http://www.w3.org/ns/shacl#")
PREFIXES = URIRef("https://w3id.org/qualitrace/shapes")  # holds the sh:declare of all SPARQL constraints


def read(*paths: Path) -> Graph:
    """All statements of Turtle files in one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


def rules(shapes: Graph) -> set[URIRef]:
    """The rules: property shapes that only check. Those with ``sh:name`` also describe the record.

    One that says nothing but who is shown a value checks nothing.
    """
    found = set(shapes.objects(None, SH.property))
    named = {s for s in found if isinstance(s, URIRef) and (s, SH.name, None) not in shapes}
    return {s for s in named if not exposing(shapes, s)}


def exposing(shapes: Graph, shape: URIRef) -> bool:
    """Tell whether a property shape says who is shown a value, and nothing else."""
    said = set(shapes.predicates(shape)) - {RDF.type, RDFS.label, SH.path}
    return said == {QT.exposure}


def descriptions(shapes: Graph) -> set[URIRef]:
    """The property shapes that describe what a record holds."""
    found = {s for s in shapes.objects(None, SH.property) if isinstance(s, URIRef)}
    return {s for s in found if (s, SH.name, None) in shapes}


def node_shapes(shapes: Graph) -> set[URIRef]:
    """All node shapes with an IRI."""
    return {s for s in shapes.subjects(RDF.type, SH.NodeShape) if isinstance(s, URIRef)}


def only(shapes: Graph, wanted: URIRef) -> Graph:
    """A shapes graph with nothing but one property shape and the targets of the shapes that hold it."""
    part = Graph()
    for holder in shapes.subjects(SH.property, wanted):
        part.add((holder, RDF.type, SH.NodeShape))
        part.add((holder, SH.property, wanted))
        for target in shapes.objects(holder, SH.targetClass):
            part.add((holder, SH.targetClass, target))
    _copy(shapes, wanted, part)
    _copy(shapes, PREFIXES, part)
    return part


def _copy(graph: Graph, node: Node, into: Graph) -> None:
    for predicate, value in graph.predicate_objects(node):
        into.add((node, predicate, value))
        if isinstance(value, BNode):
            _copy(graph, value, into)


def background(ontology: Graph) -> Graph:
    """What data are judged against: subclasses, and the concepts with their codes."""
    kept = Graph()
    for predicate in (RDFS.subClassOf, SKOS.notation):
        for triple in ontology.triples((None, predicate, None)):
            if not isinstance(triple[2], BNode):
                kept.add(triple)
    for triple in ontology.triples((None, RDF.type, SKOS.Concept)):
        kept.add(triple)
    return kept


Result = tuple[Node, Node, Node | None]  # focus node, source shape, value


def results(data: Graph, shapes: Graph) -> list[Result]:
    """The validation results pySHACL finds."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, inplace=True)
    assert isinstance(report, rdflib.Graph)
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus, source = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
        assert focus is not None and source is not None
        found.append((focus, source, report.value(result, SH.value)))
    return found


def targets(data: Graph, shapes: Graph) -> set[Node]:
    """The focus nodes of all targets in a shapes graph."""
    classes: Iterable[Node] = shapes.objects(None, SH.targetClass)
    below = {s for c in classes for s in data.transitive_subjects(RDFS.subClassOf, c)}
    return {node for concept in below for node in data.subjects(RDF.type, concept)}
