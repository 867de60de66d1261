"""What is said of all colleges is what each says by itself, and nothing more to whoever has no role there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import rdflib

from qualitrace.access.model import EVERYTHING, PUBLIC, Audience, Caller, Grant, Principal, Role
from qualitrace.across import Across, Counted, State, sees
from qualitrace.budget import Budget, within
from qualitrace.errors import QueryError
from qualitrace.registry.publishing import fingerprint
from qualitrace.store.neo4j import Changes
from qualitrace.terms import QT, SKOS_NOTATION
from qualitrace.tracing.model import gaps
from tests.across.conftest import CODE, OTHER, POINT, QA, TWICE, Colleges, secret

DAYS = (dt.date(2019, 6, 1), dt.date(2025, 3, 1))


def caller(*grants: Grant, role: Role = Role.READER, purpose: str = "核查") -> Caller:
    return Caller(Principal("示例", frozenset({role}), grants=frozenset(grants)), purpose)


def everything(asked: Across) -> str:
    """Every answer there is, as text."""
    answers = [
        asked.registries(),
        *(asked.coverage(kind) for kind in ("Duty", "Person")),
        *(asked.adoption(key, to="Person") for key in (POINT, OTHER, CODE)),
        asked.adoption("1.1.1", to="owl:Thing"),
        asked.duplicates(),
    ]
    return repr(answers)


def test_registries_stand_where_their_journals_do(colleges: Colleges) -> None:
    found = {one.name: one for one in colleges.across.registries()}
    assert list(found) == colleges.names
    for name, home in colleges.homes.items():
        changesets = list(home.changesets())
        assert (found[name].position, found[name].changeset) == (home.position, changesets[-1].id)
        assert (found[name].state, found[name].behind) == (State.READY, 0)
        assert found[name].stated > 0


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("kind", ["Duty", "DiagnosisPoint", "Goal"])
def test_coverage_is_that_of_each_registry(colleges: Colleges, kind: str, day: dt.date) -> None:
    answer = colleges.across.coverage(kind, as_of=day)
    expected = {}
    for name, home in colleges.homes.items():
        verdicts = home.coverage(kind, as_of=day).verdicts
        expected[name] = Counted(len(verdicts), sum(one.complete for one in verdicts), gaps(verdicts))
    assert answer.registries == expected
    assert answer.total.total == sum(one.total for one in expected.values())
    assert answer.total.complete == sum(one.complete or 0 for one in expected.values())
    assert sum(gap.count for gap in answer.total.gaps) == answer.total.total - answer.total.complete
    assert not answer.left


def test_classes_that_nothing_judges_are_counted(colleges: Colleges) -> None:
    answer = colleges.across.coverage("Programme")
    for name, home in colleges.homes.items():
        held = {fact.subject for fact in home.engine.facts(predicate=QA + "nationalCode")}
        assert answer.registries[name] == Counted(len(held), None)
    assert answer.total == Counted(sum(one.total for one in answer.registries.values()), None)


@pytest.mark.parametrize("value", [POINT, "1.1.1", CODE, TWICE])
def test_adoption_leads_from_the_key_to_who_answers_for_it(colleges: Colleges, value: str) -> None:
    day = DAYS[-1]
    answer = colleges.across.adoption(value, to="Post", as_of=day)
    held = {key.value for key in answer.keys}
    for name, home in colleges.homes.items():
        having = {
            fact.subject
            for key in answer.keys
            for fact in home.engine.facts(predicate=key.property)
            if fact.object.strip('<">') in held
        }
        found = {one.node.iri: one for one in answer.registries.get(name, ())}
        assert found.keys() == having
        assert (name in answer.without) == (not having)
        for iri, one in found.items():
            trace = home.trace(iri, "Post", as_of=day)
            expected = {p.steps[-1].target for p in trace.paths if p.ending == "reached" and p.steps}
            assert {post.iri for post in one.reached} == expected
            code = next(iter(home.engine.facts(subject=iri, predicate=SKOS_NOTATION))).object
            assert one.node.code == code.strip('"')
    assert answer.registries
    assert colleges.names[2] in answer.without


def test_a_post_is_reached(colleges: Colleges) -> None:
    answer = colleges.across.adoption(POINT, to="Post")
    reached = {name: one.reached for name, (one,) in answer.registries.items()}
    assert [posts[0].label.best("zh") for posts in reached.values()] == ["处长0", "处长1"]


def test_codes_given_twice_are_found(colleges: Colleges) -> None:
    (found,) = colleges.across.duplicates().found
    assert (found.key.value, found.key.property, found.across) == (TWICE, QA + "nationalCode", False)
    assert {one.registry for one in found.nodes} == {colleges.names[1]}
    assert len(found.nodes) == len({one.node.iri for one in found.nodes}) == 2


def declaring(colleges: Colleges, name: str, term: str) -> Across:
    """The same colleges, asked by a profile that says one thing more of a property."""
    asked = colleges.across
    ontology = rdflib.Graph()
    ontology += asked.profile.ontology
    ontology.add((rdflib.URIRef(QA + name), rdflib.URIRef(QT + term), rdflib.Literal(True)))
    server, stamp = colleges.engines[colleges.names[0]].server, fingerprint(asked.profile)
    return Across(server, replace(asked.profile, ontology=ontology), stamp, only=asked.only)


def test_a_key_that_is_not_public_finds_nothing_without_a_role(colleges: Colleges) -> None:
    """Neither by its value, nor as one that is there twice."""
    mine, other = colleges.names[:2]
    asked = declaring(colleges, "email", "uniqueKey")
    value = f"{secret(0)}@示例"
    for who, expected in (
        (caller(), []),
        (caller(Grant(other, frozenset({Role.OFFICE}))), []),
        (caller(Grant(mine, frozenset({Role.OFFICE})), purpose=""), []),
        (caller(Grant(mine, frozenset({Role.OFFICE}))), [mine]),
    ):
        answer = asked.seen_as(sees(who)).adoption(value, key="email")
        assert list(answer.registries) == expected
        assert not answer.left
        assert len(answer.without) == len(colleges.names) - len(expected)
        said = repr(asked.seen_as(sees(who)).duplicates())
        assert not any(secret(number) in said for number in range(3))  # each is there once


def test_what_one_registry_alone_should_have_is_found_in_several(colleges: Colleges) -> None:
    """The same code is no duplicate where many may have it, and one where it names a registry's own."""
    stricter = declaring(colleges, "nationalCode", "uniqueKey")
    found = [one for one in stricter.duplicates().found if one.across]
    assert [(one.key.value, [kept.registry for kept in one.nodes]) for one in found] == [
        (CODE, colleges.names[:2])
    ]


def test_nothing_personal_leaves_without_a_role(colleges: Colleges) -> None:
    """Whoever has a role for one college sees its people, and no other's."""
    numbers = range(len(colleges.names))
    for who in (
        caller(),
        caller(role=Role.AUDITOR),  # a role that names no registry
        caller(Grant("another", frozenset({Role.OFFICE}))),
        caller(*(Grant(name, frozenset({Role.OFFICE})) for name in colleges.names), purpose=""),
        caller(*(Grant(name, frozenset({Role.SYSTEM})) for name in colleges.names)),
    ):
        said = everything(colleges.across.seen_as(sees(who)))
        assert not any(secret(number) in said for number in numbers)
    for mine in numbers:
        unit = colleges.homes[colleges.names[mine]].base + "unit/a"  # the same in all of them
        for grant in (
            Grant(colleges.names[mine], frozenset({Role.AUDITOR})),
            Grant(colleges.names[mine], frozenset({Role.STEWARD}), frozenset({unit})),
        ):
            said = everything(colleges.across.seen_as(sees(caller(grant))))
            assert [secret(number) in said for number in numbers] == [number == mine for number in numbers]


def test_numbers_are_those_that_somebody_sees_at_home(colleges: Colleges) -> None:
    answer = colleges.across.coverage("Duty")
    for name, home in colleges.homes.items():
        verdicts = home.seen_by(caller().audience).coverage("Duty").verdicts
        assert answer.registries[name].total == len(verdicts)


def test_a_registry_that_is_being_written_is_left_out_and_named(colleges: Colleges) -> None:
    name = colleges.names[0]
    engine = colleges.engines[name]
    before = engine.at
    engine.put(Changes(), lambda mark: replace(mark, toward=mark.position + 2))
    try:
        for answer in (
            colleges.across.coverage("Duty"),
            colleges.across.adoption(POINT),
            colleges.across.duplicates(),
        ):
            assert [one.registry for one in answer.left] == [name]
            assert answer.left[0].why.best("en")
        standing = next(one for one in colleges.across.registries() if one.name == name)
        assert (standing.state, standing.behind) == (State.WRITING, 2)
        assert name not in colleges.across.adoption(POINT).without
    finally:
        engine.put(Changes(), lambda _: before)
    assert not colleges.across.coverage("Duty").left


def test_what_another_profile_wrote_is_left_out(colleges: Colleges) -> None:
    other = Across(
        next(iter(colleges.engines.values())).server,
        colleges.across.profile,
        "another",
        lambda _: EVERYTHING,
        only=colleges.across.only,
    )
    assert {one.state for one in other.registries()} == {State.OTHER}
    answer = other.coverage("Duty")
    assert [one.registry for one in answer.left] == colleges.names
    assert answer.total == Counted(0, 0)


def test_no_time_left_is_told_by_registry(colleges: Colleges) -> None:
    now = [0.0]

    def slow(registry: str) -> Audience:
        now[0] = 1_000.0
        return PUBLIC

    with within(Budget(500, clock=lambda: now[0])):
        answer = colleges.across.seen_as(slow).coverage("Duty")
    assert [one.registry for one in answer.left] == colleges.names
    assert not answer.registries


def test_what_cannot_be_asked_is_refused(colleges: Colleges) -> None:
    across = colleges.across
    for ask in (
        lambda: across.coverage("Nothing"),
        lambda: across.adoption(CODE, to="Nothing"),
        lambda: across.adoption(CODE, key="email"),
        lambda: across.adoption("1", key="conformsToConcept"),  # several concepts are called so
        lambda: across.adoption("nobody", key="conformsToConcept"),
    ):
        with pytest.raises(QueryError) as refused:
            ask()
        assert refused.value.hint.best("zh")
