"""The statements by which a graph server is asked for what tracing needs.

Names of labels, types and properties come from the profile alone, through ``Naming``; whatever else a
question holds is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import rdflib

from qualitrace.profile.model import PathStep, Profile
from qualitrace.tracing.cypher_names import CypherNames

_FOUND = "MATCH ({0}:Resource {{registry: $registry, iri: {1}}}) USING INDEX {0}:Resource(registry, iri)"
# Both the label and the index over the registry may find them: the server takes what is rarer.
OF_REGISTRY = "n:Resource AND n.registry = $registry AND n.iri IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement and its parameters."""

    text: str
    given: dict[str, Any] = field(default_factory=dict)


class CypherText:
    """Writes statements for one profile."""

    def __init__(self, names: CypherNames, profile: Profile) -> None:
        self._names = names
        self._mask = names.mask
        self._tracing = tuple(sorted(profile.trace.properties))
        self._capacity = tuple(sorted(profile.trace.capacity))
        # Links between concepts that the profile says itself are no facts.
        said = any(True for one in self._tracing for _ in profile.ontology.subjects(rdflib.URIRef(one)))
        self._stated = "e.profile IS NULL" if said else ""
        self._reaching = lru_cache(maxsize=128)(self._reach)

    def reach(self, starts: Sequence[str], steps: int, *, backwards: bool) -> Asked:
        """Ask for the nodes that tracing links join to some, with their links that way, breadth first."""
        text, given = self._reaching(steps, backwards)
        return Asked(text, {"starts": list(starts), **given})

    def _reach(self, steps: int, backwards: bool) -> tuple[str, dict[str, Any]]:
        left, right = ("<", "") if backwards else ("", ">")
        link, given = self._names.link("e", self._tracing, "others", self._stated)
        held, more = self._capacities()
        mask = self._mask
        text = (
            f"UNWIND $starts AS start {_FOUND.format('s', 'start')}"
            f" CALL (s) {{ MATCH (s) ((a){left}-[e{link}]-{right}(x) WHERE {mask.counts('x')})"
            f"{{0,{steps}}} (n) RETURN DISTINCT n }} WITH DISTINCT n{mask.bind('n')}"
            f" WITH [{self._shown('n')}, "
            f"[(n){left}-[e{link}]-{right}(m) | [type(e), e.predicate, e.inferred, m.iri]"
            # Of what counts on the day it is not asked when it does: that comes with its other values.
            f" + CASE WHEN {mask.counts('m')} THEN [] ELSE {mask.days('m')} END]"
            f", {held}] AS row RETURN collect(row) AS rows"
        )
        return text, {**given, **more}

    def load(self, names: Sequence[str]) -> Asked:
        """Ask for the classes and values of some nodes, and in what capacity they hold."""
        held, more = self._capacities()
        text = f"UNWIND $names AS name {_FOUND.format('n', 'name')}{self._mask.bind('n')}"
        text += f" WITH [{self._shown('n')}, {held}] AS row RETURN collect(row) AS rows"
        return Asked(text, {"names": list(names), **more})

    def members(self, family: Iterable[str]) -> Asked:
        """Ask for the nodes of some classes that count on the day."""
        labels = self._names.any_of(family)
        found = f"MATCH (n:{labels}) WHERE {OF_REGISTRY} AND {self._mask.counts('n')}{self._mask.bind('n')}"
        found += f" WHERE {self._mask.is_any('n', labels)}" if self._mask.hides else ""
        return Asked(f"{found} WITH [{self._shown('n')}] AS row RETURN collect(row) AS rows")

    def walk(self, sequences: Sequence[Sequence[PathStep]], nodes: Sequence[Sequence[str]]) -> Asked:
        """Ask what sequences of links lead to, each from nodes of its own.

        There is a row for each sequence: ``pairs``, for each of its steps, of what is linked (IRIs), and the
        ``nodes`` that steps end at. Steps go on from ends that count on the day; none is walked twice.
        """
        given: dict[str, Any] = {f"n{at}": list(some) for at, some in enumerate(nodes)}
        parts = [self._sequence(at, steps, given) for at, steps in enumerate(sequences)]
        return Asked(" UNION ALL ".join(parts), given)

    def _sequence(self, at: int, steps: Sequence[PathStep], given: dict[str, Any]) -> str:
        text = f"UNWIND $n{at} AS name {_FOUND.format('x', 'name')}{self._step(at, 0, steps[0], given)}"
        text += " WITH collect(DISTINCT [x.iri, y]) AS s0"
        for depth, step in enumerate(steps[1:], 1):
            text += (
                f" CALL (s{depth - 1}) {{ UNWIND s{depth - 1} AS pair WITH DISTINCT pair[1] AS x"
                f" WHERE {self._mask.counts('x')}{self._step(at, depth, step, given)}"
                f" RETURN collect(DISTINCT [x.iri, y]) AS s{depth} }}"
            )
        found = ", ".join(f"s{depth}" for depth in range(len(steps)))
        return (
            f"{text} WITH [{found}] AS found CALL (found) {{ UNWIND found AS step UNWIND step AS pair"
            f" WITH DISTINCT pair[1] AS n{self._mask.bind('n')} WITH [{self._shown('n')}] AS row"
            f" RETURN collect(row) AS nodes }}"
            f" RETURN {at} AS ask, [step IN found | [pair IN step | [pair[0], pair[1].iri]]] AS pairs, nodes"
        )

    def _step(self, at: int, depth: int, step: PathStep, given: dict[str, Any]) -> str:
        link, more = self._names.link("e", (step.predicate,), f"p{at}_{depth}")
        given.update(more)
        left, right = ("<", "") if step.inverse else ("", ">")
        return f" MATCH (x){left}-[e{link}]-{right}(y)"

    def _capacities(self) -> tuple[str, dict[str, Any]]:
        if not self._capacity:
            return "[]", {}
        link, given = self._names.link("c", self._capacity, "capacities")
        pattern = f"(n)-[c{link}]->(v)"
        labels, said = self._mask.unbound("v")
        return f"[{pattern} | [type(c), c.predicate, {labels}, {said}]]", given

    def _shown(self, variable: str) -> str:
        """What is told of a bound node: labels, values, and whether anything is known of it."""
        mask = self._mask
        return f"{mask.labels(variable)}, properties({mask.face(variable)}), {mask.mentioned(variable)}"
