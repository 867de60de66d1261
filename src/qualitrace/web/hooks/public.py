"""The nodes that a changeset touched, as everybody may know them (floor 5)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.journal import Changeset
from qualitrace.profile.exposure import PUBLIC, Exposures, strictest
from qualitrace.registry import Registry
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri, lit_of


@dataclass(frozen=True, slots=True)
class Touched:
    """A node, the API names of its classes, and whether it was added, removed or changed."""

    iri: str
    kinds: tuple[str, ...]
    change: str


class PublicNodes:
    """What of a changeset, and of the registry around it, is for everybody.

    By the profile's exposure rather than by a view, because what was removed is in no view any longer. A
    node that had a class of which nothing is shown, or whose identifier holds a protected value, is left out;
    so is one of no known class.
    """

    def __init__(self, registry: Registry, changeset: Changeset) -> None:
        self._registry = registry
        self._classes = registry.profile.classes
        self._exposures = Exposures.of(registry.profile)
        self._added, self._removed = changeset.facts_added, changeset.facts_removed
        self._by_node: dict[str, list[Fact]] = {}
        for fact in (*self._added, *self._removed):
            self._by_node.setdefault(fact.subject, []).append(fact)
        self._kinds: dict[str, frozenset[str]] = {}

    def changed(self) -> list[Touched]:
        """Return the nodes of which something public came or went, by identifier."""
        with self._registry.reading():
            return [
                Touched(node, self._names(node), self._change(facts))
                for node, facts in sorted(self._by_node.items())
                if self._is_shown(node) and any(self._is_public(fact) for fact in facts)
            ]

    def shows(self, node: str) -> bool:
        """Tell whether everybody may know a node."""
        with self._registry.reading():
            return self._is_shown(node)

    def kinds(self, node: str) -> frozenset[str]:
        """Return the classes of a node, now or before the changeset."""
        if node not in self._kinds:
            now = self._registry.engine.facts(subject=node, predicate=RDF_TYPE)
            said = (fact for fact in self._by_node.get(node, ()) if fact.predicate == RDF_TYPE)
            found = frozenset(iri_of(fact.object) for fact in (*now, *said))
            self._kinds[node] = found & self._classes.keys()
        return self._kinds[node]

    def _is_shown(self, node: str) -> bool:
        kinds = self.kinds(node)
        if not kinds or not self._exposures.classes.keys().isdisjoint(kinds):
            return False
        return kinds.isdisjoint(self._exposures.sensitive) or not self._gives_away(node)

    def _gives_away(self, node: str) -> bool:
        """Tell whether a node's identifier holds one of its protected values."""
        own: Iterable[Fact] = (*self._registry.engine.facts(subject=node), *self._by_node.get(node, ()))
        hidden = (lit_of(f.object).value for f in own if not self._is_public(f) and not is_iri(f.object))
        name = urllib.parse.unquote(node)
        return any(value in name for value in hidden if value)

    def _is_public(self, fact: Fact) -> bool:
        exposures = self._exposures
        ends = [(fact.subject, exposures.about.get(fact.predicate, {}))]
        if is_iri(fact.object) and fact.predicate != RDF_TYPE:
            ends.append((iri_of(fact.object), exposures.to.get(fact.predicate, {})))
        return all(self._is_open(node, by_class) for node, by_class in ends)

    def _is_open(self, node: str, by_class: dict[str, str] | object) -> bool:
        stated: dict[str, str] = by_class if isinstance(by_class, dict) else {}
        kinds = self.kinds(node)
        if stated and not kinds:
            return False
        closed = self._exposures.classes
        return strictest(e for k in kinds for e in (stated.get(k, PUBLIC), closed.get(k, PUBLIC))) == PUBLIC

    def _names(self, node: str) -> tuple[str, ...]:
        return tuple(sorted(self._classes[kind].name for kind in self.kinds(node)))

    def _change(self, facts: list[Fact]) -> str:
        typed = {fact for fact in facts if fact.predicate == RDF_TYPE}
        came, went = typed & set(self._added), typed & set(self._removed)
        if came and not went:
            return "added"
        return "removed" if went and not came else "changed"
