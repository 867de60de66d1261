"""What an audience may not see is in no answer; what it may see is all there, after any changes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import rdflib

from qualitrace import demonstration
from qualitrace.access import EVERYTHING, PUBLIC, Audience
from qualitrace.errors import ForbiddenError, ProfileError, QualitraceError, UnknownNodeError
from qualitrace.profile import load_profile
from qualitrace.profile.model import PathStep, Profile, RuleModel
from qualitrace.registry import Registry
from qualitrace.registry.guarding import Views
from qualitrace.registry.past import Past
from qualitrace.registry.protecting import protected_values
from qualitrace.registry.seen import Seen
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, lit_of, literal
from qualitrace.text import Text
from qualitrace.tracing import TraceIndex
from qualitrace.tracing.model import Ending
from tests.registry.seen_worlds import (
    APPOINTMENT,
    MARK,
    PERSON,
    QA,
    TODAY,
    Changes,
    change,
    made,
    people,
    plain_dump,
    secrets,
    told,
    units_of,
    with_exposure,
)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Iterator[Registry]:
    """A registry for tests that only ask."""
    registry = made(tmp_path_factory.mktemp("unchanged"), profile)
    yield registry
    registry.close()


@pytest.fixture
def registry(unchanged: Registry, tmp_path: Path, profile: Profile) -> Iterator[Registry]:
    """A copy of it, to be changed."""
    location = unchanged.journal._engine.url.database
    assert location is not None
    with closing(sqlite3.connect(location)) as source, closing(sqlite3.connect(tmp_path / "r.db")) as target:
        source.backup(target)
    registry = Registry.open(tmp_path / "r.db", profile)
    yield registry
    registry.close()


def seen_by(registry: Registry | Past, audience: Audience) -> Seen:
    seen = registry.seen_by(audience)
    assert isinstance(seen, Seen)
    return seen


def unit(registry: Registry, name: str) -> str:
    return f"{registry.base}unit/示例{name}处"


def audiences(registry: Registry) -> list[Audience]:
    one, two, three = (unit(registry, name) for name in "甲乙丙")
    return [PUBLIC, Audience(units=frozenset({one})), Audience(units=frozenset({two, three}))]


def check(state: Registry | Past, audience: Audience) -> tuple[int, int]:
    """Compare all that a view says with what is hidden; returns how much was hidden, and shown."""
    seen = seen_by(state, audience)
    held, hidden = set(seen.engine.facts()), set()
    for fact, units in secrets(state).items():
        if units & audience.units:
            assert fact in held
        else:
            assert fact not in held
            hidden.add(lit_of(fact.object).value)
    shown = {lit_of(fact.object).value for fact in held if MARK in fact.object}
    said = "\n".join(told(seen))
    leaked = {text for text in hidden - shown if text in said}
    assert not leaked
    return len(hidden), len(shown)


def check_made_anew(registry: Registry, audience: Audience) -> None:
    seen, views = seen_by(registry, audience), Views(registry.profile, registry._projection)
    fresh = views.shown(audience)
    assert plain_dump(seen) == sorted((graph.split("/seen/")[0], fact) for graph, fact in fresh.view.dump())
    index = TraceIndex.build(fresh.view, registry.profile)
    for node in people(registry):
        if any(True for _ in fresh.view.facts(subject=node)):
            mine = seen._part.index.trace(
                node, "http://www.w3.org/2002/07/owl#Thing", as_of=TODAY, backwards=True
            )
            assert mine == index.trace(node, mine.to, as_of=TODAY, backwards=True)


def test_everything_is_the_registry_itself(unchanged: Registry) -> None:
    assert unchanged.seen_by(EVERYTHING) is unchanged
    assert unchanged.seen_by(PUBLIC) is unchanged.seen_by(PUBLIC)
    past = unchanged.at(1)
    assert past.seen_by(EVERYTHING) is past


def test_nothing_hidden_is_said(unchanged: Registry) -> None:
    counts = [check(unchanged, audience) for audience in audiences(unchanged)]
    assert counts[0][1] == 0  # the public sees nothing personal
    assert all(hidden for hidden, _ in counts)
    assert all(shown for _, shown in counts[1:])


def test_a_steward_sees_those_who_work_there_today(unchanged: Registry) -> None:
    seen = seen_by(unchanged, Audience(units=frozenset({unit(unchanged, "甲")})))
    named = {node for node in people(unchanged) if MARK in str(seen.trace(node).nodes[node].label)}
    assert named == {node for node in people(unchanged) if unit(unchanged, "甲") in units_of(unchanged, node)}
    left, comes = unchanged.base + "person/S0", unchanged.base + "person/S6"  # until 2023, from 2097
    assert left not in named
    assert comes not in named


def test_a_hidden_name_is_replaced_by_its_class(unchanged: Registry) -> None:
    seen = seen_by(unchanged, PUBLIC)
    node = people(unchanged)[0]
    label = seen.trace(node).nodes[node].label
    assert label["zh"] == "人员（姓名不公开）"
    assert label["en"] == "Person (name not shown)"
    assert {f.predicate for f in seen.engine.facts(subject=node)} == {
        RDF_TYPE,
        RDFS_LABEL,
        QA + "staffNumber",
    }


def test_nobody_is_found_by_what_is_hidden(unchanged: Registry) -> None:
    seen = seen_by(unchanged, PUBLIC)
    name = f"{MARK}-name-1-."
    assert unchanged.resolve(name) == unchanged.base + "person/S1"
    with pytest.raises(UnknownNodeError) as hidden:
        seen.resolve(name)
    with pytest.raises(UnknownNodeError) as none:
        seen.resolve(name.replace("1", "77"))
    assert (hidden.value.where, hidden.value.hint) == (none.value.where, none.value.hint)
    assert str(hidden.value).replace("name-1-", "name-77-") == str(none.value)
    steward = seen_by(unchanged, Audience(units=frozenset({unit(unchanged, "甲")})))
    assert steward.resolve(name) == unchanged.base + "person/S1"


@pytest.mark.parametrize("seed", range(2))
def test_a_view_follows_every_change(registry: Registry, seed: int) -> None:
    changes = Changes(registry, seed)
    for audience in audiences(registry):
        seen_by(registry, audience).engine.count(STATED)
    for at in range(16):
        changes.step()
        for audience in audiences(registry):
            seen = seen_by(registry, audience)
            assert seen.position == seen.engine.position == registry.position
            if at % 4 == 3:
                check_made_anew(registry, audience)
    assert changes.done > 5
    for audience in audiences(registry):
        check(registry, audience)


def test_a_rejected_commit_changes_no_view(registry: Registry) -> None:
    seen = seen_by(registry, Audience(units=frozenset({unit(registry, "甲")})))
    before = plain_dump(seen)
    node = people(registry)[1]
    more = [Fact(node, RDFS_LABEL, literal("x")), Fact(node, QA + "staffNumber", iri(node))]
    assert not change(registry, more, [])
    assert plain_dump(seen) == before
    check_made_anew(registry, seen.audience)


def test_a_view_follows_who_moves(registry: Registry) -> None:
    one, two = (Audience(units=frozenset({unit(registry, name)})) for name in "甲乙")
    node = registry.base + "person/S1"
    name = Fact(node, RDFS_LABEL, literal(f"{MARK}-name-1-."))
    assert name in set(seen_by(registry, one).engine.facts())
    assert name not in set(seen_by(registry, two).engine.facts())
    link = next(
        fact
        for held in registry.engine.facts(predicate=QA + "appointee", object=iri(node))
        for fact in registry.engine.facts(predicate=QA + "hasAppointment", object=iri(held.subject))
    )
    other = registry.resolve("post/示例乙处/干事")
    assert change(registry, [link._replace(subject=other)], [link])
    assert name not in set(seen_by(registry, one).engine.facts())
    assert name in set(seen_by(registry, two).engine.facts())


def test_the_past_is_seen_by_the_same_audience(registry: Registry) -> None:
    changes = Changes(registry, 11)
    for _ in range(4):
        changes.step()
    for audience in audiences(registry)[:2]:
        seen = seen_by(registry, audience)
        assert seen.at(registry.position) is seen
        then = seen.at(2)
        assert then.position == 2
        assert then.audience == audience
        check(registry.at(2), audience)
        assert plain_dump(then) == plain_dump(seen_by(registry.at("2"), audience))


def test_a_view_changes_nothing_and_opens_nothing(unchanged: Registry) -> None:
    seen = seen_by(unchanged, PUBLIC)
    fact = Fact(unchanged.base + "x", RDF_TYPE, iri(PERSON))
    acts: list[Callable[[], object]] = [
        lambda: seen.engine.change(STATED, [fact], []),
        lambda: seen.engine.load(STATED, ""),
        lambda: seen.engine.mark(0),
        lambda: seen.engine.apply(next(unchanged.journal.changesets())),
        lambda: seen.journal,
        lambda: seen.decisions,
        lambda: seen.seen_by(EVERYTHING),
        lambda: seen.seen_by(Audience(units=frozenset({unit(unchanged, "甲")}))),
    ]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()
    assert not hasattr(seen, "commit")
    assert seen.seen_by(PUBLIC) is seen


def test_findings_keep_their_counts_and_lose_their_values(registry: Registry) -> None:
    node = people(registry)[2]
    assert change(registry, [Fact(node, QA + "staffNumber", literal("S1"))], []) in (True, False)
    change(
        registry, [Fact(people(registry)[3], QA + "email", literal(f"{MARK}-mail-0-.@college.example"))], []
    )
    whole, seen = registry.validate(), seen_by(registry, PUBLIC).validate()
    assert len(whole.findings) == len(seen.findings) > 0
    assert whole.rules == seen.rules
    assert MARK not in repr(list(seen.findings))


def test_the_kitchens_cooks_are_in_no_answer(tmp_path: Path, repo_root: Path) -> None:
    kitchen = load_profile(repo_root / "tests" / "profiles" / "kitchen")
    registry = demonstration.build(kitchen, tmp_path / "kitchen.db")
    cook = kitchen.expand("kt:Cook")
    nodes = {fact.subject for fact in registry.engine.facts(predicate=RDF_TYPE, object=iri(cook))}
    labels = [fact for node in nodes for fact in registry.engine.facts(subject=node, predicate=RDFS_LABEL)]
    texts = {lit_of(fact.object).value for fact in labels}  # their codes are in identifiers of shifts
    assert len(nodes) == len(texts) > 1
    for audience in (PUBLIC, Audience(units=frozenset({registry.base + "area/none"}))):
        said = "\n".join(told(seen_by(registry, audience)))
        assert not [text for text in nodes | texts if text in said]
    # A hidden link is not a missing one.
    judged = 0
    for name, model in kitchen.classes.items():
        if model.chains and not model.abstract:
            whole, seen = (state.coverage(name).verdicts for state in (registry, seen_by(registry, PUBLIC)))
            assert [(one.node.iri, one.complete, one.missing) for one in whole] == [
                (one.node.iri, one.complete, one.missing) for one in seen
            ]
            judged += len(whole)
    assert judged
    registry.close()


QUOTING = f"""
@prefix qa: <{QA}> . @prefix qs: <https://w3id.org/qualitrace/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
qs:quoting a sh:NodeShape ; sh:targetClass qa:Person ; sh:severity sh:Warning ; sh:sparql [
    sh:message "{{?value}} has {{?mail}}, {{$this}}" ;
    sh:select "SELECT $this ?value ?mail WHERE {{ $this qa:email ?mail ; rdfs:label ?value }}" ;
    sh:prefixes <https://w3id.org/qualitrace/shapes> ] .
qs:halving a sh:NodeShape ; sh:targetClass qa:Department ; sh:severity sh:Warning ; sh:sparql [
    sh:message "{{?half}} works here" ;
    sh:select '''SELECT $this ?value ?half WHERE {{ $this a qa:Department . ?p qa:email ?mail .
      BIND (SUBSTR(?mail, 3, 9) AS ?half) BIND (?half AS ?value) }}''' ;
    sh:prefixes <https://w3id.org/qualitrace/shapes> ] .
qs:short a sh:NodeShape ; sh:targetClass qa:Person ;
    sh:property [ sh:path qa:email ; sh:maxLength 3 ; sh:severity sh:Warning ] .
"""


def test_messages_do_not_quote_what_is_hidden(tmp_path: Path, profile: Profile) -> None:
    shapes = profile.shapes + rdflib.Graph().parse(data=QUOTING, format="turtle")
    registry = made(tmp_path, replace(profile, shapes=shapes))
    whole = registry.validate()
    assert len([one for one in whole.findings if MARK in repr(one)]) >= 2 * len(people(registry))
    halves = {f.object[3:12] for f in registry.engine.facts(predicate=QA + "email")}
    assert [half for half in halves if half in repr(list(whole.findings))]
    for audience in audiences(registry)[:2]:
        check(registry, audience)
    report = seen_by(registry, PUBLIC).validate()
    assert len(report.findings) == len(whole.findings)
    assert not [half for half in halves if half in repr(list(report.findings))]


def test_findings_about_what_is_not_seen_at_all_are_left_out(tmp_path: Path, profile: Profile) -> None:
    registry = made(tmp_path, with_exposure(profile, PERSON, "protected"))
    alone = registry.base + "person/alone"
    assert change(registry, [Fact(alone, RDF_TYPE, iri(PERSON)), Fact(alone, RDFS_LABEL, literal(MARK))], [])
    whole, seen = registry.validate(), seen_by(registry, PUBLIC).validate()
    about = [one for one in whole.findings if one.focus in people(registry)]
    assert about
    assert len(seen.findings) == len(whole.findings) - len(about)
    assert str(len(about)) in seen.notices[-1]["en"]
    assert seen.rules == whole.rules


@pytest.mark.parametrize("hidden", [PERSON, APPOINTMENT])
def test_of_a_protected_class_nothing_is_seen(tmp_path: Path, profile: Profile, hidden: str) -> None:
    registry = made(tmp_path, with_exposure(profile, hidden, "protected"))
    nodes = {f.subject for f in registry.engine.facts(predicate=RDF_TYPE, object=iri(hidden))}
    seen = seen_by(registry, PUBLIC)
    said = "\n".join(told(seen))
    assert not [node for node in nodes if node in said]
    for node in nodes:
        with pytest.raises(UnknownNodeError):
            seen.resolve(node)
        with pytest.raises(UnknownNodeError):
            seen.trace(node)
    audience = Audience(units=frozenset({unit(registry, "甲")}))
    steward = seen_by(registry, audience)
    mine = {node for node in nodes if any(True for _ in steward.engine.facts(subject=node))}
    assert mine
    assert mine != nodes
    changes = Changes(registry, 5)
    for at in range(6):
        changes.step()
        if at % 3 == 2:
            check_made_anew(registry, PUBLIC)
            check_made_anew(registry, audience)


def test_what_is_hidden_is_not_called_missing(tmp_path: Path, profile: Profile) -> None:
    registry = made(tmp_path, with_exposure(profile, APPOINTMENT, "protected"))
    seen, person = seen_by(registry, PUBLIC), "Person"
    posts = {fact.subject for fact in registry.engine.facts(predicate=QA + "postOf")}
    held, vacant = set[str](), set[str]()
    for post in posts:
        whole, told_of = registry.trace(post, person), seen.trace(post, person)
        gone = {path.missing for path in whole.paths if path.ending is Ending.ABSENT}
        (vacant if gone else held).add(post)
        assert {path.missing for path in told_of.paths} == gone
        assert told_of.partial is (not gone)
    assert held
    assert vacant
    for name, model in profile.classes.items():
        if model.chains and not model.abstract:
            whole_table, seen_table = (state.coverage_by(name, ["steward"]) for state in (registry, seen))
            assert seen_table.whole.verdicts == whole_table.whole.verdicts
            assert seen_table.groups == whole_table.groups


RULES = {
    "copied": "CONSTRUCT { ?p qa:factorText ?n } WHERE { ?p a qa:Person ; rdfs:label ?n }",
    "passed-on": "CONSTRUCT { ?post qa:expectedEffect ?t } WHERE "
    "{ ?post qa:hasAppointment/qa:appointee ?p . ?p qa:factorText ?t }",
    "anything": "CONSTRUCT { ?post qa:dataSource ?t } WHERE "
    "{ ?post qa:hasAppointment/qa:appointee ?p . ?p ?any ?t FILTER(isLiteral(?t)) }",
    "asked": 'CONSTRUCT { ?p qa:year "2020" } WHERE { ?p a qa:Person FILTER EXISTS { ?p qa:email ?mail } }',
}


def test_what_follows_from_what_is_hidden_only_is_hidden(tmp_path: Path, profile: Profile) -> None:
    head = f"PREFIX qa: <{QA}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    rules = tuple(
        RuleModel(name, Text(en=name), head + text, tmp_path / name) for name, text in RULES.items()
    )
    registry = made(tmp_path, replace(profile, rules=(*profile.rules, *rules)))
    copies = [f for f in registry.engine.facts(INFERRED) if MARK in f.object]
    assert {QA + "factorText", QA + "expectedEffect", QA + "dataSource"} <= {f.predicate for f in copies}
    seen = seen_by(registry, PUBLIC)
    assert MARK not in "\n".join(told(seen))
    assert not list(seen.engine.facts(predicate=QA + "year"))

    # What also follows from what is seen stays: the staff number is no secret.
    def numbers(engine: Engine) -> set[Fact]:
        said = engine.facts(INFERRED, predicate=QA + "dataSource")
        return {fact for fact in said if fact.object.startswith('"S') and MARK not in fact.object}

    assert numbers(registry.engine)
    assert numbers(registry.engine) == numbers(seen.engine)
    changes = Changes(registry, 3)
    for _ in range(5):
        changes.step()
    check_made_anew(registry, PUBLIC)
    assert MARK not in "\n".join(told(seen))


def test_a_name_reached_in_several_steps_cannot_be_protected(unchanged: Registry) -> None:
    model = unchanged.profile.classes[PERSON]
    steps = (PathStep(QA + "appointee", inverse=True), PathStep(QA + "startDate"))
    prop = replace(model.properties[0], path=(steps,), exposure="protected")
    classes = {**unchanged.profile.classes, PERSON: replace(model, properties=(prop,))}
    views = Views(replace(unchanged.profile, classes=classes), unchanged._projection)
    with pytest.raises(ProfileError):
        views.veil()


def test_protected_values_are_kept_until_they_change(registry: Registry) -> None:
    values = protected_values(registry)
    assert {text for _, text in values} == {lit_of(f.object).value for f in secrets(registry)}
    assert protected_values(registry) is values
    node = people(registry)[0]
    change(registry, [Fact(unit(registry, "甲"), QA + "startDate", literal("2001-01-01"))], [])
    change(registry, [Fact(node, QA + "email", literal(f"{MARK}-more"))], [])
    assert (node, f"{MARK}-more") in protected_values(registry)
    audience = Audience(units=frozenset({unit(registry, "乙")}))
    mine = {
        (f.subject, lit_of(f.object).value)
        for f, units in secrets(registry).items()
        if units & audience.units
    }
    assert set(protected_values(seen_by(registry, audience))) == mine
    assert protected_values(seen_by(registry, PUBLIC)) == ()


class Asker(threading.Thread):
    """Asks one view over and over, and notes where answers of one reading do not agree."""

    def __init__(self, registry: Registry, audience: Audience) -> None:
        super().__init__()
        self.seen = seen_by(registry, audience)
        self.done = threading.Event()
        self.wrong: list[object] = []
        self.asked = 0

    def run(self) -> None:
        while not self.done.is_set():
            try:
                with self.seen.reading():
                    self._ask()
            except QualitraceError as error:
                self.wrong.append(error)
            self.asked += 1

    def _ask(self) -> None:
        before = self.seen.engine.position, self._names()
        node = next(self.seen.engine.facts(predicate=RDF_TYPE, object=iri(PERSON))).subject
        self.seen.trace(node, backwards=True)
        if before != (self.seen.position, self._names()):
            self.wrong.append(before)
        if not self.seen.audience.units and MARK in repr(before):
            self.wrong.append(MARK)

    def _names(self) -> list[Fact]:
        return sorted(self.seen.engine.facts(predicate=RDFS_LABEL))


def test_views_agree_with_themselves_while_others_commit(registry: Registry) -> None:
    askers = [Asker(registry, one) for one in audiences(registry)]
    for asker in askers:
        asker.start()
    changes = Changes(registry, 7)
    try:
        for _ in range(6):
            changes.step()
    finally:
        for asker in askers:
            asker.done.set()
            asker.join()
    assert [asker.wrong for asker in askers] == [[], [], []]
    assert all(asker.asked for asker in askers)
    assert changes.done
