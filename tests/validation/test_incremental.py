"""Any sequence of changes, validated one by one, equals one full validation at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rdflib.namespace import RDF, RDFS
from rdflib.term import Literal, Node

from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, compile_shapes, validate_store
from qualitrace.validation import incremental as incremental_module
from qualitrace.validation.affected import affected
from qualitrace.validation.data import from_rdflib
from qualitrace.validation.model import Report
from qualitrace.validation.vocabulary import QT, name_of, ntriples
from tests.validation.differential import EX, NODES, PROPERTIES, data_graphs, worlds

Triple = tuple[Node, Node, Node]
GRAPH = ox.NamedNode("http://example.org/graph")
SPARQL_SHAPES = Path(__file__).parent / "shapes" / "sparql.ttl"
RANDOM = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


@dataclass(frozen=True)
class Step:
    """Facts to add, and facts to remove by their place among those that are there."""

    added: frozenset[Triple]
    removed: tuple[int, ...]


def labels() -> st.SearchStrategy[list[Triple]]:
    words = [Literal("甲", lang="zh"), Literal("one", lang="en"), Literal("uno")]
    return st.lists(
        st.tuples(st.sampled_from(NODES), st.just(RDFS.label), st.sampled_from(words)), max_size=3
    )


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Some small changes; few of them touch the class hierarchy, which reaches everywhere."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        pool = sorted(draw(data_graphs("above zero")))
        if draw(st.integers(1, 5)) > 1:
            pool = [triple for triple in pool if triple[1] != RDFS.subClassOf]
        added = draw(st.sets(st.sampled_from(pool), max_size=4)) if pool else set()
        removed = draw(st.lists(st.integers(0, 100), max_size=4))
        found.append(Step(frozenset([*added, *draw(labels())]), tuple(removed)))
    return found


def quad(triple: Triple) -> ox.Quad:
    subject, predicate, value = map(from_rdflib, triple)
    return ox.Quad(subject, predicate, value, GRAPH)  # type: ignore[arg-type]


def fact(triple: Triple) -> Fact:
    return Fact(name_of(triple[0]), str(triple[1]), ntriples(triple[2]))


class History:
    """A store that changes step by step, with the report kept up incrementally."""

    def __init__(self, compiled: CompiledShapes, data: rdflib.Graph) -> None:
        self.compiled = compiled
        self.store = ox.Store()
        self.facts = set(data)
        self.store.extend(map(quad, self.facts))
        self.report = self.full()

    def full(self) -> Report:
        return validate_store(self.store, self.compiled)

    def take(self, step: Step) -> None:
        present = sorted(self.facts)
        removed = {present[at % len(present)] for at in step.removed if present}
        added = step.added - self.facts - removed
        for triple in removed:
            self.store.remove(quad(triple))
        self.store.extend(map(quad, added))
        self.facts = (self.facts - removed) | added
        changed = ([fact(triple) for triple in added], [fact(triple) for triple in removed])
        self.report = validate_store(self.store, self.compiled, changed=changed, before=self.report)


def with_stewards(shapes: rdflib.Graph, draw: int) -> rdflib.Graph:
    """Say of some shapes who must act."""
    for shape in sorted(shapes.subjects(RDF.type))[::2]:
        shapes.add((shape, QT.steward, PROPERTIES[draw % len(PROPERTIES)]))
    return shapes


@settings(RANDOM, max_examples=200)
@given(worlds(), steps(), st.integers(0, 2))
def test_random_shapes(world: tuple[rdflib.Graph, rdflib.Graph], changes: list[Step], draw: int) -> None:
    shapes, data = world
    history = History(compile_shapes(with_stewards(shapes, draw)), data)
    for step in changes:
        history.take(step)
        assert history.report == history.full()


def test_sparql_shapes() -> None:
    compiled = compile_shapes(rdflib.Graph().parse(SPARQL_SHAPES))

    @settings(RANDOM, max_examples=60)
    @given(data_graphs("above zero"), steps())
    def run(data: rdflib.Graph, changes: list[Step]) -> None:
        history = History(compiled, data)
        for step in changes:
            history.take(step)
            assert history.report == history.full()

    run()


CHAIN = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:A ;
  sh:property ex:far , ex:near , [ sh:path ex:r ; sh:maxCount 0 ] .
ex:far sh:path ( ex:p ex:q ) ; sh:minCount 1 .
ex:near sh:path ex:p ; sh:class ex:B .
"""
DATA = """
@prefix ex: <http://example.org/> .
ex:n0 a ex:A ; ex:p ex:n1 . ex:n1 a ex:B ; ex:q ex:n2 .
ex:n3 a ex:A ; ex:p ex:n4 . ex:n4 a ex:B ; ex:q ex:n5 .
ex:n5 a ex:C .
"""


@pytest.fixture
def chain() -> History:
    return History(compile_shapes(rdflib.Graph().parse(data=CHAIN)), rdflib.Graph().parse(data=DATA))


def test_affected_walks_the_path_back(chain: History) -> None:
    triple = (EX.n4, EX.q, EX.n5)
    chain.store.remove(quad(triple))
    found = affected(chain.compiled, [], [fact(triple)], HasStore(chain.store))
    assert {name: scope.nodes for name, scope in found.items()} == {
        "Shape.far.minCount": frozenset({str(EX.n3)})
    }


def test_affected_by_the_class_of_a_value(chain: History) -> None:
    triple = (EX.n1, RDF.type, EX.B)
    chain.store.remove(quad(triple))
    found = affected(chain.compiled, [], [fact(triple)], HasStore(chain.store))
    # n1 itself is listed for every check, since its class decides whether it is a target.
    assert found["Shape.near.class"].nodes == {str(EX.n0), str(EX.n1)}
    assert found["Shape.far.minCount"].nodes == {str(EX.n1)}


def test_affected_by_nothing_it_reads(chain: History) -> None:
    triple = (EX.n0, EX.begin, Literal(1))
    chain.store.add(quad(triple))
    assert affected(chain.compiled, [fact(triple)], [], HasStore(chain.store)) == {}


def test_subclasses_affect_everything(chain: History) -> None:
    triple = (EX.C, RDFS.subClassOf, EX.A)
    chain.store.add(quad(triple))
    found = affected(chain.compiled, [fact(triple)], [], HasStore(chain.store))
    assert set(found) == {check.name for check in chain.compiled.checks}
    assert all(scope.nodes is None for scope in found.values())


def test_only_the_affected_is_asked(chain: History) -> None:
    """What a change does not touch keeps its finding, the very same object."""
    chain.take(Step(frozenset({(EX.n0, EX.r, EX.n5)}), ()))
    (kept,) = chain.report.findings
    chain.take(Step(frozenset({(EX.n3, EX.r, EX.n5)}), ()))
    assert len(chain.report.findings) == 2
    assert any(finding is kept for finding in chain.report.findings)


def test_a_large_change_is_validated_whole(chain: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental_module, "MOST_CHANGES", 1)
    chain.take(Step(frozenset({(EX.n0, EX.r, EX.n5)}), ()))
    (first,) = chain.report.findings
    chain.take(Step(frozenset({(EX.n3, EX.r, EX.n5), (EX.n3, EX.q, EX.n5)}), ()))
    assert chain.report == chain.full()
    assert not any(finding is first for finding in chain.report.findings)


def test_what_did_not_really_change_does_not_count(chain: History) -> None:
    """A fact that another graph still holds is not gone, and one that is not there was not added."""
    triple = (EX.n0, RDF.type, EX.A)
    elsewhere = quad(triple)
    chain.store.add(ox.Quad(elsewhere.subject, elsewhere.predicate, elsewhere.object, ox.NamedNode("urn:g2")))
    chain.store.remove(elsewhere)
    changed = ([fact((EX.n5, RDF.type, EX.A))], [fact(triple)])
    report = validate_store(chain.store, chain.compiled, changed=changed, before=chain.report)
    assert report == chain.full()


class HasStore:
    """The least an engine must have."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
