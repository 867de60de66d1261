"""Reading files: compared with independent readers of the same formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import to_isomorphic
from rdflib.namespace import RDF, SH
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath, ZeroOrOne
from rdflib.paths import Path as RdfPath
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.profile.paths import predicates_of, read_path
from qualitrace.profile.turtle import TurtleReader
from qualitrace.profile.vocabulary import below, levels
from qualitrace.profile.yaml_files import read_yaml

EX = "https://example.org/"


def read_both(path: Path) -> tuple[rdflib.Graph, rdflib.Graph]:
    ours, theirs = rdflib.Graph(), rdflib.Graph()
    reader = TurtleReader(path.parent)
    reader.read(path, ours)
    assert reader.problems == []
    theirs.parse(data=path.read_bytes(), format="turtle", publicID=EX)
    return ours, with_small_language_tags(theirs)


def with_small_language_tags(graph: rdflib.Graph) -> rdflib.Graph:
    """Language tags mean the same in any case (RDF 1.1, 3.3); ours come in small letters."""
    plain = rdflib.Graph()
    for subject, predicate, value in graph:
        tagged = isinstance(value, Literal) and value.language
        plain.add((subject, predicate, Literal(str(value), lang=value.language.lower()) if tagged else value))
    return plain


def test_turtle_means_what_rdflib_says_it_means(repo_root: Path) -> None:
    files = sorted((repo_root / "tests/profiles/kitchen").rglob("*.ttl"))
    files.append(repo_root / "src/qualitrace/profile/engine.ttl")
    assert len(files) > 3
    for path in files:
        ours, theirs = read_both(path)
        assert len(ours) > 0
        assert to_isomorphic(ours) == to_isomorphic(theirs), path.name


def test_turtle_written_elsewhere_is_read_alike(
    conformance_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The W3C SHACL tests use every corner of Turtle; a base stands in for their relative addresses."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    files = sorted(conformance_dir.rglob("*.ttl"))
    assert len(files) > 100
    for path in files:
        copy = tmp_path / "copy.ttl"
        copy.write_text(f"@base <{EX}> .\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        ours, theirs = read_both(copy)
        assert to_isomorphic(ours) == to_isomorphic(theirs), path.name


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    graph = rdflib.Graph()
    reader = TurtleReader(tmp_path)
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(f"_:x <{EX}p> <{EX}{name}> .", encoding="utf-8")
        reader.read(tmp_path / name, graph)
    assert len(set(graph.subjects())) == 2


def test_subjects_are_numbered_as_written(tmp_path: Path) -> None:
    names = [f"{EX}{letter}" for letter in "zebra"]
    text = "\n".join(f"<{name}> <{EX}p> {n} ." for n, name in enumerate(names))
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    reader = TurtleReader(tmp_path)
    reader.read(tmp_path / "a.ttl", rdflib.Graph())
    assert [str(node) for node in sorted(reader.order, key=lambda node: reader.order[node])] == names


# Paths: a random SHACL path, written as a graph, reads to something that reaches the same nodes as
# rdflib's own evaluation of that path.

PREDICATES = [URIRef(EX + name) for name in "pqr"]
NODES = [URIRef(EX + f"n{number}") for number in range(5)]
RdfPathOrIri = RdfPath | URIRef
paths = st.recursive(
    st.sampled_from(PREDICATES),
    lambda inner: st.one_of(
        inner.map(lambda p: ("inverse", p)),
        inner.map(lambda p: ("optional", p)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: ("sequence", *ps)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: ("alternative", *ps)),
    ),
    max_leaves=5,
)
edges = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES)))


def describe(graph: rdflib.Graph, path: object) -> Node:
    """Write a path as SHACL does (SHACL 2.3.1)."""
    if isinstance(path, URIRef):
        return path
    assert isinstance(path, tuple)
    kind, *parts = path
    inner = [describe(graph, part) for part in parts]
    node = BNode()
    if kind == "inverse":
        graph.add((node, SH.inversePath, inner[0]))
        return node
    if kind == "optional":
        graph.add((node, SH.zeroOrOnePath, inner[0]))
        return node
    head = rdflib.collection.Collection(graph, BNode(), inner).uri
    if kind == "sequence":
        return head
    graph.add((node, SH.alternativePath, head))
    return node


def as_rdflib(path: object) -> RdfPathOrIri:
    if isinstance(path, URIRef):
        return path
    assert isinstance(path, tuple)
    kind, *parts = path
    inner = [as_rdflib(part) for part in parts]
    match kind:
        case "inverse":
            return InvPath(inner[0])
        case "optional":
            return MulPath(inner[0], ZeroOrOne)
        case "sequence":
            return SequencePath(*inner)
        case _:
            return AlternativePath(*inner)


def reach(graph: rdflib.Graph, start: Node, path: PropertyPath) -> set[Node]:
    found: set[Node] = set()
    for sequence in path:
        here = {start}
        for step in sequence:
            here = {node for one in here for node in follow(graph, one, step)}
        found |= here
    return found


def follow(graph: rdflib.Graph, node: Node, step: PathStep) -> set[Node]:
    predicate = URIRef(step.predicate)
    return set(graph.subjects(predicate, node) if step.inverse else graph.objects(node, predicate))


@given(path=paths, statements=edges)
def test_a_path_reaches_what_rdflib_reaches(
    path: object, statements: list[tuple[URIRef, URIRef, URIRef]]
) -> None:
    shapes, data = rdflib.Graph(), rdflib.Graph()
    for statement in statements:
        data.add(statement)
    for known in NODES:  # backwards, rdflib begins a path of no step at the nodes that the graph holds only
        data.add((known, RDF.value, BNode()))
    node = describe(shapes, path)
    model = read_path(shapes, node)
    for start in NODES:
        assert reach(data, start, model) == set(data.objects(start, as_rdflib(path)))
    assert predicates_of(shapes, node) == {step.predicate for way in model for step in way}


def test_too_many_alternatives_are_refused() -> None:
    graph = rdflib.Graph()
    either = describe(graph, ("alternative", *PREDICATES))
    head = rdflib.collection.Collection(graph, BNode(), [either] * 12).uri
    with pytest.raises(ValueError, match="alternatives"):
        read_path(graph, head)


names = st.text("abcdef", min_size=1, max_size=2)
hierarchies = st.dictionaries(names, st.frozensets(names, max_size=3), max_size=8)


@given(hierarchies, names)
def test_above_and_below_are_opposites(parents: dict[str, frozenset[str]], name: str) -> None:
    everyone = {*parents, *(p for above in parents.values() for p in above), name}
    lines = {one: {n for level in levels(parents, one)[1:] for n in level} for one in everyone}
    assert below(parents, name) == {one for one in everyone if name in lines[one]} - {name}


# YAML: JSON is YAML, so the standard library's reader says what a file means.

awkward = st.text("ab中é '\"\\:#-?[]{},&*!|>%@`~\n\t0.", max_size=6)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(awkward, inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(st.text("xyz表", min_size=1, max_size=3), plain, max_size=4))
def test_json_is_read_as_json(tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]) -> None:
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    assert read_yaml(path, path.name) == value


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "no", "2019-01-01", "12:30", "0x1F", "1_000", "010", "是"]
)
def test_what_looks_like_something_else_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"a: {text}\n", encoding="utf-8")
    assert read_yaml(path, path.name) == {"a": text}


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert read_yaml(path, path.name) == {}


def test_lists_end(tmp_path: Path) -> None:
    graph = rdflib.Graph()
    head = BNode()
    graph.add((head, RDF.first, NODES[0]))
    with pytest.raises(ValueError, match="list"):
        read_path(graph, head)
