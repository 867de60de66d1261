"""What the shapes say a record must be: each such constraint rejects a record made to break it.

Nothing is written by hand here. For every constraint of every describing property shape there is a
record that breaks it, for every such shape one that does not; pySHACL judges them all in one run.
"""

from __future__ import annotations

import pytest
from rdflib import RDF, Graph, Literal
from rdflib.collection import Collection
from rdflib.term import BNode, Node, URIRef

from tests.profile_college.reading import SH, SHAPES_AT_HOME, background, descriptions, read, results

BASE = "https://college.example/id/"
STRANGER = URIRef(BASE + "not-registered")
BREAKABLE = ("class", "datatype", "in", "nodeKind", "or", "pattern", "minCount", "maxCount")
LITERALS = {
    "date": ("2025-03-01", "2025-03-02"),
    "decimal": ("1.5", "2.5"),
    "integer": ("2025", "2026"),
    "string": ("FREQ=YEARLY", "another"),
}
CODES = {"item-code": "2", "element-code": "2.3", "point-code": "2.3.2", "college-code": "4199099000"}
SHAPES = read(*SHAPES_AT_HOME)
CASES = sorted(
    (str(shape), name)
    for shape in descriptions(SHAPES)
    for name in BREAKABLE
    if (shape, SH[name], None) in SHAPES
)
CHECKED = sorted({shape for shape, _ in CASES})


def record(shape: str, name: str) -> URIRef:
    """The record made for a case."""
    return URIRef(f"{BASE}{shape.rpartition('#')[2]}/{name}")


def right_values(shape: URIRef, data: Graph) -> list[Node]:
    """Two values as the shape wants them; nodes are registered in the data."""
    listed, datatype = SHAPES.value(shape, SH["in"]), SHAPES.value(shape, SH.datatype)
    if listed is not None:
        return list(Collection(SHAPES, listed))[:2]
    code = CODES.get(shape.rpartition("#")[2])
    if code is not None:
        return [Literal(code), Literal("9")]
    if datatype is not None:
        texts = LITERALS[str(datatype).rpartition("#")[2]]
        kind = None if str(datatype).endswith("#string") else URIRef(str(datatype))
        return [Literal(text, datatype=kind) for text in texts]
    concept = SHAPES.value(shape, SH["class"])
    choices = SHAPES.value(shape, SH["or"])
    if choices is not None:
        concept = SHAPES.value(next(iter(Collection(SHAPES, choices))), SH["class"])
    if concept is None and choices is not None:
        return [Literal("文字", lang="zh"), Literal("text")]
    made: list[Node] = [URIRef(f"{BASE}registered/{shape.rpartition('#')[2]}/{n}") for n in (1, 2)]
    for node in made:
        if concept is not None:
            data.add((node, RDF.type, concept))
    return made


def give(data: Graph, shape: URIRef, focus: URIRef, values: list[Node]) -> None:
    """Make ``focus`` a record the shape looks at, with these values along its path."""
    holders = SHAPES.subjects(SH.property, shape)
    target = min((t for holder in holders for t in SHAPES.objects(holder, SH.targetClass)), key=str)
    data.add((focus, RDF.type, target))
    path = SHAPES.value(shape, SH.path)
    assert path is not None
    for value in values:
        if isinstance(path, BNode):
            data.add((value, next(iter(SHAPES.objects(path, SH.inversePath))), focus))
        else:
            data.add((focus, path, value))


def wrong_values(shape: URIRef, name: str, data: Graph) -> list[Node]:
    """Values that break one constraint of the shape."""
    if name == "minCount":
        return []
    if name == "maxCount":
        return right_values(shape, data)
    if name == "nodeKind":
        return [Literal("text")]
    return [Literal("·")] if name == "pattern" else [STRANGER]


@pytest.fixture(scope="module")
def found(ontology: Graph) -> set[tuple[Node, Node]]:
    """Which record breaks which shape, as pySHACL sees it."""
    data = background(ontology)
    for shape in CHECKED:
        give(data, URIRef(shape), record(shape, "right"), right_values(URIRef(shape), data)[:1])
    for shape, name in CASES:
        give(data, URIRef(shape), record(shape, name), wrong_values(URIRef(shape), name, data))
    structure, describing = Graph(), descriptions(SHAPES)
    for triple in SHAPES:  # only what describes; the rules have examples of their own
        if triple[1] != SH.property or triple[2] in describing:
            structure.add(triple)
    return {(focus, source) for focus, source, _ in results(data, structure)}


@pytest.mark.parametrize(("shape", "name"), CASES, ids=lambda text: text.rpartition("#")[2])
def test_a_record_that_breaks_a_constraint_is_found(
    shape: str, name: str, found: set[tuple[Node, Node]]
) -> None:
    assert (record(shape, name), URIRef(shape)) in found


@pytest.mark.parametrize("shape", CHECKED, ids=lambda text: text.rpartition("#")[2])
def test_a_record_as_described_is_left_alone(shape: str, found: set[tuple[Node, Node]]) -> None:
    assert (record(shape, "right"), URIRef(shape)) not in found


def test_every_constraint_of_a_description_is_broken_here() -> None:
    """No description holds a constraint this module does not know how to break."""
    parameters = {
        p
        for shape in descriptions(SHAPES)
        for p in SHAPES.predicates(shape)
        if str(p).startswith(SH) and p not in {SH.path, SH.name, SH.order, SH.group, SH.severity, SH.message}
    }
    assert parameters - {SH.codeIdentifier} == {SH[name] for name in BREAKABLE}
