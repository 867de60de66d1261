"""Batched fetches: one query per relation, for any number of nodes (floor 4)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qualitrace.budget import look
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH, LISTED, Filters, Where, apart, long_list
from qualitrace.graphql.lookups import lookup
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.sparql import Names, chunks, path_pattern, values_block
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import Engine, EngineView, OxigraphEngine
from qualitrace.terms import RDF_TYPE, iri_of, is_iri, language_text, lit_of
from qualitrace.text import Text

CHUNK = 2000  # nodes named in one query; more are asked in several, the same way
TYPE_PATH: PropertyPath = ((PathStep(RDF_TYPE),),)


def text_of_term(term: str) -> str:
    """Return what a term says: the IRI, or the literal's text."""
    return iri_of(term) if is_iri(term) else lit_of(term).value


class Fetcher:
    """Asks an engine for the values of many nodes at once, within a budget of values per request."""

    def __init__(self, engine: Engine, model: ApiModel, base: str, budget: int) -> None:
        self._engine = engine
        self._model = model
        self.base = base
        self._budget = budget
        self._left = [budget]  # shared with the fetchers of other moments
        self.queries = 0

    def on(self, engine: Engine) -> Fetcher:
        """Return a fetcher that asks another engine, within the same budget."""
        other = copy.copy(self)
        other._engine = engine
        return other

    def values(
        self, path: PropertyPath, nodes: Sequence[str], *, counted: bool = True
    ) -> dict[str, list[str]]:
        """Return the terms that a path leads to from each node, distinct and in a fixed order.

        Nodes without a value are absent. Raises LimitError when the request's budget is spent;
        values to sort by are no part of the answer and not ``counted``.
        """
        found = self.terms(path, nodes)
        if counted:
            self._count(sum(map(len, found.values())))
        return {node: list(terms) for node, terms in found.items()}

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the terms that a path leads to from each node, as :meth:`values`, without counting.

        Raises TimeUpError when the time of the question is over.
        """
        look("fetch")
        if isinstance(self._engine, OxigraphEngine | EngineView):
            return lookup(self._engine.quads, path, nodes)
        found: dict[str, set[str]] = {}
        for chunk in chunks(nodes, CHUNK):
            given = values_block("?n", chunk)
            pattern = path_pattern("?n", path, "?v", Names(), given)
            for row in self._engine.select(f"SELECT DISTINCT ?n ?v WHERE {{ {pattern} }}"):
                found.setdefault(iri_of(row["n"]), set()).add(row["v"])
        return {node: tuple(sorted(terms)) for node, terms in found.items()}

    def links(self, path: PropertyPath, nodes: Sequence[str]) -> dict[str, list[str]]:
        """Return the IRIs that a path leads to from each node; literals on the way are left out."""
        found = self.values(path, nodes)
        return {node: [iri_of(term) for term in terms if is_iri(term)] for node, terms in found.items()}

    def classes(self, nodes: Sequence[str]) -> dict[str, list[str]]:
        """Return the class IRIs of each node."""
        return self.links(TYPE_PATH, nodes)

    def labels(self, nodes: Sequence[str], *, counted: bool = True) -> dict[str, Text]:
        """Return the label of each node: ``rdfs:label``, and ``skos:prefLabel`` where there is none."""
        first = self.values(LABEL_PATH[:1], nodes, counted=counted)
        others = [node for node in nodes if node not in first]
        found = {**first, **self.values(LABEL_PATH[1:], others, counted=counted)}
        return {node: language_text(terms) for node, terms in found.items()}

    def codes(self, nodes: Sequence[str], *, counted: bool = True) -> dict[str, str]:
        """Return the code of each node; the first in order when it has several."""
        found = self.values(CODE_PATH, nodes, counted=counted)
        return {node: text_of_term(terms[0]) for node, terms in found.items()}

    def matching(self, type_name: str, where: Where | None, among: Iterable[str] | None = None) -> list[str]:
        """Return the nodes of a type that satisfy ``where``, of all or ``among`` some, in no order."""
        group = Filters(self._model, self.base).nodes(type_name, where, "?n")
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

    def _count(self, values: int) -> None:
        self._left[0] -= values
        if self._left[0] < 0:
            raise LimitError(
                Text(
                    zh=f"一次请求最多取 {self._budget} 个值。",
                    en=f"One request may fetch at most {self._budget} values.",
                ),
                hint=Text(
                    zh="请用 first 或 where 缩小范围，再分次查询。",
                    en="Narrow it with first or where, and ask again for the rest.",
                ),
            )
