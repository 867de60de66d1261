"""Writing a registry that is not there yet: nodes first, then the links between them (floor 1).

Nothing has to be read, compared or looked for by its name: nodes are created as they will stay, and links
find their ends by what the server calls them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neo4j import ManagedTransaction

from qualitrace.store.neo4j.naming import RESOURCE, Naming, quoted
from qualitrace.store.neo4j.seeing import FACE
from qualitrace.store.neo4j.server import Server
from qualitrace.store.neo4j.writing import BATCH, GIVEN, Counted

_NODES = "UNWIND $rows AS row CREATE (n:$(row[0])) SET n = row[1] RETURN collect(elementId(n)) AS made"
_LINKS = (
    "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row[0] MATCH (b) WHERE elementId(b) = row[1] "
    "CREATE (a)-[r:{0}]->(b) SET r = row[3]"
)
_MADE = (
    f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND n.iri IS NOT NULL "
    "RETURN n.iri AS iri, elementId(n) AS made"
)
_HELD = f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND n.iri IS NOT NULL RETURN 1 LIMIT 1"

Link = tuple[str, str, str, Mapping[str, Any]]  # what its ends are called by the server, type, properties


@dataclass
class Filling:
    """A part of what is written: nodes (labels and all properties), or links; how many facts they hold.

    ``faces`` are all properties of the faces that stand for nodes (see :mod:`seeing`). ``made`` is what the
    server calls the nodes, in their order, once they are written.
    """

    nodes: list[tuple[Sequence[str], Mapping[str, Any]]] = field(default_factory=list)
    faces: list[Mapping[str, Any]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    counted: Counted = field(default_factory=Counted)
    by_name: bool = True  # whether types may be given as values (see ``types_by_name``)
    made: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return self.counted.stated + self.counted.inferred

    def write(self, transaction: ManagedTransaction) -> Counted:
        """Create the nodes, faces and links: few texts, since a server that has just started plans long."""
        rows: list[tuple[Sequence[str], Mapping[str, Any]]] = [
            *(([RESOURCE, *labels], said) for labels, said in self.nodes),
            *(([FACE], said) for said in self.faces),
        ]
        made = list[str]()
        for some in _batches(rows):
            found = transaction.run(_NODES, rows=[list(row) for row in some]).single(strict=True)
            made += found["made"]
        self.made = made[: len(self.nodes)]
        for kind, links in self._by_type():
            for few in _batches(links):
                transaction.run(_LINKS.format(kind), rows=[list(row) for row in few]).consume()
        return self.counted

    def _by_type(self) -> Iterator[tuple[str, Sequence[Link]]]:
        if self.by_name:
            yield GIVEN, self.links
            return
        found: dict[str, list[Link]] = {}
        for link in self.links:
            found.setdefault(link[2], []).append(link)
        for kind, links in sorted(found.items()):
            yield quoted(kind), links


def types_by_name(server: Server, naming: Naming) -> bool:
    """Tell whether the types of relationships may be given as values: one plan then serves them all.

    Neo4j 5.26.0 takes them and gives every relationship of a statement, now and later, the type of the
    first. So it is tried once, with two types of the profile; nothing of the trial stays.
    """
    if server.types_by_name is None:
        server.types_by_name = _types_by_name(server, naming)
    return server.types_by_name


def _types_by_name(server: Server, naming: Naming) -> bool:
    kinds = sorted(naming.predicates)[:2]

    def work(transaction: ManagedTransaction) -> list[str]:
        tried = transaction.run(
            "UNWIND $kinds AS kind CREATE (a)-[r:$(kind)]->(b) WITH a, r, b, type(r) AS found "
            "DELETE r, a, b RETURN found",
            kinds=kinds,
        )
        return [record["found"] for record in tried]

    return server.write(work) == kinds


def made_before(server: Server, registry: str) -> Iterator[tuple[str, str]]:
    """Yield the nodes (IRIs) of a registry that are there, and what the server calls them."""
    for row in server.stream(_MADE, registry=registry):
        yield row["iri"], row["made"]


def held(server: Server, registry: str) -> bool:
    """Tell whether anything of a registry is there, whatever its mark says."""
    return bool(server.read(_HELD, registry=registry))


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
