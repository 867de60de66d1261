"""All that some nodes hold, read in one statement for many questions about them (floor 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qualitrace.store.engine import PROFILE, Engine
from qualitrace.store.neo4j import nodes
from qualitrace.store.neo4j.naming import Naming, quoted
from qualitrace.terms import RDF_TYPE, iri


@dataclass(frozen=True)
class Held:
    """Classes and values of nodes, as they stood at one moment: ``labels``, ``kept`` and ``links`` by IRI."""

    naming: Naming
    values: frozenset[str]  # of :func:`values_of`
    rows: Mapping[str, Mapping[str, Any]]
    asked: frozenset[str]

    def covers(self, predicate: str, names: Iterable[str]) -> bool:
        """Tell whether the terms of a predicate are known of some nodes: what is no link is."""
        return (predicate == RDF_TYPE or predicate in self.values) and self.asked.issuperset(names)

    def step(self, predicate: str, names: Collection[str]) -> dict[str, set[str]]:
        """Return the terms of a predicate that is covered; nodes without one are absent."""
        kind = self.naming.relationship(predicate)
        found: dict[str, set[str]] = {}
        for name in names:
            row = self.rows.get(name)
            if row is None:
                continue
            said = nodes.terms(self.naming, row["labels"], row["kept"], predicate)
            said |= {iri(end) for link, end in row["links"] if link == kind}
            if said:
                found[name] = said
        return found


def values_of(naming: Naming) -> frozenset[str]:
    """Return the predicates whose values are literals by the profile; one may be stated of a node as well."""
    return frozenset(one for one, value in naming.keys.items() if value.datatype and naming.relationship(one))


def links_of_values(naming: Naming, values: Iterable[str], variable: str, seen: str) -> str:
    """Return the list of links by predicates that should have literals: type and end (IRI) of each."""
    kinds = sorted(quoted(naming.types[one]) for one in values)
    if not kinds:
        return "[]"
    return f"[({variable})-[r:{'|'.join(kinds)}]->(m) WHERE r.profile IS NULL{seen} | [type(r), m.iri]]"


def told(profile: Engine, predicate: str, name: str, *, inverse: bool) -> set[str]:
    """Return the terms that a predicate leads to (or from) by what the profile itself says of a node."""
    if inverse:
        found = profile.facts(PROFILE, predicate=predicate, object=f"<{name}>")
        return {f"<{fact.subject}>" for fact in found if not fact.subject.startswith("_:")}
    return {fact.object for fact in profile.facts(PROFILE, subject=name, predicate=predicate)}
