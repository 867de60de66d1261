"""What the compiler does not know runs through pySHACL, and says so; nothing is skipped."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.errors import ProfileError
from qualitrace.terms import SH
from qualitrace.validation import compile_shapes, validate_store
from qualitrace.validation.model import Report

EX = "http://example.org/"
PREFIXES = f"@prefix ex: <{EX}> . @prefix sh: <{SH}> .\n"
RECURSIVE = """
ex:Person a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:name , ex:boss .
ex:name sh:path ex:name ; sh:minCount 1 .
ex:boss sh:path ex:boss ; sh:node ex:Person ; sh:message "查上级"@zh .
ex:Plain a sh:NodeShape ; sh:targetClass ex:Plain ; sh:class ex:Other .
"""
DATA = """
ex:a a ex:Person ; ex:name "A" ; ex:boss ex:b . ex:b a ex:Person ; ex:boss ex:c .
ex:c a ex:Person ; ex:name "C" .
ex:p a ex:Plain .
"""


def validated(shapes: str, data: str, **options: object) -> Report:
    store = ox.Store()
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TURTLE)
    compiled = compile_shapes(rdflib.Graph().parse(data=PREFIXES + shapes))
    return validate_store(store, compiled, **options)  # type: ignore[arg-type]


def test_a_shape_that_refers_to_itself() -> None:
    report = validated(RECURSIVE, DATA)
    found = {(finding.rule, finding.focus) for finding in report.findings}
    assert found == {(EX + "name", EX + "b"), (EX + "boss", EX + "a"), (EX + "Plain", EX + "p")}
    (notice,) = report.notices
    assert "pySHACL" in notice["zh"] and "ex" not in notice["en"].split()[0]
    assert EX + "Person" in notice["en"]


def test_the_others_are_compiled_all_the_same() -> None:
    compiled = compile_shapes(rdflib.Graph().parse(data=PREFIXES + RECURSIVE))
    assert [item.root.name for item in compiled.elsewhere] == [EX + "Person"]
    assert [check.name for check in compiled.checks] == ["Plain.class"]


def test_its_message_and_value_come_along() -> None:
    (finding,) = [f for f in validated(RECURSIVE, DATA).findings if f.rule == EX + "boss"]
    assert finding.message["zh"] == "查上级" and finding.value == f"<{EX}b>"
    assert finding.path == f"<{EX}boss>" and finding.component == SH + "NodeConstraintComponent"


def test_only_some_nodes() -> None:
    report = validated(RECURSIVE, DATA, focus=[EX + "b"])
    assert {finding.focus for finding in report.findings} == {EX + "b"}


def test_a_pattern_beyond_the_engine() -> None:
    shapes = 'ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:pattern "^(?!x)" .'
    report = validated(shapes, 'ex:a ex:p "xy" . ex:b ex:p "yx" .')
    assert [finding.focus for finding in report.findings] == [EX + "a"]
    assert report.notices


def test_a_target_that_is_a_query() -> None:
    shapes = """ex:s a sh:NodeShape ; sh:class ex:B ; sh:target [ a sh:SPARQLTarget ;
      sh:select "SELECT ?this WHERE { ?this <http://example.org/p> 1 }" ] ."""
    report = validated(shapes, "ex:a ex:p 1 . ex:b ex:p 2 .")
    assert [finding.focus for finding in report.findings] == [EX + "a"]


def test_what_neither_can_run_is_an_error() -> None:
    shapes = """ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:js [ sh:jsFunctionName "f" ] ;
      sh:pattern "(" ."""
    with pytest.raises(ProfileError, match="pySHACL"):
        validated(shapes, "")


def test_a_query_that_asks_the_shapes() -> None:
    shapes = """ex:s a sh:NodeShape ; sh:targetClass ex:A ; ex:limit 1 ; sh:sparql [ sh:select '''
      SELECT $this ?value WHERE {
        GRAPH $shapesGraph { $currentShape <http://example.org/limit> ?limit }
        $this <http://example.org/p> ?value . FILTER (?value > ?limit)
      }''' ] ."""
    report = validated(shapes, "ex:a a ex:A ; ex:p 1 , 2 .")
    assert [finding.value for finding in report.findings] == [
        '"2"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ]
    # The shapes are no part of the data: they are not among what has a limit.
    assert not validated("ex:s a sh:NodeShape ; sh:targetSubjectsOf ex:limit ; sh:class ex:B .", "").findings
