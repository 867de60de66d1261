"""Values and lists of nodes from a server of graphs: one statement for each relation and level (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from qualitrace.budget import look
from qualitrace.graphql.cypher_filters import CypherFilters
from qualitrace.graphql.filters import Where
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.sources import Found
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.terms import RDF_TYPE

_CLASSES: PropertyPath = ((PathStep(RDF_TYPE),),)


class CypherSource:
    """Asks in Cypher; see :class:`qualitrace.graphql.sources.Source`."""

    def __init__(self, engine: Any, model: ApiModel, base: str) -> None:
        self._engine = engine
        self._model = model
        self._base = base
        self._held: Any = None
        self._writes = -1

    def terms(self, path: PropertyPath, nodes: Sequence[str]) -> Found:
        """Return the terms that a path leads to from each node.

        Who asks of which classes nodes are asks for their values next: these are fetched with the classes,
        and kept until classes are asked for again, or something is changed here.
        """
        if not nodes:
            return {}
        names = list(dict.fromkeys(nodes))
        writes = getattr(self._engine, "whole", self._engine).writes
        if path == _CLASSES:
            self._held, self._writes = self._engine.held(names), writes
        elif writes != self._writes:
            self._held = None
        found: Found = self._engine.terms(path, names, self._held)
        return found

    def matching(self, type_name: str, where: Where | None, among: Iterable[str] | None = None) -> list[str]:
        """Return the nodes of a type that satisfy ``where``, of all or ``among`` some, in no order."""
        look("filter")
        filters = CypherFilters(self._model, self._base, self._engine.naming, self._engine.mask)
        statement = filters.statement(type_name, where, None if among is None else list(among))
        return [row["iri"] for row in self._engine.read(statement, **filters.given)]

    def number(self, type_name: str) -> int:
        """Count the nodes of a type."""
        filters = CypherFilters(self._model, self._base, self._engine.naming, self._engine.mask)
        return int(self._engine.read(filters.number(type_name), **filters.given)[0]["number"])
