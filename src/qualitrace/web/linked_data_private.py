"""What the profile calls private is shown by no interface, whoever asks (decision 9) (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qualitrace.registry.private import has_private, private_facts
from qualitrace.terms import Fact

__all__ = ["has_private", "private_facts", "with_private", "without_private"]


def without_private(state: Any) -> Any:
    """Return a state, for reading its facts, without what is private; what somebody sees is so already."""
    if not hasattr(state, "views") or not has_private(state.profile):
        return state
    return _State(state, private_facts(state))


def with_private(state: Any) -> Any:
    """Return the state itself, for what leaves out by its own means what is private."""
    return state._state if isinstance(state, _State) else state


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
