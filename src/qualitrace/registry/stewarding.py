"""Whose stewards see what is protected of a node, on which days (floor 3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY
from qualitrace.profile.model import PathStep, Profile
from qualitrace.profile.standing import days_of_node, telling_days
from qualitrace.registry.projection import Delta
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri
from qualitrace.tracing.schema import TraceSchema

Days = tuple[int, int]  # first and last day (ordinals)
Span = tuple[str, int, int]  # a unit (IRI), and on which days it is the steward


class Stewards:
    """Follows steward paths in an engine, whatever the date."""

    def __init__(self, profile: Profile, engine: Engine, sensitive: frozenset[str]) -> None:
        self._profile, self._engine, self._sensitive = profile, engine, sensitive
        self._schema = TraceSchema(profile)
        self._days: dict[str, Days] = {}

    def of(self, node: str, kinds: frozenset[str]) -> tuple[Span, ...]:
        """Return the units that the steward path of a node with these classes ends at, with their days.

        On a day it is the units of the first alternative that leads anywhere, as
        :meth:`qualitrace.tracing.TraceIndex.stewards` says of one day.
        """
        path = self._schema.steward(kinds & self._sensitive)
        ways = [self._ends(node, sequence) for sequence in path]
        bounds = sorted({day for ends in ways for _, first, last in ends for day in (first, last + 1)})
        spans: list[Span] = []
        for first, after in itertools.pairwise(bounds):
            here = ({unit for unit, a, b in ends if a <= first and after - 1 <= b} for ends in ways)
            spans += [(unit, first, after - 1) for unit in next(filter(None, here), ())]
        return _merged(spans)

    def _ends(self, node: str, sequence: Iterable[PathStep]) -> set[Span]:
        found: set[Span] = {(node, FIRST_DAY, LAST_DAY)}
        for step in sequence:
            led = set[Span]()
            for name, first, last in found:
                for other in self._linked(name, step):
                    begins, ends = self._interval(other)
                    if max(first, begins) <= min(last, ends):
                        led.add((other, max(first, begins), min(last, ends)))
            found = led
        return found

    def _linked(self, node: str, step: PathStep) -> set[str]:
        if step.inverse:
            return {f.subject for f in self._engine.facts(predicate=step.predicate, object=iri(node))}
        facts = self._engine.facts(subject=node, predicate=step.predicate)
        return {iri_of(fact.object) for fact in facts if is_iri(fact.object)}

    def _interval(self, node: str) -> Days:
        found = self._days.get(node)
        if found is None:
            days = days_of_node(self._profile.trace, lambda name: self._values(node, name))
            found = self._days[node] = days or (FIRST_DAY, LAST_DAY)
        return found

    def _values(self, node: str, predicate: str) -> list[str]:
        return [
            fact.object
            for graph in (STATED, INFERRED)
            for fact in self._engine.facts(graph, subject=node, predicate=predicate)
        ]


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Put together what follows day upon day."""
    found: list[Span] = []
    for unit, first, last in sorted(spans):
        if found and found[-1][0] == unit and found[-1][2] + 1 == first:
            found[-1] = (unit, found[-1][1], last)
        else:
            found.append((unit, first, last))
    return tuple(found)


def moved(profile: Profile, sensitive: frozenset[str], engine: Engine, deltas: Iterable[Delta]) -> set[str]:
    """Return the nodes of some classes whose steward may be another one after these changes."""
    validity = telling_days(profile.trace)
    paths = {
        sequence
        for model in profile.classes.values()
        if not model.children.isdisjoint(sensitive) or model.iri in sensitive
        for sequence in model.steward
    }
    found = set[str]()
    for delta in deltas:
        for fact in (*delta.added, *delta.removed):
            if fact.predicate == RDF_TYPE:
                found.add(fact.subject)
            for sequence in paths:
                for at, step in enumerate(sequence):
                    if fact.predicate in validity:
                        found |= _back({fact.subject}, sequence[: at + 1], engine)
                    elif fact.predicate == step.predicate:
                        found |= _back(_start(fact, step), sequence[:at], engine)
    return found


def _start(fact: Fact, step: PathStep) -> set[str]:
    if not step.inverse:
        return {fact.subject}
    return {iri_of(fact.object)} if is_iri(fact.object) else set()


def _back(ends: set[str], steps: tuple[PathStep, ...], engine: Engine) -> set[str]:
    """The nodes that steps lead from to these ends, whatever the date."""
    for step in reversed(steps):
        near = set()
        for end in ends:
            if step.inverse:
                facts = engine.facts(subject=end, predicate=step.predicate)
                near |= {iri_of(fact.object) for fact in facts if is_iri(fact.object)}
            else:
                near |= {f.subject for f in engine.facts(predicate=step.predicate, object=iri(end))}
        ends = near
    return ends
