"""Each dated rule of the college concludes what it says, on made-up colleges and several days."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import compile_program, conclusions, dated_rules, infer, on_day
from qualitrace.reasoning.model import Program
from qualitrace.store import PROFILE, STATED, OxigraphEngine
from qualitrace.terms import iri_of
from tests.profile_college.dated_expected import EXPECTED
from tests.profile_college.dated_worlds import BASE, FIRST, QAS, World, facts, world

WORLDS = 60
DAYS = [FIRST + dt.timedelta(days=n) for n in (60, 200, 330, 450)]


@pytest.fixture(scope="module")
def college() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def program(college: Profile) -> Program:
    return compile_program(college)


@pytest.fixture(scope="module")
def colleges(college: Profile, program: Program) -> list[tuple[World, OxigraphEngine]]:
    ontology = college.ontology.serialize(format="nt")
    made = []
    for seed in range(WORLDS):
        one, engine = world(seed), OxigraphEngine()
        engine.load(PROFILE, ontology)
        engine.change(STATED, set(facts(one)), ())
        infer(engine, college, program)
        made.append((one, engine))
    return made


def test_every_dated_rule_is_tested(college: Profile) -> None:
    assert {rule.name for rule in dated_rules(college)} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_rule_concludes_what_it_says(
    name: str, college: Profile, colleges: list[tuple[World, OxigraphEngine]]
) -> None:
    rule = next(one for one in dated_rules(college) if one.name == name)
    kinds: Counter[str] = Counter()
    for day in DAYS:
        step = on_day(rule, college, day)
        for number, (one, engine) in enumerate(colleges):
            found = {
                (fact.subject.removeprefix(BASE), iri_of(fact.object).removeprefix(BASE).removeprefix(QAS))
                for fact in conclusions(engine, step)
            }
            assert found == EXPECTED[name](one, day), (number, day)
            kinds.update(value for _, value in found)
    # What never happens in any of the worlds is not tested by them.
    assert sum(kinds.values()) >= 10
    if name == "loop":
        assert len(kinds) == 6


def test_every_conclusion_is_said_in_both_languages(college: Profile) -> None:
    for rule in dated_rules(college):
        assert rule.titles["zh"] and rule.titles["en"] and rule.says["zh"] and rule.says["en"]
