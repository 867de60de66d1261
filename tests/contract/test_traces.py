"""Trace questions on generated worlds, answered by the index and by brute force."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.terms import OWL_THING
from qualitrace.tracing import Ending, Path, Trace, Tracing, tracer
from tests.contract.engines import MakeEngine
from tests.contract.generated import CLASSES, NODES, worlds
from tests.contract.reference import Answer, Reference
from tests.contract.worlds import DAY, World, node, term

NO_BOUND = 40  # steps; a simple path over seven nodes has at most six
STRENGTH = ["stated", "inferred", "inherited"]

questions = st.tuples(st.sampled_from(NODES).map(node), st.sampled_from(CLASSES), st.booleans())


def index_of(world: World, make_engine: MakeEngine) -> Tracing:
    profile = world.profile()
    return tracer(world.fill(make_engine(profile)), profile)


def walked(trace: Trace, path: Path) -> Answer:
    """The nodes and properties of a path in the order walked, checking that its steps join up."""
    nodes = [trace.start]
    for step in path.steps:
        here, there = (step.target, step.source) if trace.backwards else (step.source, step.target)
        assert here == nodes[-1]
        nodes.append(there)
    return Answer(tuple(nodes), tuple(step.property for step in path.steps), path.missing)


def expected(reference: Reference, question: tuple[str, str, bool]) -> set[Answer]:
    start, to, backwards = question
    return reference.backwards(start, to) if backwards else reference.forwards(start, to)


def asked(index: Tracing, question: tuple[str, str, bool], **bounds: Any) -> Trace:
    start, to, backwards = question
    bounds.setdefault("max_depth", NO_BOUND)
    return index.trace(start, term(to), as_of=DAY, backwards=backwards, **bounds)


def mentioned(reference: Reference, question: tuple[str, str, bool]) -> bool:
    return question[0] in reference.nodes()


@settings(max_examples=120, deadline=None)
@given(world=worlds(), question=questions)
def test_paths_are_those_of_the_reference(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool]
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question)
    answers = [walked(trace, path) for path in trace.paths]
    assert len(answers) == len(set(answers))
    assert set(answers) == expected(reference, question)
    assert not trace.partial
    assert (trace.start, trace.to, trace.as_of) == (question[0], term(question[1]), "2024-06-15")


@settings(max_examples=80, deadline=None)
@given(world=worlds(), question=questions)
def test_what_is_said_of_a_path(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool]
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question)
    for path in trace.paths:
        nodes, _, missing = walked(trace, path)
        bases = [reference.basis(step.source, step.property, step.target) for step in path.steps]
        assert [step.basis.value for step in path.steps] == bases
        assert path.basis.value == max(bases, key=STRENGTH.index, default="stated")
        assert path.ending is (Ending.ABSENT if missing else Ending.REACHED)
        assert bool(path.absence) == bool(missing)
        stewards = [found for one in reversed(nodes) if (found := reference.steward(one))]
        assert path.steward == (stewards[0] if missing and stewards else "")
        for step in path.steps:
            assert set(filter(None, step.capacity.best().split("; "))) == reference.capacity(step.target)
        held = set().union(*(reference.capacity(one) for one in nodes))
        assert set(filter(None, path.capacity.best().split("; "))) == held
        assert set(nodes) | ({path.steward} - {""}) <= trace.nodes.keys()
    for iri, shown in trace.nodes.items():
        assert set(shown.classes) == {term(name) for name in reference.narrowest(iri)}
        assert (shown.label.best() or iri) == reference.label(iri)


@settings(max_examples=60, deadline=None)
@given(world=worlds(), question=questions)
def test_paths_are_sorted(make_engine: MakeEngine, world: World, question: tuple[str, str, bool]) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question)

    def key(path: Path) -> tuple[int, int, list[str]]:
        labels = [reference.label(name) for name in walked(trace, path).nodes]
        return STRENGTH.index(path.basis.value), len(path.steps), labels

    assert list(trace.paths) == sorted(trace.paths, key=key)


@settings(max_examples=80, deadline=None)
@given(world=worlds(), question=questions, max_depth=st.integers(1, 4))
def test_a_bound_on_steps_says_so(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool], max_depth: int
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question, max_depth=max_depth)
    whole = expected(reference, question)
    short = {answer for answer in whole if len(answer.properties) <= max_depth}
    assert {walked(trace, path) for path in trace.paths} == short
    assert trace.partial or short == whole


@settings(max_examples=80, deadline=None)
@given(world=worlds(acyclic=True), question=questions, max_depth=st.integers(1, 4))
def test_without_cycles_partial_means_missing(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool], max_depth: int
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question, max_depth=max_depth)
    whole = expected(reference, question)
    assert trace.partial == any(len(answer.properties) > max_depth for answer in whole)


@settings(max_examples=80, deadline=None)
@given(world=worlds(), question=questions, limit=st.integers(1, 6))
def test_a_bound_on_paths_keeps_the_shortest(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool], limit: int
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question, limit=limit)
    whole = expected(reference, question)
    answers = {walked(trace, path) for path in trace.paths}
    assert answers <= whole
    assert trace.partial == (len(whole) > limit)
    lengths = sorted(len(answer.properties) for answer in whole)[:limit]
    assert sorted(len(answer.properties) for answer in answers) == lengths


@settings(max_examples=80, deadline=None)
@given(world=worlds(), question=questions)
def test_shortest_paths_to_each_end(
    make_engine: MakeEngine, world: World, question: tuple[str, str, bool]
) -> None:
    reference = Reference(world, DAY)
    if not mentioned(reference, question):
        return
    trace = asked(index_of(world, make_engine), question, shortest=True)
    least: dict[tuple[str, str], int] = {}
    whole = expected(reference, question)
    for answer in whole:
        end = (answer.nodes[-1], answer.missing)
        least[end] = min(least.get(end, NO_BOUND), len(answer.properties))
    shortest = {a for a in whole if len(a.properties) == least[a.nodes[-1], a.missing]}
    assert {walked(trace, path) for path in trace.paths} == shortest


@settings(max_examples=80, deadline=None)
@given(world=worlds(), start=st.sampled_from(NODES).map(node))
def test_everything_that_a_node_answers_for(make_engine: MakeEngine, world: World, start: str) -> None:
    """Backwards to no class in particular: the shortest paths from whatever of any class leads here."""
    reference = Reference(world, DAY)
    if start not in reference.nodes():
        return
    index = index_of(world, make_engine)
    trace = index.trace(start, OWL_THING, as_of=DAY, backwards=True, max_depth=NO_BOUND)
    whole = set().union(*(reference.backwards(start, name) for name in CLASSES))
    least: dict[str, int] = {}
    for answer in whole:
        least[answer.nodes[-1]] = min(least.get(answer.nodes[-1], NO_BOUND), len(answer.properties))
    assert {walked(trace, path) for path in trace.paths} == {
        answer for answer in whole if len(answer.properties) == least[answer.nodes[-1]]
    }


def test_the_generated_questions_are_worth_asking(make_local_engine: MakeEngine) -> None:
    """Over the generated worlds every kind of answer occurs; else the tests above compare nothing."""
    kinds: dict[str, int] = {}

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(world=worlds(), question=questions)
    def count(world: World, question: tuple[str, str, bool]) -> None:
        if not mentioned(Reference(world, DAY), question):
            return
        trace = asked(index_of(world, make_local_engine), question)
        for path in trace.paths:
            for kind in (path.basis.value, path.ending.value, f"backwards {trace.backwards}"):
                kinds[kind] = kinds.get(kind, 0) + 1
            if path.capacity:
                kinds["capacity"] = kinds.get("capacity", 0) + 1
            if path.steward:
                kinds["steward"] = kinds.get("steward", 0) + 1

    count()
    wanted = {*STRENGTH, "reached", "absent", "backwards True", "backwards False", "capacity", "steward"}
    assert {kind for kind, number in kinds.items() if number >= 20} >= wanted, kinds
