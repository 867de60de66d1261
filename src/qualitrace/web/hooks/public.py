"""The nodes that a changeset touched, as everybody may know them (floor 5)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qualitrace.journal import Changeset
from qualitrace.profile.exposure import PUBLIC, Exposures, strictest
from qualitrace.registry import Registry
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri, lit_of

MOST_LOOKED_AT = 2_000  # nodes of a changeset
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Touched:
    """A node, the API names of its classes, and whether it was added, removed or changed."""

    iri: str
    kinds: tuple[str, ...]
    change: str


class PublicNodes:
    """What of a changeset is for everybody, as the journal has it at that changeset.

    By the profile's exposure rather than by a view, because what was removed is in no view any longer, and
    what is told must not depend on when. A node that has, or has by now, a class of which nothing is shown is
    left out; so is one whose identifier holds a protected value, and one of no known class.
    """

    def __init__(self, registry: Registry, changeset: Changeset, nodes: Iterable[str] = ()) -> None:
        """``nodes`` are asked about beside those that the changeset touched."""
        self._registry = registry
        self._classes = registry.profile.classes
        self._exposures = Exposures.of(registry.profile)
        self._added, self._removed = set(changeset.facts_added), set(changeset.facts_removed)
        facts = (*changeset.facts_added, *changeset.facts_removed)
        subjects = sorted({fact.subject for fact in facts})
        self.complete = len(subjects) <= MOST_LOOKED_AT
        self._facts: dict[str, list[Fact]] = {node: [] for node in subjects[:MOST_LOOKED_AT]}
        for fact in facts:
            if fact.subject in self._facts:
                self._facts[fact.subject].append(fact)
        links = {iri_of(f.object) for found in self._facts.values() for f in found if is_iri(f.object)}
        self._held: dict[str, list[Fact]] = {}  # what the journal states of nodes at the changeset
        for entry in registry.journal.at(changeset.position).about({*self._facts, *links, *nodes}):
            self._held.setdefault(entry.fact.subject, []).append(entry.fact)
        self._kinds: dict[str, frozenset[str]] = {}

    def changed(self) -> list[Touched]:
        """Return the nodes of which something public came or went, by identifier."""
        with self._registry.reading():
            return [
                Touched(node, self._names(node), self._change(facts))
                for node, facts in self._facts.items()
                if self._is_shown(node) and any(self._is_public(fact) for fact in facts)
            ]

    def shows(self, node: str) -> bool:
        """Tell whether everybody may know a node."""
        with self._registry.reading():
            return self._is_shown(node)

    def _own(self, node: str) -> Iterable[Fact]:
        """What is stated of a node at the changeset, and was before it."""
        return (*self._held.get(node, ()), *self._facts.get(node, ()))

    def _stated(self, node: str) -> frozenset[str]:
        """The known classes that a node is said to have."""
        said = (iri_of(fact.object) for fact in self._own(node) if fact.predicate == RDF_TYPE)
        return frozenset(said) & self._classes.keys()

    def _all_kinds(self, node: str) -> frozenset[str]:
        """Its classes, those above them, and those that follow by now."""
        if node not in self._kinds:
            stated = self._stated(node)
            above = (self._classes[kind].parents for kind in stated)
            now = (iri_of(f.object) for f in self._registry.engine.facts(subject=node, predicate=RDF_TYPE))
            found = stated.union(*above, now)
            self._kinds[node] = found & self._classes.keys() if stated else frozenset()
        return self._kinds[node]

    def _is_shown(self, node: str) -> bool:
        kinds = self._all_kinds(node)
        if not kinds or not self._exposures.classes.keys().isdisjoint(kinds):
            return False
        return kinds.isdisjoint(self._exposures.sensitive) or not self._gives_away(node)

    def _gives_away(self, node: str) -> bool:
        """Tell whether a node's identifier holds one of its protected values."""
        hidden = (f.object for f in self._own(node) if not is_iri(f.object) and not self._is_public(f))
        name = urllib.parse.unquote(node)
        return any(value in name for value in (lit_of(term).value for term in hidden) if value)

    def _is_public(self, fact: Fact) -> bool:
        exposures = self._exposures
        if not self._is_open(fact.subject, exposures.about.get(fact.predicate, _NOTHING)):
            return False
        if not is_iri(fact.object) or fact.predicate == RDF_TYPE:
            return True
        return self._is_open(iri_of(fact.object), exposures.to.get(fact.predicate, _NOTHING))

    def _is_open(self, node: str, stated: Mapping[str, str]) -> bool:
        kinds, closed = self._all_kinds(node), self._exposures.classes
        if stated and not kinds:
            return False
        return strictest(e for k in kinds for e in (stated.get(k, PUBLIC), closed.get(k, PUBLIC))) == PUBLIC

    def _names(self, node: str) -> tuple[str, ...]:
        return tuple(sorted(self._classes[kind].name for kind in self._stated(node)))

    def _change(self, facts: list[Fact]) -> str:
        typed = {fact for fact in facts if fact.predicate == RDF_TYPE}
        came, went = typed & self._added, typed & self._removed
        if came and not went:
            return "added"
        return "removed" if went and not came else "changed"
