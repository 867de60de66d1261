"""The schema of a profile (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from qualitrace.graphql.admission import Admission
from qualitrace.graphql.build import Module, module
from qualitrace.graphql.context import Context, context_of, found, raw
from qualitrace.graphql.coverage_types import (
    CoverageAnswer,
    CoverageQuestion,
    GroupAnswer,
    KeyAnswer,
    coverage_answer,
)
from qualitrace.graphql.derive import derive
from qualitrace.graphql.federation import ANY, Representation, Subgraph, federation_fields
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.finding_groups import FindingGroup, FindingSeverity, Grouping, RuleAnswer
from qualitrace.graphql.findings_types import (
    FindingAnswer,
    FindingConnection,
    FindingEdge,
    FindingLead,
    FindingWhere,
    findings_answer,
)
from qualitrace.graphql.guard import Guard
from qualitrace.graphql.history_fields import history_fields
from qualitrace.graphql.history_types import KNOWN as HISTORY
from qualitrace.graphql.inputs import OrderDirection, add_inputs, scalar_names
from qualitrace.graphql.limits import Limits
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.mutations import Permit, anyone, mutation_type, proposal_inputs, proposal_queries
from qualitrace.graphql.node import (
    LANGUAGE,
    Node,
    PageInfo,
    Resource,
    given,
    resolve,
)
from qualitrace.graphql.objects import add_objects, connection_field
from qualitrace.graphql.operations import check_operations
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.plans import Plans
from qualitrace.graphql.plans.columns import Columns
from qualitrace.graphql.proposal_types import KNOWN as PROPOSALS
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.scalars import SCALAR_MAP, Moment
from qualitrace.graphql.selection import Selections
from qualitrace.graphql.shared_types import FactBasis, FactSource, PropertyName
from qualitrace.graphql.snapshots import Snapshots
from qualitrace.graphql.suspect_types import KNOWN as SUSPECTS
from qualitrace.graphql.suspect_types import suspect_fields
from qualitrace.graphql.trace_types import (
    TRACE_ABOUT,
    TRACE_PAGE,
    TRACE_STEPS,
    TraceAnswer,
    TraceEndAnswer,
    TraceEnding,
    TracePathAnswer,
    TraceStepAnswer,
    trace_annotations,
    trace_answer,
    trace_many,
    traced,
)
from qualitrace.graphql.verdict_types import (
    EarlierAnswer,
    GapAnswer,
    VerdictAnswer,
    VerdictChange,
    VerdictConnection,
    VerdictEdge,
)
from qualitrace.profile.model import Profile

Info = strawberry.Info[Any, Any]
_KNOWN = (
    *(Node, Resource, PageInfo, FactSource, PropertyName, OrderDirection),
    *(TraceAnswer, TracePathAnswer, TraceStepAnswer, TraceEndAnswer),
    *(CoverageAnswer, GroupAnswer, KeyAnswer, EarlierAnswer, GapAnswer, VerdictChange),
    *(VerdictAnswer, VerdictConnection, VerdictEdge),
    *(FindingAnswer, FindingConnection, FindingEdge, FindingGroup, FindingLead, FindingWhere),
    *(Grouping, RuleAnswer),
    *(FactBasis, TraceEnding, FindingSeverity),
    *HISTORY,
    *PROPOSALS,
    *SUSPECTS,
)


# Fields of the query, beside the lists, whose answers change only with the journal (or the day).
STEADY = ("node", "trace", "coverage", "findings")


class Schema(Subgraph):
    """A schema that leaves the writing of logs to :mod:`failures`.

    ``plans`` are of trusted operations, ``persisted`` the documents known by their hash.
    """

    plans: Plans | None = None
    admission: Admission | None = None
    persisted = Persisted((), ())

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Say nothing here: expected errors are answers, unexpected ones are logged when formatted."""


def build_schema(
    reading: Reading, *, limits: Limits | None = None, protected: bool = True, permit: Permit = anyone
) -> Schema:
    """Make the schema of a registry's profile, ready to be executed.

    ``protected`` also shows what the profile marks as protected; it is meant for a server that only
    the office itself can reach; so are what is told of the past, proposals, and the mutations.
    ``permit`` says who may change what. Raises ProfileError when the profile cannot be shown as a schema, or
    when one of its operations does not fit it.
    """
    model = derive(reading.profile, protected=protected)
    bounds = limits or Limits()
    admission = Admission(bounds)
    snapshots = Snapshots(lambda engine: Columns(Fetcher(engine, model, reading.base, bounds.values)))

    def context() -> Context:
        now = snapshots.of(reading)
        return Context(reading, model, trace_many, budget=bounds.values, snapshot=now)

    schema = _schema(model, [lambda: Guard(admission, context, reading.reading)], permit)
    schema.admission = admission
    schema.plans = Plans(
        schema._schema, model, context=context, reading=reading.reading, budget=bounds.values
    )
    trusted = [one.document for one in reading.profile.operations] if protected else []
    listed = (type_.root for type_ in model.types.values() if type_.root)
    schema.persisted = Persisted(trusted, (*STEADY, *listed))
    if protected:  # without it, operations that ask for more are refused when they are asked
        for operation, document in check_operations(schema, reading.profile, bounds):
            schema.plans.add(operation.name, operation.document, document)
    return schema


def schema_text(profile: Profile, *, protected: bool = True) -> str:
    """Return the schema of a profile in the schema definition language. Raises ProfileError."""
    return _schema(derive(profile, protected=protected), []).as_str().rstrip() + "\n"


def _schema(model: ApiModel, extensions: list[Callable[[], Any]], permit: Permit = anyone) -> Schema:
    known = {definition_name(type_): type_ for type_ in _KNOWN}
    with module({**scalar_names(), **known}) as types:
        for name, enum in model.enums.items():
            said = {member: text.both() or text.best() for member, text in enum.labels.items()}
            types.enum(name, enum.members, said, "", enum.ended)
        classes = {t.name: t.iri for t in model.types.values() if not t.name.startswith("Other")}
        labels = {t.name: t.labels.both() for t in model.types.values()}
        ended = {t.name: t.ended for t in model.types.values()}
        types.enum("NodeClass", classes, labels, "公开的类 / The classes shown in this API", ended)
        add_inputs(types, model)
        add_objects(types, model)
        query = strawberry.type(
            _query(types, model), name="Query", description="可以问什么 / What can be asked"
        )
        mutation = None
        if "protected" in model.shown:
            proposal_inputs(types)
            mutation = mutation_type(types, permit)
        objects = [types[t.name] for t in model.types.values() if not t.interface]
        return Schema(
            query=query,
            mutation=mutation,
            types=[Resource, *objects],
            extensions=extensions,
            config=StrawberryConfig(default_resolver=resolve, scalar_map=SCALAR_MAP | {Representation: ANY}),
        )


def definition_name(type_: Any) -> str:
    """Return the GraphQL name of a Strawberry type or enum."""
    definition = getattr(type_, "__strawberry_definition__", None) or type_._enum_definition
    return str(definition.name)


def _query(types: Module, model: ApiModel) -> type:
    fields: dict[str, Any] = {
        # Relay refetches by a field that takes the identifier and nothing else.
        "node": strawberry.field(_node, description="一个对象 / One node, by its identifier"),
        "node_at": strawberry.field(
            _node_at,
            description="当时所知的一个对象 / One node, as it was known in a moment of recorded time",
        ),
        "trace": _trace_field(types),
        "coverage": _coverage_field(types),
        "findings": strawberry.field(_find, description="校验发现的问题 / What validation found"),
    }
    if "protected" in model.shown:  # what is told of the past hides nothing
        fields |= history_fields() | proposal_queries() | suspect_fields()
    for type_ in sorted(model.types.values(), key=lambda t: t.root):
        if type_.root:
            fields[type_.root] = connection_field(types, type_)
    fields |= federation_fields(types, model)
    return types.raw_class("Query", (), {}, fields)


def _node(info: Info, id: strawberry.ID) -> Node | None:
    return _known(info, str(id), None)


def _node_at(info: Info, id: strawberry.ID, known_at: Moment) -> Node | None:
    return _known(info, str(id), known_at)


def _known(info: Info, id: str, known_at: str | None) -> Node | None:
    context = context_of(info).known(raw(info), known_at)
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
    known_at: Moment | None = UNSET,
) -> FindingConnection | None:
    context = context_of(info).known(raw(info), given(known_at))
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
