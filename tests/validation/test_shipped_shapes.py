"""The shipped shapes on damaged pieces of the demonstration registry: the same results as pySHACL."""

from __future__ import annotations

import random
from collections import Counter

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDFS
from rdflib.term import Node, URIRef

from qualitrace.demonstration import build
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, compile_shapes, validate_store
from qualitrace.validation.data import from_rdflib, to_rdflib
from qualitrace.validation.vocabulary import name_of, ntriples
from tests.validation.differential import our_results, reference_results

Triple = tuple[Node, Node, Node]
CENTRES, DAMAGES = 10, 25


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def compiled(profile: Profile) -> CompiledShapes:
    return compile_shapes(profile.shapes)


@pytest.fixture(scope="module")
def facts(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> list[Triple]:
    registry = build(profile, tmp_path_factory.mktemp("demo") / "registry.db")
    try:
        store = registry.engine.store
        quads = [
            q for graph in (STATED, INFERRED) for q in store.quads_for_pattern(None, None, None, named(graph))
        ]
        found = [(to_rdflib(q.subject), URIRef(q.predicate.value), to_rdflib(q.object)) for q in quads]
    finally:
        registry.close()
    return sorted(set(found))


def named(graph: str) -> ox.NamedNode:
    return ox.NamedNode(graph)


def piece(facts: list[Triple], chance: random.Random) -> set[Triple]:
    """What is said of some nodes and of what they lead to and come from."""
    about: dict[Node, list[Triple]] = {}
    for fact in facts:
        about.setdefault(fact[0], []).append(fact)
        if isinstance(fact[2], URIRef):
            about.setdefault(fact[2], []).append(fact)
    subjects = sorted({fact[0] for fact in facts})
    centres = chance.sample(subjects, CENTRES)
    near = {node for centre in centres for fact in about[centre] for node in (fact[0], fact[2])} & set(
        subjects
    )
    kept = set(centres) | set(chance.sample(sorted(near), min(len(near), 3 * CENTRES)))
    return {fact for fact in facts if fact[0] in kept}


def damaged(data: set[Triple], facts: list[Triple], chance: random.Random) -> set[Triple]:
    """Take facts away, and put in others made of the parts of two."""
    left = set(data) - set(chance.sample(sorted(data), min(DAMAGES, len(data))))
    pool = sorted(data)
    for _ in range(DAMAGES):
        one, other = chance.choice(pool), chance.choice(pool if chance.random() < 0.8 else facts)
        left.add((one[0], other[1], other[2]))
    return left


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_demonstration(
    profile: Profile, compiled: CompiledShapes, facts: list[Triple], seed: int
) -> None:
    chance = random.Random(seed)
    data = rdflib.Graph()
    for triple in damaged(piece(facts, chance), facts, chance):
        data.add(triple)
    for triple in profile.ontology.triples((None, RDFS.subClassOf, None)):
        data.add(triple)
    store = ox.Store()
    store.extend(ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in data)  # type: ignore[arg-type]
    report = validate_store(store, compiled)
    ours, theirs = our_results(report), reference_results(data, profile.shapes)
    assert unnamed(ours) == unnamed(theirs)
    assert sum(ours.values()) > DAMAGES  # there was something to find


def unnamed(results: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Shapes without a name have other names in each report."""
    found: Counter[tuple[str, ...]] = Counter()
    for result, count in results.items():
        found[tuple(name_of(rdflib.BNode("")) if part.startswith("_:") else part for part in result)] += count
    return found


def test_random_changes_of_the_demonstration(
    profile: Profile, compiled: CompiledShapes, facts: list[Triple]
) -> None:
    """Change after change, validated one by one, equals full validation."""
    chance = random.Random(7)
    store = ox.Store()
    subclasses = profile.ontology.triples((None, RDFS.subClassOf, None))
    present = set(facts) | {(s, p, o) for s, p, o in subclasses}
    store.extend(map(quad, present))
    report = validate_store(store, compiled)
    for _ in range(15):
        removed = set(chance.sample(facts, 3)) & present
        pairs = [(chance.choice(facts), chance.choice(facts)) for _ in range(3)]
        added = {(one[0], other[1], other[2]) for one, other in pairs} - present
        for triple in removed:
            store.remove(quad(triple))
        store.extend(map(quad, added))
        present = (present - removed) | added
        changed = ([fact(triple) for triple in added], [fact(triple) for triple in removed])
        report = validate_store(store, compiled, changed=changed, before=report)
        assert report == validate_store(store, compiled)


def quad(triple: Triple) -> ox.Quad:
    subject, predicate, value = map(from_rdflib, triple)
    return ox.Quad(subject, predicate, value)  # type: ignore[arg-type]


def fact(triple: Triple) -> Fact:
    return Fact(name_of(triple[0]), str(triple[1]), ntriples(triple[2]))
