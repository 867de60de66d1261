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
    Literal("hi", lang="en"),
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
    "above zero": ([*WORDS, *NUMBERS[1:]], NUMBERS[1:]),  # pySHACL does not bind a value that is 0
    "mixed": ([*WORDS, *NUMBERS, *DATES, *ODD], []),
}
BLANKS = [BNode("b0"), BNode("b1")]
Result = tuple[str, ...]

rdflib.NORMALIZE_LITERALS = False
_SILENT = logging.getLogger("tests.reference")
_SILENT.setLevel(logging.CRITICAL)
_SILENT.propagate = False


def data_graphs(world: str, *, dense: bool = False) -> st.SearchStrategy[rdflib.Graph]:
    """Small graphs over the vocabulary, with a class hierarchy and edges between the nodes.

    A dense one says more about fewer nodes.
    """
    nodes: list[Node] = NODES[:2] if dense else [*NODES, *BLANKS]
    edges = st.tuples(st.sampled_from(nodes), st.sampled_from(PROPERTIES), st.sampled_from(nodes))
    values = st.tuples(st.sampled_from(nodes), st.sampled_from(PROPERTIES), st.sampled_from(WORLDS[world][0]))
    types = st.tuples(st.sampled_from(nodes), st.just(RDF.type), st.sampled_from(CLASSES))
    comparable = WORLDS[world][1]
    if comparable:
        ends = st.sampled_from([EX.begin, EX.end])
        values = st.one_of(values, st.tuples(st.sampled_from(nodes), ends, st.sampled_from(comparable)))
    subclasses = st.tuples(st.sampled_from(CLASSES), st.just(RDFS.subClassOf), st.sampled_from(CLASSES))
    triples = st.lists(
        st.one_of(edges, edges, values, values, types, types), min_size=12 if dense else 4, max_size=24
    )
    # Two values in one language, which chance alone brings together too rarely.
    english = [word for word in WORDS if word.language == "en"]
    twins = st.tuples(st.sampled_from(nodes), st.sampled_from(PROPERTIES)).map(
        lambda place: [(*place, word) for word in english]
    )
    twin_lists = st.lists(twins, min_size=1 if dense else 0, max_size=2)
    parts = st.tuples(triples, st.lists(subclasses, max_size=2), twin_lists)
    return parts.map(lambda part: _graph([*part[0], *part[1], *(t for pair in part[2] for t in pair)]))


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
        if kind == "inverse":
            # Of one predicate: pySHACL walks the inverse of a sequence in the sequence's own order.
            self.graph.add((node, SH.inversePath, self.pick(PROPERTIES)))
            return node
        if kind == "alternative":
            self.graph.add((node, SH.alternativePath, self.list_of([self.path(depth + 1) for _ in range(2)])))
            return node
        predicate = {
            "*": SH.zeroOrMorePath,
            "+": SH.oneOrMorePath,
            "?": SH.zeroOrOnePath,
        }[kind]
        self.graph.add((node, predicate, self.path(depth + 1)))
        return node

    def root(self, parameter: str = "") -> None:
        """Add a shape with targets, and with a certain parameter when one is named."""
        needs_path = PROPERTY_ONLY | ORDERED
        shape = self.shape(0, is_property=True if parameter in needs_path else None, parameter=parameter)
        for _ in range(self.draw(st.integers(1, 2))):
            kind = self.draw(st.sampled_from(["class", "class", "node", "subjects", "objects"]))
            predicate, options = {
                "class": (SH.targetClass, CLASSES),
                "node": (SH.targetNode, [*NODES, EX.absent, *self.literals[:6]]),
                "subjects": (SH.targetSubjectsOf, PROPERTIES),
                "objects": (SH.targetObjectsOf, PROPERTIES),
            }[kind]
            self.graph.add((shape, predicate, self.pick(options)))
        if parameter in ORDERED:
            self.graph.add((shape, SH.targetSubjectsOf, EX.begin))

    def shape(self, depth: int, *, is_property: bool | None = None, parameter: str = "") -> URIRef:
        """Add a shape with one to three constraints."""
        shape = self.name()
        is_property = self.draw(st.booleans()) if is_property is None else is_property
        self.graph.add((shape, RDF.type, SH.PropertyShape if is_property else SH.NodeShape))
        if is_property:
            plain = parameter in PROPERTY_ONLY
            path = self.pick(PROPERTIES) if plain else self.path()
            self.graph.add((shape, SH.path, EX.begin if parameter in ORDERED else path))
        if self.chance(5):
            self.graph.add((shape, SH.severity, self.pick([SH.Warning, SH.Info, EX.Own])))
        if self.chance(12) and not parameter:
            self.graph.add((shape, SH.deactivated, Literal(True)))
        if parameter:
            self.constrain(shape, parameter, depth)
        for _ in range(self.draw(st.integers(0 if parameter else 1, 3))):
            self.constrain(shape, self.draw(st.sampled_from(self.parameters(shape, depth))), depth)
        return shape

    def parameters(self, shape: URIRef, depth: int) -> list[str]:
        """The parameters that may be added to a shape."""
        found = list(ANYWHERE)
        if self.bounds:
            found += RANGES
        path = self.graph.value(shape, SH.path)
        if path is not None:
            found += PROPERTY_ONLY - (set() if depth < 3 else NESTING)
        if path == EX.begin:
            found += ORDERED
        if depth < 3:
            found += [*NESTING - PROPERTY_ONLY] * 2
        return sorted(found)

    def constrain(self, shape: URIRef, parameter: str, depth: int) -> None:
        """Add a parameter with a drawn value, unless the shape has it and may have it once only."""
        if parameter not in REPEATABLE and (shape, SH[parameter], None) in self.graph:
            return
        value = self.value_of(parameter, depth)
        self.graph.add((shape, SH[parameter], value))
        if parameter == "pattern" and self.chance(3):
            self.graph.add((shape, SH.flags, Literal("i")))
        if parameter == "closed" and self.chance(2):
            ignored = self.draw(st.lists(st.sampled_from([*PROPERTIES, RDF.type]), min_size=1, max_size=3))
            self.graph.add((shape, SH.ignoredProperties, self.list_of(ignored)))
        if parameter == "qualifiedValueShape":
            names = ["qualifiedMinCount", "qualifiedMaxCount"]
            for name in self.draw(st.lists(st.sampled_from(names), min_size=1, unique=True)):
                self.graph.add((shape, SH[name], Literal(self.draw(st.integers(0, 2)))))
            if self.chance(3):
                self.graph.add((shape, SH.qualifiedValueShapesDisjoint, Literal(True)))

    def value_of(self, parameter: str, depth: int) -> Node:
        """Draw the value of a parameter."""
        if parameter in CHOICES:
            return self.pick(CHOICES[parameter])
        if parameter in RANGES:
            return self.pick(self.bounds)
        if parameter == "in":
            members = st.lists(st.sampled_from([*NODES, *self.literals]), min_size=1, max_size=6)
            return self.list_of(self.draw(members))
        if parameter == "hasValue":
            return self.pick([*NODES, *self.literals])
        if parameter == "languageIn":
            tags = st.lists(st.sampled_from(["en", "de", "zh", "en-GB"]), min_size=1, max_size=2)
            return self.list_of([Literal(tag) for tag in self.draw(tags)])
        if parameter in ("and", "or", "xone"):
            return self.list_of([self.shape(depth + 1) for _ in range(self.draw(st.integers(1, 3)))])
        # pySHACL takes only property shapes for sh:property and only node shapes for sh:node.
        return self.shape(depth + 1, is_property={"property": True, "node": False}.get(parameter))


ANYWHERE = (
    *("class", "datatype", "nodeKind", "in", "hasValue", "minLength", "maxLength", "pattern"),
    *("languageIn", "closed", "equals", "disjoint"),
)
RANGES = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
PROPERTY_ONLY = {"minCount", "maxCount", "uniqueLang", "qualifiedValueShape"}
ORDERED = {"lessThan", "lessThanOrEquals"}
NESTING = {"property", "node", "not", "and", "or", "xone", "qualifiedValueShape"}
REPEATABLE = {"class", "hasValue", "equals", "disjoint", "property", "node", "not", "and", "or", "xone"}
COUNTS: list[Node] = [Literal(number) for number in range(4)]
CHOICES: dict[str, list[Node]] = {
    "class": list(CLASSES),
    "datatype": [XSD.integer, XSD.string, XSD.date, XSD.decimal, XSD.boolean, RDF.langString, EX.unknown],
    "nodeKind": [
        *(SH.IRI, SH.Literal, SH.BlankNode),
        *(SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRIOrLiteral),
    ],
    "minLength": [Literal(number) for number in range(0, 8)],
    "maxLength": [Literal(number) for number in range(0, 8)],
    "pattern": [Literal(pattern) for pattern in ("^a", "[0-9]+", "^H", "n1$", "l{2}")],
    "minCount": COUNTS,
    "maxCount": COUNTS,
    "uniqueLang": [Literal(True)],
    "closed": [Literal(True)],
    "equals": list(PROPERTIES),
    "disjoint": list(PROPERTIES),
    "lessThan": [EX.end],
    "lessThanOrEquals": [EX.end],
}
PARAMETERS = sorted({*ANYWHERE, *RANGES, *PROPERTY_ONLY, *ORDERED, *NESTING})


@st.composite
def worlds(draw: st.DrawFn, parameter: str = "") -> tuple[rdflib.Graph, rdflib.Graph]:
    """Shapes over all core constraint components, path kinds and targets, and data for them.

    ``parameter`` names one that the first shape has for certain.
    """
    compares = parameter in ORDERED or parameter in RANGES
    world = draw(st.sampled_from([name for name, (_, bounds) in WORLDS.items() if bounds or not compares]))
    maker = ShapeMaker(draw, world)
    maker.root(parameter)
    if draw(st.booleans()):
        maker.root()
    return maker.graph, draw(data_graphs(world, dense=parameter in PROPERTY_ONLY | ORDERED))


def store_of(graph: rdflib.Graph, *, repeat: bool = True) -> ox.Store:
    """Load an rdflib graph into a store, spread over two named graphs; some facts are in both."""
    store = ox.Store()
    names = [ox.NamedNode("http://example.org/graph1"), ox.NamedNode("http://example.org/graph2")]
    for number, (s, p, o) in enumerate(sorted(graph, key=lambda t: tuple(n.n3() for n in t))):
        for name in names if repeat and number % 3 == 0 else [names[number % 2]]:
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


def blurred(results: Counter[Result]) -> Counter[Result]:
    """The same results with one name for all shapes that have none: theirs differ in each report."""
    found: Counter[Result] = Counter()
    for result, count in results.items():
        shape = "_:" if result[-1].startswith("_:") else result[-1]
        found[(*result[:-1], shape)] += count
    return found


def reference_results(data: rdflib.Graph, shapes: rdflib.Graph, *, advanced: bool = False) -> Counter[Result]:
    """The results of pySHACL as comparable tuples; ``advanced`` with query targets and functions."""
    _, results, _ = pyshacl.validate(
        data,
        shacl_graph=shapes,
        logger=_SILENT,
        inplace=False,
        advanced=advanced,
        do_owl_imports=False,
        max_validation_depth=100,
    )
    assert isinstance(results, rdflib.Graph), results
    found = Counter[Result]()
    for report in results.subjects(RDF.type, SH.ValidationReport):
        for result in results.objects(report, SH.result):
            path, value = results.value(result, SH.resultPath), results.value(result, SH.value)
            focus, shape = results.value(result, SH.focusNode), results.value(result, SH.sourceShape)
            assert focus is not None and shape is not None
            if isinstance(path, BNode):  # the copy of a deep path in its report is not always whole
                path = shapes.value(shape, SH.path)
            found[
                (
                    name_of(focus),
                    "" if path is None else sparql(read_path(shapes, path)),
                    "" if value is None else ntriples(value),
                    str(results.value(result, SH.sourceConstraintComponent)),
                    str(results.value(result, SH.resultSeverity)),
                    name_of(shape),
                )
            ] += 1
    return found
