"""Literals as they were written, where the store keeps their value only."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.terms import SH, XSD
from qualitrace.validation import ExactLiterals, compile_shapes, validate_store
from qualitrace.validation.data import term_of
from qualitrace.validation.exact import stored_form
from qualitrace.validation.model import Report

EX = "http://example.org/"
PREFIXES = f"@prefix ex: <{EX}> . @prefix sh: <{SH}> . @prefix xsd: <{XSD}> .\n"


def validated(shapes: str, data: str) -> Report:
    quads = list(ox.parse((PREFIXES + data).encode(), format=ox.RdfFormat.TURTLE))
    store = ox.Store()
    store.extend(quads)
    compiled = compile_shapes(rdflib.Graph().parse(data=PREFIXES + shapes))
    return validate_store(store, compiled, exact=ExactLiterals(quads))


def values(report: Report) -> list[str]:
    return sorted(str(term_of(finding.value)) for finding in report.findings)


@given(
    st.sampled_from(
        ["integer", "decimal", "boolean", "date", "byte", "double", "gYear", "string", "unknown"]
    ),
    st.one_of(
        st.text("0123456789.-+eTZ:", max_size=8),
        st.sampled_from(
            ["true", "1", "2020-02-29", "2021-02-29", "1.50", "007", "-0", "0.0", "99999999999999999999"]
        ),
    ),
)
def test_stored_form_is_what_a_store_gives_back(datatype: str, value: str) -> None:
    literal = ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
    store = ox.Store()
    node = ox.NamedNode("urn:n")
    store.add(ox.Quad(node, node, literal))
    assert stored_form(literal) == next(iter(store)).object


def test_values_are_named_as_written() -> None:
    report = validated(
        "ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:maxInclusive 1 .",
        "ex:a ex:p 1.50 , 2.0 , 0.5 .",
    )
    assert values(report) == [f'"1.50"^^<{XSD}decimal>', f'"2.0"^^<{XSD}decimal>']


@pytest.mark.parametrize(
    ("datatype", "wrong"),
    [("xsd:byte", ["integer", "string"]), ("xsd:integer", ["byte", "string"])],
)
def test_derived_integers_are_told_apart(datatype: str, wrong: list[str]) -> None:
    report = validated(
        f"ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:datatype {datatype} .",
        'ex:a ex:p "5"^^xsd:byte , 6 , "7" .',
    )
    kinds = sorted(
        value.rpartition("#")[2].rstrip(">") if "^^" in value else "string" for value in values(report)
    )
    assert kinds == wrong


def test_without_notes_a_derived_integer_is_any_integer_in_range() -> None:
    store = ox.Store()
    store.load((PREFIXES + 'ex:a ex:p "5"^^xsd:byte , 600 .').encode(), format=ox.RdfFormat.TURTLE)
    shapes = "ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:datatype xsd:byte ."
    report = validate_store(store, compile_shapes(rdflib.Graph().parse(data=PREFIXES + shapes)))
    assert values(report) == [f'"600"^^<{XSD}integer>']


def test_what_is_forgotten_is_as_stored() -> None:
    exact = ExactLiterals()
    written, stored = (
        ox.Literal("1.0", datatype=ox.NamedNode(XSD + "decimal")),
        term_of(f'"1"^^<{XSD}decimal>'),
    )
    assert isinstance(stored, ox.Literal)
    exact.note("<urn:s>", "urn:p", written)
    assert exact and exact.written("<urn:s>", "urn:p", stored) == [written]
    exact.forget("<urn:s>", "urn:p", written)
    assert not exact and exact.written("<urn:s>", "urn:p", stored) == [stored]
