"""A shapes graph is checked before it is used; a rule that is written wrongly is named."""

from __future__ import annotations

import pytest
import rdflib

from qualitrace.errors import ProfileError
from qualitrace.terms import SH
from qualitrace.validation import compile_shapes

PREFIXES = f"""
@prefix ex: <http://example.org/> . @prefix sh: <{SH}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
WRONG = {
    "two paths": "ex:bad sh:path ex:p , ex:q ; sh:minCount 1 .",
    "no path": "ex:s sh:property ex:bad . ex:bad sh:minCount 1 .",
    "a property shape without path": "ex:bad a sh:PropertyShape ; sh:class ex:C .",
    "a node shape with path": "ex:bad a sh:NodeShape ; sh:path ex:p .",
    "a path that is no path": "ex:bad a sh:PropertyShape ; sh:path [ sh:unknownPath ex:p ] .",
    "a path of one step": "ex:bad a sh:PropertyShape ; sh:path ( ex:p ) .",
    "a literal as path": 'ex:bad a sh:PropertyShape ; sh:path "p" .',
    "minCount on a node shape": "ex:bad a sh:NodeShape ; sh:minCount 1 .",
    "lessThan on a node shape": "ex:bad a sh:NodeShape ; sh:lessThan ex:p .",
    "two datatypes": "ex:bad a sh:NodeShape ; sh:datatype xsd:string , xsd:date .",
    "a count that is text": 'ex:bad a sh:PropertyShape ; sh:path ex:p ; sh:minCount "one" .',
    "a negative count": "ex:bad a sh:PropertyShape ; sh:path ex:p ; sh:maxCount -1 .",
    "a decimal length": "ex:bad a sh:NodeShape ; sh:minLength 1.5 .",
    "a class that is text": 'ex:bad a sh:NodeShape ; sh:class "C" .',
    "a pattern that is an IRI": "ex:bad a sh:NodeShape ; sh:pattern ex:p .",
    "an unknown node kind": "ex:bad a sh:NodeShape ; sh:nodeKind sh:Node .",
    "a broken list": "ex:bad a sh:NodeShape ; sh:in ex:list .",
    "an empty list of shapes": "ex:bad a sh:NodeShape ; sh:or () .",
    "a shape that is text": 'ex:bad a sh:NodeShape ; sh:node "shape" .',
    "a target class without identifier": "ex:bad a sh:NodeShape ; sh:targetClass [] .",
    "a severity that is text": 'ex:bad a sh:NodeShape ; sh:severity "high" .',
    "deactivated maybe": 'ex:bad a sh:NodeShape ; sh:deactivated "maybe" .',
    "a qualified count without shape": "ex:bad a sh:PropertyShape ; sh:path ex:p ; sh:qualifiedMinCount 1 .",
    "a query without SELECT": "ex:bad a sh:NodeShape ; sh:sparql [ sh:ask 'ASK {}' ] .",
    "a query that goes elsewhere": (
        "ex:bad a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this WHERE { SERVICE <http://x> {} }' ] ."
    ),
    "an unknown prefix": "ex:bad a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this { $this zz:p ?x }' ] .",
    "a query with a syntax error": (
        "ex:bad a sh:NodeShape ; sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this { $this ' ] ."
    ),
    "a query that gives $this another value": (
        "ex:bad a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this { BIND (1 AS ?this) }' ] ."
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_well_formed_is_named(name: str) -> None:
    graph = rdflib.Graph().parse(data=PREFIXES + WRONG[name])
    with pytest.raises(ProfileError) as caught:
        compile_shapes(graph)
    assert {"zh", "en"} <= set(caught.value.what)
    # The error stands at the shape, or at the part of it (without a name) that is wrong.
    assert (
        "bad" in caught.value.where or caught.value.where == "p" or not caught.value.where.startswith("http")
    )


@pytest.mark.parametrize(
    "shapes",
    [
        "ex:unused sh:inversePath ex:unused .",  # nobody's path
        'ex:s a sh:PropertyShape ; sh:path ex:p ; sh:uniqueLang "1"^^xsd:boolean .',
        'ex:s a sh:NodeShape ; sh:deactivated "0"^^xsd:boolean .',
        "ex:s a sh:NodeShape ; sh:in () .",
    ],
)
def test_what_is_unusual_but_well_formed(shapes: str) -> None:
    compile_shapes(rdflib.Graph().parse(data=PREFIXES + shapes))
