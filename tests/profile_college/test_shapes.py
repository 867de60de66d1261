"""The shapes are well formed, complete against the ontology, and say what a person needs."""

from __future__ import annotations

import re

import pyshacl
import pytest
from pyshacl.errors import ReportableRuntimeError
from rdflib import OWL, RDF, RDFS, Graph, Literal
from rdflib.collection import Collection
from rdflib.term import Node, URIRef

from qualitrace.profile import load_profile
from tests.profile_college.reading import (
    QA,
    QS,
    QT,
    ROOT,
    SH,
    SHAPES,
    descriptions,
    node_shapes,
    only,
    read,
    rules,
)

SEVERITIES = {SH.Violation, SH.Warning, SH.Info}
# Parameters of SHACL Core, of SHACL-SPARQL and of the engine that make a constraint of a property shape.
CONSTRAINTS = {
    SH[name]
    for name in (
        *("class", "datatype", "nodeKind", "minCount", "maxCount", "minLength", "pattern", "uniqueLang"),
        *("lessThanOrEquals", "disjoint", "not", "or", "in", "sparql"),
        "qualifiedMaxCount",
    )
} | {QT.unique, QT.agreesBy}
# The scheme of diagnosis is the quality office's own: its two upper tiers have no unit below it.
NO_STEWARD = {"DiagnosisItemShape", "DiagnosisElementShape"}


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """All shapes, those that reach across registries too."""
    return read(*SHAPES)


def languages(graph: Graph, node: Node, predicate: URIRef) -> list[str]:
    return sorted(v.language or "" for v in graph.objects(node, predicate) if isinstance(v, Literal))


def concrete_classes(ontology: Graph) -> set[URIRef]:
    above = set(ontology.objects(None, RDFS.subClassOf))
    named = {c for c in ontology.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    return {c for c in named if c.startswith(QA) and c not in above}


def kinds_below(ontology: Graph, expression: Node) -> set[Node]:
    """The classes a domain stands for, with all their subclasses."""
    union = ontology.value(expression, OWL.unionOf)
    names = [expression] if union is None else list(Collection(ontology, union))
    below = (ontology.transitive_subjects(RDFS.subClassOf, name) for name in names)
    return {kind for kinds in below for kind in kinds if kind is not None}


def test_the_shapes_conform_to_the_shapes_of_shapes(shapes: Graph) -> None:
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


def test_the_shapes_of_shapes_find_a_planted_mistake(shapes: Graph) -> None:
    part = only(shapes, QS.label)
    assert pyshacl.validate(Graph(), shacl_graph=part, meta_shacl=True)[0] is True
    part.add((QS.label, SH.minCount, Literal("one")))
    with pytest.raises(ReportableRuntimeError, match="MetaSHACL"):
        pyshacl.validate(Graph(), shacl_graph=part, meta_shacl=True)


def test_every_concrete_class_has_a_shape(ontology: Graph, shapes: Graph) -> None:
    targeted = set(shapes.objects(None, SH.targetClass))
    assert concrete_classes(ontology) == targeted


def test_every_node_shape_is_labelled_and_says_who_must_act(shapes: Graph) -> None:
    found = node_shapes(shapes)
    assert found
    for shape in found:
        assert languages(shapes, shape, RDFS.label) == ["en", "zh"], shape
        stewards = list(shapes.objects(shape, QT.steward))
        assert len(stewards) == (0 if shape.rpartition("#")[2] in NO_STEWARD else 1), shape


def test_every_property_shape_has_a_name_of_its_own(shapes: Graph) -> None:
    for shape in set(shapes.objects(None, SH.property)):
        assert isinstance(shape, URIRef), shape
        assert languages(shapes, shape, RDFS.label) == ["en", "zh"], shape
        assert len(list(shapes.objects(shape, SH.path))) == 1, shape


def test_everything_that_can_fire_has_message_fix_severity_and_group(shapes: Graph) -> None:
    checked = 0
    for shape in set(shapes.objects(None, SH.property)):
        if CONSTRAINTS.isdisjoint(shapes.predicates(shape)):
            continue
        checked += 1
        assert languages(shapes, shape, SH.message) == ["en", "zh"], shape
        assert languages(shapes, shape, QT.remedy) == ["en", "zh"], shape
        (severity,) = shapes.objects(shape, SH.severity)
        assert severity in SEVERITIES, shape
        (group,) = shapes.objects(shape, SH.group)
        assert (group, RDF.type, SH.PropertyGroup) in shapes, shape
        assert languages(shapes, group, RDFS.label) == ["en", "zh"], group
    assert checked > len(rules(shapes)) > 100


def test_no_constraint_hides_outside_the_named_property_shapes(shapes: Graph) -> None:
    for shape in node_shapes(shapes):
        assert CONSTRAINTS.isdisjoint(shapes.predicates(shape)), shape


def test_a_rule_checks_one_thing(shapes: Graph) -> None:
    """So that a finding names what is wrong, and nothing else."""
    for rule in rules(shapes):
        found = {p for p in shapes.predicates(rule) if p in CONSTRAINTS}
        # One name per language takes two parameters: sh:uniqueLang passes over text without a language.
        assert len(found) == 1 or found == {SH.uniqueLang, SH.qualifiedMaxCount}, (rule, found)


def test_structure_rejects_and_practice_does_not(shapes: Graph) -> None:
    """docs/decisions: what a record is rejects a commit; what a college should have done does not."""
    for shape in set(shapes.subjects(SH.severity)):
        is_structure = (shape, SH.group, URIRef("https://w3id.org/qualitrace/shapes#structure")) in shapes
        assert ((shape, SH.severity, SH.Violation) in shapes) == is_structure, shape


def test_every_family_of_rules_is_there(shapes: Graph) -> None:
    groups = {str(g).rpartition("#")[2] for r in rules(shapes) for g in shapes.objects(r, SH.group)}
    smart = {f"smart-{word}" for word in ("specific", "measurable", "achievable", "relevant", "time-bound")}
    assert {"completeness", "consistency", "structure"} | smart == groups


def test_every_description_is_named_in_both_languages_and_ordered(shapes: Graph) -> None:
    found = descriptions(shapes)
    assert found
    for shape in found:
        assert languages(shapes, shape, SH.name) == ["en", "zh"], shape
        (order,) = shapes.objects(shape, SH.order)
        assert isinstance(order, Literal) and isinstance(order.toPython(), int), shape
        if not isinstance(shapes.value(shape, SH.path), URIRef):
            name = shapes.value(shape, SH.codeIdentifier)
            assert name is not None and re.fullmatch(r"[a-z][A-Za-z]*", str(name)), shape


def described(shapes: Graph, concept: Node) -> tuple[set[Node], set[Node]]:
    """The properties that a class's shapes describe: forwards, and inverse."""
    forwards: set[Node] = set()
    inverse: set[Node] = set()
    for holder in shapes.subjects(SH.targetClass, concept):
        for shape in set(shapes.objects(holder, SH.property)) & set(descriptions(shapes)):
            path = shapes.value(shape, SH.path)
            assert path is not None
            if isinstance(path, URIRef):
                forwards.add(path)
            else:
                inverse |= set(shapes.objects(path, SH.inversePath))
    return forwards, inverse


def test_every_property_a_class_has_is_described(ontology: Graph, shapes: Graph) -> None:
    """A property counts for the class when its domain says so; its inverse will do.

    What rules conclude on a date is never data.
    """
    missing = []
    concluded = set(
        ontology.subjects(RDFS.isDefinedBy, URIRef("https://w3id.org/qualitrace/ontology/standing"))
    )
    assert concluded
    for concept in concrete_classes(ontology):
        forwards, inverse = described(shapes, concept)
        for term, domain in ontology.subject_objects(RDFS.domain):
            if not str(term).startswith(QA) or concept not in kinds_below(ontology, domain):
                continue
            if term in concluded:
                continue
            turned = {*ontology.objects(term, OWL.inverseOf), *ontology.subjects(OWL.inverseOf, term)}
            if term not in forwards and turned.isdisjoint(inverse):
                missing.append((str(concept).rpartition("#")[2], str(term).rpartition("#")[2]))
    assert missing == []


def test_a_value_is_described_as_the_ontology_declares_it(ontology: Graph, shapes: Graph) -> None:
    """The class at the end of a link lies within the range of its property."""
    for shape in descriptions(shapes):
        path, wanted = shapes.value(shape, SH.path), shapes.value(shape, SH["class"])
        ranges = list(ontology.objects(path, RDFS.range)) if isinstance(path, URIRef) else []
        if wanted is not None and ranges:
            assert wanted in kinds_below(ontology, ranges[0]), shape


def test_contact_data_of_people_are_protected(shapes: Graph) -> None:
    exposed = {
        str(shapes.value(shape, SH.path)): str(shapes.value(shape, QT.exposure))
        for shape in descriptions(shapes)
        if (shape, QT.exposure, None) in shapes
    }
    assert exposed == {str(QA.email): "protected", str(QA.phone): "protected"}


def test_the_engine_reads_the_profile() -> None:
    profile = load_profile(ROOT)
    concrete = {c.iri for c in profile.classes.values() if c.iri.startswith(QA) and not c.abstract}
    assert len(concrete) == len({profile.classes[iri].name for iri in concrete})
    for iri in concrete:
        names = [p.name for p in profile.classes[iri].properties if p.exposure != "private"]
        assert names and len(names) == len(set(names)), iri
    assert {rule.name for rule in profile.rules} == {p.stem for p in (ROOT / "reasoning").glob("*.rq")}
