"""Facts that an axiom does not allow together, compared with owlrl on generated ontologies and data."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

import owlrl
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.reasoning import infer
from qualitrace.reasoning.clashes import Clashes, clashes
from qualitrace.store import PROFILE, STATED, OxigraphEngine
from qualitrace.terms import RDF_TYPE, Fact, iri, literal
from tests.reasoning.profiles import DATA, VOCABULARY, fact, profile

CLASSES = [URIRef(VOCABULARY + name) for name in "ABCD"]
PROPERTIES = [URIRef(VOCABULARY + name) for name in "pqr"]
NODES = "abc"
KINDS = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
BREAKABLE = (
    *(*KINDS, OWL.propertyDisjointWith, OWL.AllDisjointProperties, OWL.disjointWith),
    *(OWL.complementOf, OWL.AllDisjointClasses, OWL.hasKey, OWL.maxCardinality),
)


def restriction(graph: rdflib.Graph, link: Node, number: int) -> Node:
    node = BNode()
    graph.add((node, RDF.type, OWL.Restriction))
    graph.add((node, OWL.onProperty, link))
    graph.add((node, OWL.maxCardinality, Literal(number, datatype=XSD.nonNegativeInteger)))
    return node


def listed(graph: rdflib.Graph, members: list[URIRef]) -> Node:
    start = BNode()
    Collection(graph, start, list(members))
    return start


def add_axiom(graph: rdflib.Graph, kind: URIRef, chosen: random.Random) -> None:
    """Add one axiom that facts may break."""
    one, other, third = chosen.sample(PROPERTIES, 3)
    classes = chosen.sample(CLASSES, 3)
    if kind in KINDS:
        graph.add((one, RDF.type, kind))
    elif kind == OWL.propertyDisjointWith:
        graph.add((one, kind, other))
    elif kind in (OWL.disjointWith, OWL.complementOf):
        graph.add((classes[0], kind, classes[1]))
    elif kind == OWL.hasKey:
        graph.add((classes[0], kind, listed(graph, [one, other][: chosen.choice([1, 1, 2])])))
    elif kind == OWL.maxCardinality:
        graph.add((classes[0], RDFS.subClassOf, restriction(graph, one, chosen.randrange(2))))
    else:
        node = BNode()
        graph.add((node, RDF.type, kind))
        among = [one, other, third] if kind == OWL.AllDisjointProperties else classes
        graph.add((node, OWL.members, listed(graph, among)))


def ontology(kind: URIRef, chosen: random.Random) -> rdflib.Graph:
    graph = rdflib.Graph()
    for link in PROPERTIES:
        graph.add((link, RDF.type, OWL.ObjectProperty))
    for concept in CLASSES:
        graph.add((concept, RDF.type, OWL.Class))
    low, high = chosen.sample(CLASSES, 2)
    graph.add((low, RDFS.subClassOf, high))
    low, high = chosen.sample(PROPERTIES, 2)
    graph.add((low, chosen.choice([RDFS.subPropertyOf, OWL.inverseOf]), high))
    add_axiom(graph, kind, chosen)
    return graph


def some_facts(chosen: random.Random) -> set[Fact]:
    """Few facts or many, so that every axiom is broken here and kept there."""
    most = chosen.choice([2, 6])
    typed = {
        Fact(DATA + chosen.choice(NODES), RDF_TYPE, iri(str(chosen.choice(CLASSES)))) for _ in range(most)
    }
    return typed | {
        fact(chosen.choice(NODES), str(chosen.choice(PROPERTIES)), chosen.choice("ab")) for _ in range(most)
    }


def _lists_of(graph: rdflib.Graph, kind: URIRef) -> list[Node]:
    return [start for node in graph.subjects(RDF.type, kind) for start in graph.objects(node, OWL.members)]


def contradicts(graph: rdflib.Graph, facts: set[Fact]) -> bool:
    """Whether owlrl finds a contradiction, when all names are different nodes."""
    closure = rdflib.Graph()
    for triple in graph:
        closure.add(triple)
    for one in facts:
        closure.add((URIRef(one.subject), URIRef(one.predicate), URIRef(one.object[1:-1])))
    for start in [*graph.objects(None, OWL.hasKey), *_lists_of(graph, OWL.AllDisjointProperties)]:
        members = Collection(closure, start)
        members.append(members[len(members) - 1])  # owlrl passes over the last member of these lists
    for first, second in combinations(NODES, 2):
        closure.add((URIRef(DATA + first), OWL.differentFrom, URIRef(DATA + second)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    return any(str(kind).endswith("ErrorMessage") for kind in closure.objects(None, RDF.type))


def found(graph: rdflib.Graph, facts: set[Fact], most: int = 20) -> Clashes:
    engine = OxigraphEngine()
    engine.load(PROFILE, graph.serialize(format="nt"))
    engine.change(STATED, facts, ())
    infer(engine, profile(graph))
    answer = clashes(engine, graph, most)
    held = set(engine.facts())
    assert all(held.issuperset(one.facts) for one in answer.found)
    return answer


def test_facts_clash_where_owlrl_finds_a_contradiction() -> None:
    compared: Counter[tuple[URIRef, bool]] = Counter()
    for kind in BREAKABLE:
        seed = 0
        while seed < 5 or not (compared[kind, True] and compared[kind, False]):
            chosen, seed = random.Random(f"{kind} {seed}"), seed + 1
            graph, facts = ontology(kind, chosen), some_facts(chosen)
            clash = bool(found(graph, facts).found)
            assert clash == contradicts(graph, facts), (kind, seed)
            compared[kind, clash] += 1
    assert sum(compared.values()) >= 5 * len(BREAKABLE)


def told(answer: Clashes) -> list[tuple[str, ...]]:
    return [tuple(one.object for one in clash.facts) for clash in answer.found]


def graph_of(text: str) -> rdflib.Graph:
    return profile(text).ontology


def test_each_breach_is_told_once_with_its_axiom_and_its_facts() -> None:
    graph = graph_of("v:p a owl:ObjectProperty, owl:FunctionalProperty .")
    told_twice = {fact("a", "p", "b"), fact("a", "p", "c"), fact("b", "p", "c")}
    (one,) = found(graph, told_twice).found
    assert one.axiom is not None and one.axiom.triple[2] == OWL.FunctionalProperty
    assert one.facts == (fact("a", "p", "b"), fact("a", "p", "c"))


def test_two_values_are_two_terms_in_whatever_language() -> None:
    graph = graph_of("v:name a owl:DatatypeProperty, owl:FunctionalProperty .")
    names = [literal("甲", language="zh"), literal("甲", language="en"), literal("甲")]
    assert len(found(graph, {fact("a", "name", one) for one in names}).found) == 3
    number = literal("4", datatype=str(XSD.integer)), literal("4", datatype=str(XSD.decimal))
    assert len(found(graph, {fact("a", "name", one) for one in number}).found) == 1
    assert found(graph, {fact("a", "name", names[0]), fact("b", "name", names[1])}).found == ()


def test_two_names_said_to_be_one_node_are_a_clash() -> None:
    same = str(OWL.sameAs)
    (one,) = found(graph_of(""), {fact("b", same, "a"), fact("c", same, "c")}).found
    assert one.axiom is None and one.facts == (fact("b", same, "a"),)


def test_many_breaches_of_an_axiom_are_cut_and_it_is_said() -> None:
    graph = graph_of("v:p a owl:ObjectProperty, owl:IrreflexiveProperty .")
    loops = {fact(name, "p", name) for name in "abcdef"}
    assert len(found(graph, loops, most=6).found) == 6 and not found(graph, loops, most=6).more
    assert len(found(graph, loops, most=5).found) == 5 and found(graph, loops, most=5).more
