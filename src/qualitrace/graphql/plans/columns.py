"""Values of nodes, column by column: read once per journal position and kept (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.filters import LABEL_PATH
from qualitrace.profile.model import PropertyPath

Reader = Callable[[Sequence[str]], dict[str, tuple[str, ...]]]  # nodes → terms, distinct, in order


class Column:
    """One value for each node that was asked for. ``most`` is the largest number of terms behind one."""

    __slots__ = ("_read", "held", "most")

    def __init__(self, read: Callable[[Sequence[str]], tuple[dict[str, Any], int]]) -> None:
        self._read = read
        self.held: dict[str, Any] = {}
        self.most = 0

    def of(self, nodes: Sequence[str]) -> list[Any]:
        """Return the values of some nodes; what is not held yet is read in one batch."""
        held = self.held
        try:
            return [held[node] for node in nodes]
        except KeyError:
            missing = [node for node in dict.fromkeys(nodes) if node not in held]
            found, most = self._read(missing)
            self.most = max(self.most, most)
            held.update(found)
            return [held[node] for node in nodes]


class Columns:
    """All columns of one state of a store. ``bound`` is how many values are kept; then they go at once."""

    def __init__(self, reader: Fetcher, *, bound: int = 400_000) -> None:
        self._reader = reader
        self._bound = bound
        self._columns: dict[Hashable, Column] = {}

    def column(
        self, key: Hashable, path: PropertyPath, made: Callable[[str, tuple[str, ...]], Any]
    ) -> Column:
        """Return the column of ``key``: what is made of a node and its terms on a path.

        The same key must always come with the same path and function.
        """
        found = self._columns.get(key)
        if found is None:

            def read(nodes: Sequence[str]) -> tuple[dict[str, Any], int]:
                self._make_room()
                terms = self.terms(path, nodes)
                most = max(map(len, terms.values()), default=0)
                return {node: made(node, terms.get(node, ())) for node in nodes}, most

            found = self._columns.setdefault(key, Column(read))
        return found

    def batches(
        self, key: Hashable, reader: Callable[[], Callable[[Sequence[str]], tuple[dict[str, Any], int]]]
    ) -> Column:
        """Return the column of ``key``, filled by a function that reads many nodes at once.

        That function, made when the column is new, returns the values and the most terms behind one.
        """
        found = self._columns.get(key)
        if found is None:
            read = reader()

            def roomy(nodes: Sequence[str]) -> tuple[dict[str, Any], int]:
                self._make_room()
                return read(nodes)

            found = self._columns.setdefault(key, Column(roomy))
        return found

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Read the terms on a path, distinct and in order; nodes without one are absent."""
        if path is LABEL_PATH:
            found = self._reader.terms(path[:1], nodes)
            others = [node for node in nodes if node not in found]
            return {**found, **self._reader.terms(path[1:], others)} if others else found
        return self._reader.terms(path, nodes)

    def forget(self) -> None:
        """Let go of all columns: no new request asks for these. One that is under way goes on with its own.

        A column holds what reads it, and that holds the columns: else they would stay until the garbage
        collector comes by.
        """
        self._columns = {}

    def _make_room(self) -> None:
        if sum(len(column.held) for column in tuple(self._columns.values())) > self._bound:
            for column in tuple(self._columns.values()):
                column.held = {}
