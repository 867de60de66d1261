"""Changing the facts of one registry in Neo4j, in one transaction (floor 1).

What a change costs is what it touches: nodes are read, changed and written back; links are added and
taken away one by one, in batches by their type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from qualitrace.profile.vocabulary import local_name
from qualitrace.store.contents import quad_of
from qualitrace.store.engine import INFERRED, STATED
from qualitrace.store.neo4j import nodes, schema, values
from qualitrace.store.neo4j.naming import OTHER, RESOURCE, Naming, quoted
from qualitrace.store.neo4j.nodes import NodeFacts, Said
from qualitrace.terms import Fact, iri, iri_of

BATCH = 5_000  # rows of one statement
GIVEN = "$(row[2])"  # a relationship's type, as a value of the row
_NODE = f"MATCH ({{0}}:{RESOURCE} {{{{registry: $registry, iri: {{1}}}}}})"

# A link's row: its ends, type, predicate (None: the type says it) and whether it only follows.
_ENDS = f"UNWIND $rows AS row {_NODE.format('a', 'row[0]')} {_NODE.format('b', 'row[1]')} "
_SAME = (
    "coalesce(r.inferred, false) = row[4] AND r.profile IS NULL AND (row[3] IS NULL OR r.predicate = row[3])"
)
_REMOVE = _ENDS.replace("{", "{{").replace("}", "}}") + f"MATCH (a)-[r:{{0}}]->(b) WHERE {_SAME} DELETE r"
_ADD = _ENDS.replace("{", "{{").replace("}", "}}") + (
    f"WITH a, b, row WHERE NOT EXISTS {{{{ (a)-[r:{{0}}]->(b) WHERE {_SAME} }}}} CREATE (a)-[n:{{0}}]->(b) "
    "SET n.inferred = CASE row[4] WHEN true THEN true END, n.predicate = row[3]"
)
_CHANGE = (
    f"UNWIND $rows AS row {_NODE.format('n', 'row[0]')} SET n += row[1] SET n:$(row[2]) REMOVE n:$(row[3])"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Facts that come and go, stated and inferred ones apart. What is on both sides is there afterwards."""

    stated_added: Collection[Fact] = ()
    stated_removed: Collection[Fact] = ()
    inferred_added: Collection[Fact] = ()
    inferred_removed: Collection[Fact] = ()

    def __len__(self) -> int:
        return sum(map(len, (self.stated_added, self.stated_removed, *self._inferred())))

    def _inferred(self) -> tuple[Collection[Fact], Collection[Fact]]:
        return self.inferred_added, self.inferred_removed

    def graphs(self) -> Iterator[tuple[bool, Collection[Fact], Collection[Fact]]]:
        """Yield whether facts are inferred, what comes, and what goes and does not come back."""
        for inferred, added, removed in (
            (False, self.stated_added, self.stated_removed),
            (True, *self._inferred()),
        ):
            came = dict.fromkeys(added)
            yield inferred, came, [fact for fact in dict.fromkeys(removed) if fact not in came]

    def check(self) -> None:
        """Make sure that all can be written.

        Raises QueryError for what is no fact, RegistryError for an IRI longer than Neo4j takes.
        """
        for inferred, added, removed in self.graphs():
            for fact in (*added, *removed):
                quad_of(fact, INFERRED if inferred else STATED)
            for fact in added:
                schema.check_iri(fact.subject)
                if not nodes.in_node(fact):
                    schema.check_iri(iri_of(fact.object))


@dataclass(slots=True)
class Counted:
    """By how much the numbers of facts changed."""

    stated: int = 0
    inferred: int = 0

    def add(self, number: int, *, inferred: bool) -> None:
        """Count facts of one graph."""
        if inferred:
            self.inferred += number
        else:
            self.stated += number


class Writer:
    """Changes one registry in one transaction. ``profile_of`` says what the profile says of a concept.

    ``types_by_name``: types of relationships may be given as values (:func:`filling.types_by_name`).
    """

    def __init__(
        self,
        transaction: ManagedTransaction,
        naming: Naming,
        registry: str,
        profile_of: Callable[[str], Said | None],
        *,
        types_by_name: bool,
    ) -> None:
        self._transaction = transaction
        self._types_by_name = types_by_name
        self._naming = naming
        self._registry = registry
        self._profile_of = profile_of

    def change(self, changes: Changes) -> Counted:
        """Remove and add facts; what is there, or not there, is passed over."""
        counted = Counted()
        touched: dict[str, tuple[list[Fact], list[Fact], list[Fact], list[Fact]]] = {}
        ends = set[str]()
        removed_links: list[tuple[bool, list[Fact]]] = []
        added_links: list[tuple[bool, list[Fact]]] = []
        for inferred, added, removed in changes.graphs():
            links: tuple[list[Fact], list[Fact]] = ([], [])
            for side, facts in enumerate((added, removed)):
                for fact in facts:
                    if nodes.in_node(fact):
                        held = touched.setdefault(fact.subject, ([], [], [], []))
                        held[2 * inferred + side].append(fact)
                        continue
                    links[side].append(fact)
                    if nodes.tells_days(self._naming, fact.predicate):
                        touched.setdefault(fact.subject, ([], [], [], []))
            added_links.append((inferred, links[0]))
            removed_links.append((inferred, links[1]))
            ends.update(one for fact in links[0] for one in (fact.subject, iri_of(fact.object)))
        self._ensure(ends | touched.keys())
        for inferred, facts in removed_links:
            counted.add(-self._remove_links(facts, inferred=inferred), inferred=inferred)
        for inferred, facts in added_links:
            counted.add(self._add_links(facts, inferred=inferred), inferred=inferred)
        for group in _batches(sorted(touched)):
            self._rewrite({node: touched[node] for node in group}, counted)
        gone = {
            one for _, facts in removed_links for fact in facts for one in (fact.subject, iri_of(fact.object))
        }
        self._sweep(gone | touched.keys())
        return counted

    def _ensure(self, names: Iterable[str]) -> None:
        """Make nodes that are not there yet."""
        rows = [[name, local_name(name)[: values.LONGEST]] for name in sorted(names)]
        self._run(
            f"UNWIND $rows AS row MERGE (n:{RESOURCE} {{registry: $registry, iri: row[0]}}) "
            "ON CREATE SET n.name = row[1]",
            rows,
        )

    def _remove_links(self, facts: Iterable[Fact], *, inferred: bool) -> int:
        return sum(
            self._run(_REMOVE.format(kind), rows)["relationships_deleted"]
            for kind, rows in self._by_type(facts, inferred=inferred)
        )

    def _add_links(self, facts: Iterable[Fact], *, inferred: bool) -> int:
        return sum(
            self._run(_ADD.format(kind), rows)["relationships_created"]
            for kind, rows in self._by_type(facts, inferred=inferred)
        )

    def _rewrite(
        self, touched: Mapping[str, tuple[list[Fact], list[Fact], list[Fact], list[Fact]]], counted: Counted
    ) -> None:
        """Read nodes, change their values and classes, and write what differs."""
        rows: list[list[Any]] = []
        for node, labels, kept, facts in self._read(touched):
            stated_added, stated_removed, inferred_added, inferred_removed = touched[node]
            before = len(facts.stated), len(facts.inferred)
            facts.stated = (facts.stated - _said(stated_removed)) | _said(stated_added)
            facts.inferred = (facts.inferred - _said(inferred_removed)) | _said(inferred_added)
            facts.profile = self._profile_of(node)
            counted.stated += len(facts.stated) - before[0]
            counted.inferred += len(facts.inferred) - before[1]
            new = nodes.written(self._naming, node, facts)
            old = {key: value for key, value in kept.items() if key not in ("registry", "iri")}
            changed = {key: value for key, value in new.properties.items() if old.get(key) != value}
            changed |= dict.fromkeys(old.keys() - new.properties.keys())
            more, fewer = sorted(new.labels - labels), sorted(labels - new.labels - {RESOURCE})
            if changed or more or fewer:
                rows.append([node, changed, more, fewer])
        self._run(_CHANGE, rows)

    def _read(self, names: Iterable[str]) -> Iterator[tuple[str, set[str], Mapping[str, Any], NodeFacts]]:
        types = nodes.state_types(self._naming)
        states = "[]"
        if types:
            pattern = "|".join(map(quoted, types))
            states = f"[(n)-[r:{pattern}]->(s) WHERE r.profile IS NULL | [type(r), s.iri]]"
        found = self._transaction.run(
            f"UNWIND $rows AS row {_NODE.format('n', 'row')} "
            f"RETURN row, labels(n) AS labels, properties(n) AS kept, {states} AS states",
            registry=self._registry,
            rows=list(names),
        )
        for record in list(found):
            kept, labels = record["kept"], set(record["labels"])
            facts = nodes.read(self._naming, labels, kept)
            facts.states = {(self._naming.predicate_of(kind), iri(end)) for kind, end in record["states"]}
            yield record["row"], labels, kept, facts

    def _sweep(self, names: Collection[str]) -> None:
        """Take away nodes of which nothing is known any more."""
        self._run(
            f"UNWIND $rows AS row {_NODE.format('n', 'row')} WHERE size(labels(n)) = 1 AND NOT (n)--() "
            "AND all(key IN keys(n) WHERE key IN ['registry', 'iri', 'name']) DELETE n",
            sorted(names),
        )

    def _by_type(self, facts: Iterable[Fact], *, inferred: bool) -> Iterator[tuple[str, list[list[Any]]]]:
        """Yield rows of links with how their type is written in a statement: once for all, if it may be."""
        rows: dict[str, list[list[Any]]] = {}
        for fact in facts:
            kind = self._naming.relationship(fact.predicate) or OTHER
            predicate = fact.predicate if kind == OTHER else None
            written = GIVEN if self._types_by_name else quoted(kind)
            row = [fact.subject, iri_of(fact.object), kind, predicate, inferred]
            rows.setdefault(written, []).append(row)
        yield from rows.items()

    def _run(self, text: str, rows: Sequence[Any]) -> dict[str, int]:
        total = {"relationships_created": 0, "relationships_deleted": 0}
        for start in range(0, len(rows), BATCH):
            result = self._transaction.run(text, registry=self._registry, rows=rows[start : start + BATCH])
            counters = result.consume().counters
            total["relationships_created"] += counters.relationships_created
            total["relationships_deleted"] += counters.relationships_deleted
        return total


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))


def _said(facts: Iterable[Fact]) -> Said:
    return {(fact.predicate, fact.object) for fact in facts}
