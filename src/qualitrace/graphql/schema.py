"""The schema of a profile (floor 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from qualitrace.access.model import Right
from qualitrace.graphql.acting import Permit, anyone
from qualitrace.graphql.admission import Admission
from qualitrace.graphql.asking import asker
from qualitrace.graphql.build import Module, module
from qualitrace.graphql.concluded_types import KNOWN as CONCLUDED
from qualitrace.graphql.context import Context
from qualitrace.graphql.coverage_types import CoverageAnswer, GroupAnswer, KeyAnswer
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
)
from qualitrace.graphql.guard import Guard
from qualitrace.graphql.history_fields import history_fields
from qualitrace.graphql.history_types import KNOWN as HISTORY
from qualitrace.graphql.inputs import OrderDirection, add_inputs, scalar_names
from qualitrace.graphql.limits import Limits
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.mutations import mutation_type, proposal_inputs, proposal_queries
from qualitrace.graphql.network_fields import network_fields
from qualitrace.graphql.network_types import KNOWN as NETWORK
from qualitrace.graphql.node import Node, PageInfo, Resource, resolve
from qualitrace.graphql.objects import add_objects, connection_field
from qualitrace.graphql.operations import check_operations, fitting_operations
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.plans import Often, Plans
from qualitrace.graphql.plans.columns import Columns
from qualitrace.graphql.proposal_types import KNOWN as PROPOSALS
from qualitrace.graphql.protected_questions import ProtectedQuestions
from qualitrace.graphql.read_log import KNOWN as READS
from qualitrace.graphql.read_log import read_log_fields
from qualitrace.graphql.reading import Reading, at_home
from qualitrace.graphql.rights import ALL, narrow, sees_protected, shown_by
from qualitrace.graphql.root_fields import root_fields
from qualitrace.graphql.scalars import SCALAR_MAP
from qualitrace.graphql.shared_types import FactBasis, FactSource, PropertyName
from qualitrace.graphql.sizes import Sizes
from qualitrace.graphql.snapshots import Snapshots
from qualitrace.graphql.subscription_types import KNOWN as CHANGES
from qualitrace.graphql.subscription_types import subscription_type
from qualitrace.graphql.suspect_types import KNOWN as SUSPECTS
from qualitrace.graphql.suspect_types import suspect_fields
from qualitrace.graphql.trace_types import (
    TraceAnswer,
    TraceEndAnswer,
    TraceEnding,
    TracePathAnswer,
    TraceStepAnswer,
    trace_many,
)
from qualitrace.graphql.verdict_types import (
    EarlierAnswer,
    GapAnswer,
    VerdictAnswer,
    VerdictChange,
    VerdictConnection,
    VerdictEdge,
)
from qualitrace.graphql.what_if_fields import what_if_fields
from qualitrace.graphql.what_if_types import KNOWN as TRIED
from qualitrace.graphql.why_fields import why_fields
from qualitrace.graphql.why_types import KNOWN as EXPLAINED
from qualitrace.profile.model import Profile

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
    *READS,
    *CHANGES,
    *EXPLAINED,
    *CONCLUDED,
    *TRIED,
    *NETWORK,
)


# Fields of the query, beside the lists, whose answers change only with the journal (or the day).
STEADY = ("node", "trace", "coverage", "findings")


class Schema(Subgraph):
    """A schema that leaves the writing of logs to :mod:`failures`.

    ``plans`` are of trusted operations, ``often`` those of others; ``persisted`` the documents known by their
    hash; ``questions`` tells which documents ask by protected values.
    """

    plans: Plans | None = None
    often: Often | None = None
    admission: Admission | None = None
    persisted = Persisted((), ())
    questions: ProtectedQuestions | None = None

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Say nothing here: expected errors are answers, unexpected ones are logged when formatted."""


def build_schema(
    reading: Reading,
    *,
    limits: Limits | None = None,
    protected: bool = True,
    permit: Permit = anyone,
    rights: frozenset[Right] = ALL,
) -> Schema:
    """Make the schema of a registry's profile, ready to be executed.

    ``rights`` are those of who is answered by it: they decide what there is to ask (:mod:`rights`). Whose
    eyes an answer is for is said at each request (:func:`qualitrace.graphql.asking.on_behalf_of`).
    Without ``protected`` nothing is shown that the profile marks as protected, nothing told of the past,
    and nothing changed. ``permit`` says who may change what where nobody is asked who they are. Raises
    ProfileError when the profile cannot be shown as a schema, or when one of its operations does not fit it.
    """
    rights = rights if protected else frozenset({Right.EXPLORE, Right.HISTORY}) & rights
    model = derive(reading.profile, protected=protected and sees_protected(rights))
    bounds = limits or Limits()
    sizes = Sizes(model)
    admission = Admission(bounds, lambda: sizes.of(asker().seen or reading))
    snapshots = Snapshots(
        lambda seen: Columns(Fetcher(seen.engine, model, seen.base, bounds.values)), whole=reading
    )

    def context(query: bool = True) -> Context:
        asking = asker()
        seen = asking.seen or reading
        seen = seen if query else at_home(seen)
        now = snapshots.of(seen, asking.audience)
        return Context(
            seen,
            model,
            trace_many,
            budget=bounds.values,
            snapshot=now,
            caller=asking.caller,
            whole=at_home(reading),
        )

    made = _Made(protected, rights, permit)
    schema = _schema(model, [lambda: Guard(admission, context, reading.reading)], made)
    schema.admission = admission
    schema.questions = ProtectedQuestions(schema._schema, model, reading.profile)
    schema.plans = Plans(
        schema._schema, model, context=context, reading=reading.reading, budget=bounds.values
    )
    everything = protected and shown_by(rights) == shown_by(ALL)
    choose = check_operations if everything else fitting_operations
    trusted = choose(schema, reading.profile, bounds) if protected else []
    for operation, document in trusted:
        schema.plans.add(operation.name, operation.document, document)
    listed = (type_.root for type_ in model.types.values() if type_.root)
    schema.persisted = Persisted([operation.document for operation, _ in trusted], (*STEADY, *listed))
    schema.often = Often(partial(schema.plans.compile, keeps=False), schema.persisted.is_steady)
    return schema


def schema_text(profile: Profile, *, protected: bool = True, rights: frozenset[Right] = ALL) -> str:
    """Return the schema of a profile in the schema definition language. Raises ProfileError."""
    model = derive(profile, protected=protected and sees_protected(rights))
    return _schema(model, [], _Made(protected, rights)).as_str().rstrip() + "\n"


@dataclass(frozen=True)
class _Made:
    """How a schema is made."""

    protected: bool
    rights: frozenset[Right]
    permit: Permit = anyone


def _schema(model: ApiModel, extensions: list[Callable[[], Any]], made: _Made) -> Schema:
    rights = made.rights if made.protected else frozenset[Right]()
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
            _query(types, model, rights), name="Query", description="可以问什么 / What can be asked"
        )
        mutation = None
        if rights & {Right.PROPOSE, Right.DECIDE}:
            proposal_inputs(types)
            mutation = mutation_type(types, made.permit, rights)
        objects = [types[t.name] for t in model.types.values() if not t.interface]
        schema = Schema(
            query=query,
            mutation=mutation,
            subscription=subscription_type() if Right.SUBSCRIBE in rights else None,
            types=[Resource, *objects],
            extensions=extensions,
            config=StrawberryConfig(default_resolver=resolve, scalar_map=SCALAR_MAP | {Representation: ANY}),
        )
    narrow(schema._schema, made.rights)
    return schema


def definition_name(type_: Any) -> str:
    """Return the GraphQL name of a Strawberry type or enum."""
    definition = getattr(type_, "__strawberry_definition__", None) or type_._enum_definition
    return str(definition.name)


def _query(types: Module, model: ApiModel, rights: frozenset[Right]) -> type:
    fields = root_fields(types) | why_fields() | network_fields()
    if Right.HISTORY in rights:
        fields |= history_fields()
    if rights & {Right.PROPOSE, Right.DECIDE}:
        fields |= proposal_queries()
    if Right.PROPOSE in rights:
        fields |= what_if_fields()
    if Right.HISTORY in rights:
        fields |= suspect_fields()
    if Right.READ_LOG in rights:
        fields |= read_log_fields()
    for type_ in sorted(model.types.values(), key=lambda t: t.root):
        if type_.root:
            fields[type_.root] = connection_field(types, type_)
    fields |= federation_fields(types, model)
    return types.raw_class("Query", (), {}, fields)
