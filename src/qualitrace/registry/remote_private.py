"""What no interface shows, of a registry that is in Neo4j alone (floor 3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from qualitrace.store.neo4j import Neo4jEngine, nodes
from qualitrace.store.neo4j.seeing import FACE, NOBODY
from qualitrace.terms import Fact, iri

_VALUES = (
    f"MATCH (f:{FACE}) WHERE f.registry = $registry AND f._own "
    "MATCH (n:Resource {registry: $registry, iri: f.iri}) RETURN n.iri AS iri, labels(n) AS labels, "
    "properties(n) AS said, f._labels AS seen_labels, properties(f) AS seen"
)
_LINKS = (
    f"MATCH (n:Resource)-[r]->(m) WHERE n.registry = $registry AND r._veil = '{NOBODY}' "
    "RETURN n.iri AS source, type(r) AS kind, r.predicate AS predicate, m.iri AS target"
)


class RemotePrivate:
    """Reads, once for each position, the facts that are in no view of a registry."""

    def __init__(self, engine: Neo4jEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: tuple[int, frozenset[Fact]] | None = None

    def at(self, position: int) -> frozenset[Fact]:
        """Return the facts; the same object until the position moves."""
        with self._lock:
            if self._known is None or self._known[0] != position:
                self._known = position, frozenset(self._read())
            return self._known[1]

    def _read(self) -> Iterator[Fact]:
        naming = self._engine.naming
        for row in self._engine.stream(_VALUES):
            whole = nodes.read(naming, row["labels"], row["said"])
            seen = nodes.read(naming, row["seen_labels"], row["seen"])
            for predicate, term in (whole.stated - seen.stated) | (whole.inferred - seen.inferred):
                yield Fact(row["iri"], predicate, term)
        for row in self._engine.stream(_LINKS):
            predicate = naming.predicate_of(row["kind"], row["predicate"])
            yield Fact(row["source"], predicate, iri(row["target"]))
