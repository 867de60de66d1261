"""One registry among many, as an audience sees it (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from qualitrace.access.model import Audience
from qualitrace.across.model import Adopted, Counted, Key
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.store.neo4j.naming import OTHER, RESOURCE, quoted
from qualitrace.store.neo4j.seen_engine import SeenEngine
from qualitrace.tracing import tracer
from qualitrace.tracing.cypher_graph import CypherGraph
from qualitrace.tracing.cypher_names import CypherNames
from qualitrace.tracing.model import Node, gaps
from qualitrace.tracing.nodes import NodeBook
from qualitrace.tracing.schema import TraceSchema

Held = Mapping[str, tuple[str, ...]]  # value → the nodes (IRIs) that have it


class SharedEngine(Neo4jEngine):
    """A registry beside another one of the same profile; what the profile says is held once."""

    def __init__(self, first: Neo4jEngine, registry: str) -> None:
        super().__init__(first.server, first.naming, registry)
        self._profile = first._profile


@dataclass(frozen=True)
class One:
    """Asks one registry. What is not seen is nowhere in its answers."""

    engine: Neo4jEngine
    profile: Profile
    schema: TraceSchema
    names: CypherNames = field(repr=False)

    @classmethod
    def of(
        cls, first: Neo4jEngine, registry: str, profile: Profile, schema: TraceSchema, audience: Audience
    ) -> One:
        """Return a registry by name, as an audience sees it today."""
        engine: Neo4jEngine = SharedEngine(first, registry)
        if not audience.everything:
            engine = SeenEngine(engine, audience.units, dt.date.today())
        return cls(engine, profile, schema, CypherNames(engine.naming, engine.mask))

    def counted(self, of: str, day: dt.date) -> Counted:
        """Count the nodes of a class (IRI) that exist on a day, and their verdicts where it is judged."""
        if not self.schema.chains(frozenset({of})):
            return Counted(len(self._graph(day).load_members(self.schema.family(of))), None)
        verdicts = tracer(cast(Any, self.engine), self.profile).coverage(of, as_of=day).verdicts
        return Counted(len(verdicts), sum(one.complete for one in verdicts), gaps(verdicts))

    def adopted(self, keys: Sequence[Key], to: str, day: dt.date) -> tuple[Adopted, ...]:
        """Return the nodes that have one of some keys on a day, traced to a class (IRI, or "" for none)."""
        names = {name for key in keys for found in self.held(key, day).values() for name in found}
        nodes = self.nodes(names, day)
        if not to:
            return tuple(Adopted(node) for node in nodes)
        tracing = tracer(cast(Any, self.engine), self.profile)
        return tuple(Adopted(node, tracing.trace(node.iri, to, as_of=day)) for node in nodes)

    def nodes(self, names: Iterable[str], day: dt.date) -> list[Node]:
        """Return nodes (IRIs) that are seen, as answers show them: by code or label, then identifier."""
        graph = self._graph(day)
        wanted = sorted(set(names))
        graph.load(wanted)
        book = NodeBook(graph, graph, self.schema)  # type: ignore[arg-type]
        found = [book.node(graph.id_of(name)) for name in wanted if graph.exists(name)]
        return sorted(found, key=lambda node: (node.code or node.label.best(), node.iri))

    def held(self, key: Key, day: dt.date) -> Held:
        """Return which nodes have a key on a day; with no value in it, all values that there are."""
        text = self._links(key) if key.links else self._values(key)
        if not text:
            return {}
        concepts = [key.value] if key.value else sorted(self.engine.concepts)
        given = {"concepts": concepts} if key.links else {"value": key.value} if key.value else {}
        found: dict[str, set[str]] = {}
        for row in self.engine.read(text, day=day, **given):
            for value in row["value"] if isinstance(row["value"], list) else [row["value"]]:
                if not key.value or value == key.value:
                    found.setdefault(value, set()).add(row["iri"])
        return {value: tuple(sorted(some)) for value, some in sorted(found.items())}

    def _values(self, key: Key) -> str:
        """Found by the index of what a node holds; told by the face of it that is seen."""
        mask = self.engine.mask
        named = self.engine.naming.value(key.property)
        if named is None:
            return ""
        name, face = quoted(named.key), mask.face("n")
        alike = f"$value IN n.{name}" if named.many else f"n.{name} = $value"
        wanted = alike if key.value else f"n.{name} IS NOT NULL"
        return (
            f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND {wanted} AND n._profile IS NULL "
            f"AND {mask.counts('n')}{mask.bind('n')} WITH n, {face}.{name} AS value WHERE value IS NOT NULL "
            "RETURN n.iri AS iri, value"
        )

    def _links(self, key: Key) -> str:
        mask = self.engine.mask
        kind = self.engine.naming.relationship(key.property)
        if kind is None or kind == OTHER:
            return ""
        within = mask.within("r", "r.profile IS NULL")
        return (
            f"UNWIND $concepts AS concept MATCH (c:{RESOURCE} {{registry: $registry, iri: concept}})"
            f"<-[r:{quoted(kind)}{within}]-(n:{RESOURCE}) WHERE n._profile IS NULL AND {mask.counts('n')}"
            f"{mask.bind('n', 'concept')} WITH n, concept{self._bound()} WHERE {mask.mentioned('n')} "
            "RETURN n.iri AS iri, concept AS value"
        )

    def _bound(self) -> str:
        face = self.engine.mask.face("n")
        return "" if face == "n" else f", {face}"

    def _graph(self, day: dt.date) -> CypherGraph:
        return CypherGraph(self.engine, self.names, self.schema, day)
