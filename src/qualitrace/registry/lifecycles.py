"""Lifecycles: which state may follow which, as the profile declares it (floor 3).

A property below ``qt:lifecycle`` holds a node's state, and ``qt:mayBecome`` leads from a state to those
that may follow it. A node may begin in any state and leave with it; between two states only what is
declared may happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import rdflib
from rdflib.namespace import OWL, RDFS

from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import QT, below, direct_parents
from qualitrace.registry.speaking import Speaker, listed
from qualitrace.store import STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri
from qualitrace.text import Text
from qualitrace.validation.model import Finding, Severity

COMPONENT = str(QT.mayBecome)


@dataclass(frozen=True)
class Lifecycles:
    """What a profile declares: the properties that hold states, and what each state may become (terms)."""

    properties: frozenset[str]
    next: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, profile: Profile) -> Lifecycles:
        """Read a profile's declarations."""
        graph = profile.ontology
        properties = below(
            direct_parents(graph, RDFS.subPropertyOf, OWL.equivalentProperty), str(QT.lifecycle)
        )
        following: dict[str, set[str]] = {}
        for state, then in graph.subject_objects(QT.mayBecome):
            if isinstance(state, rdflib.URIRef) and isinstance(then, rdflib.URIRef):
                following.setdefault(iri(str(state)), set()).add(iri(str(then)))
        return cls(properties, {state: frozenset(then) for state, then in following.items()})

    def undeclared(
        self, profile: Profile, base: str, engine: Engine, added: Iterable[Fact], removed: Iterable[Fact]
    ) -> list[Finding]:
        """Return what a change of stated facts, already made in the store, does against the declarations."""
        if not self.properties:
            return []
        left = self._states(removed)
        came = self._states(added) if left else {}
        found = []
        for (node, predicate), before in left.items():
            after = came.get((node, predicate), set())
            if after == before or not _exists(engine, node):
                continue
            held = after | {f.object for f in engine.facts(STATED, subject=node, predicate=predicate)}
            wrong = {new for new in held if not any(new in self.next.get(old, ()) for old in before)}
            if wrong or not held:
                speaker = Speaker(profile, base, engine)
                found.append(self._finding(speaker, node, predicate, sorted(before), sorted(wrong)))
        return found

    def _states(self, facts: Iterable[Fact]) -> dict[tuple[str, str], set[str]]:
        states: dict[tuple[str, str], set[str]] = {}
        for fact in facts:
            if fact.predicate in self.properties:
                states.setdefault((fact.subject, fact.predicate), set()).add(fact.object)
        return states

    def _finding(
        self, speaker: Speaker, node: str, predicate: str, before: list[str], after: list[str]
    ) -> Finding:
        old, new = list(map(speaker.value, before)), list(map(speaker.value, after))
        allowed = [speaker.value(s) for s in sorted(set().union(*(self.next.get(b, ()) for b in before)))]
        unit = speaker.unit(node)
        return Finding(
            rule=predicate,
            component=COMPONENT,
            severity=Severity.VIOLATION,
            focus=node,
            path=iri(predicate),
            value=after[0] if after else "",
            message=Text(
                zh=f"{listed(old, 'zh')}不能变为{listed(new, 'zh')}。"
                if new
                else f"{listed(old, 'zh')}不能不写明就撤去。",
                en=f"{listed(old, 'en')} cannot become {listed(new, 'en')}."
                if new
                else f"{listed(old, 'en')} cannot be taken back.",
            ),
            fix=Text(
                zh=f"接下来只能是:{listed(allowed, 'zh')}。" if allowed else "这是最后的状态,不再改变。",
                en=f"It may become: {listed(allowed, 'en')}." if allowed else "This state is the last one.",
            ),
            focus_label=speaker.node(node).label,
            unit=unit,
            unit_label=speaker.node(unit).label if unit else Text(),
        )


def _exists(engine: Engine, node: str) -> bool:
    return next(engine.facts(STATED, subject=node, predicate=RDF_TYPE), None) is not None
