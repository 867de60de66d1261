"""Where values and lists of nodes come from: one way of asking for each kind of engine (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from qualitrace.budget import look
from qualitrace.graphql.filters import LISTED, Filters, Where, apart, long_list
from qualitrace.graphql.lookups import lookup
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.sparql import Names, chunks, path_pattern, values_block
from qualitrace.profile.model import PropertyPath
from qualitrace.store import Engine, EngineView, OxigraphEngine
from qualitrace.terms import iri_of, is_iri, lit_of

CHUNK = 2000  # nodes named in one query; more are asked in several, the same way
Found = dict[str, tuple[str, ...]]


class Source(Protocol):
    """What an engine is asked for, batch by batch."""

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> Found:
        """Return the terms that a path leads to from each node, distinct and in a fixed order."""
        ...

    def matching(self, type_name: str, where: Where | None, among: Iterable[str] | None = None) -> list[str]:
        """Return the nodes of a type that satisfy ``where``, of all or ``among`` some, in no order."""
        ...

    def number(self, type_name: str) -> int:
        """Count the nodes of a type."""
        ...


def source_of(engine: Engine, model: ApiModel, base: str) -> Source:
    """Return how an engine is asked. ``base`` is the base of identifiers."""
    if hasattr(engine, "read"):  # it takes Cypher
        from qualitrace.graphql.cypher_source import CypherSource

        return CypherSource(engine, model, base)
    return SparqlSource(engine, model, base)


class SparqlSource:
    """Asks in SPARQL; an engine in this process for single values quad by quad."""

    def __init__(self, engine: Any, model: ApiModel, base: str) -> None:
        self._engine = engine
        self._model = model
        self._base = base

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> Found:
        """Return the terms that a path leads to from each node."""
        if isinstance(self._engine, OxigraphEngine | EngineView):
            return lookup(self._engine.quads, path, nodes)
        found: dict[str, set[str]] = {}
        for chunk in chunks(nodes, CHUNK):
            given = values_block("?n", chunk)
            pattern = path_pattern("?n", path, "?v", Names(), given)
            for row in self._engine.select(f"SELECT DISTINCT ?n ?v WHERE {{ {pattern} }}"):
                found.setdefault(iri_of(row["n"]), set()).add(row["v"])
        return {node: tuple(sorted(terms)) for node, terms in found.items()}

    def number(self, type_name: str) -> int:
        """Count the nodes of a type."""
        family = values_block("?kind", sorted(self._model.types[type_name].family))
        query = f"SELECT (COUNT(DISTINCT ?node) AS ?count) WHERE {{ {family} ?node a ?kind }}"
        return int(lit_of(self._engine.select(query)[0]["count"]).value)

    def matching(self, type_name: str, where: Where | None, among: Iterable[str] | None = None) -> list[str]:
        """Return the nodes of a type that satisfy ``where``, of all or ``among`` some, in no order."""
        group = Filters(self._model, self._base).nodes(type_name, where, "?n")
        if among is None and apart(where):
            return self._combined(type_name, where or {})
        if among is None:
            return self._listed(f"SELECT DISTINCT ?n WHERE {{ {group} }}")
        found: list[str] = []
        for chunk in chunks(list(among), CHUNK):
            given = values_block("?n", chunk)
            found += self._listed(f"SELECT DISTINCT ?n WHERE {{ {{ {given} }} {group} }}")
        return found

    def _combined(self, type_name: str, where: Where) -> list[str]:
        """Return the nodes that satisfy ``where``, each condition asked by itself: time is looked at between.

        A query in the store cannot be stopped, and one with many conditions could be a long one.
        """
        found: set[str] | None = None
        for key, value in where.items():
            if value is None:
                continue
            for chosen in self._condition(type_name, key, value):
                found = chosen if found is None else found & chosen
                if not found:
                    return []
        return list(found) if found is not None else self.matching(type_name, None)

    def _condition(self, type_name: str, key: str, value: Any) -> Iterator[set[str]]:
        """Yield sets of nodes that must all hold for one condition of a filter."""
        if key == "and":
            yield from (set(self.matching(type_name, one)) for one in value)
        elif key == "or":
            yield set().union(*(self.matching(type_name, one) for one in value))
        elif key == "not":
            yield set(self.matching(type_name, None)) - set(self.matching(type_name, value))
        elif isinstance(value, Mapping) and value.get("none") is not None:
            some = {key: {"some": value["none"]}}
            yield set(self.matching(type_name, None)) - set(self.matching(type_name, some))
            others = {operator: one for operator, one in value.items() if operator != "none"}
            if any(one is not None for one in others.values()):
                yield set(self.matching(type_name, {key: others}))
        elif long := long_list(value):
            parts = ({**value, "in": chunk} for chunk in chunks(long, LISTED))
            yield set().union(*(self.matching(type_name, {key: part}) for part in parts))
        else:
            yield set(self.matching(type_name, {key: value}))

    def _listed(self, query: str) -> list[str]:
        """Return the nodes that a query finds, as they come, looking at the time meanwhile."""
        look("filter")
        found: list[str] = []
        for row in self._engine.select(query):
            if is_iri(row["n"]):
                found.append(iri_of(row["n"]))
            if not len(found) % 1024:
                look("filter")
        return found
