"""Which facts of a registry are not for everybody (floor 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from qualitrace.profile.exposure import PRIVATE, PUBLIC, Exposures, strictest
from qualitrace.profile.model import Profile
from qualitrace.profile.standing import telling_days
from qualitrace.reasoning import Program
from qualitrace.reasoning.model import Key, fact_key, meet
from qualitrace.registry.deriving import Derivations
from qualitrace.registry.projection import Delta
from qualitrace.store import INFERRED, STATED, SparqlEngine
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri


class Place(NamedTuple):
    """A fact in one of the graphs of the store: stated, or inferred."""

    graph: str
    fact: Fact


# The nodes whose stewards see a fact: who sees it is a steward of every one of them.
# None: it is shown in no view.
Lock = tuple[str, ...] | None
OPEN: Lock = ()


class Veil:
    """Knows the facts that are protected or private, and keeps up with changes.

    A fact with a protected predicate about a node of no known class is shown to nobody: its class may
    be said later.
    """

    def __init__(self, profile: Profile, engine: SparqlEngine, program: Callable[[], Program]) -> None:
        self.exposures = Exposures.of(profile)
        self._profile = profile
        self._engine = engine
        self.sensitive = self.exposures.sensitive
        self.linking = 0  # how many hidden facts link nodes, or say when a node exists
        self.hidden: dict[Place, Lock] = {}
        self.by_node: dict[str, set[Place]] = {}  # by the nodes that lock them
        self.version = 0  # another one whenever what is hidden changes
        self._days = telling_days(profile.trace)
        self._closed: set[Place] = set()  # doubtful facts that are shown to nobody
        self._keys: Counter[Key] = Counter()
        self._derivations = Derivations(profile, engine, program)
        if self.exposures:
            self._read()
            self._doubt()

    @property
    def derivations(self) -> Derivations:
        """What may follow from hidden facts."""
        return self._derivations

    def lock(self, fact: Fact, kinds: Mapping[str, frozenset[str]] | None = None) -> Lock:
        """Return who sees a fact. ``kinds``: the classes of nodes where they are known already."""
        exposures, nodes = self.exposures, []
        ends = [(fact.subject, exposures.about.get(fact.predicate, {}))]
        if is_iri(fact.object):
            ends.append((iri_of(fact.object), exposures.to.get(fact.predicate, {})))
        if fact.predicate == RDF_TYPE:
            ends = ends[:1]
        for node, by_class in ends:
            if not by_class and not exposures.classes:
                continue
            classes = self.kinds(node) if kinds is None else kinds.get(node, frozenset())
            known = classes & self._profile.classes.keys()
            if by_class and not known:
                return None
            exposure = strictest(
                exposure
                for name in known
                for exposure in (by_class.get(name, PUBLIC), exposures.classes.get(name, PUBLIC))
            )
            if exposure == PRIVATE:
                return None
            if exposure != PUBLIC:
                nodes.append(node)
        return tuple(dict.fromkeys(nodes))

    @property
    def keys(self) -> frozenset[Key]:
        """The keys of all hidden facts."""
        return frozenset(+self._keys)

    def closed_nodes(self) -> Iterator[str]:
        """Iterate over the nodes whose classes are hidden, and with them all about them."""
        return (place.fact.subject for place in self.hidden if place.fact.predicate == RDF_TYPE)

    def kinds(self, node: str) -> frozenset[str]:
        """Return the classes a node is said to have."""
        facts = self._engine.facts(subject=node, predicate=RDF_TYPE)
        return frozenset(iri_of(fact.object) for fact in facts if is_iri(fact.object))

    def follow(self, deltas: Iterable[Delta]) -> set[Place]:
        """Bring what is hidden up to date; returns the places that changed, or whose lock did."""
        touched: set[Place] = set()
        for delta in deltas:
            for graph, facts in (
                (STATED, delta.stated_added + delta.stated_removed),
                (INFERRED, delta.inferred_added + delta.inferred_removed),
            ):
                touched.update(Place(graph, fact) for fact in facts)
        retyped = {place.fact.subject for place in touched if place.fact.predicate == RDF_TYPE}
        for node in retyped:
            touched |= self.around(node)
        for place in touched:
            self._put(place, self._judged(place) if self.holds(place) else OPEN)
        return touched | self._doubt(touched)

    def _judged(self, place: Place) -> Lock:
        """The lock of a fact that is there; closed where it rests on others that its readers do not see."""
        lock = self.lock(place.fact)
        if lock is None or place.graph != INFERRED or not self._derivations.doubtful(place.fact):
            return lock
        readers = frozenset(lock)

        def seen(fact: Fact) -> bool:
            other = self.lock(fact)
            return other is not None and readers.issuperset(other)

        return lock if self._derivations.follows(place.fact, seen) else None

    def _doubt(self, touched: Iterable[Place] | None = None) -> set[Place]:
        """Look again at what may rest on hidden facts, if these changes can matter; returns it."""
        other = self._derivations.hide(self.keys)
        reads = self._derivations.reads
        if not other and touched is not None:
            other = any(meet((fact_key(place.fact),), reads) for place in touched)
        if not other:
            return set()
        doubtful = self._closed | {Place(INFERRED, fact) for fact in self._derivations.all_doubtful()}
        self._closed = set()
        for place in doubtful:
            lock = self._judged(place) if self.holds(place) else OPEN
            self._put(place, lock)
            if lock is None:
                self._closed.add(place)
        return doubtful

    def holds(self, place: Place) -> bool:
        """Tell whether the registry holds a fact in a graph."""
        fact = place.fact
        found = self._engine.facts(
            place.graph, subject=fact.subject, predicate=fact.predicate, object=fact.object
        )
        return next(iter(found), None) is not None

    def around(self, node: str) -> set[Place]:
        """Return the facts whose lock depends on the classes of a node."""
        found = set(self.by_node.get(node, ()))
        for graph in (STATED, INFERRED):
            found.update(Place(graph, fact) for fact in self._engine.facts(graph, subject=node))
            if self.exposures.classes or self.exposures.to:
                found.update(Place(graph, fact) for fact in self._engine.facts(graph, object=iri(node)))
        return found

    def _put(self, place: Place, lock: Lock) -> None:
        before = self.hidden.pop(place, OPEN)
        self.linking += (lock != OPEN) * self._links(place.fact) - (before != OPEN) * self._links(place.fact)
        for node in before or ():
            self.by_node[node].discard(place)
            if not self.by_node[node]:
                del self.by_node[node]
        if lock != before:
            self.version += 1
        key = fact_key(place.fact)
        self._keys[key] += (lock != OPEN) - (before != OPEN)
        if lock != OPEN:
            self.hidden[place] = lock
            for node in lock or ():
                self.by_node.setdefault(node, set()).add(place)

    def _links(self, fact: Fact) -> bool:
        return is_iri(fact.object) or fact.predicate in self._days

    def _read(self) -> None:
        kinds = self._all_kinds()
        for place in self._candidates(kinds):
            lock = self.lock(place.fact, kinds)
            if lock != OPEN:
                self._put(place, lock)

    def _all_kinds(self) -> dict[str, frozenset[str]]:
        said: dict[str, frozenset[str]] = {}
        same: dict[frozenset[str], frozenset[str]] = {}
        for graph in (STATED, INFERRED):
            for node, kind in self._engine.links(graph, RDF_TYPE):
                classes = said.get(node, frozenset()) | {kind}
                said[node] = same.setdefault(classes, classes)
        return said

    def _candidates(self, kinds: Mapping[str, frozenset[str]]) -> Iterator[Place]:
        closed = self.exposures.classes.keys()
        nodes = [node for node, classes in kinds.items() if closed and classes & closed]
        for graph in (STATED, INFERRED):
            for predicate in {*self.exposures.about, *self.exposures.to}:
                for fact in self._engine.facts(graph, predicate=predicate):
                    yield Place(graph, fact)
            for node in nodes:
                for fact in self._engine.facts(graph, subject=node):
                    yield Place(graph, fact)
                for fact in self._engine.facts(graph, object=iri(node)):
                    yield Place(graph, fact)
