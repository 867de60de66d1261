"""What a graph server said of nodes, and what follows from that alone, worked out once.

A server is asked each time; what it says of a node is mostly what it said before. Then the classes, days,
texts and names that were made of it are taken again. What it said is compared, so nothing here grows old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY, NEVER
from qualitrace.profile.model import Profile
from qualitrace.tracing.cypher_names import CypherNames
from qualitrace.tracing.cypher_text import CypherText
from qualitrace.tracing.model import Node

KEPT = 10_000  # nodes; of what an audience sees, where there are many
KEPT_OF_A_VIEW = 1_000


class Said:
    """Labels and properties of a node. ``node`` is how answers show it, once somebody asked."""

    __slots__ = ("_names", "_terms", "days", "labels", "node", "types", "values")

    def __init__(self, names: CypherNames, labels: Sequence[str], values: Mapping[str, Any]) -> None:
        self.labels = labels
        self.values = values
        self.types = frozenset(names.classes(labels, values))
        self.days = days_of(values.get("_from"), values.get("_to"), values.get("_never"))
        self.node: Node | None = None
        self._names = names
        self._terms: dict[str, list[str]] = {}

    def terms(self, predicate: str) -> list[str]:
        """Return the values of a predicate (N-Triples literals), in order."""
        found = self._terms.get(predicate)
        if found is None:
            found = self._terms[predicate] = self._names.terms(self.values, predicate)
        return found


class Memory:
    """What was said of nodes lately, and the statements that ask for it; safe from several threads."""

    def __init__(self, names: CypherNames, profile: Profile) -> None:
        self.names = names
        self.text = CypherText(names, profile)
        self._bound = KEPT_OF_A_VIEW if names.mask.hides else KEPT
        self._held: dict[str, Said] = {}

    def said(self, labels: Sequence[str], values: Mapping[str, Any]) -> Said:
        """Return what is said of a node, with what was made of it where the same was said before."""
        name = values["iri"]
        found = self._held.get(name)
        if found is not None and found.values == values and found.labels == labels:
            return found
        if len(self._held) >= self._bound:
            self._held = {}
        made = self._held[name] = Said(self.names, labels, values)
        return made


def days_of(first: Any, last: Any, never: Any) -> tuple[int, int] | None:
    """Return the first and last day (ordinals) on which a node counts; None for no bound."""
    if never:
        return NEVER
    if first is None and last is None:
        return None
    return _ordinal(first, FIRST_DAY), _ordinal(last, LAST_DAY)


def _ordinal(value: Any, otherwise: int) -> int:
    if value is None:
        return otherwise
    native = value.to_native() if hasattr(value, "to_native") else value
    day: int = native.toordinal()
    return day
