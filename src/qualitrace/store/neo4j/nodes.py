"""What one node holds in Neo4j: labels and properties for people, and every fact for whoever asks (floor 1).

Links are relationships and no part of this. ``_exact`` holds facts that labels and properties do not give
back to the letter: their predicate and object in N-Triples syntax, for all values of that predicate at
the node; a predicate alone says that nothing is stated. ``_inferred`` holds what only follows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY, NEVER
from qualitrace.profile.standing import days_of_node, telling_days
from qualitrace.profile.vocabulary import local_name
from qualitrace.store.neo4j import values
from qualitrace.store.neo4j.naming import CONCEPT, RESOURCE, Naming
from qualitrace.terms import (
    DCTERMS,
    RDF_TYPE,
    RDFS_LABEL,
    SKOS,
    SKOS_NOTATION,
    Fact,
    iri,
    iri_of,
    is_iri,
    language_text,
    lit_of,
)

EXACT, INFERRED_FACTS, PROFILE_NODE = "_exact", "_inferred", "_profile"
_CALLED = (RDFS_LABEL, SKOS + "prefLabel", DCTERMS + "title")
_LANGUAGES = ("zh", "en", "")  # in which order a node is called

Said = set[tuple[str, str]]  # predicate (IRI) and object (N-Triples)


@dataclass
class NodeFacts:
    """The values and classes of one node, stated and inferred apart; of a concept, also the profile's.

    ``states`` are links that tell on which days the node counts, whatever their graph.
    """

    stated: Said = field(default_factory=set)
    inferred: Said = field(default_factory=set)
    profile: Said | None = None  # None: not a concept of the profile
    states: Said = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """True when nothing but links can be known of the node."""
        return not self.stated and not self.inferred and self.profile is None


@dataclass(frozen=True, slots=True)
class Written:
    """A node as Neo4j holds it. ``properties`` are all but ``registry`` and ``iri``."""

    labels: frozenset[str]
    properties: Mapping[str, Any]


def in_node(fact: Fact) -> bool:
    """Tell whether a fact is held in its subject: a value or a class, not a link to another node."""
    return fact.predicate == RDF_TYPE or not is_iri(fact.object)


def written(naming: Naming, node: str, facts: NodeFacts) -> Written:
    """Return how Neo4j holds the values and classes of a node (IRI)."""
    exact = set[str]()
    known = facts.stated | facts.inferred
    shown = known | (facts.profile or set())
    kept: dict[str, Any] = {}
    for predicate, objects in _grouped(shown).items():
        name = naming.value(predicate)
        if predicate != RDF_TYPE and name is not None:
            kept |= values.properties(name, [one for one in objects if not is_iri(one)])
    labels = {naming.label(iri_of(one)) for predicate, one in known if predicate == RDF_TYPE and is_iri(one)}
    if facts.profile is not None:
        exact |= {f"<{predicate}> {one}" for predicate, one in facts.stated}
        labels.add(CONCEPT)
        kept[PROFILE_NODE] = True
    else:
        exact |= _not_given_back(naming, facts, kept)
    inferred = {f"<{predicate}> {one}" for predicate, one in facts.inferred}
    kept |= {"name": _called(node, shown)[: values.LONGEST]}
    kept |= {key: sorted(said) for key, said in ((EXACT, exact), (INFERRED_FACTS, inferred)) if said}
    kept |= _days(naming, facts)
    return Written(frozenset(label for label in labels if label), kept)


def read(naming: Naming, labels: Iterable[str], kept: Mapping[str, Any]) -> NodeFacts:
    """Return the values and classes of a node from its labels and properties; not the profile's."""
    inferred = _noted(kept.get(INFERRED_FACTS, ()))
    exact = _noted(kept.get(EXACT, ()))
    stated = {(predicate, one) for predicate, one in exact if one}
    if kept.get(PROFILE_NODE):
        return NodeFacts(stated, inferred, set())
    whole = {predicate for predicate, _ in exact if predicate != RDF_TYPE}
    natively = {
        (predicate, one)
        for predicate, found in values.by_predicate(naming, kept).items()
        if predicate not in whole
        for one in values.literals(naming.keys[predicate], found)
    }
    natively |= {(RDF_TYPE, iri(known)) for label in labels if (known := naming.class_of(label))}
    return NodeFacts(stated | (natively - inferred), inferred)


def terms(naming: Naming, labels: Iterable[str], kept: Mapping[str, Any], predicate: str) -> set[str]:
    """Return a node's values of one predicate, stated or inferred, as N-Triples terms; links left out."""
    facts = read(naming, labels if predicate == RDF_TYPE else (), _only(naming, kept, predicate))
    return {one for name, one in facts.stated | facts.inferred if name == predicate}


def _only(naming: Naming, kept: Mapping[str, Any], predicate: str) -> dict[str, Any]:
    name = naming.value(predicate)
    key = name.key if name is not None else ""
    mark = f"<{predicate}>"
    found = {k: v for k, v in kept.items() if key and (k == key or k.startswith(f"{key}_"))}
    for noted in (EXACT, INFERRED_FACTS):
        found[noted] = [one for one in kept.get(noted, ()) if one.partition(" ")[0] == mark]
    return found | ({PROFILE_NODE: True} if kept.get(PROFILE_NODE) else {})


def tells_days(naming: Naming, predicate: str) -> bool:
    """Tell whether the days on which a node counts depend on a predicate."""
    return predicate in telling_days(naming.trace)


def state_types(naming: Naming) -> list[str]:
    """Return the relationship types that lead to the state of a node, which its days depend on."""
    if not naming.trace.counts_with:
        return []
    return sorted(
        naming.types[predicate] for predicate in naming.trace.lifecycle if predicate in naming.types
    )


def _not_given_back(naming: Naming, facts: NodeFacts, kept: Mapping[str, Any]) -> set[str]:
    found = values.by_predicate(naming, kept)
    exact = set[str]()
    stated, inferred = _grouped(facts.stated), _grouped(facts.inferred)
    for predicate in {*stated, *inferred}:
        said, follows = stated.get(predicate, set()), inferred.get(predicate, set())
        if predicate == RDF_TYPE:
            exact |= {
                f"<{RDF_TYPE}> {one}"
                for one in said
                if one in follows or not is_iri(one) or naming.label(iri_of(one)) is None
            }
            continue
        name = naming.value(predicate)
        given = values.literals(name, found.get(predicate, {})) if name is not None else set()
        if given - follows != said:
            exact |= {f"<{predicate}> {one}" for one in said} or {f"<{predicate}>"}
    return exact


def _noted(said: Iterable[str]) -> Said:
    found = set()
    for one in said:
        predicate, _, value = one.partition(" ")
        found.add((iri_of(predicate), value))
    return found


def _grouped(said: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for predicate, one in said:
        found.setdefault(predicate, set()).add(one)
    return found


def _called(node: str, said: Said) -> str:
    by_predicate = _grouped(said)
    for predicate in _CALLED:
        text = language_text([one for one in by_predicate.get(predicate, ()) if not is_iri(one)])
        for language in (*_LANGUAGES, *sorted(text)):
            if text.get(language):
                return text[language]
    codes = sorted(lit_of(one).value for one in by_predicate.get(SKOS_NOTATION, ()) if not is_iri(one))
    return codes[0] if codes else local_name(node)


def _days(naming: Naming, facts: NodeFacts) -> dict[str, Any]:
    said = _grouped(facts.stated | facts.inferred | facts.states)
    days = days_of_node(naming.trace, lambda predicate: said.get(predicate, ()))
    if days is None:
        return {}
    if days == NEVER:
        return {"_never": True}
    kept: dict[str, Any] = {}
    if days[0] != FIRST_DAY:
        kept["_from"] = dt.date.fromordinal(days[0])
    if days[1] != LAST_DAY:
        kept["_to"] = dt.date.fromordinal(days[1])
    return kept


__all__ = [
    "RESOURCE",
    "NodeFacts",
    "Written",
    "in_node",
    "read",
    "state_types",
    "tells_days",
    "terms",
    "written",
]
