"""One registry in a Neo4j database, as an engine (floor 1). See docs/decisions/0012."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from neo4j import ManagedTransaction

from qualitrace.errors import ConflictError
from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile, PropertyPath
from qualitrace.store.engine import INFERRED, PROFILE, STATED
from qualitrace.store.neo4j import marks, veils
from qualitrace.store.neo4j.filling import Filling, types_by_name
from qualitrace.store.neo4j.held import Held, told
from qualitrace.store.neo4j.indexing import Indexing
from qualitrace.store.neo4j.marks import Mark
from qualitrace.store.neo4j.naming import REGISTRY, RESOURCE, Naming
from qualitrace.store.neo4j.nodes import Said
from qualitrace.store.neo4j.reading import Reader, merged
from qualitrace.store.neo4j.seeing import WHOLE, Whole
from qualitrace.store.neo4j.server import Row, Server
from qualitrace.store.neo4j.settled import GRACE, Settled
from qualitrace.store.neo4j.veils import Veils, VeilWriter
from qualitrace.store.neo4j.writing import BATCH, Changes, Counted, Writer
from qualitrace.store.oxigraph import OxigraphEngine
from qualitrace.terms import OWL, RDF, RDF_TYPE, RDFS, SH, Fact, iri_of, is_iri
from qualitrace.text import Text

_META = (OWL, RDF, RDFS, SH)
_Led = dict[str, set[str]]
_GRAPHS = {STATED: (False,), INFERRED: (True,)}


class Neo4jEngine:
    """A registry (by its name) in a database. What the profile says is kept in this process as well.

    Statements about it are written through its ``mask``: here nothing is hidden (see :mod:`seen_engine`).
    """

    mask: Whole = WHOLE
    grace = GRACE  # seconds that readers are given before a change of several transactions begins

    def __init__(self, server: Server, naming: Naming, registry: str) -> None:
        self.server = server
        self.naming = naming
        self.registry = registry
        self.settled = Settled(server, registry)
        self.writes = 0  # made through this engine
        self._reader = Reader(self.settled, naming, registry)
        self._profile = OxigraphEngine()

    @classmethod
    def of(cls, server: Server, profile: Profile, registry: str) -> Neo4jEngine:
        """Return an engine that knows a profile; nothing is asked of the server yet."""
        made = cls(server, Naming.of(profile), registry)
        made.load(PROFILE, profile.ontology.serialize(format="nt"))
        return made

    # What is there

    @property
    def position(self) -> int:
        """The journal position of the last changeset applied; 0 when empty."""
        return self.at.position

    @property
    def at(self) -> Mark:
        """How far the registry is in this database."""
        rows = self.server.read(marks.READ, registry=self.registry)
        return Mark.of(rows[0]["said"]) if rows else Mark()

    def standing(self) -> tuple[Mark, str]:
        """Return how far the registry is, and by which profile it was worked out who sees what.

        The latter is the stamp of :class:`Veils`; "" where that was not worked out of all facts.
        """
        rows = self.server.read(marks.READ, registry=self.registry)
        return (Mark.of(rows[0]["said"]), veils.stamp_of(rows[0]["said"])) if rows else (Mark(), "")

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a reading Cypher statement; ``$registry`` is this one. Names come from ``naming`` alone.

        Raises UnavailableError while only a part of a change is there.
        """
        return self.settled.read(statement, registry=self.registry, **parameters)

    def stream(self, statement: str, **parameters: Any) -> Iterator[Row]:
        """Run a reading Cypher statement as :meth:`read`, and yield its rows as they come."""
        return self.settled.stream(statement, registry=self.registry, **parameters)

    def facts(
        self,
        graph: str | None = None,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
    ) -> Iterator[Fact]:
        """Iterate over the facts that match, of one graph or (None) of all. No order."""
        wanted = (False, True) if graph is None else _GRAPHS.get(graph, ())
        if wanted:
            yield from (fact for _, fact in self._reader.facts(wanted, subject, predicate, object))
        if graph in (None, PROFILE):
            yield from self._profile.facts(PROFILE, subject=subject, predicate=predicate, object=object)

    def links(self, graph: str, predicate: str) -> Iterator[tuple[str, str]]:
        """Iterate over the subjects and objects (IRIs) that a predicate links in one graph. No order."""
        if graph in _GRAPHS:
            return self._reader.links(_GRAPHS[graph], predicate)
        return self._profile.links(PROFILE, predicate)

    def held(self, nodes: Sequence[str]) -> Held:
        """Read classes and values of some nodes in one statement, for many questions (:meth:`terms`)."""
        return self._reader.held(nodes)

    def terms(
        self, path: PropertyPath, nodes: Sequence[str], held: Held | None = None
    ) -> dict[str, tuple[str, ...]]:
        """Return the terms that a path leads to from each node (IRI), in all graphs, distinct and in order.

        One statement for a step, none for what is ``held``; nodes without a term are absent."""
        found: _Led = {}
        for steps in path:
            ends: _Led = {node: {f"<{node}>"} for node in nodes}
            for step in steps:
                here = sorted({iri_of(end) for some in ends.values() for end in some if is_iri(end)})
                led = self._step(step.predicate, here, inverse=step.inverse, held=held)
                ends = {
                    node: {term for end in some if is_iri(end) for term in led.get(iri_of(end), ())}
                    for node, some in ends.items()
                }
            for node, some in ends.items():
                found.setdefault(node, set()).update(some)
        return {node: tuple(sorted(some)) for node, some in found.items() if some}

    def count(self, graph: str) -> int:
        """Count the facts of one graph."""
        if graph == PROFILE:
            return self._profile.count(PROFILE)
        return self.at.inferred if graph == INFERRED else self.at.stated if graph == STATED else 0

    def _step(self, predicate: str, names: Sequence[str], *, inverse: bool, held: Held | None) -> _Led:
        if not names:
            return {}
        local = {name: told(self._profile, predicate, name, inverse=inverse) for name in names}
        if held is not None and not inverse and held.covers(predicate, names):
            return merged((local, held.step(predicate, names)))
        return merged((local, self._reader.step(predicate, names, inverse=inverse)))

    # Changing it

    def prepare(self) -> None:
        """Make the constraints and indexes that are missing, and wait until they work."""
        Indexing(self.server, self.naming).make()

    def apply(self, changeset: Changeset) -> None:
        """Apply the changeset after ``position``. Raises ConflictError when it is another one."""

        def next_one(mark: Mark) -> Mark:
            if changeset.position != mark.position + 1:
                raise ConflictError(
                    Text(
                        zh=f"应接着第 {mark.position} 号变更，却收到第 {changeset.position} 号。",
                        en=f"Expected the change after {mark.position}, got {changeset.position}.",
                    ),
                    hint=Text(zh="请重新打开登记库。", en="Open the registry again."),
                )
            return replace(mark, position=changeset.position, changeset=changeset.id)

        self.put(Changes(changeset.facts_added, changeset.facts_removed), next_one)

    def mark(self, position: int) -> None:
        """Say that the stated facts now stand at this journal position."""
        self.put(Changes(), lambda mark: replace(mark, position=position))

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Add and remove facts of one graph without moving ``position``.

        Raises QueryError for a fact that is not well written; nothing is changed then.
        """
        added, removed = tuple(added), tuple(removed)
        if graph == PROFILE:
            self._profile.change(PROFILE, added, removed)
            self.__dict__.pop("concepts", None)
        elif graph == INFERRED:
            self.put(Changes(inferred_added=added, inferred_removed=removed))
        else:
            self.put(Changes(added, removed))

    def load(self, graph: str, ntriples: str) -> None:
        """Replace one graph by N-Triples text; only the profile's may hold blank nodes."""
        if graph == PROFILE:
            self._profile.load(PROFILE, ntriples)
            self.__dict__.pop("concepts", None)
            return
        read = OxigraphEngine()
        read.load(graph, ntriples)
        self.change(graph, read.facts(graph), list(self.facts(graph)))

    def put(
        self,
        changes: Changes | Filling,
        marked: Callable[[Mark], Mark] | None = None,
        *,
        expecting: Mark | None = None,
        seen: Veils | None = None,
    ) -> Mark:
        """Change facts and the mark in one transaction; returns the new mark.

        ``marked`` says what the mark becomes; ``expecting`` is what it must be, else ConflictError.
        ``seen``: who sees what of all that changes; without it only those who see everything are answered.
        Raises QueryError for what is no fact, RegistryError for an IRI longer than Neo4j takes.
        """
        if isinstance(changes, Changes):
            changes.check()
        by_name = types_by_name(self.server, self.naming)

        def work(transaction: ManagedTransaction) -> Mark:
            before = marks.locked(transaction, self.registry)
            if expecting is not None and before.place != expecting.place:
                raise marks.moved(before, expecting)
            after = marked(before) if marked is not None else before
            counted = self._write(transaction, changes, by_name)
            after = replace(
                after, stated=after.stated + counted.stated, inferred=after.inferred + counted.inferred
            )
            if seen is not None:
                VeilWriter(transaction, self.naming, self.registry, self.said_of).write(seen)
            stamped = veils.stamped(seen, changed=len(changes) > 0)
            marks.write(transaction, self.registry, after, stamped)
            return after

        after = self.server.write(work)
        self.writes += 1
        return after

    def _write(self, transaction: ManagedTransaction, changes: Changes | Filling, by_name: bool) -> Counted:
        if isinstance(changes, Filling):
            return changes.write(transaction)
        writer = Writer(transaction, self.naming, self.registry, self.said_of, types_by_name=by_name)
        return writer.change(changes) if len(changes) else Counted()

    def clear(self) -> None:
        """Take the registry out of the database, in batches; the mark goes first."""
        self.server.run(f"MATCH (q:{REGISTRY} {{name: $registry}}) DELETE q", registry=self.registry)
        self.empty()

    def empty(self) -> None:
        """Take all but the mark out of the database, in batches; faces first, so nodes tell of them."""
        veils.clear(self.registry, self.server.run)
        for kind in ("OPTIONAL MATCH (n)-[r]->() DELETE r", "DETACH DELETE n"):
            self.server.run(
                f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND n.iri IS NOT NULL "
                f"CALL (n) {{ {kind} }} IN TRANSACTIONS OF {BATCH} ROWS",
                registry=self.registry,
            )

    # What the profile says

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The nodes (IRIs) that the profile itself describes: concepts, schemes, instances of its classes."""
        return frozenset(
            subject
            for subject, kind in self._profile.links(PROFILE, RDF_TYPE)
            if not kind.startswith(_META) and not subject.startswith("_:")
        )

    def said_of(self, node: str) -> Said | None:
        """Return what the profile says of a node; None for what is none of its concepts."""
        if node not in self.concepts:
            return None
        told = self._profile.facts(PROFILE, subject=node)
        return {(fact.predicate, fact.object) for fact in told if not fact.object.startswith("_:")}

    def concept_links(self) -> list[Fact]:
        """Return the links that the profile states between its concepts."""
        return [
            fact
            for node in sorted(self.concepts)
            for fact in self._profile.facts(PROFILE, subject=node)
            if fact.predicate != RDF_TYPE and is_iri(fact.object) and iri_of(fact.object) in self.concepts
        ]
