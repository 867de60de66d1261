"""Random shapes and data, and the results of both validators as comparable tuples."""

from __future__ import annotations

import logging
from collections import Counter

import pyoxigraph as ox
import pyshacl
import rdflib
from hypothesis import strategies as st
from rdflib.namespace import RDF, RDFS, SH, XSD
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.validation import CompiledShapes, validate_store
from qualitrace.validation.data import from_rdflib
from qualitrace.validation.model import Report
from qualitrace.validation.paths import read_path, sparql
from qualitrace.validation.vocabulary import name_of, ntriples

EX = rdflib.Namespace("http://example.org/")
CLASSES = [EX.A, EX.B, EX.C]
PROPERTIES = [EX.p, EX.q, EX.r]
NODES = [EX[f"n{number}"] for number in range(6)]
WORDS = [
    Literal("a"),
    Literal("abc"),
    Literal("1"),
    Literal("hallo", lang="de"),
    Literal("hello", lang="en"),
    Literal("colour", lang="en-gb"),
    Literal("你好", lang="zh"),
]
NUMBERS = [*(Literal(number) for number in (0, 1, 2, 10)), Literal("1.5", datatype=XSD.decimal)]
DATES = [
    Literal("2020-01-01", datatype=XSD.date),
    Literal("2021-06-30", datatype=XSD.date),
    Literal("2020-01-01T00:00:00", datatype=XSD.dateTime),
]
ODD = [
    Literal("nonsense", datatype=XSD.date),
    Literal("x", datatype=XSD.integer),
    Literal("true", datatype=XSD.boolean),
    Literal("t", datatype=EX.unknown),
]
# pySHACL puts IRIs, numbers, dates, booleans and unknown datatypes in orders of its own; SPARQL, and so
# SHACL, does not compare them. A world has literals and what may be compared: only that is a bound, and
# a value of ex:begin and ex:end.
WORLDS: dict[str, tuple[list[Literal], list[Literal]]] = {
    "numbers": ([*WORDS, *NUMBERS], NUMBERS),
    "dates": ([*WORDS, *DATES], DATES[:2]),
    "mixed": ([*WORDS, *NUMBERS, *DATES, *ODD], []),
}
BLANKS = [BNode("b0"), BNode("b1")]
Result = tuple[str, ...]

rdflib.NORMALIZE_LITERALS = False
_SILENT = logging.getLogger("tests.reference")
_SILENT.setLevel(logging.CRITICAL)
_SILENT.propagate = False


def data_graphs(world: str, *, blanks: bool = True) -> st.SearchStrategy[rdflib.Graph]:
    """Small graphs over the vocabulary, with a class hierarchy and edges between the nodes."""
    nodes: list[Node] = [*NODES, *(BLANKS if blanks else [])]
    edges = st.tuples(st.sampled_from(nodes), st.sampled_from(PROPERTIES), st.sampled_from(nodes))
    values = st.tuples(st.sampled_from(nodes), st.sampled_from(PROPERTIES), st.sampled_from(WORLDS[world][0]))
    types = st.tuples(st.sampled_from(nodes), st.just(RDF.type), st.sampled_from(CLASSES))
    comparable = WORLDS[world][1]
    if comparable:
        ends = st.sampled_from([EX.begin, EX.end])
        values = st.one_of(values, st.tuples(st.sampled_from(nodes), ends, st.sampled_from(comparable)))
    subclasses = st.tuples(st.sampled_from(CLASSES), st.just(RDFS.subClassOf), st.sampled_from(CLASSES))
    triples = st.lists(st.one_of(edges, edges, values, values, types, types), min_size=4, max_size=24)
    return st.tuples(triples, st.lists(subclasses, max_size=2)).map(lambda both: _graph([*both[0], *both[1]]))


def _graph(triples: list[tuple[Node, Node, Node]]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(triple)
    return graph


class ShapeMaker:
    """Draws a shapes graph; every shape has an IRI so that results name it."""

    def __init__(self, draw: st.DrawFn, world: str) -> None:
        self.draw = draw
        self.literals, self.bounds = WORLDS[world]
        self.graph = rdflib.Graph()
        self.count = 0

    def name(self) -> URIRef:
        self.count += 1
        return EX[f"shape{self.count}"]

    def pick(self, options: list[Node]) -> Node:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    def list_of(self, members: list[Node]) -> Node:
        head = BNode()
        rdflib.collection.Collection(self.graph, head, members)
        return head

    def path(self, depth: int = 0) -> Node:
        kind = self.draw(
            st.sampled_from(["predicate"] * 6 + ["inverse", "sequence", "alternative", "*", "+", "?"])
        )
        if kind == "predicate" or depth > 2:
            return self.pick([*PROPERTIES, EX.begin] if self.bounds else PROPERTIES)
        if kind == "sequence":
            return self.list_of([self.path(depth + 1) for _ in range(2)])
        node = BNode()
        if kind == "alternative":
            self.graph.add((node, SH.alternativePath, self.list_of([self.path(depth + 1) for _ in range(2)])))
            return node
        predicate = {
            "inverse": SH.inversePath,
            "*": SH.zeroOrMorePath,
            "+": SH.oneOrMorePath,
            "?": SH.zeroOrOnePath,
        }[kind]
        self.graph.add((node, predicate, self.path(depth + 1)))
        return node

    def root(self) -> None:
        shape = self.shape(0)
        for _ in range(self.draw(st.integers(1, 2))):
            kind = self.draw(st.sampled_from(["class", "class", "node", "subjects", "objects"]))
            predicate, options = {
                "class": (SH.targetClass, CLASSES),
                "node": (SH.targetNode, [*NODES, EX.absent, *self.literals[:6]]),
                "subjects": (SH.targetSubjectsOf, PROPERTIES),
                "objects": (SH.targetObjectsOf, PROPERTIES),
            }[kind]
            self.graph.add((shape, predicate, self.pick(options)))

    def shape(self, depth: int, *, is_property: bool | None = None) -> URIRef:
        shape = self.name()
        is_property = self.draw(st.booleans()) if is_property is None else is_property
        if is_property:
            self.graph.add((shape, RDF.type, SH.PropertyShape))
            self.graph.add((shape, SH.path, self.path()))
        else:
            self.graph.add((shape, RDF.type, SH.NodeShape))
        if self.chance(5):
            self.graph.add((shape, SH.severity, self.pick([SH.Warning, SH.Info, EX.Own])))
        if self.chance(12):
            self.graph.add((shape, SH.deactivated, Literal(True)))
        for _ in range(self.draw(st.integers(1, 3))):
            self.constraint(shape, is_property, depth)
        return shape

    def constraint(self, shape: URIRef, is_property: bool, depth: int) -> None:
        kinds = ["value", "text", "pair", "single"]
        kinds += ["count"] * 2 if is_property else []
        if depth < 3:
            kinds += ["nested", "nested", "logic", "logic"] + (["qualified"] if is_property else [])
        getattr(self, "_" + self.draw(st.sampled_from(kinds)))(shape, is_property, depth)

    def _once(self, shape: URIRef, predicate: URIRef, value: Node) -> None:
        if (shape, predicate, None) not in self.graph:
            self.graph.add((shape, predicate, value))

    def _value(self, shape: URIRef, _: bool, __: int) -> None:
        kind = self.draw(st.sampled_from(["class", "datatype", "nodeKind", "in", "hasValue"]))
        if kind == "class":
            self.graph.add((shape, SH["class"], self.pick(CLASSES)))
        elif kind == "datatype":
            types = [XSD.integer, XSD.string, XSD.date, XSD.decimal, XSD.boolean, RDF.langString, EX.unknown]
            self._once(shape, SH.datatype, self.pick(types))
        elif kind == "nodeKind":
            names = ["IRI", "Literal", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
            self._once(shape, SH.nodeKind, SH[self.draw(st.sampled_from(names))])
        elif kind == "in":
            members = self.draw(st.lists(st.sampled_from([*NODES, *self.literals]), min_size=1, max_size=6))
            self._once(shape, SH["in"], self.list_of(members))
        else:
            self.graph.add((shape, SH.hasValue, self.pick([*NODES, *self.literals])))

    def _text(self, shape: URIRef, is_property: bool, _: int) -> None:
        kind = self.draw(st.sampled_from(["minLength", "maxLength", "pattern", "languageIn", "uniqueLang"]))
        if kind in ("minLength", "maxLength"):
            self._once(shape, SH[kind], Literal(self.draw(st.integers(0, 6))))
        elif kind == "pattern":
            self._once(
                shape, SH.pattern, Literal(self.draw(st.sampled_from(["^a", "[0-9]+", "^H", "n1$", "l{2}"])))
            )
            if self.chance(3):
                self._once(shape, SH.flags, Literal("i"))
        elif kind == "languageIn":
            tags = self.draw(st.lists(st.sampled_from(["en", "de", "zh", "en-GB"]), min_size=1, max_size=2))
            self._once(shape, SH.languageIn, self.list_of([Literal(tag) for tag in tags]))
        elif is_property:
            self._once(shape, SH.uniqueLang, Literal(True))

    def _single(self, shape: URIRef, is_property: bool, depth: int) -> None:
        if self.bounds and self.draw(st.booleans()):
            names = ["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]
            self._once(shape, SH[self.draw(st.sampled_from(names))], self.pick(self.bounds))
        elif (shape, SH.closed, None) not in self.graph:
            self.graph.add((shape, SH.closed, Literal(True)))
            ignored = self.draw(st.lists(st.sampled_from([*PROPERTIES, RDF.type]), max_size=3))
            if ignored:
                self.graph.add((shape, SH.ignoredProperties, self.list_of(ignored)))

    def _pair(self, shape: URIRef, is_property: bool, _: int) -> None:
        if (shape, SH.path, EX.begin) in self.graph:
            self.graph.add((shape, self.pick([SH.lessThan, SH.lessThanOrEquals]), EX.end))
        else:
            self.graph.add((shape, self.pick([SH.equals, SH.disjoint]), self.pick(PROPERTIES)))

    def _count(self, shape: URIRef, _: bool, __: int) -> None:
        name = self.draw(st.sampled_from(["minCount", "maxCount"]))
        self._once(shape, SH[name], Literal(self.draw(st.integers(0, 3))))

    def _nested(self, shape: URIRef, _: bool, depth: int) -> None:
        if self.draw(st.booleans()):
            self.graph.add((shape, SH.property, self.shape(depth + 1, is_property=True)))
        else:
            self.graph.add((shape, SH.node, self.shape(depth + 1, is_property=False)))

    def _logic(self, shape: URIRef, _: bool, depth: int) -> None:
        kind = self.draw(st.sampled_from(["not", "and", "or", "xone"]))
        if kind == "not":
            self.graph.add((shape, SH["not"], self.shape(depth + 1)))
            return
        shapes = [self.shape(depth + 1) for _ in range(self.draw(st.integers(1, 3)))]
        self.graph.add((shape, SH[kind], self.list_of(shapes)))

    def _qualified(self, shape: URIRef, _: bool, depth: int) -> None:
        if (shape, SH.qualifiedValueShape, None) in self.graph:
            return
        self.graph.add((shape, SH.qualifiedValueShape, self.shape(depth + 1)))
        name = self.draw(st.sampled_from(["qualifiedMinCount", "qualifiedMaxCount"]))
        self.graph.add((shape, SH[name], Literal(self.draw(st.integers(0, 2)))))
        if self.chance(3):
            self.graph.add((shape, SH.qualifiedValueShapesDisjoint, Literal(True)))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[rdflib.Graph, rdflib.Graph]:
    """Shapes over all core constraint components, path kinds and targets, and data for them."""
    world = draw(st.sampled_from(list(WORLDS)))
    maker = ShapeMaker(draw, world)
    for _ in range(draw(st.integers(1, 2))):
        maker.root()
    return maker.graph, draw(data_graphs(world))


def store_of(graph: rdflib.Graph) -> ox.Store:
    """Load an rdflib graph into a store, spread over two named graphs."""
    store = ox.Store()
    names = [ox.NamedNode("http://example.org/graph1"), ox.NamedNode("http://example.org/graph2")]
    for number, (s, p, o) in enumerate(sorted(graph, key=lambda t: tuple(n.n3() for n in t))):
        for name in names if number % 3 == 0 else [names[number % 2]]:
            store.add(ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o), name))
    return store


def our_results(report: Report) -> Counter[Result]:
    """The results of our report as comparable tuples."""
    return Counter(
        (
            finding.focus,
            finding.path,
            finding.value,
            finding.component,
            finding.severity_iri or str(SH) + finding.severity.value.capitalize(),
            finding.shape,
        )
        for finding in report.findings
    )


def reference_results(data: rdflib.Graph, shapes: rdflib.Graph) -> Counter[Result]:
    """The results of pySHACL as comparable tuples."""
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes, logger=_SILENT, inplace=False)
    assert isinstance(results, rdflib.Graph), results
    found = Counter[Result]()
    for report in results.subjects(RDF.type, SH.ValidationReport):
        for result in results.objects(report, SH.result):
            path, value = results.value(result, SH.resultPath), results.value(result, SH.value)
            focus, shape = results.value(result, SH.focusNode), results.value(result, SH.sourceShape)
            assert focus is not None and shape is not None
            found[
                (
                    name_of(focus),
                    "" if path is None else sparql(read_path(results, path)),
                    "" if value is None else ntriples(value),
                    str(results.value(result, SH.sourceConstraintComponent)),
                    str(results.value(result, SH.resultSeverity)),
                    name_of(shape),
                )
            ] += 1
    return found


def our_validation(data: rdflib.Graph, compiled: CompiledShapes) -> Report:
    """Validate an rdflib graph with the compiler."""
    return validate_store(store_of(data), compiled)
