"""The root fields that every role has: ``node``, ``trace``, ``coverage``, ``findings`` (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.build import Module
from qualitrace.graphql.context import context_of, found, raw
from qualitrace.graphql.coverage_types import CoverageAnswer, CoverageQuestion, coverage_answer
from qualitrace.graphql.findings_types import FindingConnection, FindingWhere, findings_answer
from qualitrace.graphql.node import LANGUAGE, Node, given
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.selection import Selections
from qualitrace.graphql.trace_types import (
    TRACE_ABOUT,
    TRACE_PAGE,
    TRACE_STEPS,
    TraceAnswer,
    trace_annotations,
    trace_answer,
    traced,
)

Info = strawberry.Info[Any, Any]


def root_fields(types: Module) -> dict[str, Any]:
    """Return the fields of the query beside the lists."""
    return {
        # Relay refetches by a field that takes the identifier and nothing else.
        "node": strawberry.field(_node, description="一个对象 / One node, by its identifier"),
        "node_at": strawberry.field(
            _node_at,
            description="当时所知、某日存在的一个对象 / One node, as known in a moment, on a date",
        ),
        "trace": _trace_field(types),
        "coverage": _coverage_field(types),
        "findings": strawberry.field(_find, description="校验发现的问题 / What validation found"),
    }


def _node(info: Info, id: strawberry.ID) -> Node | None:
    return _known(info, str(id), None)


def _node_at(
    info: Info, id: strawberry.ID, known_at: Moment | None = UNSET, as_of: dt.date | None = UNSET
) -> Node | None:
    return _known(info, str(id), given(known_at), given(as_of))


def _known(info: Info, id: str, known_at: str | None, as_of: dt.date | None = None) -> Node | None:
    context = context_of(info).known(raw(info), known_at, as_of)
    iri = context.reading.resolve(id)
    return found(context.row(raw(info), iri, (iri,)))  # type: ignore[return-value]


def _find(
    info: Info,
    where: FindingWhere | None = UNSET,
    language: str | None = LANGUAGE,
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    as_of: dt.date | None = UNSET,
    known_at: Moment | None = UNSET,
) -> FindingConnection | None:
    context = context_of(info).known(raw(info), given(known_at), given(as_of))
    window = {"first": given(first), "after": given(after), "last": given(last), "before": given(before)}
    return findings_answer(context, where or None, language or LANGUAGE, window)


def _trace_field(types: Module) -> Any:
    def resolver(
        info: Info,
        node: str,
        to: Any = UNSET,
        as_of: Any = UNSET,
        backwards: bool = False,
        shortest: bool = False,
        first: int = TRACE_PAGE,
        max_steps: int = TRACE_STEPS,
        known_at: Any = UNSET,
    ) -> TraceAnswer | None:
        context = context_of(info).known(raw(info), given(known_at))
        arguments = Selections(raw(info)).arguments("Query", raw(info).field_nodes)
        return trace_answer(traced(context, node, arguments), context)

    return strawberry.field(
        types.function(resolver, {"node": str, **trace_annotations(Info), "known_at": Moment | None}),
        description=f"从标识、编码或名称 / From an identifier, a code or a name: {TRACE_ABOUT}",
    )


def _coverage_field(types: Module) -> Any:
    def resolver(
        info: Info,
        of: Any,
        as_of: Any = UNSET,
        since: Any = UNSET,
        since_known: Any = UNSET,
        known_at: Any = UNSET,
    ) -> CoverageAnswer | None:
        now = context_of(info)
        context = now.known(raw(info), given(known_at))
        asked = CoverageQuestion(of.value, given(as_of), given(since), given(since_known))
        return coverage_answer(asked, context, now.then(asked.since_known) if asked.since_known else None)

    annotations = {
        "info": Info,
        "of": "NodeClass",
        "as_of": dt.date | None,
        "since": dt.date | None,
        "since_known": Moment | None,
        "known_at": Moment | None,
        "return": "Coverage | None",
    }
    return strawberry.field(
        types.function(resolver, annotations),
        description="某类对象的链条是否齐全，在某日；与 since 之日、或 sinceKnown 时登记库所知比较 / "
        "Whether a class's chains are whole on a date; since is a date to compare with, sinceKnown a moment "
        "of recorded time",
    )
