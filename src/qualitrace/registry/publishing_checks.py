"""Comparing what is in Neo4j with what the journal says at its mark (floor 3).

Facts first; then what is written beside them: who sees what (decision 13), names and days. The latter is
what a first publication would write now, from the same code, some nodes at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qualitrace.errors import RegistryError
from qualitrace.registry.filling import Filler
from qualitrace.registry.publishing import check_mark, fingerprint
from qualitrace.registry.publishing_veils import veiled_whole
from qualitrace.registry.registry import Registry
from qualitrace.registry.stepping import all_at
from qualitrace.registry.verifying import Compared, compare
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j import Mark, Neo4jEngine, marks
from qualitrace.store.neo4j.naming import RESOURCE
from qualitrace.store.neo4j.seeing import FACE, MARKS
from qualitrace.store.neo4j.veils import Faces
from qualitrace.text import Text

_BATCH = 5_000  # facts looked at together
_SHOWN = 5
_BESIDE = (*MARKS, "name", "_from", "_to", "_never")  # on nodes, and no facts
_ROW = f"UNWIND $rows AS row MATCH (n:{RESOURCE} {{registry: $registry, iri: row}})"
_NODES = f"{_ROW} RETURN row AS iri, properties(n) AS kept"
_FACES = (
    f"UNWIND $rows AS row MATCH (f:{FACE}) WHERE f.registry = $registry AND f.iri = row "
    "AND f._own IN [true, false] RETURN row AS iri, properties(f) AS kept"
)
_THERE = (
    f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND n.iri IS NOT NULL "
    "OPTIONAL MATCH (n)-[r]->() RETURN n.iri AS iri, count(r) AS links"
)
_FACED = (
    f"MATCH (f:{FACE}) WHERE f.registry = $registry AND f.iri IS NOT NULL AND f._own IS NOT NULL "
    "RETURN f.iri AS iri, count(*) AS number"
)
_LINKS = (
    f"{_ROW} MATCH (n)-[r]->(b) RETURN row AS iri, type(r) AS kind, b.iri AS to, r.predicate AS predicate, "
    "r.inferred AS inferred, r.profile AS profile, r._veil AS veil"
)

Node = Mapping[str, Any]


@dataclass(slots=True)
class Beside:
    """One kind of what is written beside the facts: how many are in Neo4j, how many ought to be.

    ``name`` is ``nodes`` (their name, days, and who sees them), ``faces`` (what is seen instead of a node),
    ``links`` (who sees them) or ``stamp`` (by which profile that is). ``differing``: nodes (IRIs) where it
    differs, a few of them.
    """

    name: str
    held: int = 0
    expected: int = 0
    differing: list[str] = field(default_factory=list)
    wrong: int = 0

    @property
    def equal(self) -> bool:
        """True when nothing differs."""
        return not self.wrong and self.held == self.expected

    def differs(self, node: str) -> None:
        """Note a node (IRI) where it differs."""
        self.wrong += 1
        if len(self.differing) < _SHOWN:
            self.differing.append(node)


def difference(registry: Registry, engine: Neo4jEngine) -> tuple[Mark, tuple[Compared, ...]]:
    """Compare Neo4j, fact by fact, with what the journal says at Neo4j's mark. Raises RegistryError."""
    mark = engine.at
    check_mark(registry, mark)
    if mark.toward >= 0:
        raise RegistryError(
            Text(
                zh="上次发布没有做完，Neo4j 里只有一部分内容。",
                en="A publication broke off: only a part of it is in Neo4j.",
            ),
            hint=Text(zh="请先再运行一次 sync neo4j。", en="Run sync neo4j again first."),
        )
    whole = all_at(registry, mark.position)
    found = (
        compare("stated", lambda: engine.facts(STATED), lambda: whole.stated),
        compare("inferred", lambda: engine.facts(INFERRED), lambda: whole.inferred),
    )
    counted = tuple(
        replace(one, held=number) if one.held != number else one
        for one, number in zip(found, (mark.stated, mark.inferred), strict=True)
    )
    return mark, counted


def seen_difference(registry: Registry, engine: Neo4jEngine) -> tuple[Beside, ...]:
    """Compare who sees what, names and days in Neo4j with what would be written of its mark's position.

    Raises RegistryError as :func:`difference`, ConflictError when somebody publishes meanwhile.
    """
    mark, stamp = engine.standing()
    check_mark(registry, mark)
    if mark.position == 0:
        return ()
    wanted = fingerprint(registry.profile)
    stamped = Beside("stamp", int(stamp != ""), 1)
    if stamp not in ("", wanted):
        stamped.differs(stamp)
    compared = _Comparing(registry, engine, mark.position, wanted)
    compared.run()
    now = engine.at
    if now.place != mark.place:
        raise marks.moved(now, mark)
    return compared.nodes, compared.faces, compared.links, stamped


class _Comparing:
    """Compares nodes, then links, some at a time."""

    def __init__(self, registry: Registry, engine: Neo4jEngine, position: int, stamp: str) -> None:
        self._engine = engine
        self._shown = Faces(engine.naming, engine.said_of)
        self._filler = Filler(
            registry, engine, position, stamp, veiled_whole(registry, position), by_name=True
        )
        self._named, self._linked, self._faced = set[str](), set[str](), set[str]()  # what ought to be
        self.nodes, self.faces, self.links = Beside("nodes"), Beside("faces"), Beside("links")

    def run(self) -> None:
        """Compare all there is."""
        for part in self._filler.nodes(_BATCH):
            part.shown(self._shown, self._engine.registry)
            written = [said for _, said in part.filling.nodes]
            self._compare_nodes(written)
            self._compare_faces([said["iri"] for said in written], part.filling.faces)
            part.filling.made = [said["iri"] for said in written]  # links are told by these
            self._filler.sent(part)
        for part in self._filler.links(_BATCH):
            self._compare_links(part.filling.links)
        self._find_surplus()

    def _find_surplus(self) -> None:
        """Look for what ought not to be there at all."""
        for row in self._engine.stream(_FACED):
            self.faces.held += row["number"]
            if row["iri"] not in self._faced:
                self.faces.differs(row["iri"])
        for row in self._engine.stream(_THERE):
            if row["iri"] not in self._named:
                self.nodes.held += 1
                self.nodes.differs(row["iri"])
            if row["links"] and row["iri"] not in self._linked:
                self.links.held += row["links"]
                self.links.differs(row["iri"])

    def _compare_nodes(self, written: Iterable[Node]) -> None:
        wanted = {said["iri"]: said for said in written}
        self.nodes.expected += len(wanted)
        self._named.update(wanted)
        for row in self._engine.read(_NODES, rows=list(wanted)):
            self.nodes.held += 1
            said, kept = wanted.pop(row["iri"]), row["kept"]
            if any(kept.get(key) != said.get(key) for key in _BESIDE):
                self.nodes.differs(row["iri"])
        for node in wanted:
            self.nodes.differs(node)

    def _compare_faces(self, nodes: list[str], written: Iterable[Node]) -> None:
        wanted = {(face["iri"], face["_own"]): face for face in written}
        self.faces.expected += len(wanted)
        self._faced.update(node for node, _ in wanted)
        wrong = set[str]()
        for row in self._engine.read(_FACES, rows=nodes):
            if wanted.pop((row["iri"], row["kept"]["_own"]), None) != row["kept"]:
                wrong.add(row["iri"])
                self._faced.add(row["iri"])
        for node in sorted(wrong | {node for node, _ in wanted}):
            self.faces.differs(node)

    def _compare_links(self, written: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> None:
        wanted: dict[str, list[tuple[Any, ...]]] = {}
        for start, end, kind, said in written:
            drawn = (kind, end, *(said.get(key) for key in ("predicate", "inferred", "profile", "_veil")))
            wanted.setdefault(start, []).append(drawn)
            self.links.expected += 1
        self._linked.update(wanted)
        there: dict[str, list[tuple[Any, ...]]] = {node: [] for node in wanted}
        for row in self._engine.read(_LINKS, rows=list(wanted)):
            keys = ("kind", "to", "predicate", "inferred", "profile", "veil")
            there[row["iri"]].append(tuple(row[key] for key in keys))
            self.links.held += 1
        for node in _unlike(wanted, there):
            self.links.differs(node)


def _unlike(wanted: Mapping[str, list[Any]], there: Mapping[str, list[Any]]) -> Iterator[str]:
    return (
        node for node, links in wanted.items() if sorted(map(repr, links)) != sorted(map(repr, there[node]))
    )
