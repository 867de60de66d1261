"""From changed facts back to the focus nodes whose checks could have another outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.terms import RDFS, Fact
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.data import (
    Data,
    HasStore,
    Term,
    batches,
    bindings,
    plain,
    stored_name,
    term_of,
    values_block,
)
from qualitrace.validation.expressions import Writer, reach
from qualitrace.validation.paths import HERE, Path, inverse
from qualitrace.validation.reads import ANY, Read
from qualitrace.validation.touching import touching

SUBCLASS = RDFS + "subClassOf"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a check has to run again: at some nodes, or everywhere (``nodes`` is None)."""

    nodes: frozenset[str] | None

    def holds(self, node: str) -> bool:
        """Tell whether a focus node (of the shape with the target) is within."""
        return self.nodes is None or node in self.nodes


EVERYWHERE = Scope(None)


def affected(
    compiled: CompiledShapes, added: Iterable[Fact], removed: Iterable[Fact], engine: HasStore
) -> dict[str, Scope]:
    """Find, for each check by name, the focus nodes that a change could matter to.

    The store holds the data after the change. Checks that nothing could have touched are absent.
    Class membership and subclasses count: a change of ``rdfs:subClassOf`` affects everything.
    """
    return scopes(compiled, [*added, *removed], Data(engine.store))


def scopes(compiled: CompiledShapes, changes: Iterable[Fact], data: Data) -> dict[str, Scope]:
    """Like :func:`affected`, on data."""
    return scopes_of(compiled, Walk(changes, data))


def scopes_of(compiled: CompiledShapes, walk: Walk) -> dict[str, Scope]:
    """Like :func:`affected`, for changes that are being walked from."""
    if SUBCLASS in walk.by_predicate:
        return {check.name: EVERYWHERE for check in compiled.checks}
    index = touching(compiled)
    found: dict[int, Scope] = {}
    for predicate in (*walk.by_predicate, ANY):
        for read, numbers in index.reads.get(predicate, ()):
            nodes = None if read.everywhere else walk.back(read)
            if nodes is None or nodes:
                for number in numbers:
                    found[number] = _joined(found.get(number), nodes)
    return {index.checks[number].name: scope for number, scope in found.items()}


def _joined(scope: Scope | None, nodes: frozenset[str] | None) -> Scope:
    if nodes is None or scope is EVERYWHERE:
        return EVERYWHERE
    return Scope(nodes if scope is None or scope.nodes is None else scope.nodes | nodes)


class Walk:
    """Walks paths backwards from changed facts; each way once."""

    def __init__(self, changes: Iterable[Fact], data: Data) -> None:
        self.by_predicate: dict[str, list[Fact]] = {}
        for fact in changes:
            self.by_predicate.setdefault(fact.predicate, []).append(fact)
        self._data = data
        self._ends: dict[tuple[str, bool], frozenset[str]] = {}
        self._reached: dict[tuple[str, bool, Path], frozenset[str]] = {}

    def back(self, read: Read) -> frozenset[str]:
        """The focus nodes from which a changed fact is read; none when the predicate did not change."""
        if read.predicate != ANY and read.predicate not in self.by_predicate:
            return frozenset()
        key = (read.predicate, read.backwards, read.prefix)
        if key not in self._reached:
            ends = self._anchors(read.predicate, read.backwards)
            self._reached[key] = ends if read.prefix == HERE else self._sources(read.prefix, ends)
        return self._reached[key]

    def _anchors(self, predicate: str, backwards: bool) -> frozenset[str]:
        key = (predicate, backwards)
        if key not in self._ends:
            groups = self.by_predicate.values() if predicate == ANY else [self.by_predicate[predicate]]
            facts = (fact for group in groups for fact in group)
            self._ends[key] = frozenset(
                stored_name(fact.object) if backwards else fact.subject for fact in facts
            )
        return self._ends[key]

    def _sources(self, prefix: Path, ends: Iterable[str]) -> frozenset[str]:
        pattern = reach(Writer({}), "?end", inverse(prefix), "?this")
        found: set[str] = set()
        terms: list[Term] = [term_of(end) for end in ends]
        for batch in batches(terms):
            query = f"SELECT DISTINCT ?end ?this WHERE {{ {values_block('?end', batch)} {pattern} }}"
            found.update(plain(row["this"]) for row in self._data.select(query, bindings("?end", batch)))
        return frozenset(found)
