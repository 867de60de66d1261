"""The statements by which a graph server is asked for what tracing needs.

Names of labels, types and properties come from the profile alone, through ``Naming``; whatever else a
question holds is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import rdflib

from qualitrace.profile.model import PathStep, Profile
from qualitrace.tracing.cypher_names import CypherNames

_FOUND = "MATCH ({0}:Resource {{registry: $registry, iri: {1}}}) USING INDEX {0}:Resource(registry, iri)"
# Both the label and the index over the registry may find them: the server takes what is rarer.
OF_REGISTRY = "n:Resource AND n.registry = $registry AND n.iri IS NOT NULL"
_SHOWN = "labels({0}) AS labels, properties({0}) AS said"


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement and its parameters."""

    text: str
    given: dict[str, Any] = field(default_factory=dict)


def counts(variable: str) -> str:
    """Return the condition that a node counts on ``$day``."""
    return (
        f"coalesce({variable}._from <= $day, true) AND coalesce({variable}._to >= $day, true) "
        f"AND {variable}._never IS NULL"
    )


class CypherText:
    """Writes statements for one profile."""

    def __init__(self, names: CypherNames, profile: Profile) -> None:
        self._names = names
        self._tracing = tuple(sorted(profile.trace.properties))
        self._capacity = tuple(sorted(profile.trace.capacity))
        # Links between concepts that the profile says itself are no facts.
        said = any(True for one in self._tracing for _ in profile.ontology.subjects(rdflib.URIRef(one)))
        self._stated = " WHERE e.profile IS NULL" if said else ""

    def reach(self, starts: Sequence[str], steps: int, *, backwards: bool) -> Asked:
        """Ask for the nodes that tracing links join to some, with their links that way, breadth first."""
        left, right = ("<", "") if backwards else ("", ">")
        link, given = self._names.link("e", self._tracing, "others")
        link += self._stated
        held, more = self._capacities()
        text = (
            f"UNWIND $starts AS start {_FOUND.format('s', 'start')}"
            f" CALL (s) {{ MATCH (s) ((a){left}-[e{link}]-{right}(x) WHERE {counts('x')}){{0,{steps}}} (n)"
            f" RETURN DISTINCT n }} WITH DISTINCT n RETURN {_SHOWN.format('n')}, "
            f"[(n){left}-[e{link}]-{right}(m) | [type(e), e.predicate, e.inferred, m.iri, "
            f"m._from, m._to, m._never]] AS edges, {held}"
        )
        return Asked(text, {"starts": list(starts), **given, **more})

    def load(self, names: Sequence[str]) -> Asked:
        """Ask for the classes and values of some nodes, and in what capacity they hold."""
        held, more = self._capacities()
        text = f"UNWIND $names AS name {_FOUND.format('n', 'name')} RETURN {_SHOWN.format('n')}, {held}"
        return Asked(text, {"names": list(names), **more})

    def members(self, family: Iterable[str]) -> Asked:
        """Ask for the nodes of some classes that count on the day."""
        labels = self._names.any_of(family)
        return Asked(f"MATCH (n:{labels}) WHERE {OF_REGISTRY} AND {counts('n')} RETURN {_SHOWN.format('n')}")

    def walk(self, sequences: Sequence[Sequence[PathStep]], nodes: Sequence[Sequence[str]]) -> Asked:
        """Ask what sequences of links lead to, each from nodes of its own.

        A row is an end of one step of one of them, with what it is linked to there. Steps go on from ends
        that count on the day.
        """
        given: dict[str, Any] = {f"n{at}": list(some) for at, some in enumerate(nodes)}
        parts = [
            self._step(at, steps[: depth + 1], given)
            for at, steps in enumerate(sequences)
            for depth in range(len(steps))
        ]
        return Asked(" UNION ALL ".join(parts), given)

    def _step(self, at: int, steps: Sequence[PathStep], given: dict[str, Any]) -> str:
        text = f"UNWIND $n{at} AS name {_FOUND.format('x0', 'name')}"
        for depth, step in enumerate(steps):
            link, more = self._names.link(f"e{depth}", (step.predicate,), f"p{at}_{depth}")
            given.update(more)
            left, right = ("<", "") if step.inverse else ("", ">")
            if depth:
                text += f" WITH DISTINCT x{depth} WHERE {counts(f'x{depth}')}"
            text += f" MATCH (x{depth}){left}-[e{depth}{link}]-{right}(x{depth + 1})"
        last = len(steps)
        return (
            f"{text} WITH x{last} AS end, collect(DISTINCT x{last - 1}.iri) AS sources"
            f" RETURN {at} AS ask, {last - 1} AS step, sources, {_SHOWN.format('end')}"
        )

    def _capacities(self) -> tuple[str, dict[str, Any]]:
        if not self._capacity:
            return "[] AS capacities", {}
        link, given = self._names.link("c", self._capacity, "capacities")
        pattern = f"(n)-[c{link}]->(v)"
        return f"[{pattern} | [type(c), c.predicate, labels(v), properties(v)]] AS capacities", given
