"""The first publication of a registry to Neo4j, batch by batch (floor 3).

Two passes: all nodes in order, then all links in the order of where they start. What is kept meanwhile is a
name for each node and a few bytes for each link; facts are read as they are sent. The mark says which pass
it is and how far, so that whoever is killed goes on from there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qualitrace.profile.vocabulary import local_name
from qualitrace.registry.publishing_veils import Veiled
from qualitrace.registry.registry import Registry
from qualitrace.registry.stepping import standing_at
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j import Neo4jEngine, nodes, schema, values
from qualitrace.store.neo4j.filling import Filling, Link, made_before, types_by_name
from qualitrace.store.neo4j.naming import OTHER
from qualitrace.store.neo4j.nodes import NodeFacts
from qualitrace.store.neo4j.veils import Faces, NodeVeil, Veils, face
from qualitrace.terms import Fact, iri_of

NODES, LINKS = 1, 2  # the passes, as the mark says them

Facts = tuple[list[Fact], list[Fact]]  # stated, inferred
_AT_ONCE = 2_000  # nodes read at a time: so long a commit waits


class _Look(NamedTuple):
    """How a link is drawn: ``predicate`` (IRI) only where the type does not say it."""

    kind: str
    predicate: str = ""
    inferred: bool = False
    profile: bool = False
    veil: str = ""


@dataclass
class Part:
    """What goes in one transaction: until where it leads, and who sees what of it.

    ``numbers`` are those of the nodes in it, in their order.
    """

    filling: Filling
    stamp: str
    through: str = ""
    last: bool = False
    numbers: list[int] = field(default_factory=list)
    veiled: dict[str, NodeVeil] = field(default_factory=dict)

    @property
    def seen(self) -> Veils:
        """By which profile it is known who sees what; its nodes, faces and links say what."""
        return Veils(self.stamp)

    def shown(self, faces: Faces, registry: str) -> Part:
        """Write who sees what of its nodes into them, and their faces beside them; returns itself."""
        filling = self.filling
        for number, (labels, said) in enumerate(filling.nodes):
            veil = self.veiled.get(said["iri"])
            if veil is not None:
                marks = {
                    key: mark for key, mark in faces.marks(said["iri"], veil).items() if mark is not None
                }
                filling.nodes[number] = labels, {**said, **marks}
                filling.faces += (face(row, registry) for row in faces.rows(said["iri"], veil))
        return self


@dataclass
class _Links:
    """Links between numbered nodes, a few bytes each; ``looks`` are the types and properties they have."""

    starts: array[int] = field(default_factory=lambda: array("l"))
    ends: array[int] = field(default_factory=lambda: array("l"))
    kinds: array[int] = field(default_factory=lambda: array("l"))
    looks: dict[_Look, int] = field(default_factory=dict)

    def add(self, start: int, end: int, look: _Look) -> None:
        """Keep one link."""
        self.starts.append(start)
        self.ends.append(end)
        self.kinds.append(self.looks.setdefault(look, len(self.looks)))


class Filler:
    """Makes the parts of a first publication of what a registry says at a position.

    ``stamp`` says by which profile, ``seen`` who sees what; ``by_name`` as :class:`Filling` has it (None: the
    server is asked). Raises RegistryError for an IRI longer than Neo4j takes.
    """

    def __init__(
        self,
        registry: Registry,
        engine: Neo4jEngine,
        position: int,
        stamp: str,
        seen: Veiled,
        *,
        by_name: bool | None = None,
    ) -> None:
        self._registry, self._engine, self._position = registry, engine, position
        self._stamp, self._seen = stamp, seen
        self._veils = {(link.fact, link.inferred): link.veil for some in seen.links.values() for link in some}
        naming = engine.naming
        self._naming = naming
        self._states = {naming.predicates[kind] for kind in nodes.state_types(naming)}
        self._types_by_name = types_by_name(engine.server, naming) if by_name is None else by_name
        self._concept_links: dict[str, list[Fact]] = {}
        for fact in engine.concept_links():
            self._concept_links.setdefault(fact.subject, []).append(fact)
        self._subjects = sorted(self._found() | engine.concepts)
        for name in self._subjects:
            schema.check_iri(name)
        self._numbers = {name: number for number, name in enumerate(self._subjects)}
        self._links = _Links()
        self._made: dict[int, str] = {}

    @property
    def all(self) -> str:
        """The last node (IRI)."""
        return self._subjects[-1] if self._subjects else ""

    @property
    def total(self) -> int:
        """About how many facts there are."""
        return self._registry.engine.count(STATED) + self._registry.engine.count(INFERRED)

    def nodes(self, batch: int, through: str = "") -> Iterator[Part]:
        """Yield the nodes in groups of about so many facts; those up to ``through`` (IRI) are there.

        Their links are kept for the second pass.
        """
        part = self._part()
        for name, facts in self._facts():
            if name <= through:
                self._node(name, facts, self._part())
                continue
            self._node(name, facts, part)
            if len(part.filling) >= batch:
                yield part
                part = self._part()
        if part.numbers:
            yield part

    def sent(self, part: Part) -> None:
        """Note what the server calls the nodes of a part."""
        self._made.update(zip(part.numbers, part.filling.made, strict=True))

    def links(self, batch: int, through: str = "") -> Iterator[Part]:
        """Yield the links in groups, one at least; those of nodes up to ``through`` (IRI) are there.

        All nodes must be.
        """
        if len(self._made) < len(self._numbers):
            found = made_before(self._engine.server, self._engine.registry)
            self._made = {self._numbers[name]: made for name, made in found if name in self._numbers}
        links, looks = self._links, [(look, _properties(look)) for look in self._links.looks]
        first = bisect_right(links.starts, self._numbers[through]) if through else 0
        part, rows, last = self._part(), list[Link](), -1
        for start, end, kind in zip(
            links.starts[first:], links.ends[first:], links.kinds[first:], strict=True
        ):
            if start != last and len(rows) >= batch:
                part.filling.links, part.through = rows, self._subjects[last]
                yield part
                part, rows = self._part(), []
            last = start
            look, said = looks[kind]
            rows.append((self._made[start], self._made[end], look.kind, said))
            if not look.profile:
                part.filling.counted.add(1, inferred=look.inferred)
        part.filling.links, part.last = rows, True
        yield part

    # Out of the registry

    def _found(self) -> set[str]:
        with standing_at(self._registry, self._position):
            rows = self._registry.engine.select("SELECT DISTINCT ?s { ?s ?p ?o }", graphs=(STATED, INFERRED))
        return {iri_of(row["s"]) for row in rows}

    def _facts(self) -> Iterator[tuple[str, Facts]]:
        """Read what is said of each node, of some at a time."""
        engine = self._registry.engine
        for start in range(0, len(self._subjects), _AT_ONCE):
            names = self._subjects[start : start + _AT_ONCE]
            with standing_at(self._registry, self._position):
                read = [
                    (sorted(engine.facts(STATED, subject=name)), sorted(engine.facts(INFERRED, subject=name)))
                    for name in names
                ]
            yield from zip(names, read, strict=True)

    # Into parts

    def _part(self) -> Part:
        return Part(Filling(by_name=self._types_by_name), self._stamp)

    def _node(self, name: str, facts: Facts, part: Part) -> None:
        """Put a node into a part, and those that only links lead to; keep its links."""
        held = NodeFacts(profile=self._engine.said_of(name))
        number = self._numbers[name]
        for inferred, side in enumerate(facts):
            said = held.inferred if inferred else held.stated
            for fact in side:
                if nodes.in_node(fact):
                    said.add((fact.predicate, fact.object))
                    continue
                if fact.predicate in self._states:
                    held.states.add((fact.predicate, fact.object))
                self._link(number, fact, self._look(fact, inferred=bool(inferred)), part)
            part.filling.counted.add(len(said), inferred=bool(inferred))
        for fact in self._concept_links.get(name, ()):
            kind = self._naming.relationship(fact.predicate)
            if kind is not None:
                self._link(number, fact, _Look(kind, profile=True), part)
        made = nodes.written(self._naming, name, held)
        self._create(number, name, sorted(made.labels), made.properties, part)
        part.through = name
        if name in self._seen.nodes:
            part.veiled[name] = self._seen.nodes[name]

    def _look(self, fact: Fact, *, inferred: bool) -> _Look:
        kind = self._naming.relationship(fact.predicate)
        predicate = fact.predicate if kind is None else ""
        return _Look(kind or OTHER, predicate, inferred, veil=self._veils.get((fact, inferred), ""))

    def _link(self, start: int, fact: Fact, look: _Look, part: Part) -> None:
        name = iri_of(fact.object)
        end = self._numbers.get(name)
        if end is None:
            schema.check_iri(name)
            end = self._numbers[name] = len(self._numbers)
            self._create(end, name, [], {"name": local_name(name)[: values.LONGEST]}, part)
        self._links.add(start, end, look)

    def _create(
        self, number: int, name: str, labels: Sequence[str], said: Mapping[str, Any], part: Part
    ) -> None:
        part.numbers.append(number)
        part.filling.nodes.append((labels, {**said, "registry": self._engine.registry, "iri": name}))


def _properties(look: _Look) -> dict[str, Any]:
    said = {
        "predicate": look.predicate or None,
        "inferred": look.inferred or None,
        "profile": look.profile or None,
        "_veil": look.veil or None,
    }
    return {key: value for key, value in said.items() if value is not None}
