"""Which nodes a shape targets, asked for some nodes only, now and before a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qualitrace.terms import RDF_TYPE, Fact
from qualitrace.validation.data import (
    Data,
    Term,
    batches,
    bindings,
    plain,
    stored_name,
    term_of,
    values_block,
)
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH, name_of

Links = dict[tuple[str, bool], set[str]]  # (predicate, backwards) → what the node is linked with


class Membership:
    """Tells for a fixed set of nodes whether shapes target them, before and after a change.

    ``added`` and ``removed`` must be what the change really did: facts that were not there before,
    and facts that are no longer there.
    """

    def __init__(
        self,
        shapes: Shapes,
        data: Data,
        hierarchy: Hierarchy,
        nodes: Iterable[str],
        added: Iterable[Fact] = (),
        removed: Iterable[Fact] = (),
    ) -> None:
        self._shapes = shapes
        self._hierarchy = hierarchy
        self._nodes = list(dict.fromkeys(nodes))
        self._data = data
        self._now: dict[tuple[str, bool], dict[str, set[str]]] = {}
        self._gained, self._lost = _links(added), _links(removed)

    def now(self, root: Shape) -> set[str]:
        """Return the nodes that the shape targets now."""
        return {node for node in self._nodes if self._is_target(root, node, before=False)}

    def before(self, root: Shape) -> set[str]:
        """Return the nodes that the shape targeted before the change."""
        return {node for node in self._nodes if self._is_target(root, node, before=True)}

    def _is_target(self, root: Shape, node: str, *, before: bool) -> bool:
        shapes = self._shapes
        if any(name_of(value) == node for value in shapes.values(root, SH.targetNode)):
            return True
        wanted = {str(value) for value in shapes.values(root, SH.targetClass)}
        wanted |= {root.name} if shapes.is_class(root.node) else set()
        types = self._linked(node, RDF_TYPE, backwards=False, before=before) if wanted else set()
        if wanted & self._hierarchy.above(types):
            return True
        return any(
            self._linked(node, str(value), backwards=backwards, before=before)
            for predicate, backwards in ((SH.targetSubjectsOf, False), (SH.targetObjectsOf, True))
            for value in shapes.values(root, predicate)
        )

    def _linked(self, node: str, predicate: str, *, backwards: bool, before: bool) -> set[str]:
        """What a node is linked with by a predicate."""
        key = (predicate, backwards)
        if key not in self._now:
            self._now[key] = self._ask(predicate, backwards)
        found = self._now[key].get(node, set())
        if before:
            found = found - self._gained.get(node, {}).get(key, set())
            found |= self._lost.get(node, {}).get(key, set())
        return found

    def _ask(self, predicate: str, backwards: bool) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        pattern = f"?other <{predicate}> ?node" if backwards else f"?node <{predicate}> ?other"
        terms: list[Term] = [term_of(node) for node in self._nodes]
        for batch in batches(terms):
            query = f"SELECT DISTINCT ?node ?other {{ {values_block('?node', batch)} {pattern} }}"
            for row in self._data.select(query, bindings("?node", batch)):
                found.setdefault(plain(row["node"]), set()).add(plain(row["other"]))
        return found


def _links(facts: Iterable[Fact]) -> Mapping[str, Links]:
    """Index facts by both of their ends."""
    found: dict[str, Links] = {}
    for fact in facts:
        value = stored_name(fact.object)
        found.setdefault(fact.subject, {}).setdefault((fact.predicate, False), set()).add(value)
        found.setdefault(value, {}).setdefault((fact.predicate, True), set()).add(fact.subject)
    return found
