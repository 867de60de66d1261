"""Coverage on generated worlds, judged by the index and by brute force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.errors import QueryError
from qualitrace.profile.model import PathStep
from qualitrace.tracing import TraceIndex
from tests.tracing.conftest import MakeEngine
from tests.tracing.generated import CLASSES, worlds
from tests.tracing.reference import Reference
from tests.tracing.worlds import DAY, World, term


def index_of(world: World, make_engine: MakeEngine) -> TraceIndex:
    return TraceIndex.build(world.fill(make_engine()), world.profile())


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


@settings(max_examples=60, deadline=None)
@given(world=worlds(), of=st.sampled_from(CLASSES))
def test_groups_partition_by_what_the_node_leads_to(make_engine: MakeEngine, world: World, of: str) -> None:
    if not has_chains(world, of):
        return
    index, reference = index_of(world, make_engine), Reference(world, DAY)
    by = ((PathStep(term("inUnit")),),)
    groups = index.coverage_by(term(of), [by, None], as_of=DAY)
    counted: dict[tuple[str, str], int] = {}
    for name in judged(reference, of):
        for unit in reference.walk(name, by) or {""}:
            key = (unit, reference.steward(name))
            counted[key] = counted.get(key, 0) + 1
    found = {tuple("" if key is None else key.iri for key in group.keys): group.total for group in groups}
    assert found == counted
    assert all(group.complete + group.broken == group.total for group in groups)
