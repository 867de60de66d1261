"""What the profile calls private is shown by no interface, whoever asks (decision 9) (floor 3)."""

from __future__ import annotations

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
    """Return the facts that no view of a registry, or of a past state of it, shows.

    None of a view: what is private is not in it.
    """
    if not hasattr(state, "views") or not has_private(state.profile):
        return frozenset()
    return frozenset(place.fact for place, lock in state.views.veil().hidden.items() if lock is None)
