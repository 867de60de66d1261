"""What is known of an answer's size before it is worked out (floor 4)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Protocol


class Bounds(Protocol):
    """What bounds the lists of an answer, and what it takes (:class:`qualitrace.graphql.sizes.Bounds`)."""

    @property
    def state(self) -> Hashable:
        """Which state this is: as long as it is the same, so are all numbers. None: they are not kept."""
        ...

    def listed(self, root: str, where: Any) -> int | None:
        """Return how many nodes a root field lists at most; None for a field that lists none."""
        ...

    def values(self, parent: str, name: str, where: Any) -> int | None:
        """Return how many values or nodes a field has at most; None where nothing tells."""
        ...

    def weight(self, name: str, given: Mapping[str, Any]) -> int | None:
        """Return what working out a field costs by itself; None where that is as for one registry."""
        ...
