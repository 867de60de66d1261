"""What the profile calls private is shown by no interface, whoever asks (decision 9) (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from qualitrace.profile.exposure import PRIVATE, Exposures
from qualitrace.profile.model import Profile
from qualitrace.store import Engine
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri


def has_private(profile: Profile) -> bool:
    """Tell whether a profile calls anything private that facts are read from."""
    exposures = Exposures.of(profile)
    sides = (*exposures.about.values(), *exposures.to.values(), exposures.classes)
    return any(PRIVATE in by_class.values() for by_class in sides)


def private_facts(state: Any) -> frozenset[Fact]:
    """Return the facts that no view of a registry, or of a past state of it, shows.

    None of a view: what is private is not in it.
    """
    if not has_private(state.profile):
        return frozenset()
    if hasattr(state, "private_facts"):  # it is told by a server of graphs
        found: frozenset[Fact] = state.private_facts()
        return found
    if not hasattr(state, "views"):
        return frozenset()
    return frozenset(place.fact for place, lock in state.views.veil().hidden.items() if lock is None)


def private_by_class(
    profile: Profile, *engines: Engine, stated: Iterable[Fact] = ()
) -> Callable[[Fact], bool]:
    """Return what tells whether a fact is private, whether it is still there or not.

    The classes of a node are those that any of the states (their ``engines``) knows, and those that were
    ``stated`` once. About a node of no known class, what is private of some class counts as private.
    """
    exposures = Exposures.of(profile)
    earlier = [fact for fact in stated if fact.predicate == RDF_TYPE]

    def kinds(node: str) -> set[str]:
        facts = [fact for engine in engines for fact in engine.facts(subject=node, predicate=RDF_TYPE)]
        facts += [fact for fact in earlier if fact.subject == node]
        return {iri_of(fact.object) for fact in facts if is_iri(fact.object)} & profile.classes.keys()

    def private(fact: Fact) -> bool:
        ends = [(fact.subject, exposures.about.get(fact.predicate, {}))]
        if is_iri(fact.object) and fact.predicate != RDF_TYPE:
            ends.append((iri_of(fact.object), exposures.to.get(fact.predicate, {})))
        for node, by_class in ends:
            shut = {kind for side in (by_class, exposures.classes) for kind in side if side[kind] == PRIVATE}
            if shut and ((known := kinds(node)) & shut or (not known and PRIVATE in by_class.values())):
                return True
        return False

    return private


def without_private(state: Any) -> Any:
    """Return a state, for reading its facts, without what is private; what somebody sees is so already."""
    told = hasattr(state, "views") or hasattr(state, "private_facts")
    return _State(state, private_facts(state)) if told and has_private(state.profile) else state


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
