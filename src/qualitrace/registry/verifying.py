"""Proves that what a registry answers from is what its journal says (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from qualitrace.journal.verifying import Fault, Progress, faults
from qualitrace.registry.projection import Projection
from qualitrace.registry.registry import Registry
from qualitrace.store import INFERRED, PROFILE, STATED, Engine
from qualitrace.terms import Fact
from qualitrace.tracing import TraceIndex

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One projection beside a replay: how many facts each has, and a few that only one of them has.

    ``name`` is ``in force`` (the stated facts beside the statements in force), ``stated`` (beside a replay
    of all changesets), ``inferred``, ``profile`` or ``index``.
    """

    name: str
    held: int
    replayed: int
    missing: tuple[Fact, ...]  # the replay has them, the projection has not
    surplus: tuple[Fact, ...]

    @property
    def equal(self) -> bool:
        """True when the two are the same."""
        return self.held == self.replayed and not self.missing and not self.surplus


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a registry found. ``projections`` is empty when the journal itself has faults."""

    position: int
    head: str
    faults: tuple[Fault, ...]
    projections: tuple[Compared, ...]

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.faults and all(one.equal for one in self.projections)


def verify(registry: Registry, *, progress: Progress | None = None) -> Verified:
    """Check the journal of an open registry, then each projection against a replay from nothing."""
    found = tuple(faults(registry.journal, progress=progress))
    registry.refresh()
    with registry.reading():
        position = registry.position
        head = registry.journal.id_at(position)
        compared = () if found else tuple(_projections(registry, position))
    return Verified(position, head, found, compared)


def _projections(registry: Registry, position: int) -> Iterable[Compared]:
    projection, fresh = registry._projection, Projection(registry.profile)
    fresh.replay(registry.journal.changesets(upto=position))
    # Stated facts twice, independently: by replaying changesets, and from the statements in force.
    yield compare("in force", _graph(projection.engine, STATED), lambda: registry.journal.facts(position))
    for name, graph in (("stated", STATED), ("inferred", INFERRED), ("profile", PROFILE)):
        yield compare(name, _graph(projection.engine, graph), _graph(fresh.engine, graph))
    yield compare("index", _edges(projection.index), _edges(fresh.index))


def _graph(engine: Engine, graph: str) -> Callable[[], Iterable[Fact]]:
    return lambda: _named(engine.facts(graph))


def _edges(index: TraceIndex) -> Callable[[], Iterable[Fact]]:
    return lambda: (fact for fact, _ in index.edges())


def _named(facts: Iterable[Fact]) -> Iterable[Fact]:
    """Leave out facts about blank nodes, which have other names in every store."""
    return (fact for fact in facts if not fact.subject.startswith("_:") and not fact.object.startswith("_:"))


def compare(
    name: str, held: Callable[[], Iterable[Fact]], replayed: Callable[[], Iterable[Fact]]
) -> Compared:
    """Compare by hash first: of a million facts only those that differ are looked at."""
    here, there = {hash(fact) for fact in held()}, {hash(fact) for fact in replayed()}
    return Compared(
        name,
        len(here),
        len(there),
        missing=tuple(islice((fact for fact in replayed() if hash(fact) not in here), _SHOWN)),
        surplus=tuple(islice((fact for fact in held() if hash(fact) not in there), _SHOWN)),
    )
