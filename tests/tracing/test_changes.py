"""Following changes gives what a rebuild gives."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.errors import QualitraceError
from qualitrace.profile.model import PathStep
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.tracing import TraceIndex, Way
from tests.contract.engines import MakeEngine
from tests.contract.generated import CLASSES, NODES, facts, worlds
from tests.contract.worlds import DAY, FROM, TO, Property, World, day, edge, node, term, typed

_validity = st.builds(
    lambda name, predicate, text: Fact(node(name), predicate, day(text).term),
    st.sampled_from(NODES),
    st.sampled_from([FROM, TO]),
    st.sampled_from(["2024-06-14", "2024-06-15", "2024-06-16"]),
)
_batches = st.lists(st.one_of(facts(), facts(), _validity), max_size=6).map(tuple)
_changes = st.lists(
    st.tuples(st.sampled_from([STATED, INFERRED]), _batches, st.integers(0, 5), st.booleans()), max_size=8
)
_BY = (
    Way("unit", Text(), routes=((PathStep(term("inUnit"), inverse=True),),)),
    Way("steward", Text(), steward=True),
)


EARLIER = DAY - dt.timedelta(days=1)


def answers(index: TraceIndex, world: World) -> list[object]:
    """Everything that can be asked of these small worlds."""
    asked: list[object] = [sorted(index.edges())]
    for name in NODES:
        for to in CLASSES[:3]:
            for backwards in (False, True):
                try:
                    asked.append(index.trace(node(name), term(to), as_of=DAY, backwards=backwards, limit=50))
                except QualitraceError as error:  # the kind of refusal is part of the answer
                    asked.append(type(error))
    for to in CLASSES:
        try:
            asked.append(index.coverage(term(to), as_of=DAY))
            asked.append(index.coverage_by(term(to), _BY, as_of=DAY, since=EARLIER))
        except QualitraceError as error:
            asked.append(type(error))
    return asked


@settings(max_examples=60, deadline=None)
@given(world=worlds(), changes=_changes)
def test_any_sequence_of_changes_equals_a_rebuild(
    make_engine: MakeEngine, world: World, changes: list[tuple[str, tuple[Fact, ...], int, bool]]
) -> None:
    engine = world.fill(make_engine())
    profile = world.profile()
    index = TraceIndex.build(engine, profile)
    answers(index, world)  # so that everything the index remembers is there to go stale
    gone: list[Fact] = []
    for graph, new, take, back in changes:
        removed = (*sorted(engine.facts(graph))[take::5], *new[:1])  # the last may not be there
        added = (*new, *(gone if back else ()))  # what went before comes back, perhaps elsewhere
        engine.change(graph, added, removed)
        index.apply(added, removed)
        gone = [fact for fact in removed if fact not in added]
    assert answers(index, world) == answers(TraceIndex.build(engine, profile), world)


def test_a_large_change_equals_a_rebuild(make_engine: MakeEngine) -> None:
    """More facts than are followed one by one: the index reads everything again."""
    names = [f"n{number}" for number in range(1500)]
    world = World(
        classes={"A": (), "B": (), "C": (), "D": (), "E": ()},
        properties={"p": Property(("A",), ("B",), absence=True)},
        stated=frozenset(typed(name, "AB"[at % 2]) for at, name in enumerate(names)),
        chains={"A": ((PathStep(term("p")),),)},
    )
    engine, profile = world.fill(make_engine()), world.profile()
    index = TraceIndex.build(engine, profile)
    assert index.coverage(term("A"), as_of=DAY).complete == 0
    new = [edge(one, "p", other) for one, other in itertools.pairwise(names)]
    engine.change(STATED, new, ())
    index.apply(new, ())
    assert answers(index, world) == answers(TraceIndex.build(engine, profile), world)
    assert index.coverage(term("A"), as_of=DAY).complete == 750
