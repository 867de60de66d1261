"""Data made for shapes that somebody else wrote: mostly what they ask for, sometimes what they forbid."""

from __future__ import annotations

import random
from collections.abc import Iterator

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, SH, XSD
from rdflib.term import BNode, Literal, Node, URIRef

DATA = rdflib.Namespace("urn:x-made:")
_WORDS = ["", "a", "text of some length", "later", "http://example.org/x", "5", "true"]
_FRACTIONS = ["1.5", "-2.25", "40"]
_NUMBERS = ["0", "1", "7", "-3"]
_GOOD = {
    XSD.boolean: ["true", "false"],
    XSD.date: ["2020-01-01", "1999-12-31"],
    XSD.dateTime: ["2020-01-01T10:00:00Z", "2021-06-30T00:00:00"],
    XSD.time: ["10:00:00"],
    XSD.anyURI: ["http://example.org/"],
    **dict.fromkeys((XSD.decimal, XSD.double, XSD.float), _FRACTIONS),
    **dict.fromkeys((XSD.integer, XSD.int, XSD.long, XSD.nonNegativeInteger, XSD.positiveInteger), _NUMBERS),
}


class Maker:
    """Makes data that a shapes graph has something to say about, the same for the same seed."""

    def __init__(self, shapes: rdflib.Graph, seed: int, *, nodes: int, classes: list[URIRef]) -> None:
        self._shapes = shapes
        self._random = random.Random(seed)
        self._classes = classes
        names = [DATA[f"n{number}"] for number in range(nodes)]
        self._nodes: list[Node] = [*names, *(BNode(f"made{number}") for number in range(nodes // 10))]
        self._types = {node: self._random.choice(classes) for node in self._nodes}
        self._all_paths = sorted({path for shape in shapes.subjects(SH.path) for path in self._paths(shape)})

    def graph(self) -> rdflib.Graph:
        """Return the data, with the subclasses that the shapes graph knows of."""
        graph = rdflib.Graph()
        for pair in self._shapes.subject_objects(RDFS.subClassOf):
            graph.add((pair[0], RDFS.subClassOf, pair[1]))
        for node, type_ in self._types.items():
            graph.add((node, RDF.type, type_))
            fitting = self._property_shapes(type_)
            for _ in range(self._random.randint(1, 8)):
                shape = self._random.choice(fitting) if fitting and self._chance(6, 7) else None
                paths = list(self._paths(shape)) if shape is not None else self._all_paths
                if paths:
                    graph.add((node, self._random.choice(paths), self._value(shape)))
        return graph

    def _chance(self, of: int, among: int) -> bool:
        return self._random.randint(1, among) <= of

    def _property_shapes(self, class_: URIRef) -> list[Node]:
        """The property shapes that concern instances of a class, however deep they stand."""
        above = set(self._shapes.transitive_objects(class_, RDFS.subClassOf))
        found = {shape for name in above for shape in self._shapes.subjects(SH.targetClass, name)} | above
        waiting = list(found)
        while waiting:
            for inner in self._inner(waiting.pop()):
                if inner not in found:
                    found.add(inner)
                    waiting.append(inner)
        return sorted((node for node in found if (node, SH.path, None) in self._shapes), key=self._order)

    def _order(self, node: Node) -> str:
        said = sorted(f"{p} {'' if isinstance(o, BNode) else o}" for p, o in self._shapes[node])
        return (
            ""
            if isinstance(node, URIRef) and not said
            else f"{'' if isinstance(node, BNode) else node}{said}"
        )

    def _inner(self, shape: Node) -> Iterator[Node]:
        for predicate in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape):
            yield from self._shapes.objects(shape, predicate)
        for predicate in (SH["and"], SH["or"], SH.xone):
            for head in self._shapes.objects(shape, predicate):
                yield from Collection(self._shapes, head)

    def _paths(self, shape: Node) -> Iterator[URIRef]:
        """The predicates in the path of a property shape."""
        waiting, seen = list(self._shapes.objects(shape, SH.path)), set[Node]()
        while waiting:
            node = waiting.pop()
            if isinstance(node, URIRef) and node != RDF.nil:
                yield node
            elif node not in seen:
                seen.add(node)
                waiting += self._shapes.objects(node)

    def _value(self, shape: Node | None) -> Node:
        options: list[Node] = []
        if shape is not None and self._chance(3, 4):
            for head in self._shapes.objects(shape, SH["in"]):
                options += Collection(self._shapes, head)
            options += self._shapes.objects(shape, SH.hasValue)
            options += (self._literal(type_) for type_ in self._shapes.objects(shape, SH.datatype))
            options += (node for c in self._shapes.objects(shape, SH["class"]) for node in self._instances(c))
        if not options:
            options = [self._random.choice(self._nodes), self._literal(None), DATA.nothing]
        return self._random.choice(options)

    def _instances(self, class_: Node) -> list[Node]:
        below = set(self._shapes.transitive_subjects(RDFS.subClassOf, class_))
        found = [node for node, type_ in self._types.items() if type_ in below]
        return found[: self._random.randint(0, 3)]

    def _literal(self, datatype: Node | None) -> Literal:
        if datatype == RDF.langString:
            return Literal(self._random.choice(_WORDS), lang=self._random.choice(["en", "zh"]))
        if datatype is None:
            return Literal(self._random.choice(_WORDS))
        assert isinstance(datatype, URIRef)
        words = _GOOD.get(datatype, _WORDS) if self._chance(5, 6) else _WORDS
        return Literal(self._random.choice(words), datatype=datatype, normalize=False)


def targeted_classes(shapes: rdflib.Graph) -> list[URIRef]:
    """The classes that shapes target, explicitly or by being shapes themselves, in a stable order."""
    found = set(shapes.objects(None, SH.targetClass))
    for kind in (RDFS.Class, OWL.Class):
        found |= {node for node in shapes.subjects(RDF.type, kind) if (node, SH.property, None) in shapes}
    return sorted(node for node in found if isinstance(node, URIRef))
