"""Why a fact follows: the facts named are enough to conclude it again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from qualitrace.demonstration import build
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import Proof, compile_program, infer, proof, reasons
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import Fact
from tests.reasoning.generated import axioms, some_fact
from tests.reasoning.profiles import fact, profile


def ready(model: Profile, facts: Iterable[Fact]) -> OxigraphEngine:
    engine = OxigraphEngine()
    engine.load(PROFILE, model.ontology.serialize(format="nt"))
    engine.change(STATED, facts, ())
    infer(engine, model)
    return engine


def leaves(one: Proof) -> Iterator[Fact]:
    if one.reason is None:
        yield one.fact
    for part in one.parts:
        yield from leaves(part)


PATHS = {
    "way": "CONSTRUCT { ?a v:t ?c } WHERE { ?a v:p/(v:q|^v:r)* ?b . ?b !v:p ?c }",
    "either": "CONSTRUCT { ?a v:u ?b } WHERE { { ?a v:t+ ?b } UNION { ?b v:s ?a . ?a ^v:q?/v:p ?c } }",
}


def test_what_a_proof_rests_on_is_enough_to_conclude_again() -> None:
    proven = 0
    for seed in range(12):
        chosen = random.Random(seed)
        model = profile(axioms(chosen), rules=PATHS)
        engine = ready(model, {some_fact(chosen) for _ in range(12)})
        program = compile_program(model)
        for one in sorted(engine.facts(INFERRED))[:15]:
            found = proof(engine, model, program, one)
            assert found is not None and found.reason is not None
            assert one in set(ready(model, set(leaves(found))).facts(INFERRED)), (seed, found)
            proven += 1
    assert proven > 60


def test_facts_in_a_circle_are_no_reason_for_each_other() -> None:
    model = profile("v:p a owl:ObjectProperty, owl:SymmetricProperty, owl:TransitiveProperty .")
    engine = ready(model, [fact("a", "p", "b"), fact("b", "p", "c")])
    found = proof(engine, model, None, fact("c", "p", "a"))
    assert found is not None
    assert set(leaves(found)) == {fact("a", "p", "b"), fact("b", "p", "c")}
    assert proof(engine, model, None, fact("c", "p", "x")) is None
    assert reasons(engine, model, None, fact("c", "p", "x")) == ()


def test_a_reason_names_the_rule_the_facts_and_the_values() -> None:
    rule = """CONSTRUCT { ?u v:busy true } WHERE {
        { SELECT ?u (COUNT(?t) AS ?n) WHERE { ?t v:of ?u } GROUP BY ?u } FILTER(?n > 1)
        ?u v:in ?place OPTIONAL { ?u v:head ?h } FILTER NOT EXISTS { ?u v:closed ?d } }"""
    model = profile(rules={"busy": rule})
    used = [fact("s", "of", "u"), fact("t", "of", "u"), fact("u", "in", "p"), fact("u", "head", "h")]
    engine = ready(model, [*used, fact("x", "of", "w"), fact("w", "in", "p")])
    (busy,) = engine.facts(INFERRED)
    (reason,) = reasons(engine, model, None, busy)
    assert reason.step == "busy"
    assert set(reason.facts) == set(used)
    assert reason.values["?place"] == fact("u", "in", "p").object


@pytest.fixture(scope="module")
def shipped() -> Profile:
    return load_profile()


def test_every_kind_of_conclusion_of_the_demonstration_is_explained(shipped: Profile, tmp_path: Path) -> None:
    registry = build(shipped, tmp_path / "registry.db")
    try:
        engine, program = registry.engine, compile_program(shipped)
        by_predicate: dict[str, list[Fact]] = {}
        for one in sorted(engine.facts(INFERRED)):
            by_predicate.setdefault(one.predicate, []).append(one)
        for facts in by_predicate.values():
            for one in random.Random(1).sample(facts, min(2, len(facts))):
                found = proof(engine, shipped, program, one)
                assert found is not None and found.reason is not None
                told = set(leaves(found))
                assert one in set(ready(shipped, told).facts(INFERRED))
        assert len(by_predicate) >= 3
    finally:
        registry.close()
