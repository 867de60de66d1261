"""Reading the facts of one registry back from Neo4j (floor 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from qualitrace.store.neo4j import nodes
from qualitrace.store.neo4j.held import Held, links_of_values, values_of
from qualitrace.store.neo4j.naming import OTHER, RESOURCE, Naming, quoted
from qualitrace.store.neo4j.seeing import WHOLE, Whole
from qualitrace.store.neo4j.server import Reads
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri

_ALL = f"MATCH (n:{RESOURCE}) WHERE n.registry = $registry AND n.iri IS NOT NULL"
_ONE = f"MATCH (n:{RESOURCE} {{{{registry: $registry, iri: {{0}}}}}})"


class Reader:
    """Answers which facts one registry holds, stated (False) and inferred (True) ones.

    ``mask`` and the parameters ``given`` say which of them are seen.
    """

    def __init__(
        self,
        server: Reads,
        naming: Naming,
        registry: str,
        mask: Whole = WHOLE,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self._server = server
        self._naming = naming
        self._mask = mask
        self._given = {"registry": registry, **(given or {})}
        self._values = values_of(naming)

    def facts(
        self, graphs: Collection[bool], subject: str | None, predicate: str | None, value: str | None
    ) -> Iterator[tuple[bool, Fact]]:
        """Iterate over the facts that match, with their graph."""
        if predicate == RDF_TYPE or value is None or not is_iri(value) or predicate is None:
            for found in self._in_nodes(subject, predicate, value):
                if found[0] in graphs and _matches(found[1], predicate, value):
                    yield found
        if predicate != RDF_TYPE and (value is None or is_iri(value)):
            yield from self._linked(graphs, subject, predicate, value)

    def links(self, graphs: Collection[bool], predicate: str) -> Iterator[tuple[str, str]]:
        """Iterate over the subjects and objects (IRIs) that a predicate links."""
        for _, fact in self.facts(graphs, None, predicate, None):
            if is_iri(fact.object):
                yield fact.subject, iri_of(fact.object)

    def step(self, predicate: str, names: Collection[str], *, inverse: bool) -> dict[str, set[str]]:
        """Return the terms that one predicate leads to (or from) for each node (IRI); one statement."""
        if inverse and predicate == RDF_TYPE:
            return {name: self._members(name) for name in names}
        kind = self._naming.relationship(predicate)
        where = "r.profile IS NULL" + ("" if kind else " AND r.predicate = $predicate") + self._seen("r")
        left, right = ("<", "") if inverse else ("", ">")
        given: dict[str, Any] = {"names": list(names), "predicate": predicate, "mark": f"<{predicate}>"}
        text = f"UNWIND $names AS name {_ONE.format('name')}{self._mask.bind('n', 'name')} RETURN name, "
        text += f"[(n){left}-[r:{quoted(kind or OTHER)}]-{right}(m) WHERE {where} | m.iri] AS ends"
        if not inverse:
            name = self._naming.value(predicate)
            given |= {"key": name.key if name else "", "prefix": f"{name.key}_" if name else "_none"}
            held, face = "k = $key OR k STARTS WITH $prefix", self._mask.face("n")
            text += (
                f", {face}._profile AS concept, {self._mask.labels('n')} AS labels,"
                f" [k IN keys({face}) WHERE {held} | [k, {face}[k]]] AS kept,"
                f" [x IN {face}._exact WHERE x STARTS WITH $mark] AS exact,"
                f" [x IN {face}._inferred WHERE x STARTS WITH $mark] AS inferred"
            )
        found: dict[str, set[str]] = {}
        for row in self._server.read(text, **self._given, **given):
            ends = {iri(end) for end in row["ends"]}
            if not inverse:
                kept = {
                    **dict(row["kept"]),
                    nodes.EXACT: row["exact"] or (),
                    nodes.INFERRED_FACTS: row["inferred"] or (),
                    nodes.PROFILE_NODE: row["concept"],
                }
                ends |= nodes.terms(self._naming, row["labels"], kept, predicate)
            if ends:
                found[row["name"]] = ends
        return found

    def held(self, names: Collection[str]) -> Held:
        """Read classes and values of some nodes (IRIs); one statement."""
        text = (
            f"UNWIND $names AS name {_ONE.format('name')}{self._mask.bind('n', 'name')} RETURN name,"
            f" {self._mask.labels('n')} AS labels, properties({self._mask.face('n')}) AS kept,"
            f" {links_of_values(self._naming, self._values, 'n', self._seen('r'))} AS links"
        )
        rows = self._server.read(text, **self._given, names=list(names))
        return Held(self._naming, self._values, {row["name"]: row for row in rows}, frozenset(names))

    def _members(self, name: str) -> set[str]:
        return {iri(fact.subject) for _, fact in self._in_nodes(None, RDF_TYPE, iri(name)) if
                _matches(fact, RDF_TYPE, iri(name))}  # fmt: skip

    def _in_nodes(
        self, subject: str | None, predicate: str | None, value: str | None
    ) -> Iterator[tuple[bool, Fact]]:
        """Iterate over values and classes of the nodes that may hold what is asked for, among others."""
        text, given = self._holders(subject, predicate, value)
        text += f" RETURN n.iri AS iri, {self._mask.labels('n')} AS labels, "
        text += f"properties({self._mask.face('n')}) AS kept"
        ask = self._server.read if subject is not None else self._server.stream
        for row in ask(text, **self._given, **given):
            facts = nodes.read(self._naming, row["labels"], row["kept"])
            for inferred, said in ((False, facts.stated), (True, facts.inferred)):
                for name, term in said:
                    yield inferred, Fact(row["iri"], name, term)

    def _holders(
        self, subject: str | None, predicate: str | None, value: str | None
    ) -> tuple[str, dict[str, Any]]:
        bind, n = self._mask.bind("n"), self._mask.face("n")
        if subject is not None:
            return _ONE.format("$subject") + bind, {"subject": subject}
        if predicate is None:
            return _ALL + bind, {}
        given: dict[str, Any] = {"mark": f"<{predicate}>"}
        noted = f"any(x IN coalesce({n}._exact, []) + coalesce({n}._inferred, []) WHERE x STARTS WITH $mark)"
        and_then = f"{bind} WHERE" if bind else " AND"
        if predicate == RDF_TYPE:
            label = self._naming.label(iri_of(value)) if value is not None and is_iri(value) else None
            if label:
                return f"MATCH (n:{quoted(label)}) WHERE n.registry = $registry{bind}", given
            return (_ALL + bind, given) if value is None else (f"{_ALL}{and_then} {noted}", given)
        name = self._naming.value(predicate)
        if name is None:
            return f"{_ALL}{and_then} {noted}", given
        given |= {"prefix": f"{name.key}_"}
        held = f"{n}.{quoted(name.key)} IS NOT NULL OR any(k IN keys({n}) WHERE k STARTS WITH $prefix)"
        return f"{_ALL}{and_then} ({held} OR {noted})", given

    def _seen(self, relationship: str) -> str:
        condition = self._mask.link(relationship)
        return f" AND {condition}" if condition else ""

    def _linked(
        self, graphs: Collection[bool], subject: str | None, predicate: str | None, value: str | None
    ) -> Iterator[tuple[bool, Fact]]:
        given: dict[str, Any] = {}
        kind = "" if predicate is None else f":{quoted(self._naming.relationship(predicate) or OTHER)}"
        if subject is not None:
            start = _ONE.format("$subject")
            given["subject"] = subject
        elif value is not None:
            start = ""
        else:
            start = _ALL
        target = "(m)"
        if value is not None:
            given["value"] = iri_of(value)
            target = f"(m:{RESOURCE} {{registry: $registry, iri: $value}})"
        text = f"{start} MATCH (n)-[r{kind}]->{target} WHERE r.profile IS NULL{self._seen('r')}"
        if kind.endswith(f"{quoted(OTHER)}"):
            text += " AND r.predicate = $predicate"
            given["predicate"] = predicate
        if set(graphs) == {False}:
            text += " AND r.inferred IS NULL"
        elif set(graphs) == {True}:
            text += " AND r.inferred"
        text += " RETURN n.iri AS a, type(r) AS kind, r.predicate AS p, r.inferred AS inferred, m.iri AS b"
        ask = self._server.stream if subject is None and value is None else self._server.read
        for row in ask(text, **self._given, **given):
            name = self._naming.predicate_of(row["kind"], row["p"])
            yield bool(row["inferred"]), Fact(row["a"], name, iri(row["b"]))


def _matches(fact: Fact, predicate: str | None, value: str | None) -> bool:
    return predicate in (None, fact.predicate) and value in (None, fact.object)


def merged(groups: Iterable[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    """Put terms by node together."""
    found: dict[str, set[str]] = {}
    for group in groups:
        for name, terms in group.items():
            found.setdefault(name, set()).update(terms)
    return found
