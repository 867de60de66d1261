"""After any changes, the inferred graph is what a full run would have made of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.demonstration import build
from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import InferenceResult, compile_program, infer
from qualitrace.reasoning.planning import plan_of
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.store.engine import Row
from qualitrace.terms import XSD, Fact, iri, literal
from tests.reasoning.generated import Rules, axioms, some_fact
from tests.reasoning.profiles import VOCABULARY, fact, profile


def opened(model: Profile, facts: Iterable[Fact] = ()) -> OxigraphEngine:
    engine = OxigraphEngine()
    engine.load(PROFILE, model.ontology.serialize(format="nt"))
    engine.change(STATED, facts, ())
    return engine


class Kept:
    """A store that is changed step by step, and compared with a twin that is worked out anew each time."""

    def __init__(self, model: Profile, stated: Iterable[Fact] = ()) -> None:
        self.model, self.program = model, compile_program(model)
        self.engine, self.stated = opened(model, stated), set(stated)
        self.twin = opened(model, stated)
        self.total = infer(self.engine, model, self.program).total or 0
        self.compared = 0

    def change(self, added: Iterable[Fact] = (), removed: Iterable[Fact] = ()) -> InferenceResult:
        added, removed = set(added), set(removed)
        before = set(self.engine.facts(INFERRED))
        self.engine.change(STATED, added, removed)
        self.stated = (self.stated | added) - removed
        result = infer(self.engine, self.model, self.program, changed=(added, removed), before=self.total)
        found = set(self.engine.facts(INFERRED))
        self.twin.change(STATED, added, removed)
        infer(self.twin, self.model, self.program)
        assert found == set(self.twin.facts(INFERRED))
        assert set(result.added) == found - before
        assert set(result.removed) == before - found
        assert result.total == len(found)
        self.total = len(found)
        self.compared += len(found)
        return result


def test_a_change_of_anything_under_any_rules_equals_a_full_run() -> None:
    compared: list[int] = []
    by_change: list[bool] = []

    @settings(max_examples=70, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def same(seed: int) -> None:
        chosen = random.Random(seed)
        writer = Rules(chosen)
        rules = {f"r{at}": writer.rule(chosen.randrange(1, 6)) for at in range(chosen.choice([1, 2, 3]))}
        model = profile(axioms(chosen), rules=rules)
        try:
            kept = Kept(model, {some_fact(chosen) for _ in range(chosen.randrange(10, 45))})
        except ProfileError:  # an axiom may turn a negated property into one that is concluded above
            return
        for _ in range(4):
            added = {some_fact(chosen) for _ in range(chosen.choice([0, 1, 1, 4]))} - kept.stated
            removed = {one for one in sorted(kept.stated) if chosen.randrange(4) == 0}
            kept.change(added, removed)
        compared.append(kept.compared)
        steps = [plan for stratum in plan_of(kept.program).strata for plan in stratum.steps]
        by_change.extend(not plan.anew for plan in steps)

    same()
    assert sum(compared) > 300, compared
    assert sum(by_change) > 0.8 * len(by_change)  # nearly everything can be followed by change


@pytest.fixture(scope="module")
def shipped() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def demonstration(shipped: Profile, tmp_path_factory: pytest.TempPathFactory) -> list[Fact]:
    registry = build(shipped, tmp_path_factory.mktemp("demo") / "registry.db")
    try:
        return sorted(registry.engine.facts(STATED))
    finally:
        registry.close()


def test_random_damage_to_the_demonstration_equals_a_full_run(
    shipped: Profile, demonstration: list[Fact]
) -> None:
    chosen = random.Random(7)
    kept = Kept(shipped, demonstration)
    total = kept.total
    read = {key.partition(" ")[0] for steps in kept.program.strata for step in steps for key in step.reads}
    telling = [one for one in demonstration if one.predicate in read]
    taken: set[Fact] = set()
    moved = 0
    for size in (1, 1, 3, 20, 200, 1, 50):
        back = set(chosen.sample(sorted(taken), min(len(taken), size // 2)))
        now = set(chosen.sample(telling, size)) - taken - back
        result = kept.change(back, now)
        taken = (taken | now) - back
        moved += len(result.added) + len(result.removed)
    assert kept.change(taken, ()).total == total
    assert moved > 100


def test_every_step_of_the_shipped_profile_is_followed_by_change(shipped: Profile) -> None:
    plan = plan_of(compile_program(shipped))
    assert [step.anew for stratum in plan.strata for step in stratum.steps if step.anew] == []


class Watched(OxigraphEngine):
    """An engine that notes what is asked of it, and how many facts are inferred after each change."""

    def __init__(self) -> None:
        super().__init__()
        self.inferred: list[int] = []
        self.queries: list[str] = []
        self.concluded: list[str] = []

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        super().change(graph, added, removed)
        self.inferred.append(self.count(INFERRED))

    def load(self, graph: str, ntriples: str) -> None:
        super().load(graph, ntriples)
        self.inferred.append(self.count(INFERRED))

    def select(self, query: str) -> list[Row]:
        self.queries.append(query)
        return super().select(query)

    def construct(self, query: str) -> list[Fact]:
        self.queries.append(query)
        return super().construct(query)

    def conclude(self, query: str, graph: str) -> list[Fact]:
        self.concluded.append(query)
        return super().conclude(query, graph)


CHAIN = "v:p a owl:ObjectProperty, owl:TransitiveProperty . v:q a owl:ObjectProperty ; owl:inverseOf v:p ."


def watched(model: Profile, stated: Iterable[Fact]) -> Watched:
    engine = Watched()
    engine.load(PROFILE, model.ontology.serialize(format="nt"))
    engine.change(STATED, stated, ())
    infer(engine, model)
    engine.inferred.clear()
    engine.queries.clear()
    engine.concluded.clear()
    return engine


def test_the_inferred_graph_is_never_empty_on_the_way() -> None:
    model = profile(CHAIN)
    links = [fact(f"n{at}", "p", f"n{at + 1}") for at in range(6)]
    engine = watched(model, links)
    engine.change(STATED, (), links[2:3])
    infer(engine, model, changed=((), links[2:3]))
    assert min(engine.inferred) > 0


def test_a_change_that_no_rule_reads_asks_nothing() -> None:
    model = profile(CHAIN)
    engine = watched(model, [fact("a", "p", "b")])
    other = fact("a", "name", literal("A"))
    engine.change(STATED, [other], ())
    assert infer(engine, model, changed=([other], ())) == InferenceResult((), ())
    assert engine.queries == []


def test_what_is_stated_leaves_the_inferred_graph_and_comes_back() -> None:
    kept = Kept(profile(CHAIN), [fact("a", "p", "b"), fact("b", "p", "c")])
    across = fact("a", "p", "c")
    assert kept.change([across]).removed == (across,)
    assert kept.change((), [across]).added == (across,)
    assert kept.change((), [fact("b", "p", "c")]).removed == (
        across,
        fact("c", "q", "a"),
        fact("c", "q", "b"),
    )


def test_facts_of_a_cycle_do_not_hold_each_other_up() -> None:
    kept = Kept(profile(CHAIN), [fact("a", "p", "b"), fact("b", "p", "a"), fact("x", "p", "a")])
    kept.change((), [fact("a", "p", "b")])
    assert set(kept.engine.facts(INFERRED, predicate=fact("a", "q", "b").predicate)) == {
        fact("a", "q", "b"),
        fact("a", "q", "x"),
    }


def test_numbers_are_one_fact_to_a_rule_however_they_are_written() -> None:
    model = profile(
        "v:code a owl:DatatypeProperty ; rdfs:subPropertyOf v:name . v:name a owl:DatatypeProperty ."
    )
    kept = Kept(model)
    long, short = (fact("a", "code", literal(text, datatype=XSD + "decimal")) for text in ("2.50", "2.5"))
    name = fact("a", "name", short.object)
    assert kept.change([long]).added == (name,)
    assert kept.change([short]) == kept.change((), [long]) == InferenceResult((), (), 1)
    assert kept.change((), [short]).removed == (name,)
    kept.change([long])
    assert kept.change([name._replace(object=long.object)]).removed == (name,)


@pytest.mark.parametrize(
    ("rule", "anew"),
    [
        (
            "CONSTRUCT { ?a v:q ?b } WHERE { SELECT ?a ?b WHERE { ?a v:p ?b } ORDER BY ?a ?b LIMIT 2 }",
            "LIMIT",
        ),
        ("CONSTRUCT { ?a v:q ?b } WHERE { GRAPH ?g { ?a v:p ?b } }", "Graph"),
        ("CONSTRUCT { ?a v:q ?b } WHERE { ?a v:p ?b FILTER(YEAR(NOW()) > 2000) }", "time"),
        ("CONSTRUCT { ?a v:q ?b } WHERE { ?a v:p* ?b }", "path"),
        ("CONSTRUCT { ?a v:q ?a } WHERE { ?a v:p ?b MINUS { ?b v:p* ?a } }", ""),
    ],
)
def test_what_cannot_be_followed_is_worked_out_anew_and_says_so(rule: str, anew: str) -> None:
    kept = Kept(profile(rules={"rule": rule}))
    (plan,) = (plan for stratum in plan_of(kept.program).strata for plan in stratum.steps)
    assert anew in plan.anew and bool(anew) == bool(plan.anew)
    chosen = random.Random(3)
    for number in range(12):
        kept.change({fact(chosen.choice("abc"), "p", chosen.choice("abc"))} - kept.stated)
        if number % 3 == 2:
            kept.change((), {chosen.choice(sorted(kept.stated))})
    assert kept.compared > 0


def facts_of(engine: OxigraphEngine) -> Iterator[tuple[str, Fact]]:
    for quad in engine.store:
        graph = str(quad.graph_name)
        yield graph, Fact(str(quad.subject), str(quad.predicate), str(quad.object))


def test_a_rule_that_fails_on_the_way_leaves_everything_as_it_was() -> None:
    rules = {
        "count": "CONSTRUCT { ?a v:n ?m } WHERE { ?a v:n ?n . ?a v:go ?b BIND(?n + 1 AS ?m) }",
        "first": "CONSTRUCT { ?b v:back ?a } WHERE { ?a v:go ?b }",
    }
    model = profile(rules=rules)
    program = compile_program(model)
    stay = [fact("a", "n", literal("0", datatype=XSD + "integer")), fact("k", "go", "l")]
    engine = opened(model, stay)
    infer(engine, model, program)
    go, gone = fact("a", "go", "b"), stay[1]
    engine.change(STATED, [go], [gone])
    before = sorted(facts_of(engine))
    with pytest.raises(ProfileError) as refusal:
        infer(engine, model, program, changed=([go], [gone]))
    assert refusal.value.where == "count"
    assert sorted(facts_of(engine)) == before


def test_a_full_run_asks_again_only_about_what_is_new() -> None:
    """A rule that feeds itself along a long way: each round is about the few facts of the round before."""
    rule = "CONSTRUCT { ?a v:q ?c } WHERE { { ?a v:p ?c } UNION { ?a v:p ?b . ?b v:q ?c } }"
    model = profile("v:r a owl:ObjectProperty ; owl:inverseOf v:q .", rules={"reach": rule})
    links = [fact(f"n{at}", "p", f"n{at + 1}") for at in range(30)]
    links += [fact(f"m{at}", "p", f"m{at + 1}") for at in range(2000) if at % 3]
    engine = watched(model, links)
    reached = nx.transitive_closure(nx.DiGraph([(one.subject, one.object[1:-1]) for one in links]))
    expected = {Fact(a, VOCABULARY + "q", iri(b)) for a, b in reached.edges}
    assert set(engine.facts(INFERRED, predicate=VOCABULARY + "q")) == expected
    infer(engine, model)
    assert engine.concluded.count(next(iter(engine.concluded))) < 5 < len(engine.queries)
    assert engine.count(INFERRED) == 2 * len(expected)
