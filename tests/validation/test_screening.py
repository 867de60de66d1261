"""Screening leaves nothing out: what the single checks find, a run with screens finds too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.terms import SH
from qualitrace.validation import CompiledShapes, compile_shapes, side_by_side
from qualitrace.validation.data import Data
from qualitrace.validation.run import Hit, Runner

EX = "http://example.org/"
PREFIXES = f"""
@prefix ex: <{EX}> . @prefix sh: <{SH}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
# Every kind of constraint that shares a walk over the values of a path, on paths that are shared.
SHAPES = """
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property
  [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:maxInclusive 5 ] ,
  [ sh:path ex:p ; sh:lessThan ex:q ] ,
  [ sh:path ex:q ; sh:disjoint ex:p ; sh:nodeKind sh:Literal ] ,
  [ sh:path ex:label ; sh:minCount 1 ; sh:uniqueLang true ] ,
  [ sh:path ex:label ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:datatype xsd:string ] ] ,
  [ sh:path ex:label ; sh:or ( [ sh:datatype xsd:string ] [ sh:datatype rdf:langString ] ) ] ,
  [ sh:path ex:link ; sh:maxCount 1 ; sh:class ex:T ; sh:property [ sh:path ex:code ; sh:minCount 1 ] ] ,
  [ sh:path [ sh:inversePath ex:link ] ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
  [ sh:path ( ex:link ex:code ) ; sh:maxCount 1 ; sh:pattern "^a" ] ,
  [ sh:path [ sh:zeroOrMorePath ex:link ] ; sh:class ex:T ] .
"""
VALUES = {
    "p": ["3", "9", '"x"'],
    "q": ["4", "9", "3", "ex:n"],
    "label": ['"a"', '"b"', '"a"@zh', '"b"@zh', "1"],
    "link": ["ex:good", "ex:noCode", "ex:other"],
}
OTHERS = """
ex:good a ex:T ; ex:code "a1" ; ex:p 1 ; ex:label "g" .
ex:noCode a ex:T ; ex:p 1 ; ex:label "g" .
ex:other ex:code "b1" , "a2" ; ex:link ex:noCode .
_:nameless ex:link ex:good .
"""


def nodes() -> Iterator[str]:
    """Nodes that conform but for the values of one property, which are every choice of up to three."""
    right = {"p": ["3"], "q": ["4"], "label": ['"a"'], "link": []}
    for varied, values in VALUES.items():
        for count in range(4):
            for chosen in combinations(values, count):
                said = {**right, varied: list(chosen)}
                yield " ; ".join(["a ex:T", *(f"ex:{p} {', '.join(v)}" for p, v in said.items() if v)])


@pytest.fixture(scope="module")
def compiled() -> CompiledShapes:
    return compile_shapes(rdflib.Graph().parse(data=PREFIXES + SHAPES))


def runner_on(compiled: CompiledShapes, data: str) -> Runner:
    store = ox.Store()
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TURTLE)
    return Runner(compiled, Data(store))


def keys(hits: Iterator[Hit]) -> set[tuple[str, str, str, str]]:
    return {(hit.check.name, str(hit.root), str(hit.focus), str(hit.value)) for hit in hits}


def one_by_one(runner: Runner) -> set[tuple[str, str, str, str]]:
    return keys(hit for check in runner.compiled.checks for hit in runner.all(check))


def test_each_node_by_itself(compiled: CompiledShapes) -> None:
    assert compiled.screens
    seen = set[str]()
    for node in nodes():
        runner = runner_on(compiled, f"{OTHERS} ex:n {node} .")
        found = keys(runner.everything({}))
        assert found == one_by_one(runner), node
        seen |= {check for check, *_ in found}
    # Every check found something somewhere, or the comparison would say nothing about it.
    assert seen == {check.name for check in compiled.checks}


@pytest.mark.parametrize("threads", [1, 3])
def test_all_nodes_together(compiled: CompiledShapes, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "processors", lambda: threads)
    data = "\n".join(f"ex:n{number} {node} ." for number, node in enumerate(nodes()))
    runner = runner_on(compiled, OTHERS + data)
    found = keys(runner.everything({}))
    assert found == one_by_one(runner)
    assert len(found) > len(compiled.checks)


def test_pieces_answer_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "processors", lambda: 3)
    pieces = [lambda number=number: number for number in range(40)]
    assert list(side_by_side.side_by_side(pieces)) == list(range(40))


def test_what_a_piece_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "processors", lambda: 3)

    def fails() -> int:
        raise ValueError("piece")

    with pytest.raises(ValueError, match="piece"):
        list(side_by_side.side_by_side([*(lambda: 1 for _ in range(20)), fails]))
