"""The personal texts of a registry in Neo4j alone, so that it is noted who was shown them (floor 3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from qualitrace.profile.exposure import PUBLIC, Exposures
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import nodes
from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.store.neo4j.seeing import FACE, MASK, admitted
from qualitrace.store.neo4j.seen_engine import SeenEngine
from qualitrace.terms import RDF_TYPE, iri_of, is_iri, lit_of

Texts = tuple[tuple[str, str], ...]

_HELD = (
    "MATCH (n:Resource) WHERE n.registry = $registry AND n.iri IS NOT NULL AND n._profile IS NULL AND "
    "(n._inferred IS NOT NULL OR any(l IN labels(n) WHERE l IN $labels) OR size(labels(n)) = 1) "
    "RETURN n.iri AS iri, labels(n) AS labels, properties(n) AS said"
)

_SEEN = (
    f"MATCH (f:{FACE}) WHERE f.registry = $registry AND NOT f._own "
    f"MATCH (n:Resource {{registry: $registry, iri: f.iri}}) WHERE {admitted('n')}{MASK.bind('n', 'f')} "
    f"RETURN n.iri AS iri, {MASK.labels('n')} AS seen_labels, properties({MASK.face('n')}) AS seen, "
    "f._labels AS labels, properties(f) AS said"
)


class _Texts:
    """Texts that are read once for each position."""

    def __init__(self, engine: Neo4jEngine, profile: Profile) -> None:
        self._engine = engine
        self._exposures = Exposures.of(profile)
        self._lock = threading.Lock()
        self._known: tuple[int, Texts] | None = None

    def at(self, position: int) -> Texts:
        """Return each protected text with its node (IRI); the same object until the position moves."""
        with self._lock:
            if self._known is None or self._known[0] != position:
                found = tuple(sorted(set(self._read()))) if self._exposures else ()
                self._known = position, found
            return self._known[1]

    def _read(self) -> Iterator[tuple[str, str]]:
        raise NotImplementedError


class RemoteTexts(_Texts):
    """All protected texts. What is doubtful counts as one: values that follow."""

    def _read(self) -> Iterator[tuple[str, str]]:
        named = (self._engine.naming.label(kind) for kind in self._exposures.sensitive)
        for row in self._engine.stream(_HELD, labels=sorted(filter(None, named))):
            yield from self._of(row)

    def _of(self, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        facts = nodes.read(self._engine.naming, row["labels"], row["said"])
        known = facts.stated | facts.inferred
        kinds = {iri_of(term) for predicate, term in known if predicate == RDF_TYPE and is_iri(term)}
        closed = bool(kinds & self._exposures.classes.keys())
        if closed:
            yield row["iri"], row["iri"]
        for predicate, term in known:
            if is_iri(term):
                continue
            by_class = self._exposures.about.get(predicate, {})
            told = any(by_class.get(kind, PUBLIC) != PUBLIC for kind in kinds) or (by_class and not kinds)
            if closed or told or (predicate, term) in facts.inferred:
                yield row["iri"], lit_of(term).value


class SeenTexts(_Texts):
    """The protected texts that an audience sees: what stewards see of a node, and others do not."""

    def _read(self) -> Iterator[tuple[str, str]]:
        if not isinstance(self._engine, SeenEngine) or not self._engine.units:
            return  # what is public is not protected
        naming = self._engine.naming
        for row in self._engine.read(_SEEN):
            seen = nodes.read(naming, row["seen_labels"], row["seen"])
            others = nodes.read(naming, row["labels"], row["said"])
            for predicate, term in (seen.stated | seen.inferred) - (others.stated | others.inferred):
                if not is_iri(term):
                    yield row["iri"], lit_of(term).value
                elif predicate == RDF_TYPE:
                    yield row["iri"], row["iri"]
