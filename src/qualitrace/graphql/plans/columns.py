"""Values of nodes, column by column: read once per journal position and kept (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.filters import LABEL_PATH
from qualitrace.profile.model import PropertyPath
from qualitrace.store import Engine

# Nodes → their values, and the largest number of terms behind one.
Read = Callable[[Sequence[str]], tuple[dict[str, Any], int]]


class Column:
    """One value for each node that was asked for. ``most`` is the largest number of terms behind one."""

    __slots__ = ("held", "most")

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.most = 0


class Columns:
    """All columns of one state of a store. ``bound`` is how many values are kept; then they go at once.

    A column holds values alone, and nothing that reads them: what is kept must not keep a state alive.
    """

    def __init__(self, reader: Fetcher, *, bound: int = 400_000) -> None:
        self._reader = reader
        self._bound = bound
        self._columns: dict[Hashable, Column] = {}

    def on(self, engine: Engine, share: float) -> Columns:
        """Return the columns, empty, of another state, for a ``share`` of what these may keep."""
        return Columns(self._reader.on(engine), bound=int(self._bound * share))

    def of(
        self,
        key: Hashable,
        path: PropertyPath,
        made: Callable[[str, tuple[str, ...]], Any],
        nodes: Sequence[str],
    ) -> tuple[list[Any], int]:
        """Return what is made of each node and its terms on a path, and the most terms behind one.

        The same ``key`` must always come with the same path and function.
        """

        def read(missing: Sequence[str]) -> tuple[dict[str, Any], int]:
            terms = self.terms(path, missing)
            most = max(map(len, terms.values()), default=0)
            return {node: made(node, terms.get(node, ())) for node in missing}, most

        return self.filled(key, read, nodes)

    def filled(self, key: Hashable, read: Read, nodes: Sequence[str]) -> tuple[list[Any], int]:
        """Return the values of some nodes, and the most terms behind one; ``read`` reads many at once."""
        column = self._columns.get(key)
        if column is None:
            column = self._columns.setdefault(key, Column())
        held = column.held
        try:
            return [held[node] for node in nodes], column.most
        except KeyError:
            self._make_room()
            held = column.held
            missing = [node for node in dict.fromkeys(nodes) if node not in held]
            found, most = read(missing)
            column.most = max(column.most, most)
            held.update(found)
            return [held[node] for node in nodes], column.most

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Read the terms on a path, distinct and in order; nodes without one are absent."""
        if path is LABEL_PATH:
            found = self._reader.terms(path[:1], nodes)
            others = [node for node in nodes if node not in found]
            return {**found, **self._reader.terms(path[1:], others)} if others else found
        return self._reader.terms(path, nodes)

    def _make_room(self) -> None:
        if sum(len(column.held) for column in tuple(self._columns.values())) > self._bound:
            for column in tuple(self._columns.values()):
                column.held = {}
