"""The engine on a real server: facts in, the same facts out."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.errors import ConflictError, QueryError
from qualitrace.graphql.cypher_source import CypherSource
from qualitrace.graphql.derive import derive
from qualitrace.graphql.fetch import TYPE_PATH
from qualitrace.profile.model import PathStep, Profile
from qualitrace.store import INFERRED, PROFILE, STATED, Engine, OxigraphEngine
from qualitrace.store.neo4j import Changes, Mark, Neo4jEngine
from qualitrace.store.neo4j.naming import CONCEPT, REGISTRY, RESOURCE, Naming
from qualitrace.store.neo4j.nodes import NodeFacts, read, written
from qualitrace.store.neo4j.seeing import FACE
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, literal
from tests.contract.engines import MakeEngine
from tests.history.kitchen import profile
from tests.store import test_engine_contract as contract

NAMING = Naming.of(profile())
FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
CLASSES = [*sorted(profile().classes)[:3], contract.EX + "Unknown"]
PREDICATES = [*sorted(NAMING.keys), contract.EX + "p"]


def bare(engine: Neo4jEngine) -> Neo4jEngine:
    """The same place, empty, for an engine to which the profile says nothing."""
    engine.clear()
    return Neo4jEngine(engine.server, engine.naming, engine.registry)


def emptied(engine: Neo4jEngine) -> MakeEngine:
    def made(profile: Profile | None = None) -> Engine:
        return bare(engine)

    return made


@FEW
@given(contract.changes())
def test_what_is_stated_is_what_is_read_back(engine: Neo4jEngine, sequence: list[contract.Change]) -> None:
    check: Any = contract.test_what_is_stated_is_what_is_read_back
    check.hypothesis.inner_test(emptied(engine), sequence)


def test_changesets_apply_in_order(engine: Neo4jEngine) -> None:
    contract.test_changesets_apply_in_order(emptied(engine))


@pytest.mark.parametrize("subject", ["no iri", contract.NODES[0]])
def test_what_is_no_fact_is_refused_and_changes_nothing(engine: Neo4jEngine, subject: str) -> None:
    wrong = Fact(subject, contract.PROPERTIES[0], '"open')
    contract.test_what_is_no_fact_is_refused_and_changes_nothing(emptied(engine), wrong)


def test_the_profile_is_replaced_by_ntriples(engine: Neo4jEngine) -> None:
    contract.test_a_graph_is_replaced_by_ntriples(emptied(engine))


def said() -> st.SearchStrategy[tuple[str, str]]:
    classes = st.tuples(st.just(RDF_TYPE), st.sampled_from(CLASSES).map(iri))
    return st.one_of(classes, st.tuples(st.sampled_from(PREDICATES), contract.literals()))


@settings(deadline=None)
@given(st.sets(said(), max_size=8), st.sets(said(), max_size=8), st.booleans())
def test_a_node_gives_back_every_literal(
    stated: set[tuple[str, str]], inferred: set[tuple[str, str]], concept: bool
) -> None:
    """Whatever is stated and inferred of one node, in words of the profile and in others."""
    facts = NodeFacts(set(stated), set(inferred), {(PREDICATES[0], '"of the profile"')} if concept else None)
    kept = written(NAMING, contract.NODES[0], facts)
    back = read(NAMING, {"Resource", *kept.labels}, kept.properties)
    assert (back.stated, back.inferred) == (stated, inferred)


def test_names_are_told_apart() -> None:
    for names in (NAMING.labels, NAMING.types, {iri_: name.key for iri_, name in NAMING.keys.items()}):
        assert len(set(names.values())) == len(names)
    assert not any("_" in name.key for name in NAMING.keys.values())


@pytest.mark.parametrize("label", [RESOURCE, CONCEPT, REGISTRY, FACE])
def test_no_class_is_called_as_what_is_ours(label: str) -> None:
    known = profile()
    named = {class_iri: dataclasses.replace(model, name=label) for class_iri, model in known.classes.items()}
    labels = Naming.of(dataclasses.replace(known, classes=named)).labels
    assert label not in labels.values()
    assert len(set(labels.values())) == len(known.classes)


@FEW
@given(st.lists(contract.facts(), max_size=12), st.lists(contract.facts(), max_size=6), st.data())
def test_paths_lead_where_they_lead_in_memory(
    engine: Neo4jEngine, stated: list[Fact], inferred: list[Fact], data: st.DataObject
) -> None:
    here, memory = bare(engine), OxigraphEngine()
    follows = [fact for fact in inferred if fact not in stated]
    for one in (here, memory):
        one.change(STATED, stated, ())
        one.change(INFERRED, follows, ())
        one.change(PROFILE, [Fact(contract.NODES[1], contract.PROPERTIES[0], literal("概念"))], ())
    step = st.builds(PathStep, st.sampled_from(contract.PROPERTIES), st.booleans())
    path = data.draw(st.lists(st.lists(step, min_size=1, max_size=3).map(tuple), min_size=1, max_size=2))
    expected = {
        node: ends
        for node in contract.NODES
        if (ends := {end for steps in path for end in walked(memory, node, steps)})
    }
    assert {node: set(ends) for node, ends in here.terms(tuple(path), contract.NODES).items()} == expected


def walked(engine: Engine, node: str, steps: tuple[PathStep, ...]) -> set[str]:
    ends = {iri(node)}
    for step in steps:
        here = [end for end in ends if is_iri(end)]
        if step.inverse:
            found = [engine.facts(predicate=step.predicate, object=end) for end in here]
            ends = {iri(fact.subject) for facts in found for fact in facts}
        else:
            ahead = [engine.facts(subject=iri_of(end), predicate=step.predicate) for end in here]
            ends = {fact.object for facts in ahead for fact in facts}
    return ends


def test_a_transaction_that_was_overtaken_changes_nothing(engine: Neo4jEngine) -> None:
    fact = contract.number("4")
    expected = engine.at
    engine.mark(3)
    with pytest.raises(ConflictError):
        engine.put(Changes([fact]), lambda mark: Mark(9), expecting=expected)
    assert (engine.position, list(engine.facts(STATED))) == (3, [])


def test_names_in_a_statement_are_no_statement(engine: Neo4jEngine) -> None:
    """What facts say is a parameter; nothing of it is run."""
    evil = contract.EX + "p`}) DETACH DELETE n //"
    with pytest.raises(QueryError):
        engine.change(STATED, [Fact(evil, contract.PROPERTIES[0], iri(contract.NODES[0]))], ())
    text = literal("') MATCH (n) DETACH DELETE n //")
    fact = Fact(contract.NODES[0], contract.EX + "x`y", text)
    engine.change(STATED, [contract.number("1")], ())
    with pytest.raises(QueryError):
        engine.change(STATED, [fact], ())
    engine.change(STATED, [fact._replace(predicate=contract.EX + "'y")], ())
    assert {one.object for one in engine.facts(STATED)} == {contract.number("1").object, text}


def test_values_that_came_with_classes_are_not_told_after_a_change(engine: Neo4jEngine) -> None:
    node, kind = contract.NODES[0], sorted(profile().classes)[0]
    before, after = (Fact(node, RDFS_LABEL, literal(text, language="en")) for text in ("before", "after"))
    engine.put(Changes([Fact(node, RDF_TYPE, iri(kind)), before], []))
    source = CypherSource(engine, derive(profile()), "https://kitchen.example/id/")
    assert source.terms(TYPE_PATH, [node])[node] == (iri(kind),)
    assert source.terms(((PathStep(RDFS_LABEL),),), [node])[node] == (before.object,)
    engine.put(Changes([after], [before]))
    assert source.terms(((PathStep(RDFS_LABEL),),), [node])[node] == (after.object,)
