"""An index that was written down and read back answers as before, and goes on from there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from qualitrace.store import STATED
from qualitrace.tracing import TraceIndex
from tests.contract.engines import MakeEngine
from tests.contract.generated import facts, worlds
from tests.contract.worlds import Property, World
from tests.tracing.test_changes import answers


@settings(max_examples=40, deadline=None)
@given(world=worlds(), change=facts())
def test_what_is_restored_answers_as_before(make_engine: MakeEngine, world: World, change: object) -> None:
    engine, profile = world.fill(make_engine()), world.profile()
    index = TraceIndex.build(engine, profile)
    before = answers(index, world)
    restored = TraceIndex.restore(index.saved(), engine, profile)
    assert answers(restored, world) == before
    engine.change(STATED, [change], ())  # type: ignore[list-item]
    restored.apply([change], ())  # type: ignore[list-item]
    assert answers(restored, world) == answers(TraceIndex.build(engine, profile), world)


def test_what_cannot_be_gone_on_from_is_refused(make_engine: MakeEngine) -> None:
    classes: dict[str, tuple[str, ...]] = {"A": (), "B": ()}
    world = World(classes=classes, properties={"p": Property(("A",), ("B",))}, stated=frozenset())
    other = World(classes=classes, properties={"q": Property(("A",), ("B",))}, stated=frozenset())
    engine = world.fill(make_engine())
    saved = TraceIndex.build(engine, world.profile()).saved()
    TraceIndex.restore(saved, engine, world.profile())
    for data, profile in (
        (saved, other.profile()),
        (saved[:-8], world.profile()),
        (b"", world.profile()),
        (saved.replace(b'"form":1', b'"form":0'), world.profile()),
    ):
        with pytest.raises(ValueError):
            TraceIndex.restore(data, engine, profile)
