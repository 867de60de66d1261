"""What a publication to Neo4j says of who sees what (floor 3).

It is worked out at home, from what is hidden (:mod:`qualitrace.registry.veiling`) at the position that is
published, for the nodes and links that a change touches, and is written in the transactions of their facts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from qualitrace.profile.exposure import NAMING, PROTECTED, Exposures
from qualitrace.reasoning.model import fact_key, meet
from qualitrace.registry.deriving import Derivations
from qualitrace.registry.projection import Delta
from qualitrace.registry.registry import Registry
from qualitrace.registry.showing import Names
from qualitrace.registry.stepping import all_at, change_between, led_back
from qualitrace.registry.stewarding import Stewards, moved
from qualitrace.registry.veiling import OPEN, Lock, Place, Veil
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j.nodes import NodeFacts, in_node
from qualitrace.store.neo4j.seeing import NOBODY
from qualitrace.store.neo4j.veils import LinkVeil, NodeVeil, Veils
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri


@dataclass(frozen=True)
class Veiled:
    """Who sees what of the nodes that a change touches, and of the links from each node."""

    nodes: dict[str, NodeVeil] = field(default_factory=dict)
    links: dict[str, list[LinkVeil]] = field(default_factory=dict)

    def part(self, stamp: str, group: Iterable[str], changed: Container[str] | None = None) -> Veils:
        """Return what belongs into the transaction of some nodes' facts.

        ``changed``: with the last one, all nodes whose facts change; then the others are in it too.
        """
        wanted = list(group)
        if changed is not None:
            wanted += [one for one in self.nodes.keys() | self.links.keys() if one not in changed]
        return Veils(
            stamp,
            {one: self.nodes[one] for one in wanted if one in self.nodes},
            [link for one in wanted for link in self.links.get(one, ())],
        )


def veiled_change(registry: Registry, start: int, end: int) -> tuple[Delta, Veiled]:
    """Return what changed between two positions of a journal, and who sees what of it from then on.

    From 0: all there is. The cost is that of the change, once what is hidden is known at home.
    """
    with registry._changing:  # nobody commits between the two
        whole = start == 0
        if whole:
            found = all_at(registry, end)
            delta = Delta(found.stated, (), found.inferred, ())
        else:
            delta = change_between(registry, start, end)
        return delta, _veiled(registry, end, None if whole else delta)


def veiled_whole(registry: Registry, position: int) -> Veiled:
    """Return who sees what of all there is at a position of a journal."""
    with registry._changing:
        return _veiled(registry, position, None)


def _veiled(registry: Registry, end: int, delta: Delta | None) -> Veiled:
    if not Exposures.of(registry.profile):
        return Veiled()
    if end == registry.position:
        return _Work(registry, registry.views.veil()).veiled(delta)
    with led_back(registry, end):  # a publication that was broken off is finished first
        program = registry._projection.program
        veil = Veil(registry.profile, registry.engine, lambda: program)
        return _Work(registry, veil).veiled(delta)


class _Work:
    """Works out who sees what, in the state that the registry's store is in."""

    def __init__(self, registry: Registry, veil: Veil) -> None:
        self._registry, self._profile, self._engine = registry, registry.profile, registry.engine
        self._veil = veil
        self._names = Names(veil, registry.profile)
        self._stewards = Stewards(registry.profile, registry.engine, veil.sensitive)
        self._states = registry.profile.trace.lifecycle if registry.profile.trace.counts_with else frozenset()
        self._personal = _personal(veil.exposures)

    def veiled(self, delta: Delta | None) -> Veiled:
        """Return who sees what of all that a change touches; of everything, without one."""
        if delta is None:
            places = set(self._veil.hidden)
            nodes = {place.fact.subject for place in places if self._held(place.fact)}
            for kind in self._personal:
                nodes |= {fact.subject for fact in self._engine.facts(predicate=RDF_TYPE, object=iri(kind))}
            new = frozenset[Place]()
        else:
            places, new = self._touched(delta)
            nodes = {place.fact.subject for place in places if self._held(place.fact)}
            nodes |= moved(self._profile, self._veil.sensitive, self._engine, [delta])
        found = Veiled()
        for node in nodes:
            veil = self._node(node)
            if veil or delta is not None:
                found.nodes[node] = veil
        for place in places:
            link = self._link(place, new)
            if link is not None:
                found.links.setdefault(place.fact.subject, []).append(link)
        return found

    def _touched(self, delta: Delta) -> tuple[set[Place], frozenset[Place]]:
        """The places whose readers a change may have changed, and those of them that are new."""
        new = frozenset(
            Place(graph, fact)
            for graph, facts in ((STATED, delta.stated_added), (INFERRED, delta.inferred_added))
            for fact in facts
        )
        gone = {Place(STATED, fact) for fact in delta.stated_removed}
        gone |= {Place(INFERRED, fact) for fact in delta.inferred_removed}
        touched = {*new, *gone}
        for node in {place.fact.subject for place in touched if place.fact.predicate == RDF_TYPE}:
            touched |= self._veil.around(node)
        return touched | self._doubtful(touched), new

    def _doubtful(self, touched: set[Place]) -> set[Place]:
        """What may rest on hidden facts, now or before, if these changes can matter to it."""
        keys = frozenset(fact_key(place.fact) for place in touched)
        derivations = Derivations(self._profile, self._engine, lambda: self._registry._projection.program)
        derivations.hide(self._veil.keys | keys)
        if not meet(keys, derivations.reads):
            return set()
        return {Place(INFERRED, fact) for fact in derivations.all_doubtful()}

    def _held(self, fact: Fact) -> bool:
        """Tell whether a fact is held in its subject in Neo4j, or tells on which days that counts."""
        return in_node(fact) or fact.predicate in self._states

    def _node(self, node: str) -> NodeVeil:
        whole, everybody, stewards = NodeFacts(), NodeFacts(), NodeFacts()
        hidden, closed = set[str](), False
        for place in self._places(node):
            lock = self._veil.hidden.get(place, OPEN)
            _put(whole, place)
            if lock is not None and set(lock) <= {node}:
                _put(stewards, place)
            else:
                closed = True
            if lock == OPEN:
                _put(everybody, place)
            else:
                hidden.add(place.fact.predicate if lock is not None else "")
        kinds = self._veil.kinds(node)
        units = self._stewards.of(node, kinds) if kinds & self._personal else ()
        if not hidden:
            return NodeVeil(units)
        if RDF_TYPE not in hidden and not hidden.isdisjoint(NAMING):
            everybody.stated |= {(fact.predicate, fact.object) for fact in self._names.of(node)}
        return NodeVeil(units, whole, everybody, stewards if closed else None)

    def _places(self, node: str) -> Iterator[Place]:
        for graph in (STATED, INFERRED):
            for fact in self._engine.facts(graph, subject=node):
                if self._held(fact):
                    yield Place(graph, fact)

    def _link(self, place: Place, new: frozenset[Place]) -> LinkVeil | None:
        """Who sees a link; None for what is no link, is gone, or is new and seen by everybody."""
        fact = place.fact
        if in_node(fact) or not is_iri(fact.object) or not self._veil.holds(place):
            return None
        veil = _written(self._veil.hidden.get(place, OPEN), fact)
        return None if place in new and not veil else LinkVeil(fact, place.graph == INFERRED, veil)


def _personal(exposures: Exposures) -> frozenset[str]:
    """The classes of which something is protected, which is to say: seen by the stewards of a node."""
    sides = (*exposures.about.values(), *exposures.to.values(), exposures.classes)
    return frozenset(kind for by_class in sides for kind, how in by_class.items() if how == PROTECTED)


def _put(facts: NodeFacts, place: Place) -> None:
    said = (place.fact.predicate, place.fact.object)
    if not in_node(place.fact):
        facts.states.add(said)
    elif place.graph == STATED:
        facts.stated.add(said)
    else:
        facts.inferred.add(said)


def _written(lock: Lock, fact: Fact) -> str:
    if lock is None:
        return NOBODY
    start = "s" if fact.subject in lock else ""
    return start + ("t" if iri(fact.subject) != fact.object and iri_of(fact.object) in lock else "")
