"""The pairs of one predicate, in memory, in both directions."""

from __future__ import annotations

from collections.abc import Iterable


class Links:
    """All pairs of one predicate, whichever graph says them. The backward side is made when asked for."""

    def __init__(self) -> None:
        self.forward: dict[int, list[int]] = {}
        self._backward: dict[int, set[int]] | None = None

    def set(self, source: int, target: int, present: bool) -> None:
        """Make the pair present or absent; nothing happens when it already is."""
        targets = self.forward.get(source, [])
        if present and target not in targets:
            self.forward[source] = [*targets, target]
            if self._backward is not None:
                self._backward.setdefault(target, set()).add(source)
        elif not present and target in targets:
            self.forward[source] = [other for other in targets if other != target]
            if self._backward is not None:
                self._backward[target].discard(source)

    def values(self, node: int, *, inverse: bool) -> Iterable[int]:
        """Return what the node is linked to (or, inversely, what links to it)."""
        if not inverse:
            return self.forward.get(node, ())
        if self._backward is None:
            backward: dict[int, set[int]] = {}
            for source, targets in self.forward.items():
                for target in targets:
                    backward.setdefault(target, set()).add(source)
            self._backward = backward  # all of it at once: others ask meanwhile
        return self._backward.get(node, ())
