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
from qualitrace.validation.targets import Targets

Links = dict[tuple[str, bool], set[str]]  # (predicate, backwards) → what the node is linked with


class Membership:
    """Tells for a fixed set of nodes whether they are targeted, before and after a change.

    ``added`` and ``removed`` must be what the change really did: facts that were not there before,
    and facts that are no longer there.
    """

    def __init__(
        self,
        data: Data,
        hierarchy: Hierarchy,
        nodes: Iterable[str],
        added: Iterable[Fact] = (),
        removed: Iterable[Fact] = (),
    ) -> None:
        self._hierarchy = hierarchy
        self._nodes = list(dict.fromkeys(nodes))
        self._data = data
        self._above: dict[frozenset[str], set[str]] = {}
        self._now: dict[tuple[str, bool], dict[str, set[str]]] = {}
        self._gained, self._lost = _links(added), _links(removed)

    def now(self, targets: Targets) -> set[str]:
        """Return the nodes that are targeted now."""
        return {node for node in self._nodes if self._is_target(targets, node, before=False)}

    def before(self, targets: Targets) -> set[str]:
        """Return the nodes that were targeted before the change."""
        return {node for node in self._nodes if self._is_target(targets, node, before=True)}

    def _is_target(self, targets: Targets, node: str, *, before: bool) -> bool:
        if targets.classes:
            types = frozenset(self._linked(node, RDF_TYPE, backwards=False, before=before))
            if not self._classes(types).isdisjoint(targets.classes):
                return True
        predicates = ((targets.subjects_of, False), (targets.objects_of, True))
        return node in targets.names or any(
            self._linked(node, predicate, backwards=backwards, before=before)
            for names, backwards in predicates
            for predicate in names
        )

    def _classes(self, types: frozenset[str]) -> set[str]:
        if types not in self._above:
            self._above[types] = self._hierarchy.above(types)
        return self._above[types]

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
