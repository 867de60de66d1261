"""Coverage on generated worlds, judged by the index and by brute force."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.errors import QueryError
from qualitrace.profile.model import PathStep
from qualitrace.terms import RDF_TYPE, iri_of
from qualitrace.text import Text
from qualitrace.tracing import CoverageGroup, Tracing, Verdict, Way, tracer
from tests.contract.engines import MakeEngine
from tests.contract.generated import CLASSES, NODES, OTHERS, TRACING, worlds
from tests.contract.reference import Reference
from tests.contract.worlds import DAY, FROM, TO, VOCABULARY, World, day, node, term


def index_of(world: World, make_engine: MakeEngine) -> Tracing:
    profile = world.profile()
    return tracer(world.fill(make_engine(profile)), profile)


def has_chains(world: World, name: str) -> bool:
    return any(world.chains.get(one) for one in (name, *world.ancestors(name)))


def judged(reference: Reference, of: str) -> set[str]:
    return {name for name in reference.nodes() if reference.valid(name) and of in reference.classes(name)}


@settings(max_examples=120, deadline=None)
@given(world=worlds(), of=st.sampled_from(CLASSES))
def test_verdicts_are_those_of_the_reference(make_engine: MakeEngine, world: World, of: str) -> None:
    index = index_of(world, make_engine)
    if not has_chains(world, of):
        with pytest.raises(QueryError):
            index.coverage(term(of), as_of=DAY)
        return
    reference = Reference(world, DAY)
    coverage = index.coverage(term(of), as_of=DAY)
    assert [verdict.node.iri for verdict in coverage.verdicts] == [
        name
        for _, name in sorted((reference.label(one).removeprefix(one), one) for one in judged(reference, of))
    ]
    for verdict in coverage.verdicts:
        breaks = reference.breaks(verdict.node.iri, reference.chains(verdict.node.iri))
        assert verdict.complete == (not breaks)
        assert verdict.broken_branches == len({(at, link) for _, _, at, link in breaks})
        if breaks:
            depth, chain = min((depth, chain) for depth, chain, _, _ in breaks)
            shallowest = {(at, link.predicate) for d, c, at, link in breaks if (d, c) == (depth, chain)}
            assert verdict.at is not None
            assert (verdict.at.iri, verdict.missing) == min(shallowest)
            assert verdict.absence
            own = reference.steward(verdict.at.iri)
            assert own == "" or (verdict.steward is not None and verdict.steward.iri == own)
    assert coverage.complete == sum(
        not reference.breaks(name, reference.chains(name)) for name in judged(reference, of)
    )


EARLIER = (dt.date(2024, 6, 14), dt.date(2024, 6, 16), dt.date(2024, 2, 15))
links = st.builds(PathStep, st.sampled_from([term(name) for name in (*TRACING, *OTHERS)]), st.booleans())
routes = st.lists(st.lists(links, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(tuple)
ways = st.one_of(
    st.just(Way("steward", Text(), steward=True)),
    st.builds(
        Way,
        st.just("way"),
        st.just(Text()),
        routes=routes,
        inherited=st.just(()) | routes,
        classes=st.just(frozenset()) | st.frozensets(st.sampled_from(CLASSES).map(term), min_size=1),
        concepts=st.just(frozenset()) | st.frozensets(st.sampled_from(NODES).map(node), min_size=2),
    ),
)


@st.composite
def changing_worlds(draw: st.DrawFn) -> World:
    """Worlds with short chains and nodes that come and go about the day, so that verdicts change."""
    tracing = st.sampled_from([term(name) for name in TRACING])
    short = st.tuples(st.tuples(st.builds(PathStep, tracing, st.booleans())))
    dates = st.sampled_from([day(f"2024-06-{number}") for number in (14, 15, 16)])
    bounds = st.tuples(st.tuples(st.sampled_from([FROM, TO]), dates))
    names = st.sampled_from([node(name) for name in NODES])
    return replace(
        draw(worlds()),
        chains={name: draw(short) for name in CLASSES if draw(st.booleans())},
        moments=draw(st.dictionaries(names, bounds, min_size=2, max_size=3)),
    )


def ends(reference: Reference, name: str, way: Way) -> set[str]:
    """What a way leads to from a node; the empty text where it leads to nothing that counts."""
    if way.steward:
        return {reference.steward(name)}
    for tier in (way.routes, way.inherited):
        found = {end for route in tier for end in reference.walk(name, (route,))}
        if way.classes:
            found = {end for end in found if way.classes & {term(one) for one in said(reference, end)}}
        if way.concepts:
            found &= way.concepts
        if found:
            return found
    return {""}


def said(reference: Reference, name: str) -> set[str]:
    """Classes as stated, without superclasses: ways list the whole family themselves."""
    return {
        iri_of(fact.object).removeprefix(VOCABULARY)
        for fact in reference.facts
        if fact.subject == name and fact.predicate == RDF_TYPE
    }


def groups_of(reference: Reference, of: str, by: list[Way]) -> dict[tuple[str, ...], dict[str, bool]]:
    """For each group, its nodes with whether they are complete."""
    groups: dict[tuple[str, ...], dict[str, bool]] = {}
    for name in judged(reference, of):
        complete = not reference.breaks(name, reference.chains(name))
        for key in itertools.product(*(ends(reference, name, way) for way in by)):
            groups.setdefault(key, {})[name] = complete
    return groups


def became(earlier: dict[str, bool], later: dict[str, bool]) -> dict[str, str]:
    found = dict.fromkeys(earlier.keys() - later.keys(), "left")
    found |= dict.fromkeys(later.keys() - earlier.keys(), "entered")
    both = earlier.keys() & later.keys()
    return found | {
        name: "mended" if later[name] else "broke" for name in both if earlier[name] != later[name]
    }


def key_of(group: CoverageGroup) -> tuple[str, ...]:
    return tuple("" if key is None else key.iri for key in group.keys)


def completeness(verdicts: Iterable[Verdict]) -> dict[str, bool]:
    return {verdict.node.iri: verdict.complete for verdict in verdicts}


@settings(max_examples=120, deadline=None)
@given(world=worlds(), of=st.sampled_from(CLASSES), by=st.lists(ways, min_size=1, max_size=3))
def test_groups_are_those_of_the_reference(
    make_engine: MakeEngine, world: World, of: str, by: list[Way]
) -> None:
    if not has_chains(world, of):
        return
    table = index_of(world, make_engine).coverage_by(term(of), by, as_of=DAY)
    expected = groups_of(Reference(world, DAY), of, by)
    assert {key_of(group): completeness(group.verdicts) for group in table.groups} == expected
    for group in table.groups:
        nodes = expected[key_of(group)]
        assert (group.total, group.complete) == (len(nodes), sum(nodes.values()))
        assert group.broken == sum(gap.count for gap in group.gaps)
        assert group.changes == {}
    assert completeness(table.whole.verdicts).keys() == judged(Reference(world, DAY), of)
    assert table.since == ""


@settings(max_examples=100, deadline=None)
@given(
    world=changing_worlds(),
    of=st.sampled_from(CLASSES),
    by=st.lists(ways, max_size=2),
    since=st.sampled_from(EARLIER),
)
def test_change_since_a_date_is_that_of_the_reference(
    make_engine: MakeEngine, world: World, of: str, by: list[Way], since: dt.date
) -> None:
    if not has_chains(world, of):
        return
    table = index_of(world, make_engine).coverage_by(term(of), by, as_of=DAY, since=since)
    later, earlier = (groups_of(Reference(world, on), of, by) for on in (DAY, since))
    expected = {key: (earlier.get(key, {}), later.get(key, {})) for key in {**earlier, **later}}
    groups = table.groups if by else (table.whole,)
    for group in groups:
        before, after = expected.pop(key_of(group), ({}, {}))
        assert (completeness(group.earlier or ()), completeness(group.verdicts)) == (before, after)
        assert group.changes == became(before, after)
    assert not expected
    assert table.since == since.isoformat()


def test_the_generated_tables_are_worth_comparing(make_local_engine: MakeEngine) -> None:
    """Over the generated worlds every kind of group and change occurs."""
    kinds: Counter[str] = Counter()

    @settings(max_examples=600, deadline=None, database=None, derandomize=True)
    @given(
        changing_worlds(),
        st.sampled_from(CLASSES),
        st.lists(ways, min_size=1, max_size=2),
        st.sampled_from(EARLIER),
    )
    def count(world: World, of: str, by: list[Way], since: dt.date) -> None:
        if not has_chains(world, of):
            return
        table = index_of(world, make_local_engine).coverage_by(term(of), by, as_of=DAY, since=since)
        for group in table.groups:
            kinds.update(str(change) for change in group.changes.values())
            kinds["crossed"] += len(group.keys) > 1 and None not in group.keys
            kinds["in no group"] += None in group.keys
            kinds["broken"] += group.broken > 0
            kinds["complete"] += group.complete > 0

    count()
    wanted = {"mended", "broke", "entered", "left", "crossed", "in no group", "broken", "complete"}
    assert {kind for kind, number in kinds.items() if number} >= wanted, kinds
