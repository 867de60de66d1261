"""What the profile calls private is shown by no interface, whoever asks (decision 9) (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qualitrace.profile.exposure import PRIVATE, Exposures
from qualitrace.profile.model import Profile
from qualitrace.terms import Fact


def has_private(profile: Profile) -> bool:
    """Tell whether a profile calls anything private that facts are read from."""
    exposures = Exposures.of(profile)
    sides = (*exposures.about.values(), *exposures.to.values(), exposures.classes)
    return any(PRIVATE in by_class.values() for by_class in sides)


def private_facts(state: Any) -> frozenset[Fact]:
    """Return the facts that no view of a registry, or of a past state of it, shows."""
    return frozenset(place.fact for place, lock in state.views.veil().hidden.items() if lock is None)


def without_private(state: Any) -> Any:
    """Return a state, for reading its facts, without what is private; what somebody sees is so already."""
    if not hasattr(state, "views") or not has_private(state.profile):
        return state
    return _State(state, private_facts(state))


class _State:
    """A registry, or a past state of it, with some facts left out."""

    def __init__(self, state: Any, hidden: frozenset[Fact]) -> None:
        self._state = state
        self.engine = _Facts(state.engine, hidden)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)


class _Facts:
    """The facts of an engine with some left out."""

    def __init__(self, engine: Any, hidden: frozenset[Fact]) -> None:
        self._engine = engine
        self._hidden = hidden

    def facts(self, graph: str | None = None, **wanted: Any) -> Iterator[Fact]:
        """Iterate over the facts that match, as the engine does."""
        return (fact for fact in self._engine.facts(graph, **wanted) if fact not in self._hidden)

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        return sum(1 for _ in self.facts(graph))
