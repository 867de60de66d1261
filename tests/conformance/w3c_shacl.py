"""The W3C SHACL test suite: reading its manifests, and reports as comparable results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace import terms
from qualitrace.validation import ExactLiterals, compile_shapes, report_graph, validate_store
from qualitrace.validation.data import from_rdflib
from qualitrace.validation.model import Report

SH = rdflib.Namespace(terms.SH)
SHT = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
PARTS = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.sourceConstraintComponent,
    SH.resultSeverity,
    SH.sourceShape,
)
Results = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """One entry of a manifest: data graph, shapes graph and expected report (None: a failure)."""

    name: str
    file: Path
    data: Path
    shapes: Path
    expected: Node | None


def read(file: Path) -> rdflib.Graph:
    """Parse a file; literals stay as they are written."""
    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        return rdflib.Graph().parse(file, publicID=file.as_uri(), format="turtle")
    finally:
        rdflib.NORMALIZE_LITERALS = normalize


def cases(suite: Path) -> Iterator[Case]:
    """Every test of a folder, in the manifests or not (one approved file is in none)."""
    for file in sorted(suite.rglob("*.ttl")):
        graph = read(file)
        for test in sorted(graph.subjects(RDF.type, SHT.Validate)):
            action, expected = graph.value(test, MF.action), graph.value(test, MF.result)
            assert action is not None and expected is not None
            yield Case(
                name=str(file.relative_to(suite).with_suffix("")),
                file=file,
                data=_path(graph.value(action, SHT.dataGraph)),
                shapes=_path(graph.value(action, SHT.shapesGraph)),
                expected=None if expected == SHT.Failure else expected,
            )


def _path(node: Node | None) -> Path:
    assert isinstance(node, URIRef)
    return Path(str(node).removeprefix("file://"))


def run(case: Case) -> Report:
    """Validate the case's data against its shapes, on a plain store."""
    data = read(case.data)
    shapes = data if case.shapes == case.data else read(case.shapes)
    quads = [ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in data]  # type: ignore[arg-type]
    store = ox.Store()
    store.extend(quads)
    return validate_store(store, compile_shapes(shapes), exact=ExactLiterals(quads))


def expected_results(case: Case) -> Results:
    """The results that the manifest states."""
    assert case.expected is not None
    return results(read(case.file))


def said(case: Case) -> set[str]:
    """The messages that the manifest expects to find."""
    graph = read(case.file)
    return {str(message) for message in graph.objects(None, SH.resultMessage)}


def actual_results(report: Report) -> Results:
    """The results of a report, read back from its RDF form."""
    return results(report_graph(report))


def results(graph: rdflib.Graph) -> Results:
    """The results of the one report in a graph as comparable tuples.

    Blank nodes have other names in each reading of a file, so a blank node is compared as what is
    said about it: the path it describes, or that it is one.
    """
    reports = list(graph.subjects(RDF.type, SH.ValidationReport))
    assert len(reports) == 1
    return Counter(
        tuple(described(graph, graph.value(result, part)) for part in PARTS)
        for result in graph.objects(reports[0], SH.result)
    )


def described(graph: rdflib.Graph, node: Node | None) -> str:
    """Write a node so that equal nodes of two graphs have equal text."""
    if node is None:
        return ""
    if not isinstance(node, BNode):
        return node.n3() if isinstance(node, URIRef) else literal(node)
    is_path = any(p in PATH_PARTS for p in graph.predicates(node))
    if not is_path:
        return "[]"
    said = sorted(
        f"{p.n3()} {described(graph, o)}" for p, o in graph.predicate_objects(node) if p in PATH_PARTS
    )
    # Of a node that is two paths at once the suite expects the list (path-strange-001, -002).
    if any(p == RDF.first for p in graph.predicates(node)):
        said = [part for part in said if part.startswith(f"<{RDF}")]
    return f"[{'; '.join(said)}]"


def literal(node: Node) -> str:
    """Write a literal; language tags compare in lower case, and no datatype is xsd:string."""
    assert isinstance(node, Literal)
    return terms.literal(str(node), datatype=str(node.datatype or ""), language=node.language or "")


PATH_PARTS = {
    RDF.first,
    RDF.rest,
    SH.inversePath,
    SH.alternativePath,
    SH.zeroOrMorePath,
    SH.oneOrMorePath,
    SH.zeroOrOnePath,
}
