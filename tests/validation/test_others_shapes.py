"""What shapes of others taught: each case gives what pySHACL gives, or says why not."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.errors import ProfileError
from qualitrace.terms import SH
from qualitrace.validation import CompiledShapes, ExactLiterals, compile_shapes, validate_store
from qualitrace.validation.data import from_rdflib
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.model import Report
from tests.validation.differential import blurred, our_results, reference_results, store_of

EX = "http://example.org/"
PREFIXES = (
    f"@prefix ex: <{EX}> . @prefix sh: <{SH}> . @prefix xsd: <{rdflib.XSD}> .\n"
    f"@prefix rdfs: <{rdflib.RDFS}> . @prefix owl: <{rdflib.OWL}> .\n"
)
TARGET = 'sh:select "SELECT ?this WHERE { ?this ex:p ?q FILTER (?q > 3) }"'
KIND = """ex:BornIn a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; sh:prefixes ex: ;
  sh:parameter [ sh:path ex:country ] ;
  sh:select "SELECT ?this WHERE { ?this ex:bornIn $country }" ."""
FUNCTION = """ex:twice a sh:SPARQLFunction ; sh:parameter [ sh:path ex:op ] ; sh:returnType xsd:integer ;
  sh:select "SELECT (?op * 2 AS ?result) WHERE {}" ."""
NAMED = """ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:wanted ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER ($value != $value) }" ] ."""
NUMBERS = "ex:a a ex:A ; ex:p 2 , 5 . ex:b a ex:A ; ex:p 1 . ex:c a ex:A ; ex:p 165 ; ex:q ex:a ."
STEPS = """ex:s a sh:NodeShape ; sh:targetClass ex:Thing ; sh:sparql [ sh:select '''
  SELECT $this ?value WHERE {
    $this ?value ?o . FILTER (?value != rdf:type)
    FILTER NOT EXISTS { $this a/rdfs:subClassOf* ?class . ?class ex:allows/ex:path ?value ; ex:open true . }
    FILTER NOT EXISTS { ?class ^a $this , ?other . FILTER EXISTS { ?other ex:vouches/ex:path ?value } }
  }''' ] ."""
THINGS = """ex:Book rdfs:subClassOf ex:Thing . ex:Thing ex:open true ; ex:allows [ ex:path ex:title ] .
  ex:a a ex:Book ; ex:title "A" ; ex:pages 5 . ex:t a ex:Thing ; ex:title "T" ; ex:size 3 .
  ex:v a ex:Book ; ex:vouches [ ex:path ex:pages ] . ex:u a ex:Thing ; ex:pages 6 ."""
CASES = {
    "a query as target": (
        f"ex:s a sh:NodeShape ; sh:class ex:B ; sh:target [ a sh:SPARQLTarget ; {TARGET} ] .",
        NUMBERS,
    ),
    "a kind of target with a parameter": (
        f"{KIND} ex:s a sh:NodeShape ; sh:class ex:B ; sh:target [ a ex:BornIn ; ex:country ex:X ] .",
        "ex:a ex:bornIn ex:X . ex:b ex:bornIn ex:Y .",
    ),
    "walked step by step": (STEPS, THINGS),
    "a nested failure at a number": (
        "ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:n ."
        "ex:n a sh:PropertyShape ; sh:path ex:p ; "
        "sh:or ( [ sh:maxInclusive 3 ] [ sh:datatype xsd:string ] ) .",
        'ex:a a ex:A ; ex:p "005"^^xsd:integer , 2 .',
    ),
    "exactly one of several": (
        "ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:xone ( ex:x ex:y ex:z ex:x ) ."
        "ex:x a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ."
        "ex:y a sh:PropertyShape ; sh:path ex:q ; sh:minCount 1 ."
        "ex:z a sh:NodeShape ; "
        "sh:xone ( [ sh:path ex:r ; sh:minCount 1 ] [ sh:path ex:p ; sh:maxCount 1 ] ) .",
        "ex:a a ex:A ; ex:p 1 . ex:b a ex:A ; ex:q 1 . "
        "ex:c a ex:A ; ex:q 1 ; ex:r 1 . ex:d a ex:A ; ex:p 1 , 2 .",
    ),
    "a range of no language": (
        'ex:s a sh:NodeShape ; sh:targetNode "abc" , "def"@en , 5 ; sh:languageIn ( "" "en" ) .',
        "ex:a ex:p ex:b .",
    ),
    "severity is the shape's": (
        "ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:severity sh:Warning ; sh:sparql ["
        ' sh:severity sh:Info ; sh:select "SELECT $this WHERE { $this ex:q ?q }" ] .',
        NUMBERS,
    ),
}
ELSEWHERE = {
    "a function": (
        f"{FUNCTION} ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:sparql [ sh:prefixes ex: ; "
        'sh:select "SELECT $this ?value WHERE { $this ex:p ?value FILTER (ex:twice(?value) > 9) }" ] .',
        NUMBERS,
    ),
    "a parameter without identifier": (
        f"{NAMED} ex:s a sh:NodeShape ; sh:targetClass ex:A ; ex:wanted [] .",
        NUMBERS,
    ),
    "a shape that refers to itself": (
        "ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:n ."
        "ex:n a sh:PropertyShape ; sh:path ex:q ; sh:node ex:s ; sh:maxCount 0 .",
        NUMBERS,
    ),
}


def graph(text: str) -> rdflib.Graph:
    made = rdflib.Graph().parse(data=PREFIXES + text)
    declared = f'ex: sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] .'
    return made.parse(data=PREFIXES + declared)


def report_of(compiled: CompiledShapes, data: rdflib.Graph) -> Report:
    quads = [ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in data]  # type: ignore[arg-type]
    return validate_store(store_of(data, repeat=False), compiled, exact=ExactLiterals(quads))


@pytest.mark.parametrize("name", [*CASES, *ELSEWHERE])
def test_the_same_results(name: str) -> None:
    shapes, data = map(graph, (CASES | ELSEWHERE)[name])
    compiled = compile_shapes(shapes)
    report = report_of(compiled, data)
    assert blurred(our_results(report)) == blurred(reference_results(data, shapes, advanced=True))
    assert report.findings
    assert (
        bool(compiled.elsewhere) == any("pySHACL" in n["en"] for n in report.notices) == (name in ELSEWHERE)
    )


def test_each_step_starts_from_the_one_before() -> None:
    compiled = compile_shapes(graph(STEPS))
    (check,) = compiled.checks
    _, *patterns = compiled.query(check, Hierarchy()).split("EXISTS")
    assert patterns and not any("/" in pattern for pattern in patterns)
    assert all("LATERAL" in pattern for pattern in patterns)


def nested(levels: int) -> rdflib.Graph:
    """Shapes that refer to the next by two ways: the ways double with each level."""
    text = "ex:L0 a sh:NodeShape ; sh:targetClass ex:A .\n"
    for level in range(levels):
        inner = f"[ sh:path ex:p ; sh:node ex:L{level + 1} ] , [ sh:path ex:q ; sh:node ex:L{level + 1} ]"
        text += f"ex:L{level} a sh:NodeShape ; sh:property {inner} .\n"
    return graph(text + f"ex:L{levels} a sh:NodeShape ; sh:property [ sh:path ex:z ; sh:minCount 1 ] .")


@pytest.mark.parametrize("levels", [3, 10])
def test_nesting_does_not_explode(levels: int) -> None:
    path = "".join(f"ex:n{level} ex:p ex:n{level + 1} . " for level in range(levels))
    data, shapes = graph(f"ex:n0 a ex:A . {path}"), nested(levels)
    report = report_of(compile_shapes(shapes), data)
    assert blurred(our_results(report)) == blurred(reference_results(data, shapes))
    assert report.findings


def test_a_circle_ends() -> None:
    shapes = graph(
        "ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:node ex:s ] ."
    )
    (notice,) = report_of(compile_shapes(shapes), graph("ex:a a ex:A ; ex:q ex:a .")).notices
    assert "3.4.3" in notice["en"] and "3.4.3" in notice["zh"]


LEANS = """ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:elsewhere .
ex:t a sh:NodeShape ; sh:targetClass ex:A ; sh:class ex:B ."""


def test_shapes_that_lean_on_a_file_not_at_hand() -> None:
    with pytest.raises(ProfileError, match="elsewhere"):
        compile_shapes(graph(LEANS))
    compiled = compile_shapes(graph(LEANS), strict=False)
    assert [check.name for check in compiled.checks] == ["t.class"]
    assert report_of(compiled, graph("ex:a a ex:Other .")).notices
    with pytest.raises(ProfileError, match="elsewhere"):  # not skipped: it has a node to be checked on
        report_of(compiled, graph("ex:a a ex:A ."))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ex:s sh:memberShape ex:t .", "sh:memberShape"),
        ("ex:s sh:rule [ a sh:TripleRule ] .", "sh:rule"),
        ("<urn:x> owl:imports ex:others .", "owl:imports"),
        ("<urn:x> sh:entailment ex:regime .", "regime"),
        ("ex:p a sh:PropertyShape ; sh:path ex:p ; sh:qualifiedValueShape ex:s .", "count"),
    ],
)
def test_what_checking_does_not_act_on_is_told(text: str, said: str) -> None:
    shapes = graph(f"ex:s a sh:NodeShape ; sh:targetClass ex:A ; sh:class ex:B . {text}")
    (notice,) = report_of(compile_shapes(shapes), graph("ex:a a ex:A .")).notices
    assert said in notice["en"] or said in notice["zh"]


def test_a_target_must_not_reach_out() -> None:
    shapes = graph(
        'ex:s a sh:NodeShape ; sh:class ex:B ; sh:target [ a sh:SPARQLTarget ; sh:select "'
        'SELECT ?this WHERE { SERVICE <http://example.org/sparql> { ?this ?p ?o } }" ] .'
    )
    with pytest.raises(ProfileError, match="SERVICE"):
        compile_shapes(shapes)
