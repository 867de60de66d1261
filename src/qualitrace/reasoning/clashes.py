"""Facts that an axiom does not allow together, found in the whole store (floor 2).

Two names are two nodes here, as everywhere in a registry (decision 8): where OWL would conclude that two
nodes are one (functional and inverse functional properties, keys, at most one), that is a contradiction.
Covered are the rules of OWL 2 RL/RDF that conclude *false*, and those that conclude ``owl:sameAs``: prp-irp,
-asyp, -pdw, -adp, -fp, -ifp, -key, cls-com, -maxc1, -maxc2, cax-dw, -adc and eq-diff1 (of ``owl:sameAs``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Literal, Node, URIRef

from qualitrace.reasoning.apart import Axiom, axioms_in
from qualitrace.reasoning.patterns import Triple
from qualitrace.store import SparqlEngine
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri

_KINDS = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
_MAXIMA = (OWL.maxCardinality, OWL.cardinality)


@dataclass(frozen=True, slots=True)
class Clash:
    """Facts that an axiom (None: what ``owl:sameAs`` means) does not allow together."""

    axiom: Axiom | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Clashes:
    """How many ``axioms`` could be broken, some breaches ``found`` of each, whether there are ``more``."""

    axioms: int
    found: tuple[Clash, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Ban:
    """Patterns that no facts may match together, with values of ``apart`` that are two.

    ``kinds``: of which classes (IRIs) the value of a variable is one.
    """

    triples: tuple[Triple, ...]
    apart: tuple[str, str] | None = None
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()


def clashes(engine: SparqlEngine, ontology: rdflib.Graph, most: int = 20) -> Clashes:
    """Look for facts, stated or inferred, that an axiom does not allow; ``most`` for each axiom."""
    bans = _Bans(ontology)
    found: list[Clash] = []
    more, asked = False, 0
    for axiom in (None, *axioms_in(ontology)):
        here: dict[tuple[Fact, ...], None] = {}
        banned = list(bans.of(axiom))
        asked += axiom is not None and bool(banned)
        for ban in banned:
            here.update(dict.fromkeys(_matches(engine, ban, most + 1)))
        more = more or len(here) > most
        found += [Clash(axiom, facts) for facts in sorted(here)[:most]]
    return Clashes(asked, tuple(found), more)


def _matches(engine: SparqlEngine, ban: _Ban, most: int) -> Iterator[tuple[Fact, ...]]:
    for row in engine.select(_query(ban, most)):
        terms = [
            tuple(row[part[1:]] if part.startswith("?") else part for part in triple)
            for triple in _plain(ban)
        ]
        if all(is_iri(one[0]) for one in terms):  # what the ontology says of its blank nodes is no fact
            yield tuple(sorted({Fact(iri_of(s), iri_of(p), o) for s, p, o in terms}))


def _query(ban: _Ban, most: int) -> str:
    patterns = " ".join(f"{' '.join(triple)} ." for triple in _plain(ban))
    kinds = " ".join(f"VALUES {name} {{ {' '.join(map(iri, some))} }}" for name, some in ban.kinds)
    apart = ""
    if ban.apart:  # two terms; in one order is enough, as patterns hold both ways round
        one, other = ban.apart
        keys = [f'CONCAT(STR({term}), "@", COALESCE(LANG({term}), ""))' for term in ban.apart]
        apart = f"FILTER(!sameTerm({one}, {other}) && {keys[0]} <= {keys[1]})"
    return f"SELECT DISTINCT * WHERE {{ {kinds} {patterns} {apart} }} LIMIT {2 * most}"


def _plain(ban: _Ban) -> list[tuple[str, str, str]]:
    return [(one.subject, str(one.predicate), one.object) for one in ban.triples]


class _Bans:
    """What the axioms of an ontology do not allow."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph

    def of(self, axiom: Axiom | None) -> Iterator[_Ban]:
        """What one axiom does not allow; nothing for one that cannot be broken, or not by links alone."""
        if axiom is None:
            yield _Ban((Triple("?x", iri(str(OWL.sameAs)), "?y"),), ("?x", "?y"))
            yield _Ban((Triple("?y", iri(str(OWL.sameAs)), "?x"),), ("?x", "?y"))
            return
        subject, predicate, value = axiom.triple
        if predicate == RDF.type and value in _KINDS and isinstance(subject, URIRef):
            yield _kind(iri(str(subject)), value)
        elif predicate == RDF.type and value in (OWL.AllDisjointClasses, OWL.AllDisjointProperties):
            yield from self._all_apart(subject, value)
        elif predicate == OWL.propertyDisjointWith and isinstance(subject, URIRef):
            yield from self._pairs([subject, value], _no_two_links)
        elif predicate in (OWL.disjointWith, OWL.complementOf):
            yield from self._pairs([subject, value], self._no_two_classes)
        elif predicate == OWL.disjointUnionOf:
            yield from self._pairs(Collection(self._graph, value), self._no_two_classes)
        elif predicate == OWL.hasKey and isinstance(subject, URIRef):
            yield from self._key(subject, list(Collection(self._graph, value)))
        elif predicate in (RDFS.subClassOf, OWL.equivalentClass) and isinstance(subject, URIRef):
            yield from self._at_most(subject, value)

    def _all_apart(self, node: Node, kind: Node) -> Iterator[_Ban]:
        members = self._graph.value(node, OWL.members)
        if members is not None:
            no_two = self._no_two_classes if kind == OWL.AllDisjointClasses else _no_two_links
            yield from self._pairs(Collection(self._graph, members), no_two)

    def _pairs(self, terms: Iterable[Node], no_two: Callable[[str, str], Iterator[_Ban]]) -> Iterator[_Ban]:
        named = [str(one) for one in terms if isinstance(one, URIRef)]
        for one, other in combinations(named, 2):
            yield from no_two(one, other)

    def _no_two_classes(self, one: str, other: str) -> Iterator[_Ban]:
        kinds = ("?k", self._below(one)), ("?m", self._below(other))
        yield _Ban((_member("?x", "?k"), _member("?x", "?m")), kinds=kinds)

    def _key(self, concept: URIRef, properties: list[Node]) -> Iterator[_Ban]:
        if all(isinstance(one, URIRef) for one in properties):
            same = [
                Triple(node, iri(str(link)), f"?v{at}")
                for at, link in enumerate(properties)
                for node in ("?x", "?y")
            ]
            below = self._below(str(concept))
            members = _member("?x", "?k"), _member("?y", "?m")
            yield _Ban((*same, *members), ("?x", "?y"), (("?k", below), ("?m", below)))

    def _at_most(self, concept: URIRef, described: Node) -> Iterator[_Ban]:
        link = self._graph.value(described, OWL.onProperty)
        for way in _MAXIMA:
            number = self._graph.value(described, way)
            if isinstance(link, URIRef) and isinstance(number, Literal) and int(number) < 2:
                values = ("?y", "?z")[: int(number) + 1]
                links = tuple(Triple("?x", iri(str(link)), value) for value in values)
                kinds = (("?k", self._below(str(concept))),)
                yield _Ban((_member("?x", "?k"), *links), ("?y", "?z") if len(links) == 2 else None, kinds)

    def _below(self, named: str) -> tuple[str, ...]:
        found = self._graph.transitive_subjects(RDFS.subClassOf, URIRef(named))
        return tuple(sorted({str(one) for one in found if isinstance(one, URIRef)}))


def _kind(link: str, kind: Node) -> _Ban:
    if kind == OWL.IrreflexiveProperty:
        return _Ban((Triple("?x", link, "?x"),))
    if kind == OWL.AsymmetricProperty:
        return _Ban((Triple("?x", link, "?y"), Triple("?y", link, "?x")))
    if kind == OWL.FunctionalProperty:
        return _Ban((Triple("?x", link, "?y"), Triple("?x", link, "?z")), ("?y", "?z"))
    return _Ban((Triple("?y", link, "?x"), Triple("?z", link, "?x")), ("?y", "?z"))


def _no_two_links(one: str, other: str) -> Iterator[_Ban]:
    yield _Ban((Triple("?x", iri(one), "?y"), Triple("?x", iri(other), "?y")))


def _member(node: str, kind: str) -> Triple:
    return Triple(node, iri(RDF_TYPE), kind)
