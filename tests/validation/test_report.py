"""A report as RDF, and paths to and from their text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.namespace import RDF

from qualitrace.terms import SH
from qualitrace.validation import compile_shapes, report_graph, validate_store
from qualitrace.validation.path_text import parse_path
from qualitrace.validation.paths import (
    Alternative,
    Inverse,
    Path,
    Predicate,
    Repeat,
    Sequence,
    inverse,
    normal,
    read_path,
    sparql,
)
from qualitrace.validation.report import path_node

NS = rdflib.Namespace(SH)
EX = rdflib.Namespace("http://example.org/")


def paths() -> st.SearchStrategy[Path]:
    several = st.lists(st.deferred(paths), min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.sampled_from([Predicate(EX.p), Predicate(EX.q), Predicate("http://example.org/名(1)")]),
        st.deferred(paths).map(Inverse),
        several.map(Sequence),
        several.map(Alternative),
        st.tuples(st.deferred(paths), st.sampled_from("*+?")).map(lambda both: Repeat(*both)),
    )


def pairs(path: Path) -> set[tuple[str, str]]:
    """What the path connects in a small graph, asked of the engine."""
    store = ox.Store()
    store.load(
        b"@prefix : <http://example.org/> . :a :p :b . :b :q :c . :c :p :a ; :q :q . :b :p :b .",
        format=ox.RdfFormat.TURTLE,
    )
    solutions = store.query(f"SELECT ?s ?o WHERE {{ ?s {sparql(path)} ?o }}")
    assert isinstance(solutions, ox.QuerySolutions)
    return {(str(row["s"]), str(row["o"])) for row in solutions}


@given(paths())
def test_text_says_the_same_path(path: Path) -> None:
    assert sparql(parse_path(sparql(path))) == sparql(path)
    assert pairs(parse_path(sparql(path))) == pairs(path)


@given(paths())
def test_rdf_says_the_same_path(path: Path) -> None:
    graph = rdflib.Graph()
    assert pairs(read_path(graph, path_node(graph, path))) == pairs(path)


@given(paths())
def test_inverse_and_normal_form(path: Path) -> None:
    assert pairs(normal(path)) == pairs(path)
    assert pairs(inverse(path)) == {(o, s) for s, o in pairs(path)}


@pytest.mark.parametrize("text", ["", "<a>/", "(<a>", "<a> <b>", "p", "|<a>"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError):
        parse_path(text)


def test_a_report_is_read_back_as_shacl() -> None:
    shapes = rdflib.Graph().parse(
        data="""
        @prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix qt: <https://w3id.org/qualitrace/engine#> .
        ex:s a sh:PropertyShape ; sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:targetNode ex:a ;
          sh:node ex:inner ; sh:message "nicht gut"@de ; qt:remedy "fix"@en ; qt:steward ex:p .
        ex:inner a sh:NodeShape ; sh:class ex:B ."""
    )
    store = ox.Store()
    store.load(b"@prefix : <http://example.org/> . :a :p :b . :c :q :b .", format=ox.RdfFormat.TURTLE)
    graph = report_graph(validate_store(store, compile_shapes(shapes)))
    graph = rdflib.Graph().parse(data=graph.serialize(format="turtle"))
    (report,) = graph.subjects(RDF.type, NS.ValidationReport)
    (result,) = graph.objects(report, NS.result)
    assert str(graph.value(report, NS.conforms)) == "false"
    assert graph.value(result, NS.focusNode) == EX.a and graph.value(result, NS.value) == EX.c
    assert graph.value(result, NS.sourceShape) == EX.s
    assert graph.value(result, NS.resultMessage) == rdflib.Literal("nicht gut", lang="de")
    path = graph.value(result, NS.resultPath)
    assert path is not None and sparql(read_path(graph, path)) == f"<{EX.p}>/^<{EX.q}>"
    detail = graph.value(result, NS.detail)
    assert graph.value(detail, NS.sourceShape) == EX.inner
    steward = rdflib.URIRef("https://w3id.org/qualitrace/engine#steward")
    assert graph.value(result, steward) == EX.b
