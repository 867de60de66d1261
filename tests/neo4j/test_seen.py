"""Who sees what in Neo4j: written with every change, and the same as what is seen at home."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from qualitrace.access.model import PUBLIC, Audience
from qualitrace.errors import ForbiddenError, NotConformingError, UnknownNodeError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.governing import set_mode
from qualitrace.registry.naming import class_model
from qualitrace.registry.private import private_facts, without_private
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.registry.stewarding import Stewards
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.store.neo4j.seen_engine import SeenEngine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, is_iri, lit_of, literal
from qualitrace.tracing import TraceIndex
from qualitrace.tracing.model import Path, Trace
from qualitrace.validation.model import Finding, Mode
from tests.history.kitchen import POOL, commit, statement
from tests.history.kitchen import profile as kitchen
from tests.neo4j.test_publishing import picture

QA = "https://w3id.org/qualitrace/qa#"
XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"
K = "https://kitchen.example/terms#"
BASE = "https://kitchen.example/id/"
COOK = BASE + "cook/secret"
MARK = "QXsecretXQ"
LASTING = (dt.date(2020, 1, 1), dt.date(2021, 6, 1), dt.date(2023, 1, 1), dt.date(2030, 12, 31))


def audiences(registry: Registry) -> list[Audience]:
    """Everybody, the stewards of each unit of which somebody is hidden, and of all of them."""
    veil = registry.views.veil()
    locked = {node for lock in veil.hidden.values() if lock for node in lock}
    units = sorted({unit for node in locked for unit in registry.views.units(node)})
    return [PUBLIC, *(Audience(units=frozenset({unit})) for unit in units), Audience(units=frozenset(units))]


def same(registry: Registry, engine: Neo4jEngine) -> int:
    """Each audience sees the same facts at home and in Neo4j; returns how many audiences there are."""
    remote = Remote(engine, registry.profile, registry.base)
    asked = audiences(registry)
    for audience in asked:
        home, there = registry.seen_by(audience), remote.seen_by(audience)
        for graph in (STATED, INFERRED):
            assert set(home.engine.facts(graph)) == set(there.engine.facts(graph)), audience
        assert set(there.protected_texts()) == set(home.protected_texts())
    return len(asked)


def faces(engine: Neo4jEngine) -> Any:
    """Everything that Neo4j holds of who sees what."""
    rows = engine.server.read(
        "MATCH (f:QualitraceFace) WHERE f.registry = $registry RETURN properties(f) AS kept",
        registry=engine.registry,
    )
    for row in rows:
        row["kept"].pop("registry")
    return sorted(repr(sorted(row["kept"].items())) for row in rows)


def cooks() -> list[Fact]:
    """Cooks who work shifts: protected nodes, links to them, and a private value."""
    found = []
    for number in (1, 2):
        cook, shift, role = (f"{BASE}{kind}/s{number}" for kind in ("cook", "shift", "role"))
        found += [
            Fact(cook, RDF_TYPE, iri(K + "Cook")),
            Fact(cook, RDFS_LABEL, literal(f"密{number}", language="zh")),
            Fact(cook, K + "cardNumber", literal(f"card{number}")),
            Fact(shift, RDF_TYPE, iri(K + "Shift")),
            Fact(shift, K + "worker", iri(cook)),
            Fact(role, RDF_TYPE, iri(K + "Role")),
            Fact(role, RDFS_LABEL, literal(f"岗{number}", language="zh")),
            Fact(role, K + "filledBy", iri(shift)),
        ]
    return found


def people(base: str) -> list[Fact]:
    """Two units with a post each, and who holds it: names and e-mail are protected."""
    found = []
    for number in (1, 2):
        names = ("unit/s", "post/s", "appointment/s", "person/s")
        unit, post, kept, person = (f"{base}{name}{number}" for name in names)
        found += [
            Fact(unit, RDF_TYPE, iri(QA + "Department")),
            Fact(unit, RDFS_LABEL, literal(f"单位{number}", language="zh")),
            Fact(post, RDF_TYPE, iri(QA + "Post")),
            Fact(post, RDFS_LABEL, literal(f"岗{number}", language="zh")),
            Fact(post, QA + "postOf", iri(unit)),
            Fact(post, QA + "hasAppointment", iri(kept)),
            Fact(kept, RDF_TYPE, iri(QA + "Appointment")),
            Fact(kept, QA + "appointee", iri(person)),
            Fact(kept, QA + "startDate", literal("2020-01-01", datatype=XSD_DATE)),
            Fact(person, RDF_TYPE, iri(QA + "Person")),
            Fact(person, RDFS_LABEL, literal(f"密{number}", language="zh")),
            Fact(person, QA + "email", literal(f"{number}@示例")),
            Fact(person, QA + "staffNumber", literal(f"n{number}")),
        ]
    return found


@pytest.mark.parametrize("shipped", [False, True])
def test_each_change_leaves_what_a_publication_of_everything_would(
    tmp_path: pathlib.Path, neo4j_database: Server, neo4j_registry: str, shipped: bool
) -> None:
    """Facts, faces, units and what hides links: whichever way a state was reached."""
    chance = random.Random(5)
    profile = load_profile() if shipped else kitchen()
    with contextlib.closing(Registry.create(tmp_path / "r.db", profile)) as registry:
        pool = people(registry.base) if shipped else cooks()
        leniently(registry, pool, ())
        engine = Neo4jEngine.of(neo4j_database, profile, neo4j_registry)
        publish(registry, engine)
        most = same(registry, engine)
        away = Fact(f"{registry.base}post/s1", QA + "postOf", iri(f"{registry.base}unit/s2"))
        ended = Fact(
            f"{registry.base}appointment/s2", QA + "endDate", literal("2021-01-01", datatype=XSD_DATE)
        )
        for number in range(5):
            more = [away, ended] if shipped else []
            toggle(registry, [*(fact for fact in pool if "/unit/" not in fact.subject), *more], chance)
            publish(registry, engine, batch=3 if number % 2 else 20_000)
            most = max(most, same(registry, engine))
        assert most == (4 if shipped else 2)
        anew = Neo4jEngine.of(neo4j_database, profile, neo4j_registry + "-anew")
        leniently(registry, pool, ())
        publish(registry, engine)
        publish(registry, anew)
        assert faces(anew) == faces(engine) != []
        assert picture(anew) == picture(engine)
        for one in (anew, engine):
            one.clear()
            assert faces(one) == []


def toggle(registry: Registry, pool: list[Fact], chance: random.Random) -> None:
    """Take away or bring back some facts."""
    chosen = chance.sample(pool, 4)
    held = set(registry.engine.facts(STATED))
    leniently(
        registry,
        [fact for fact in chosen if fact not in held],
        [fact for fact in chosen if fact in held],
    )


def leniently(registry: Registry, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
    """Commit, whatever rules say of it: those that reject it only warn."""
    held = set(registry.engine.facts(STATED))
    new = [statement(fact) for fact in added if fact not in held]
    while True:
        try:
            commit(registry, new, [statement(fact) for fact in removed])
            return
        except NotConformingError as error:
            for rule in sorted({one.rule for one in error.findings if isinstance(one, Finding)}):
                set_mode(registry, rule, Mode.WARN, reason="示例", author="示例")


def test_traces_verdicts_and_names_are_those_of_the_view(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    commit(registry, map(statement, cooks()))
    publish(registry, engine)
    remote, asked = Remote(engine, registry.profile, registry.base), 0
    chance, nodes = random.Random(1), sorted({fact.subject for fact in registry.engine.facts(STATED)})
    hidden = [node for node in nodes if "/cook/" in node]
    nodes = [*chance.sample(nodes, 12), *hidden, BASE + "cook/nobody"]
    judged = [model.iri for model in registry.profile.classes.values() if model.chains]
    stated = registry.engine.facts(STATED)
    names = sorted({lit_of(fact.object).value for fact in stated if not is_iri(fact.object)})
    names = [*chance.sample(names, 8), "0", *(name for name in names if name.startswith(("密", "card")))]
    for audience in audiences(registry):
        home, there = registry.seen_by(audience), remote.seen_by(audience)
        for kind in judged:
            assert there.coverage(kind) == home.coverage(kind)
        for node in nodes:
            for backwards in (False, True):
                told = answer(home.trace, node, backwards=backwards)
                assert unsourced(answer(there.trace, node, backwards=backwards)) == unsourced(told)
                asked += told is not None
            assert answer(there.verdict, node) == answer(home.verdict, node)
        for name in names:
            assert answer(there.resolve, name) == answer(home.resolve, name)
    assert asked > 20


def answer(ask: Any, *given: Any, **more: Any) -> Any:
    """What is answered; None of what is not seen."""
    with contextlib.suppress(UnknownNodeError):
        return ask(*given, **more)
    return None


def unsourced(trace: Trace | None) -> Any:
    """A trace as it is told without a journal: nothing says where it was read, or what is suspect."""
    if trace is None:
        return None
    paths = [
        (path.ending, path.basis, path.missing, path.steward, path.absence, path.capacity, _steps(path))
        for path in trace.paths
    ]
    return trace.start, trace.partial, trace.nodes, sorted(map(repr, paths))


def _steps(path: Path) -> Any:
    return [(step.source, step.property, step.target, step.basis) for step in path.steps]


def test_nothing_that_was_taken_away_is_left(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    secret = [
        Fact(COOK, RDF_TYPE, iri(K + "Cook")),
        Fact(COOK, RDFS_LABEL, literal(f"密 {MARK}", language="zh")),
        Fact(COOK, K + "cardNumber", literal(MARK)),
        Fact(COOK, K + "unnamed", literal(f"{MARK} too")),
    ]
    commit(registry, map(statement, secret))
    publish(registry, engine)
    assert held(engine)
    for keep in (1, 0):
        gone = list(registry.engine.facts(STATED, subject=COOK))
        commit(registry, (), [statement(fact) for fact in gone if not keep or fact.predicate != RDF_TYPE])
        publish(registry, engine)
        assert held(engine) == []
        same(registry, engine)
        if keep:
            commit(registry, [statement(fact) for fact in secret if fact.predicate != RDF_TYPE])
            publish(registry, engine)
            assert held(engine)


def held(engine: Neo4jEngine) -> list[Any]:
    """What in the whole database holds the mark: properties of nodes and relationships."""
    found = engine.server.read(
        "MATCH (n) WHERE any(k IN keys(n) WHERE any(v IN ([] + n[k]) WHERE toString(v) CONTAINS $mark)) "
        "RETURN labels(n) AS where UNION ALL MATCH ()-[r]->() "
        "WHERE any(k IN keys(r) WHERE toString(r[k]) CONTAINS $mark) RETURN [type(r)] AS where",
        mark=MARK,
    )
    return [row["where"] for row in found]


def test_what_is_seen_cannot_be_changed(registry: Registry, engine: Neo4jEngine) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    seen = Remote(engine, registry.profile, registry.base).seen_by(PUBLIC)
    view = seen.engine
    assert isinstance(view, SeenEngine)
    fact = Fact(COOK, RDFS_LABEL, literal("x"))
    attempts: list[Callable[[], object]] = [
        lambda: view.change(STATED, [fact], ()),
        lambda: view.load(STATED, ""),
        lambda: view.mark(1),
        view.clear,
        view.prepare,
    ]
    for attempt in attempts:
        with pytest.raises(ForbiddenError):
            attempt()
    with pytest.raises(ForbiddenError):
        seen.seen_by(Audience(units=frozenset({BASE + "area/s1"})))
    assert view.count(STATED) == len(set(registry.seen_by(PUBLIC).engine.facts(STATED)))


def test_stewards_are_those_of_every_day(tmp_path: pathlib.Path) -> None:
    """Whoever moves from unit to unit: days and units are those of the trace index, day by day."""
    profile = load_profile()
    chance = random.Random(3)
    with contextlib.closing(Registry.create(tmp_path / "r.db", profile)) as registry:
        base = registry.base
        person = base + "person/S1"
        made = [Fact(person, RDF_TYPE, iri(QA + "Person"))]
        for number in range(4):
            unit, post = f"{base}unit/U{number}", f"{base}post/U{number}/P"
            made += [
                Fact(unit, RDF_TYPE, iri(QA + "Department")),
                Fact(post, RDF_TYPE, iri(QA + "Post")),
                Fact(post, QA + "postOf", iri(unit)),
            ]
            for second in range(2):
                kept = f"{base}appointment/U{number}/{second}"
                first, last = sorted(chance.sample(LASTING, 2))
                made += [
                    Fact(kept, RDF_TYPE, iri(QA + "Appointment")),
                    Fact(post, QA + "hasAppointment", iri(kept)),
                    Fact(kept, QA + "appointee", iri(person)),
                    Fact(kept, QA + "startDate", literal(first.isoformat(), datatype=XSD_DATE)),
                ]
                if second:
                    made.append(Fact(kept, QA + "endDate", literal(last.isoformat(), datatype=XSD_DATE)))
        registry.engine.change(STATED, made, ())
        index = TraceIndex.build(registry.engine, profile)
        kinds = frozenset({class_model("Person", profile).iri})
        spans = Stewards(profile, registry.engine, kinds).of(person, kinds)
        for day in sorted({one + dt.timedelta(days) for one in LASTING for days in (-1, 0, 1)}):
            there = {unit for unit, first, last in spans if first <= day.toordinal() <= last}
            assert there == set(index.stewards(person, as_of=day, among=kinds))
        assert len(spans) > 3


def test_what_is_private_is_known_without_a_journal(registry: Registry, engine: Neo4jEngine) -> None:
    """What leaves the server from Neo4j alone leaves it out, also for those who see everything."""
    commit(registry, POOL)
    commit(registry, map(statement, cooks()))
    publish(registry, engine)
    alone = Remote(engine, registry.profile, registry.base)
    assert private_facts(alone) == private_facts(registry)
    assert {fact.predicate for fact in private_facts(alone)} == {K + "cardNumber"}
    shown = without_private(alone).engine.facts(STATED)
    assert set(shown) == set(without_private(registry).engine.facts(STATED))
    assert without_private(alone.seen_by(PUBLIC)).engine.count(STATED) > 0
