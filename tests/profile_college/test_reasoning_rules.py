"""The rules of ``reasoning/``, each against a plain computation in Python."""

from __future__ import annotations

import re
from decimal import Decimal

import hypothesis.strategies as st
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from rdflib import RDF, RDFS, Graph, Literal, Namespace
from rdflib.term import Node

from tests.profile_college.inference import conclusions, is_dated, rule_text
from tests.profile_college.reading import QA, QAS, ROOT

EX = Namespace("https://college.example/id/")
NAMES = sorted(path.stem for path in (ROOT / "reasoning").glob("*.rq"))
STANDING = [name for name in NAMES if not is_dated(name)]  # the dated ones: test_dated_rules.py
numbers = st.decimals(min_value=-100, max_value=100, places=2)
maybe = st.none() | numbers


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_says_what_it_does_in_both_languages(name: str) -> None:
    said = re.findall(r"^# (title|says) (zh|en): \S", rule_text(name), re.MULTILINE)
    assert sorted(said) == [("says", "en"), ("says", "zh"), ("title", "en"), ("title", "zh")]


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_concludes_only_what_is_declared(name: str, ontology: Graph) -> None:
    template = re.search(r"CONSTRUCT \{(.*?)\}", rule_text(name))
    assert template is not None
    (term,) = re.findall(r"qa:(\w+)", template[1])
    assert (QA[term], RDFS.isDefinedBy, None) in ontology


@settings(deadline=None, max_examples=60)
@given(
    value=maybe,
    threshold=maybe,
    target=maybe,
    direction=st.sampled_from([None, QAS["direction-higher"], QAS["direction-lower"]]),
)
def test_outcome_of_a_reading(
    value: Decimal | None, threshold: Decimal | None, target: Decimal | None, direction: Node | None
) -> None:
    data = Graph()
    data.add((EX.reading, QA.observationOf, EX.indicator))
    for node, term, number in (
        (EX.reading, QA.value, value),
        (EX.indicator, QA.threshold, threshold),
        (EX.indicator, QA.target, target),
    ):
        if number is not None:
            data.add((node, term, Literal(number)))
    if direction is not None:
        data.add((EX.indicator, QA.direction, direction))
    bound = target if threshold is None else threshold
    expected = set()
    if value is not None and bound is not None and direction is not None:
        met = value >= bound if direction == QAS["direction-higher"] else value <= bound
        expected = {(EX.reading, QA.outcome, QAS["outcome-met" if met else "outcome-failed"])}
    assert set(conclusions(data, "observation-outcome")) == expected


def test_exactly_on_the_threshold_is_met() -> None:
    for direction in ("direction-higher", "direction-lower"):
        data = Graph()
        data.add((EX.reading, QA.observationOf, EX.indicator))
        data.add((EX.reading, QA.value, Literal(Decimal("90"))))
        data.add((EX.indicator, QA.threshold, Literal(Decimal("90.0"))))
        data.add((EX.indicator, QA.direction, QAS[direction]))
        assert (EX.reading, QA.outcome, QAS["outcome-met"]) in conclusions(data, "observation-outcome")


units = st.dictionaries(
    st.integers(0, 8), st.sampled_from(["Department", "TeachingUnit", "Section", "Committee"]), max_size=8
)
wanted = st.dictionaries(st.integers(0, 3), st.sampled_from(["Department", "TeachingUnit", "Unit", "Body"]))


@settings(deadline=None, max_examples=60)
@given(units=units, groups=wanted)
def test_members_of_a_group(ontology: Graph, units: dict[int, str], groups: dict[int, str]) -> None:
    data = Graph()
    for concept, parent in ontology.subject_objects(RDFS.subClassOf):
        if str(concept).startswith(QA) and str(parent).startswith(QA):
            data.add((concept, RDFS.subClassOf, parent))
    for number, kind in units.items():
        data.add((EX[f"unit-{number}"], RDF.type, QA[kind]))
    for number, kind in groups.items():
        data.add((EX[f"group-{number}"], QA.memberClass, QA[kind]))
    above = {kind: set(ontology.transitive_objects(QA[kind], RDFS.subClassOf)) for kind in units.values()}
    expected = {
        (EX[f"group-{g}"], QA.groupMember, EX[f"unit-{u}"])
        for g, asked in groups.items()
        for u, kind in units.items()
        if QA[asked] in above[kind]
    }
    assert set(conclusions(data, "group-members")) == expected


@settings(deadline=None, max_examples=60)
@given(
    below=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10),
    tasks=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10),
)
def test_tasks_a_goal_includes(below: set[tuple[int, int]], tasks: set[tuple[int, int]]) -> None:
    """Also where goals go round in a circle, which only bad data do."""
    data = Graph()
    for goal, subgoal in below:
        data.add((EX[f"goal-{goal}"], QA.hasSubgoal, EX[f"goal-{subgoal}"]))
    for goal, task in tasks:
        data.add((EX[f"goal-{goal}"], QA.hasTask, EX[f"task-{task}"]))
    reached = set(tasks)
    while True:
        more = {(goal, task) for goal, sub in below for other, task in reached if other == sub} - reached
        if not more:
            break
        reached |= more
    expected = {(EX[f"goal-{goal}"], QA.includesTask, EX[f"task-{task}"]) for goal, task in reached}
    assert set(conclusions(data, "goal-includes-task")) == expected


@pytest.mark.parametrize("name", STANDING)
def test_oxigraph_concludes_the_same(name: str, ontology: Graph) -> None:
    """The database that runs the rules agrees with rdflib on the small college."""
    college = Graph().parse(ROOT / "tests" / "profile_college" / "clean.ttl", publicID=str(EX))
    data = college + ontology
    store = ox.Store()
    store.load(data.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    answer = store.query(rule_text(name))
    assert isinstance(answer, ox.QueryTriples)
    found = {(t.subject.value, t.predicate.value, t.object.value) for t in answer}
    assert found
    assert found == {(str(s), str(p), str(o)) for s, p, o in conclusions(data, name)}
