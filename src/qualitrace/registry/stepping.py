"""What changed between two positions of the journal, with what follows (floor 3).

The registry's own store is led back to the earlier position and forth again while nobody reads, so that
the cost is that of the change and not of the registry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from qualitrace.journal.lookup import net_change
from qualitrace.reasoning import infer
from qualitrace.registry.projection import MOST_FOLLOWED, Delta
from qualitrace.registry.registry import Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact


@dataclass(frozen=True, slots=True)
class Whole:
    """All facts at a position: stated ones, and those that follow."""

    stated: tuple[Fact, ...]
    inferred: tuple[Fact, ...]


def change_between(registry: Registry, start: int, end: int) -> Delta:
    """Return the facts that came and went from a position to a later one, up to the registry's own."""
    with led_back(registry, end), led_back(registry, start, end) as delta:
        return delta.reversed()


def all_at(registry: Registry, position: int) -> Whole:
    """Return all facts at a position, up to the registry's own."""
    with led_back(registry, position):
        engine = registry.engine
        return Whole(tuple(engine.facts(STATED)), tuple(engine.facts(INFERRED)))


@contextmanager
def standing_at(registry: Registry, position: int) -> Iterator[None]:
    """Have the registry's store at a position, for a while; only an earlier one keeps readers out."""
    with registry.reading():
        present = registry.position == position
        if present:
            yield
    if not present:
        with led_back(registry, position):
            yield


@contextmanager
def led_back(registry: Registry, position: int, present: int = -1) -> Iterator[Delta]:
    """Lead the store from where it stands (``present``) to an earlier position, for a while.

    Nobody reads meanwhile. The trace index and the report are left alone: afterwards the store is as it was.
    """
    with registry._changing, registry._gate.writing():
        present = registry.position if present < 0 else present
        engine = registry.engine
        added, removed = net_change(registry.journal, present, position)
        if not added and not removed:
            yield Delta((), (), (), ())
            return
        engine.change(STATED, added, removed)
        inferred: tuple[Collection[Fact], Collection[Fact]] = (), ()
        try:
            inferred = _follow(registry, added, removed)
            yield Delta(tuple(added), tuple(removed), tuple(inferred[0]), tuple(inferred[1]))
        finally:
            engine.change(STATED, removed, added)
            engine.change(INFERRED, inferred[1], inferred[0])


def _follow(
    registry: Registry, added: Iterable[Fact], removed: Iterable[Fact]
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    added, removed = tuple(added), tuple(removed)
    few = len(added) + len(removed) <= MOST_FOLLOWED
    changed = (added, removed) if few else None
    done = infer(registry.engine, registry.profile, registry._projection.program, changed=changed)
    return done.added, done.removed
