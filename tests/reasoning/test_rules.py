"""Rules: what they conclude, in which order, and what they may not do."""

from __future__ import annotations

import pytest

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.reasoning import compile_program, infer
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal
from tests.reasoning.profiles import VOCABULARY, fact, profile

PARENT = "v:parent a owl:ObjectProperty . v:ancestor a owl:ObjectProperty ."


def ready(model: Profile, *facts: Fact) -> OxigraphEngine:
    engine = OxigraphEngine()
    engine.load(PROFILE, model.ontology.serialize(format="nt"))
    engine.change(STATED, facts, ())
    return engine


def concluded(model: Profile, *facts: Fact) -> set[Fact]:
    engine = ready(model, *facts)
    infer(engine, model)
    return set(engine.facts(INFERRED))


def test_a_rule_may_feed_itself_and_uses_the_profile_prefixes() -> None:
    model = profile(
        PARENT,
        rules={
            "one": "CONSTRUCT { ?a v:ancestor ?b } WHERE { ?a v:parent ?b }",
            "more": "CONSTRUCT { ?a v:ancestor ?c } WHERE { ?a v:parent ?b . ?b v:ancestor ?c }",
        },
    )
    links = [fact(f"n{number}", "parent", f"n{number + 1}") for number in range(12)]
    expected = {
        fact(f"n{one}", "ancestor", f"n{other}") for one in range(13) for other in range(13) if one < other
    }
    assert concluded(model, *links) == expected


def test_a_prefix_of_the_rule_wins_over_the_profile() -> None:
    rule = "PREFIX v: <https://example.org/other#> CONSTRUCT { ?a v:is ?b } WHERE { ?a v:was ?b }"
    model = profile(rules={"rule": rule})
    was = fact("a", "https://example.org/other#was", "b")
    assert concluded(model, was) == {fact("a", "https://example.org/other#is", "b")}


def test_axioms_and_rules_feed_each_other() -> None:
    model = profile(
        "v:owns a owl:ObjectProperty ; owl:inverseOf v:ownedBy . v:answersFor a owl:ObjectProperty .",
        rules={"answers": "CONSTRUCT { ?a v:answersFor ?b } WHERE { ?a v:owns ?b }"},
    )
    assert concluded(model, fact("b", "ownedBy", "a")) == {
        fact("a", "owns", "b"),
        fact("a", "answersFor", "b"),
    }


def test_a_negation_waits_for_what_it_negates() -> None:
    """The file names put the negating rule first; it must still run last."""
    rules = {
        "a-late": "CONSTRUCT { ?t v:late true } WHERE { ?t a v:Task FILTER NOT EXISTS { ?t v:closed true } }",
        "b-closed": "CONSTRUCT { ?t v:closed true } WHERE { ?t v:done ?d }",
        "c-done": "CONSTRUCT { ?t v:done ?d } WHERE { ?t v:finishedOn ?d }",
    }
    task = [Fact(fact(name, "x", "y").subject, RDF_TYPE, iri(VOCABULARY + "Task")) for name in ("s", "t")]
    day = literal("2024-06-15", datatype=XSD + "date")
    found = concluded(profile(rules=rules), *task, fact("s", "finishedOn", day))
    true = literal("true", datatype=XSD + "boolean")
    assert found == {fact("s", "done", day), fact("s", "closed", true), fact("t", "late", true)}


@pytest.mark.parametrize(
    "missing",
    [
        "FILTER NOT EXISTS { ?t v:on ?o }",
        "MINUS { ?t v:on ?o }",
        "OPTIONAL { ?t v:on ?o } FILTER(!BOUND(?o))",
        "{ SELECT ?t (COUNT(?o) AS ?n) WHERE { ?t v:is ?x . OPTIONAL { ?t v:on ?o } } GROUP BY ?t }",
    ],
)
def test_a_conclusion_that_rests_on_its_own_absence_is_refused(missing: str) -> None:
    rules = {
        "off": f"CONSTRUCT {{ ?t v:off true }} WHERE {{ ?t v:is ?x . {missing} }}",
        "on": "CONSTRUCT { ?t v:on true } WHERE { ?t v:off true }",
    }
    with pytest.raises(ProfileError) as refusal:
        compile_program(profile(rules=rules))
    assert refusal.value.where == "off → on → off"


def test_only_the_shortest_cycle_is_named() -> None:
    rules = {
        "a": "CONSTRUCT { ?t v:a true } WHERE { ?t v:is ?x MINUS { ?t v:c true } }",
        "aside": "CONSTRUCT { ?t v:aside true } WHERE { ?t v:b true }",
        "again": "CONSTRUCT { ?t v:b true } WHERE { ?t v:aside true }",
        "b": "CONSTRUCT { ?t v:b true } WHERE { ?t v:a true }",
        "c": "CONSTRUCT { ?t v:c true } WHERE { ?t v:b true }",
        "later": "CONSTRUCT { ?t v:later true } WHERE { ?t v:c true }",
    }
    with pytest.raises(ProfileError) as refusal:
        compile_program(profile(rules=rules))
    assert refusal.value.where == "a → b → c → a"


def test_types_are_told_apart_when_ordering() -> None:
    """Concluding one class while negating another is no cycle."""
    rules = {"open": "CONSTRUCT { ?t a v:Open } WHERE { ?t a v:Task MINUS { ?t a v:Closed } }"}
    task = Fact(fact("t", "x", "y").subject, RDF_TYPE, iri(VOCABULARY + "Task"))
    found = concluded(profile(rules=rules), task)
    assert found == {task._replace(object=iri(VOCABULARY + "Open"))}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("CONSTRUCT { ?a v:has [ v:of ?b ] } WHERE { ?a v:p ?b }", "blank nodes"),
        ("CONSTRUCT { _:x v:of ?b } WHERE { ?a v:p ?b }", "blank nodes"),
        ("CONSTRUCT { ?a v:has ?x } WHERE { ?a v:p ?b BIND(BNODE() AS ?x) }", "BNODE"),
        ("CONSTRUCT { ?a v:has ?x } WHERE { ?a v:p ?b BIND(UUID() AS ?x) }", "UUID"),
        ("CONSTRUCT { ?a v:has ?x } WHERE { ?a v:p ?b BIND(IF(RAND() > 0.5, ?a, ?b) AS ?x) }", "RAND"),
        ("CONSTRUCT { ?a v:q ?b } WHERE { SERVICE <https://example.com/> { ?a v:p ?b } }", "SERVICE"),
        (
            "CONSTRUCT { ?a v:q ?b } WHERE { ?a v:p ?b "
            "FILTER EXISTS { SERVICE <https://example.com/> { ?a v:p ?b } } }",
            "SERVICE",
        ),
        ("CONSTRUCT { ?a v:q ?b } FROM <https://example.com/> WHERE { ?a v:p ?b }", "FROM"),
        ("SELECT ?a WHERE { ?a v:p ?b }", "CONSTRUCT"),
        ("CONSTRUCT { ?a v:q ?b } WHERE { ?a v:p", "cannot be read"),
    ],
)
def test_what_a_rule_may_not_do(rule: str, says: str) -> None:
    model = profile(rules={"bad": rule})
    kept = fact("a", "kept", "b")
    engine = ready(model, fact("a", "p", "b"))
    engine.change(INFERRED, [kept], ())
    with pytest.raises(ProfileError) as refusal:
        infer(engine, model)
    assert says in refusal.value.what["en"]
    assert "reasoning/bad.rq" in refusal.value.where
    assert set(engine.facts(INFERRED)) == {kept}


def test_a_rule_that_makes_up_values_without_end_is_stopped_and_nothing_changes() -> None:
    rule = "CONSTRUCT { ?a v:n ?m } WHERE { ?a v:n ?n BIND(?n + 1 AS ?m) }"
    model = profile(rules={"count": rule})
    engine = ready(model, fact("a", "n", literal("0", datatype=XSD + "integer")))
    with pytest.raises(ProfileError) as refusal:
        infer(engine, model)
    assert refusal.value.where == "count"
    assert engine.count(INFERRED) == 0


def test_a_stated_fact_is_never_inferred_and_follows_again_when_withdrawn() -> None:
    model = profile("v:p a owl:ObjectProperty, owl:SymmetricProperty .")
    there, back = fact("a", "p", "b"), fact("b", "p", "a")
    engine = ready(model, there, back)
    assert infer(engine, model).total == 0
    engine.change(STATED, (), [back])
    assert infer(engine, model).added == (back,)
    engine.change(STATED, [back], ())
    assert infer(engine, model).removed == (back,)


def test_a_compiled_program_gives_the_same() -> None:
    model = profile("v:p a owl:ObjectProperty, owl:SymmetricProperty .")
    engine = ready(model, fact("a", "p", "b"))
    assert infer(engine, model, compile_program(model)).added == (fact("b", "p", "a"),)
