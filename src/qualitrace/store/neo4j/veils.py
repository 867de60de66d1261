"""Writing who sees what of a registry in Neo4j, in the transaction of the facts (floor 1).

What is written is asked for by :mod:`qualitrace.store.neo4j.seeing`, which says what it means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from neo4j import ManagedTransaction

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY
from qualitrace.store.neo4j import nodes
from qualitrace.store.neo4j.naming import OTHER, RESOURCE, Naming, quoted
from qualitrace.store.neo4j.nodes import NodeFacts, Said
from qualitrace.store.neo4j.seeing import FACE, MARKS
from qualitrace.terms import SKOS_NOTATION, Fact, iri_of

BATCH = 5_000  # rows of one statement
_STAMP = "veils"  # on the mark
_NODE = f"MATCH ({{0}}:{RESOURCE} {{{{registry: $registry, iri: {{1}}}}}})"
_DAYS = ("_from", "_to", "_never")

Days = tuple[str, int, int]  # a unit (IRI), and the first and last day (ordinals) on which it is the steward


@dataclass(frozen=True, slots=True)
class NodeVeil:
    """What is seen of one node. ``units`` are its stewards; ``whole`` is all there is of it.

    ``everybody`` is what everybody sees, ``stewards`` what its stewards see: None where that is all.
    """

    units: tuple[Days, ...] = ()
    whole: NodeFacts = field(default_factory=NodeFacts)
    everybody: NodeFacts | None = None
    stewards: NodeFacts | None = None

    def __bool__(self) -> bool:
        return bool(self.units) or self.everybody is not None


@dataclass(frozen=True, slots=True)
class LinkVeil:
    """Who sees a link that there is: "" everybody, else as :mod:`seeing` says."""

    fact: Fact
    inferred: bool
    veil: str


@dataclass(frozen=True)
class Veils:
    """Who sees what of some nodes (by IRI) and links. ``stamp`` tells by which profile it was worked out."""

    stamp: str = ""
    nodes: Mapping[str, NodeVeil] = field(default_factory=dict)
    links: Sequence[LinkVeil] = ()


def statements(naming: Naming) -> Iterator[str]:
    """Yield what makes the constraints and indexes of faces."""
    yield (
        f"CREATE CONSTRAINT qualitrace_face IF NOT EXISTS FOR (f:{FACE}) "
        "REQUIRE (f.registry, f.iri, f._own) IS UNIQUE"
    )
    code = naming.value(SKOS_NOTATION)
    for key in ("name", *([code.key] if code is not None else [])):
        yield (
            f"CREATE INDEX {quoted(f'qualitrace_face_{key}')} IF NOT EXISTS FOR (f:{FACE}) "
            f"ON (f.registry, f.{quoted(key)})"
        )


def clear(registry: str, run: Callable[..., Any]) -> None:
    """Take the faces of a registry out of the database, in batches."""
    run(
        f"MATCH (f:{FACE}) WHERE f.registry = $registry AND f.iri IS NOT NULL AND f._own IS NOT NULL "
        f"CALL (f) {{ DELETE f }} IN TRANSACTIONS OF {BATCH} ROWS",
        registry=registry,
    )


def stamped(seen: Veils | None, *, changed: bool) -> dict[str, str | None]:
    """Return what the mark says of who sees what, after a transaction that wrote ``seen``.

    Where facts changed and nobody worked it out, only those who see everything are answered.
    """
    if seen is not None:
        return {_STAMP: seen.stamp}
    return {_STAMP: None} if changed else {}


def stamp_of(said: Mapping[str, Any]) -> str:
    """Return by which profile it was worked out who sees what, from what the mark says; "" by none."""
    return str(said.get(_STAMP) or "")


class Faces:
    """What is written of nodes that not everybody sees whole; ``profile_of`` as of ``Writer``."""

    def __init__(self, naming: Naming, profile_of: Callable[[str], Said | None]) -> None:
        self._naming = naming
        self._profile_of = profile_of

    def marks(self, node: str, veil: NodeVeil) -> dict[str, Any]:
        """Return the marks of a node, with None for those that it does not have."""
        marks: dict[str, Any] = dict.fromkeys(MARKS)
        if veil.units:
            marks["_units"] = [unit for unit, _, _ in veil.units]
            marks["_units_from"] = [dt.date.fromordinal(first) for _, first, _ in veil.units]
            marks["_units_to"] = [dt.date.fromordinal(last) for _, _, last in veil.units]
        if veil.everybody is not None:
            marks["_veil"] = 1 if veil.stewards is None else 2
            marks["_days"] = self._days(node, veil)
        return marks

    def _days(self, node: str, veil: NodeVeil) -> list[dt.date] | None:
        sides = (veil.whole, veil.everybody, veil.stewards or veil.whole)
        whole, everybody, stewards = (_days_in(self._said(node, one)[0]) for one in sides if one is not None)
        return None if whole == everybody == stewards else [*everybody, *stewards]

    def rows(self, node: str, veil: NodeVeil) -> Iterator[dict[str, Any]]:
        """Yield the faces of a node: their ``own``, what they hold, and the labels that they stand for."""
        for own, facts in ((False, veil.everybody), (True, veil.stewards)):
            if facts is not None:
                said, labels = self._said(node, facts)
                yield {"iri": node, "own": own, "said": said, "labels": [RESOURCE, *labels]}

    def _said(self, node: str, facts: NodeFacts) -> tuple[Mapping[str, Any], list[str]]:
        made = nodes.written(self._naming, node, replace(facts, profile=self._profile_of(node)))
        return made.properties, sorted(made.labels - {RESOURCE})


class VeilWriter:
    """Writes who sees what of one registry in one transaction; ``profile_of`` as of ``Writer``."""

    def __init__(
        self,
        transaction: ManagedTransaction,
        naming: Naming,
        registry: str,
        profile_of: Callable[[str], Said | None],
    ) -> None:
        self._transaction = transaction
        self._naming = naming
        self._registry = registry
        self._shown = Faces(naming, profile_of)

    def write(self, veils: Veils) -> None:
        """Write who sees some nodes and links from now on; the mark says by which profile that is."""
        self._faces(veils.nodes)
        self._links(veils.links)

    def _faces(self, veils: Mapping[str, NodeVeil]) -> None:
        self._run(
            f"UNWIND $rows AS row MATCH (f:{FACE} {{registry: $registry, iri: row}}) "
            "WHERE f._own IN [true, false] DELETE f",
            sorted(veils),
        )
        self._run(
            f"UNWIND $rows AS row {_NODE.format('n', 'row.iri')} SET n += row.marks",
            [{"iri": node, "marks": self._shown.marks(node, veil)} for node, veil in sorted(veils.items())],
        )
        faces = [row for node, veil in sorted(veils.items()) for row in self._shown.rows(node, veil)]
        self._run(
            f"UNWIND $rows AS row {_NODE.format('n', 'row.iri')} "
            f"CREATE (f:{FACE} {{registry: $registry, iri: row.iri, _own: row.own}}) "
            "SET f += row.said, f._labels = row.labels",
            faces,
        )

    def _links(self, links: Iterable[LinkVeil]) -> None:
        rows: dict[tuple[str, bool], list[list[str | None]]] = {}
        for one in links:
            kind = self._naming.relationship(one.fact.predicate) or OTHER
            ends = [one.fact.subject, iri_of(one.fact.object), one.fact.predicate]
            rows.setdefault((kind, one.inferred), []).append([*ends, one.veil or None])
        for (kind, inferred), group in sorted(rows.items()):
            graph = "r.inferred" if inferred else "r.inferred IS NULL"
            predicate = " AND r.predicate = row[2]" if kind == OTHER else ""
            self._run(
                f"UNWIND $rows AS row {_NODE.format('a', 'row[0]')} {_NODE.format('b', 'row[1]')} "
                f"MATCH (a)-[r:{quoted(kind)}]->(b) WHERE {graph} AND r.profile IS NULL{predicate} "
                "SET r._veil = row[3]",
                group,
            )

    def _run(self, text: str, rows: Sequence[Any]) -> None:
        for start in range(0, len(rows), BATCH):
            given = rows[start : start + BATCH]
            self._transaction.run(text, registry=self._registry, rows=given).consume()


def face(row: Mapping[str, Any], registry: str) -> dict[str, Any]:
    """Return all properties of a face, as :meth:`Faces.rows` gives it."""
    own = {"registry": registry, "iri": row["iri"], "_own": row["own"], "_labels": row["labels"]}
    return {**row["said"], **own}


def _days_in(said: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """The first and last day of a node, from its properties; the wrong way round when it never counts."""
    first, last = dt.date.fromordinal(FIRST_DAY), dt.date.fromordinal(LAST_DAY)
    if said.get("_never"):
        return last, first
    return said.get("_from") or first, said.get("_to") or last
