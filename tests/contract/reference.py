"""The answers, worked out by brute force from the facts: no index, no pruning, no shared code."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of
from tests.contract.worlds import CAPACITY, DATED, FROM, STATE, VOCABULARY, World, term


class Answer(NamedTuple):
    """A path: nodes and properties in the order walked, and the property that is missing at its end."""

    nodes: tuple[str, ...]
    properties: tuple[str, ...]
    missing: str = ""


class Reference:
    """Answers questions about a world on one day."""

    def __init__(self, world: World, day: dt.date) -> None:
        self.world = world
        self.day = day
        self.facts = world.everything
        self.tracing = {term(name) for name in world.properties}
        self.edges = [
            (fact.subject, fact.predicate, iri_of(fact.object))
            for fact in sorted(self.facts)
            if fact.predicate in self.tracing
            and self.valid(fact.subject)
            and self.valid(iri_of(fact.object))
            and not self.only_follows_from_below(fact)
        ]

    # What holds

    def valid(self, name: str) -> bool:
        return not self.lacks_date(name) and all(
            self.day >= moment.first if predicate == FROM else self.day <= moment.last
            for predicate, moment in self.world.moments.get(name, ())
        )

    def lacks_date(self, name: str) -> bool:
        """Whether the node is in a state that asks for a date which nothing names."""
        named = {
            predicate
            for predicate, moment in self.world.moments.get(name, ())
            if (moment.first, moment.last) != (dt.date.min, dt.date.max)
        }
        states = {f.object for f in self.facts if (f.subject, f.predicate) == (name, STATE)}
        return any(iri(term(state)) in states and date not in named for state, date in DATED.items())

    def only_follows_from_below(self, fact: Fact) -> bool:
        """Whether an inferred edge repeats one along a property strictly below its own."""
        name = fact.predicate.removeprefix(VOCABULARY)
        return fact not in self.world.stated and any(
            name in self.world.supers(other)
            and other not in self.world.supers(name)
            and fact._replace(predicate=term(other)) in self.facts
            for other in self.world.properties
        )

    def classes(self, name: str) -> set[str]:
        """Local names of the classes of a node, superclasses included."""
        said = [
            iri_of(fact.object).removeprefix(VOCABULARY)
            for fact in self.facts
            if fact.subject == name and fact.predicate == RDF_TYPE
        ]
        return {name for one in said for name in (one, *self.world.ancestors(one))}

    def narrowest(self, name: str) -> set[str]:
        classes = self.classes(name)
        return {one for one in classes if not any(one in self.world.ancestors(other) for other in classes)}

    def nodes(self) -> list[str]:
        mentioned = {fact.subject for fact in self.facts} | {
            iri_of(fact.object) for fact in self.facts if fact.predicate in self.tracing
        }
        return sorted(mentioned)

    def label(self, name: str) -> str:
        found = [
            lit_of(f.object).value
            for f in sorted(self.facts)
            if (f.subject, f.predicate) == (name, RDFS_LABEL)
        ]
        return found[0] if found else name

    def linked(self, name: str, link: PathStep) -> set[str]:
        pairs = [
            (fact.subject, iri_of(fact.object))
            for fact in self.facts
            if fact.predicate == link.predicate and is_iri(fact.object)
        ]
        if link.inverse:
            pairs = [(target, source) for source, target in pairs]
        return {target for source, target in pairs if source == name and self.valid(target)}

    def walk(self, name: str, path: PropertyPath) -> set[str]:
        for sequence in path:
            reached = {name}
            for link in sequence:
                reached = {value for one in reached for value in self.linked(one, link)}
            if reached:
                return reached
        return set()

    def steward(self, name: str) -> str:
        """The first by IRI of what the most specific class's steward path leads to."""
        classes = sorted(self.classes(name), key=lambda one: (-len(self.world.ancestors(one)), one))
        paths = [self.world.stewards[one] for one in classes if one in self.world.stewards]
        return min(self.walk(name, paths[0]), default="") if paths else ""

    # Tracing

    def inherited(self, predicate: str) -> bool:
        return self.world.properties[predicate.removeprefix(VOCABULARY)].inherited

    def named_route(self, name: str, goal: set[str]) -> bool:
        """Whether at least one step, none inherited, leads from the node to a node of a goal class."""
        reached: set[str] = set()
        frontier = {name}
        while frontier:
            frontier = {
                target
                for source, predicate, target in self.edges
                if source in frontier and not self.inherited(predicate)
            } - reached
            reached |= frontier
        return any(self.classes(one) & goal for one in reached)

    def followed(self, goal: set[str]) -> list[tuple[str, str, str]]:
        return [
            found
            for found in self.edges
            if not (self.inherited(found[1]) and self.named_route(found[0], goal))
        ]

    def forwards(self, start: str, to: str) -> set[Answer]:
        if not self.valid(start):
            return set()
        edges = self.followed({to})
        leading = {name for name in self.world.properties if self.could_lead(name, to, ())}
        answers: set[Answer] = set()
        for nodes, properties in simple_paths(edges, start):
            here = nodes[-1]
            if properties and to in self.classes(here):
                answers.add(Answer(nodes, properties))
            for name in leading:
                if self.lacks(here, name, {to}):
                    answers.add(Answer(nodes, properties, term(name)))
        return answers

    def backwards(self, start: str, to: str) -> set[Answer]:
        if not self.valid(start):
            return set()
        edges = self.followed(self.narrowest(start))
        return {
            Answer(nodes[::-1], properties[::-1])
            for origin in self.nodes()
            if self.valid(origin) and to in self.classes(origin) and origin != start
            for nodes, properties in simple_paths(edges, origin)
            if nodes[-1] == start
        }

    def lacks(self, name: str, property_name: str, goal: set[str]) -> bool:
        spec = self.world.properties[property_name]
        if not spec.absence or not self.classes(name) & set(spec.domain):
            return False
        if self.linked(name, PathStep(term(property_name))):
            return False
        return not (spec.inherited and self.named_route(name, goal))

    def range(self, name: str) -> tuple[str, ...] | None:
        """The classes of the nearest stated range, upwards over super-properties."""
        level, seen = {name}, {name}
        while level:
            stated = [one for each in level for one in self.world.properties[each].range or ()]
            if stated:
                return tuple(stated)
            level = {up for each in level for up in self.world.properties[each].under} - seen
            seen |= level
        return None

    def could_lead(self, name: str, to: str, before: tuple[str, ...]) -> bool:
        """Whether some sequence of properties, each fitting the one before, ends at the class."""
        range_ = self.range(name)
        if range_ is None:
            return True
        if self.overlap(range_, (to,)):
            return True
        return any(
            self.overlap(range_, spec.domain or tuple(self.world.classes))
            and self.could_lead(other, to, (*before, name))
            for other, spec in self.world.properties.items()
            if other not in (*before, name)
        )

    def overlap(self, some: tuple[str, ...], others: tuple[str, ...]) -> bool:
        def family(names: tuple[str, ...]) -> set[str]:
            return {one for name in names for one in (name, *self.world.descendants(name))}

        return bool(family(some) & family(others))

    def basis(self, source: str, predicate: str, target: str) -> str:
        if self.inherited(predicate):
            return "inherited"
        return "stated" if Fact(source, predicate, f"<{target}>") in self.world.stated else "inferred"

    def capacity(self, name: str) -> set[str]:
        return {
            self.label(iri_of(fact.object))
            for fact in self.facts
            if fact.subject == name and fact.predicate == CAPACITY
        }

    # Coverage

    def breaks(self, name: str, chains: list[tuple[PathStep, ...]]) -> set[tuple[int, int, str, PathStep]]:
        """Every missing link: its depth, the number of its chain, the node that lacks it, the link."""
        found = set()

        def descend(here: str, chain: int, depth: int) -> None:
            links = chains[chain]
            if depth == len(links):
                return
            values = self.linked(here, links[depth])
            if not values:
                found.add((depth, chain, here, links[depth]))
            for value in values:
                descend(value, chain, depth + 1)

        for chain in range(len(chains)):
            descend(name, chain, 0)
        return found

    def chains(self, name: str) -> list[tuple[PathStep, ...]]:
        """Chains of the node's classes, the most specific class first, each chain once."""
        classes = sorted(self.classes(name), key=lambda one: (-len(self.world.ancestors(one)), one))
        declared = [chain for one in classes for chain in self.world.chains.get(one, ())]
        return list(dict.fromkeys(declared))


def simple_paths(
    edges: list[tuple[str, str, str]], start: str
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every path that visits no node twice, the empty one included."""
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def extend(nodes: tuple[str, ...], properties: tuple[str, ...]) -> None:
        found.append((nodes, properties))
        for source, predicate, target in edges:
            if source == nodes[-1] and target not in nodes:
                extend((*nodes, target), (*properties, predicate))

    extend((start,), ())
    return found
