"""Batched fetches: one query per relation, for any number of nodes (floor 4)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from qualitrace.budget import look
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH, Where
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.sources import Found, source_of
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import Engine
from qualitrace.terms import RDF_TYPE, iri_of, is_iri, language_text, lit_of
from qualitrace.text import Text

TYPE_PATH: PropertyPath = ((PathStep(RDF_TYPE),),)


def text_of_term(term: str) -> str:
    """Return what a term says: the IRI, or the literal's text."""
    return iri_of(term) if is_iri(term) else lit_of(term).value


class Fetcher:
    """Asks an engine for the values of many nodes at once, within a budget of values per request."""

    def __init__(self, engine: Engine, model: ApiModel, base: str, budget: int) -> None:
        self._source = source_of(engine, model, base)
        self._model = model
        self.base = base
        self._budget = budget
        self._left = [budget]  # shared with the fetchers of other moments
        self.queries = 0

    def on(self, engine: Engine) -> Fetcher:
        """Return a fetcher that asks another engine, within the same budget."""
        other = copy.copy(self)
        other._source = source_of(engine, self._model, self.base)
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

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> Found:
        """Return the terms that a path leads to from each node, as :meth:`values`, without counting.

        Raises TimeUpError when the time of the question is over.
        """
        look("fetch")
        return self._source.terms(path, nodes)

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
        return self._source.matching(type_name, where, among)

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
