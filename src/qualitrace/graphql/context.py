"""What resolvers share during one request (floor 4)."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rdflib
import strawberry
from graphql import GraphQLResolveInfo, get_named_type

from qualitrace.access.model import Caller
from qualitrace.errors import QualitraceError
from qualitrace.graphql.asking import TRUSTED
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.rows import Row, RowReader
from qualitrace.graphql.selection import Selections, response_path
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.text import Text

MAX_MOMENTS = 4  # moments of recorded time, and dates, in one request: each is a state of its own

Rows = Mapping[str, Row | QualitraceError]
# Answers the field ``trace`` of many nodes at once: nodes by IRI, and the field's arguments.
Tracer = Callable[["Context", Sequence[str], Mapping[str, Any]], Mapping[str, Any]]


class Context:
    """One request's view of the registry: its budget, and the nodes fetched so far."""

    def __init__(
        self,
        reading: Reading,
        model: ApiModel,
        tracer: Tracer,
        *,
        budget: int,
        snapshot: Snapshot | None = None,
        caller: Caller = TRUSTED,
        whole: Reading | None = None,
    ) -> None:
        self.reading = reading
        self.caller = caller
        self.whole = whole or reading  # what the caller sees is part of it
        self.snapshot = snapshot  # what is kept between requests
        self._tracer = tracer
        self.model = model
        self.fetcher = Fetcher(reading.engine, model, reading.base, budget)
        self._views: dict[str, Context] = {}
        self._moments: set[tuple[int, dt.date | None]] = set()
        self._sites: dict[tuple[tuple[str, ...], int], tuple[Sequence[str], Rows]] = {}

    def known(
        self, info: GraphQLResolveInfo[Any], moment: str | None, as_of: dt.date | None = None
    ) -> Context:
        """Return the view of what was known in a moment, for a root field and all that is below it.

        Raises as :meth:`of_state` does.
        """
        view = self.of_state(moment, as_of)
        if view is not self:
            self._views[str(info.path.key)] = view
        return view

    def of_state(self, moment: str | None, as_of: dt.date | None = None) -> Context:
        """Return the view of what was known in a moment; this one where that is the present.

        ``as_of``: of what exists on a date of valid time alone. Raises QueryError when it is no moment,
        LimitError when the request asks for too many of both.
        """
        if moment is None and as_of is None:
            return self
        reading = self.then(moment) if moment is not None else self.reading
        if as_of is not None:
            reading = self._on(reading, as_of)
        if reading is self.reading:
            return self
        view = copy.copy(self)
        view.reading, view.fetcher = reading, self.fetcher.on(reading.engine)
        view._sites, view._views = {}, {}
        view.snapshot = None if self.snapshot is None else self.snapshot.of_state(reading)
        return view

    def then(self, moment: str) -> Reading:
        """Return what was known in a moment. Raises as :meth:`known` does."""
        reading = self.reading.at(moment)
        if reading is not self.reading:
            self._count((reading.position, None))
        return reading

    def _on(self, reading: Reading, day: dt.date) -> Reading:
        found = reading.on(day)
        if found is not reading:
            self._count((reading.position, day))
        return found

    def _count(self, state: tuple[int, dt.date | None]) -> None:
        """Count a state of the registry that the request asks for. Raises LimitError."""
        self._moments.add(state)
        if len(self._moments) > MAX_MOMENTS:
            raise LimitError(
                Text(
                    zh=f"一次请求最多问 {MAX_MOMENTS} 个登记时间或日期。",
                    en=f"One request may ask for at most {MAX_MOMENTS} moments of recorded time and dates.",
                ),
                where="knownAt, asOf",
            )

    def below(self, info: GraphQLResolveInfo[Any]) -> Context:
        """Return the view that the root field above a place of the answer is about."""
        if not self._views:
            return self
        path = info.path
        while path.prev is not None:
            path = path.prev
        return self._views.get(str(path.key), self)

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
        return term_text(iri, self.reading.profile)


def term_text(iri: str, profile: Profile) -> Text:
    """Return the label of a term of a profile's ontology, else its local name."""
    found = text_of(profile.ontology, rdflib.URIRef(iri), *LABELS)
    return found if found else Text({"": local_name(iri)})


def context_of(info: strawberry.Info[Any, Any]) -> Context:
    """Return the request's context, as known at the moment that the root field asks about."""
    context = info.context
    assert isinstance(context, Context)
    return context.below(info._raw_info)


def raw(info: strawberry.Info[Any, Any]) -> GraphQLResolveInfo[Any]:
    """Return the GraphQL library's own view of a field."""
    return info._raw_info


def found(row: Row | QualitraceError | None) -> Row | None:
    """Return the row. Raises the error that stands in its place."""
    if isinstance(row, QualitraceError):
        raise row
    return row
