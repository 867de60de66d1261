"""What follows from axioms, compared with owlrl on generated ontologies and data."""

from __future__ import annotations

import owlrl
import rdflib
import reasonable
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import BNode, Node, URIRef

from qualitrace.reasoning import infer
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import Fact, literal
from tests.reasoning.profiles import VOCABULARY, fact, profile

PROPERTIES = ("p", "q", "r", "s", "t")
NODES = ("a", "b", "c", "d", "e")

_property = st.sampled_from([URIRef(VOCABULARY + name) for name in PROPERTIES])
_inverse = _property.map(lambda term: ("inverse", term))
_links = st.one_of(_property, _property, _inverse)
_plain_axioms = st.one_of(
    st.tuples(st.just(RDFS.subPropertyOf), _property, _property),
    st.tuples(st.just(OWL.equivalentProperty), _property, _property),
    st.tuples(st.just(OWL.inverseOf), _property, _property),
    st.tuples(st.just(OWL.SymmetricProperty), _property, st.none()),
    st.tuples(st.just(OWL.TransitiveProperty), _property, st.none()),
)
_axioms = st.one_of(
    _plain_axioms,
    _plain_axioms,
    st.tuples(st.just(RDFS.subPropertyOf), _inverse, _property),
    st.tuples(st.just(OWL.propertyChainAxiom), _property, st.lists(_links, min_size=2, max_size=3)),
)
_facts = st.builds(fact, st.sampled_from(NODES), st.sampled_from(PROPERTIES), st.sampled_from(NODES))


def written(graph: rdflib.Graph, link: Node | tuple[str, URIRef]) -> Node:
    """A property, or a blank node that is the inverse of one."""
    if isinstance(link, tuple):
        node = BNode()
        graph.add((node, OWL.inverseOf, link[1]))
        return node
    return link


def ontology(axioms: list[tuple[URIRef, object, object]]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for name in PROPERTIES:
        graph.add((URIRef(VOCABULARY + name), RDF.type, OWL.ObjectProperty))
    for kind, subject, value in axioms:
        if value is None:
            graph.add((subject, RDF.type, kind))
        elif isinstance(value, list):
            members = BNode()
            Collection(graph, members, [written(graph, link) for link in value])
            graph.add((subject, kind, members))
        else:
            graph.add((written(graph, subject), kind, value))
    return graph


def reference(graph: rdflib.Graph, facts: set[Fact]) -> set[Fact]:
    """Everything owlrl concludes about the generated properties."""
    closure = rdflib.Graph()
    for triple in graph:
        closure.add(triple)
    for one in facts:
        closure.add((URIRef(one.subject), URIRef(one.predicate), URIRef(one.object[1:-1])))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    own = {VOCABULARY + name for name in PROPERTIES}
    return {
        Fact(str(s), str(p), f"<{o}>")
        for s, p, o in closure
        if str(p) in own and isinstance(s, URIRef) and isinstance(o, URIRef)
    }


def everything(graph: rdflib.Graph, facts: set[Fact]) -> set[Fact]:
    engine = OxigraphEngine()
    engine.load(PROFILE, graph.serialize(format="nt"))
    engine.change(STATED, facts, ())
    result = infer(engine, profile(graph))
    inferred = set(engine.facts(INFERRED))
    assert set(result.added) == inferred
    assert result.total == len(inferred)
    assert not inferred & facts
    return inferred | facts


def test_the_same_facts_follow_as_from_owlrl() -> None:
    compared: list[int] = []

    @settings(max_examples=40, deadline=None)
    @given(axioms=st.lists(_axioms, min_size=4, max_size=8), facts=st.sets(_facts, min_size=6, max_size=12))
    def same(axioms: list[tuple[URIRef, object, object]], facts: set[Fact]) -> None:
        graph = ontology(axioms)
        expected = reference(graph, facts)
        assert everything(graph, facts) == expected
        compared.append(len(expected - facts))

    same()
    assert sum(compared) > 300, compared  # inferred facts that both sides had to find


def test_the_same_facts_follow_as_from_reasonable() -> None:
    """It concludes nothing from chains and anonymous inverses: those are left to owlrl."""
    compared: list[int] = []

    @settings(max_examples=60, deadline=None)
    @given(
        axioms=st.lists(_plain_axioms, min_size=4, max_size=8), facts=st.sets(_facts, min_size=6, max_size=12)
    )
    def same(axioms: list[tuple[URIRef, object, object]], facts: set[Fact]) -> None:
        graph = ontology(axioms)
        reasoner = reasonable.PyReasoner()
        reasoner.from_graph([*graph, *map(triple, facts)])
        expected = {one for one in map(as_fact, reasoner.reason()) if one is not None}
        assert everything(graph, facts) == expected
        compared.append(len(expected - facts))

    same()
    assert sum(compared) > 300, compared


def triple(one: Fact) -> tuple[URIRef, URIRef, URIRef]:
    return URIRef(one.subject), URIRef(one.predicate), URIRef(one.object[1:-1])


def as_fact(statement: tuple[Node, Node, Node]) -> Fact | None:
    """A statement about the generated properties; None for any other."""
    subject, predicate, object_ = statement
    own = {VOCABULARY + name for name in PROPERTIES}
    if str(predicate) in own and isinstance(subject, URIRef) and isinstance(object_, URIRef):
        return Fact(str(subject), str(predicate), f"<{object_}>")
    return None


@settings(max_examples=40, deadline=None)
@given(
    axioms=st.lists(_axioms, min_size=2, max_size=5),
    batches=st.lists(st.tuples(st.sets(_facts, max_size=5), st.sets(_facts, max_size=5)), max_size=4),
)
def test_after_any_changes_only_what_follows_is_inferred(
    axioms: list[tuple[URIRef, object, object]], batches: list[tuple[set[Fact], set[Fact]]]
) -> None:
    graph, engine = ontology(axioms), OxigraphEngine()
    model = profile(graph)
    engine.load(PROFILE, graph.serialize(format="nt"))
    followed: set[Fact] = set()
    for added, removed in batches:
        engine.change(STATED, added, removed)
        result = infer(engine, model)
        assert not followed & set(result.added)
        assert set(result.removed) <= followed
        followed = (followed | set(result.added)) - set(result.removed)
        assert followed == set(engine.facts(INFERRED))
    stated = set(engine.facts(STATED))
    assert followed | stated == everything(graph, stated)
    assert infer(engine, model).added == infer(engine, model).removed == ()


def concluded(turtle: str, *facts: Fact, shapes: str = "") -> set[Fact]:
    engine = OxigraphEngine()
    model = profile(turtle, shapes=shapes)
    engine.load(PROFILE, model.ontology.serialize(format="nt"))
    engine.change(STATED, facts, ())
    return set(infer(engine, model).added)


def test_values_follow_along_sub_properties_only() -> None:
    turtle = """
        v:code a owl:DatatypeProperty ; rdfs:subPropertyOf v:name .
        v:name a owl:DatatypeProperty ; owl:inverseOf v:names .
    """
    found = concluded(turtle, fact("a", "code", literal("07")))
    assert found == {fact("a", "name", literal("07"))}


def test_foreign_super_properties_are_left_out_unless_somebody_uses_them() -> None:
    turtle = "v:in a owl:ObjectProperty ; rdfs:subPropertyOf f:partOf . f:partOf a owl:ObjectProperty ."
    told = fact("a", "in", "b")
    foreign = fact("a", "https://example.com/foreign#partOf", "b")
    assert concluded(turtle, told) == set()
    assert concluded(turtle, told, shapes="d:shape sh:property [ sh:path f:partOf ] .") == {foreign}
    in_sparql = 'd:shape sh:sparql [ sh:select "SELECT $this WHERE { $this f:partOf ?x }" ] .'
    assert concluded(turtle, told, shapes=in_sparql) == {foreign}


def test_a_foreign_property_between_two_own_ones_is_bridged() -> None:
    turtle = """
        v:in a owl:ObjectProperty ; rdfs:subPropertyOf f:partOf .
        f:partOf a owl:ObjectProperty ; rdfs:subPropertyOf v:belongsTo .
        v:belongsTo a owl:ObjectProperty .
    """
    assert fact("a", "belongsTo", "b") in concluded(turtle, fact("a", "in", "b"))


def test_the_values_of_the_ontology_itself_are_no_facts_of_the_registry() -> None:
    turtle = """
        v:p a owl:ObjectProperty, owl:SymmetricProperty .
        d:a v:p [ v:p d:b ] . d:b v:p d:c . d:c v:p d:b .
    """
    assert {one for one in concluded(turtle) if "_:" in one.subject + one.object} == set()
