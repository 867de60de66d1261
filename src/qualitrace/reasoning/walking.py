"""The facts along a property path between two nodes (floor 2)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial

from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

from qualitrace.store import INFERRED, PROFILE, STATED, SparqlEngine
from qualitrace.terms import Fact, iri, iri_of, is_iri

Way = tuple[Fact, ...]
_GRAPHS = (STATED, PROFILE, INFERRED)
Moves = Callable[[str], Iterator[tuple[str, Way]]]


class Walk:
    """Ways over the facts of a store, but for some; of two facts that lead on, a stated one comes first."""

    def __init__(self, engine: SparqlEngine, without: Container[Fact] = ()) -> None:
        self._engine = engine
        self._without = without

    def way(self, start: str, path: object, end: str) -> Way | None:
        """Return the facts along a path, in few steps; None when there is no way.

        ``start`` and ``end`` are terms in N-Triples syntax.
        """
        return next((way for node, way in self._moves(path)(start) if node == end), None)

    def _moves(self, path: object) -> Moves:
        match path:
            case SequencePath():
                return _one_after_another([self._moves(one) for one in path.args])
            case AlternativePath():
                return _either([self._moves(one) for one in path.args])
            case MulPath():
                return _repeated(self._moves(path.path), str(path.mod))
            case InvPath():
                return self._backwards(path.arg)
            case NegatedPath():
                return partial(self._along, None, frozenset(str(one) for one in path.args))
            case _:
                return partial(self._along, str(path), frozenset())

    def _backwards(self, path: object) -> Moves:
        match path:
            case SequencePath():
                return _one_after_another([self._backwards(one) for one in reversed(path.args)])
            case AlternativePath():
                return _either([self._backwards(one) for one in path.args])
            case MulPath():
                return _repeated(self._backwards(path.path), str(path.mod))
            case InvPath():
                return self._moves(path.arg)
            case _:
                return partial(self._against, str(path))

    def _along(self, predicate: str | None, left_out: frozenset[str], node: str) -> Iterator[tuple[str, Way]]:
        if is_iri(node):
            for graph in _GRAPHS:
                for fact in self._engine.facts(graph, subject=iri_of(node), predicate=predicate):
                    if fact.predicate not in left_out and fact not in self._without:
                        yield fact.object, (fact,)

    def _against(self, predicate: str, node: str) -> Iterator[tuple[str, Way]]:
        for graph in _GRAPHS:
            for fact in self._engine.facts(graph, predicate=predicate, object=node):
                if fact not in self._without:
                    yield iri(fact.subject), (fact,)


def _either(moves: list[Moves]) -> Moves:
    return lambda node: (found for move in moves for found in move(node))


def _one_after_another(moves: list[Moves]) -> Moves:
    def found(node: str) -> Iterator[tuple[str, Way]]:
        ways: Iterator[tuple[str, Way]] = iter([(node, ())])
        for move in moves:
            ways = _extended(ways, move)
        return ways

    return found


def _extended(ways: Iterator[tuple[str, Way]], move: Moves) -> Iterator[tuple[str, Way]]:
    return ((there, way + more) for node, way in ways for there, more in move(node))


def _repeated(move: Moves, how_often: str) -> Moves:
    def found(node: str) -> Iterator[tuple[str, Way]]:
        if how_often in "*?":
            yield node, ()
        seen = {node} if how_often in "*?" else set()
        level: list[tuple[str, Way]] = [(node, ())]
        while level:
            further: list[tuple[str, Way]] = []
            for there, way in _extended(iter(level), move):
                if there not in seen:
                    seen.add(there)
                    further.append((there, way))
                    yield there, way
            level = [] if how_often == "?" else further

    return found
