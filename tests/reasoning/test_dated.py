"""Rules that hold on a date: the variable stands for it everywhere, and nothing is stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import DatedRules, compile_program, conclusions, dated_rules, infer, on_day
from qualitrace.store import INFERRED, STATED, OxigraphEngine
from qualitrace.terms import XSD, Fact, literal
from tests.reasoning.profiles import DATA, VOCABULARY, fact, profile

LATE = """CONSTRUCT { ?a v:t ?b }  # ?day is not read here
WHERE { ?a v:on ?on ; v:q ?b . FILTER (?on < $day)
  OPTIONAL { SELECT ?a (COUNT(?c) AS ?n) WHERE { ?a v:seen ?c FILTER (?c <= ?day) } GROUP BY ?a }
  FILTER (!BOUND(?n) && "?day" != ?day && ?daylight != 1) BIND (1 + 1 AS ?daylight) }"""
DAY = dt.date(2025, 3, 1)


def dated(text: str, day: str = "day") -> Profile:
    made = profile("v:r rdfs:subPropertyOf v:q .", rules={"late": text})
    return replace(made, rules=tuple(replace(rule, day=day) for rule in made.rules))


def on(subject: str, name: str, day: dt.date) -> Fact:
    return Fact(DATA + subject, VOCABULARY + name, literal(day.isoformat(), datatype=XSD + "date"))


def filled(model: Profile, *facts: Fact) -> OxigraphEngine:
    engine = OxigraphEngine()
    engine.change(STATED, facts, ())
    infer(engine, model)
    return engine


def test_a_conclusion_holds_on_its_days_only_and_is_not_stored() -> None:
    text = "CONSTRUCT { ?a v:t ?b } WHERE { ?a v:on ?on ; v:q ?b . FILTER (?on < ?day) }"
    model = dated(text)
    engine = filled(model, on("a", "on", DAY), fact("a", "q", "b"))
    (rule,) = dated_rules(model)
    found = {
        shift: conclusions(engine, on_day(rule, model, DAY + dt.timedelta(days=shift)))
        for shift in (-1, 0, 1)
    }
    assert found == {-1: [], 0: [], 1: [fact("a", "t", "b")]}
    assert not [one for one in engine.facts(INFERRED) if one.predicate == VOCABULARY + "t"]


def test_what_a_dated_rule_reads_is_concluded_for_it() -> None:
    date = f"'2000-01-01'^^<{XSD}date>"
    model = dated(f"CONSTRUCT {{ ?a v:t ?b }} WHERE {{ ?a v:q ?b . FILTER (?day > {date}) }}")
    engine = filled(model, fact("a", "r", "b"))
    assert fact("a", "q", "b") in set(engine.facts(INFERRED))
    assert conclusions(engine, on_day(model.rules[0], model, DAY)) == [fact("a", "t", "b")]


def test_texts_comments_and_longer_names_are_left_alone() -> None:
    step = on_day(dated(LATE).rules[0], dated(LATE), DAY)
    value = literal(DAY.isoformat(), datatype=XSD + "date")
    assert step.query.count(value) == 3
    assert "# ?day is not read here" in step.query and '"?day"' in step.query and "?daylight" in step.query


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?a v:t ?b } WHERE { ?a v:q ?b . BIND (1 AS ?day) }",
        "CONSTRUCT { ?a v:t [] } WHERE { ?a v:q ?b . FILTER (?day = ?day) }",
        "CONSTRUCT { ?a v:t ?b } WHERE { SERVICE <http://x.example/> { ?a v:q ?b } FILTER (?day = ?day) }",
    ],
)
def test_a_dated_rule_that_cannot_be_used_stops_the_start(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        compile_program(dated(text))
    assert "late" in caught.value.where and "?day" in caught.value.hint["en"]


DAYS = (dt.date(1987, 12, 31), DAY, dt.date(9999, 1, 1))


def test_what_is_kept_is_what_would_be_compiled() -> None:
    kept, shipped = DatedRules(), load_profile()
    rules = dated_rules(shipped)
    assert len(rules) > 5
    assert [kept.on(rule, shipped, DAY) for rule in rules] == [on_day(rule, shipped, DAY) for rule in rules]


@pytest.mark.parametrize(
    "text",
    [
        LATE,
        "CONSTRUCT { ?a v:t ?b } WHERE { ?a v:q ?b }",
        'CONSTRUCT { ?a v:t ?b } WHERE { ?a v:q ?b FILTER (?day > "0001-01-01"^^xsd:date) }',
        # the same name is two variables: the rule is written anew
        "CONSTRUCT { ?a v:t ?b } WHERE { ?a v:on ?b FILTER (?b < ?day) { SELECT ?a WHERE { ?a v:q ?b } } }",
        "CONSTRUCT { ?a v:t ?day } WHERE { ?a v:q* ?b . ?a v:on ?day }",
    ],
)
def test_rules_of_every_form_are_kept_as_they_are(text: str) -> None:
    kept, model = DatedRules(), dated(f"PREFIX xsd: <{XSD}> {text}")
    for day in (*DAYS, *DAYS):
        assert kept.on(model.rules[0], model, day) == on_day(model.rules[0], model, day)


def test_a_changed_rule_is_another_one() -> None:
    kept = DatedRules()
    for text in (LATE, LATE.replace("v:seen", "v:met")):
        model = dated(text)
        assert kept.on(model.rules[0], model, DAY) == on_day(model.rules[0], model, DAY)
    model = dated(LATE)
    elsewhere = replace(model, prefixes={**model.prefixes, "v": "https://elsewhere.example/"})
    assert kept.on(model.rules[0], elsewhere, DAY) == on_day(model.rules[0], elsewhere, DAY)
    assert kept.on(model.rules[0], elsewhere, DAY) != kept.on(model.rules[0], model, DAY)
