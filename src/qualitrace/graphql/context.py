"""What resolvers share during one request (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rdflib
import strawberry
from graphql import GraphQLResolveInfo, get_named_type

from qualitrace.errors import QualitraceError
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.rows import Row, RowReader
from qualitrace.graphql.selection import Selections, response_path
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.text import Text

Rows = Mapping[str, Row | QualitraceError]
# Answers the field ``trace`` of many nodes at once: nodes by IRI, and the field's arguments.
Tracer = Callable[["Context", Sequence[str], Mapping[str, Any]], Mapping[str, Any]]


class Context:
    """One request's view of the registry: its budget, and the nodes fetched so far."""

    def __init__(self, reading: Reading, model: ApiModel, tracer: Tracer, *, budget: int) -> None:
        self.reading = reading
        self._tracer = tracer
        self.model = model
        self.fetcher = Fetcher(reading.engine, model, reading.base, budget)
        self._sites: dict[tuple[tuple[str, ...], int], tuple[Sequence[str], Rows]] = {}

    def rows(self, info: GraphQLResolveInfo[Any], iris: Sequence[str]) -> Rows:
        """Fetch nodes with all that is selected below the field that ``info`` is of."""
        reader = RowReader(self.fetcher, self.model, self.reading.base, Selections(info), self.traces)
        return reader.read(iris, get_named_type(info.return_type).name, info.field_nodes)

    def row(
        self, info: GraphQLResolveInfo[Any], iri: str, pool: Sequence[str]
    ) -> Row | QualitraceError | None:
        """Return one node of a ``pool`` whose members all stand at this place of the answer.

        The first that is asked for fetches the whole pool, so that a list costs one batch.
        """
        if not iri:
            return None
        site = (response_path(info), id(pool))
        if site not in self._sites:
            self._sites[site] = (pool, self.rows(info, pool))  # keeps the pool, and so its id, alive
        return self._sites[site][1][iri]

    def traces(self, iris: Sequence[str], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Trace from many nodes; an error stands in the place of a trace that failed."""
        return self._tracer(self, iris, arguments)

    def term_text(self, iri: str) -> Text:
        """Return the label of a term of the ontology, else its local name."""
        found = text_of(self.reading.profile.ontology, rdflib.URIRef(iri), *LABELS)
        return found if found else Text({"": local_name(iri)})


def context_of(info: strawberry.Info[Any, Any]) -> Context:
    """Return the request's context."""
    context = info.context
    assert isinstance(context, Context)
    return context


def raw(info: strawberry.Info[Any, Any]) -> GraphQLResolveInfo[Any]:
    """Return the GraphQL library's own view of a field."""
    return info._raw_info


def found(row: Row | QualitraceError | None) -> Row | None:
    """Return the row. Raises the error that stands in its place."""
    if isinstance(row, QualitraceError):
        raise row
    return row
