"""``coverage``: verdicts with their first missing link, counted and grouped (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.failures import InvalidRequestError
from qualitrace.graphql.model import NODE, Kind
from qualitrace.graphql.node import LANGUAGE, Node, PageInfo, Ref, described, given, node_field, text_field
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.text import Text
from qualitrace.tracing.model import Coverage, Verdict


@strawberry.type(name="CoverageVerdict", description="一个对象的结论 / The verdict on one node")
class VerdictAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Verdict`."""

    node_ref: strawberry.Private[Ref]
    at_ref: strawberry.Private[Ref]
    steward_ref: strawberry.Private[Ref]
    absence_text: strawberry.Private[Text]
    complete: bool
    broken_branches: int = strawberry.field(description="断开之处 / How many places break")
    missing: PropertyName | None = strawberry.field(description="最先缺失的关系 / The first missing link")
    node: Node | None = node_field("node_ref", "被判断的对象 / The node judged")
    at: Node | None = node_field("at_ref", "链条中断处 / Where the chain breaks")
    steward: Node | None = node_field("steward_ref", "应负责补正的部门 / The unit that must repair it")
    absence: str | None = text_field("absence_text", "缺失之称 / What the gap is called")


@strawberry.type(name="CoverageVerdictConnection", description="结论列表 / A page of verdicts")
class VerdictConnection:
    """A page of verdicts."""

    total_count: int
    nodes: list[VerdictAnswer]
    page_info: PageInfo


@strawberry.type(name="CoverageGap", description="一种缺失及其数量 / A kind of gap and how many have it")
class GapAnswer:
    """How many nodes first break at one link."""

    absence_text: strawberry.Private[Text]
    missing: PropertyName
    count: int
    absence: str | None = text_field("absence_text", "缺失之称 / What the gap is called")


@strawberry.type(name="CoverageGroup", description="一组对象的结论 / Verdicts of one group of nodes")
class GroupAnswer:
    """Counts of the nodes that lead to one node, or (no ``node``) to none."""

    node_ref: strawberry.Private[Ref]
    total: int
    complete: int
    broken: int
    gaps: list[GapAnswer]
    node: Node | None = node_field("node_ref", "分组的对象；空为不属任何组 / The group; none: in no group")


@strawberry.type(name="Coverage", description="齐全程度 / How many nodes have whole chains")
class CoverageAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Coverage`."""

    coverage: strawberry.Private[Coverage]
    class_text: strawberry.Private[Text]
    of: str = strawberry.field(description="所问的类 / The class asked about")
    as_of: dt.date
    total: int
    complete: int
    broken: int

    @described("所问的类的名称 / The name of the class asked about")
    def of_label(self, language: str | None = LANGUAGE) -> str | None:
        """Return the class's label."""
        return self.class_text.best(language or LANGUAGE) or None

    @described("各种缺失的数量 / The gaps, most frequent first")
    def gaps(self, info: strawberry.Info[Any, Any]) -> list[GapAnswer]:
        """Count the first missing links."""
        return _gaps(self.coverage.verdicts, context_of(info))

    @described(
        "按该类的字段所指分组，多级用点连接；属于几组的对象在每组都计 / "
        "By what fields of the class lead to, joined by dots; a node in several groups counts in each"
    )
    def groups(self, info: strawberry.Info[Any, Any], by: str) -> list[GroupAnswer]:
        """Count verdicts by what a path of fields leads to."""
        return _groups(self.coverage, by, context_of(info))

    @described("逐个对象的结论 / The verdict on each node")
    def verdicts(
        self,
        info: strawberry.Info[Any, Any],
        complete: bool | None = UNSET,
        first: int | None = UNSET,
        after: str | None = UNSET,
    ) -> VerdictConnection:
        """Return a page of verdicts, by code, label and identifier."""
        chosen = [v for v in self.coverage.verdicts if given(complete) is None or v.complete is complete]
        entries = [Entry((v.node.code or None, v.node.label.best("zh"), v.node.iri), v) for v in chosen]
        page = Listing.of("verdicts", (False, False, False), entries).page(
            first=given(first), after=given(after)
        )
        return VerdictConnection(
            total_count=len(chosen),
            nodes=_verdicts(page.items, context_of(info)),
            page_info=page_info(page),
        )


def coverage_answer(coverage: Coverage, context: Context) -> CoverageAnswer:
    """Show a coverage."""
    model = context.reading.profile.classes.get(coverage.of)
    return CoverageAnswer(
        coverage=coverage,
        class_text=model.labels if model else Text(),
        of=model.name if model else coverage.of,
        as_of=dt.date.fromisoformat(coverage.as_of),
        total=len(coverage.verdicts),
        complete=coverage.complete,
        broken=len(coverage.verdicts) - coverage.complete,
    )


def _verdicts(verdicts: Sequence[Verdict], context: Context) -> list[VerdictAnswer]:
    judged = tuple(verdict.node.iri for verdict in verdicts)
    broken = tuple(dict.fromkeys(v.at.iri for v in verdicts if v.at))
    stewards = tuple(dict.fromkeys(v.steward.iri for v in verdicts if v.steward))
    return [
        VerdictAnswer(
            node_ref=Ref(verdict.node.iri, judged),
            at_ref=Ref(verdict.at.iri if verdict.at else "", broken),
            steward_ref=Ref(verdict.steward.iri if verdict.steward else "", stewards),
            absence_text=verdict.absence,
            complete=verdict.complete,
            broken_branches=verdict.broken_branches,
            missing=_property(verdict.missing, context) if verdict.missing else None,
        )
        for verdict in verdicts
    ]


def _property(iri: str, context: Context) -> PropertyName:
    return PropertyName(iri=iri, text=context.term_text(iri))


def _gaps(verdicts: Sequence[Verdict], context: Context) -> list[GapAnswer]:
    counts = Counter((v.missing, v.absence) for v in verdicts if not v.complete)
    return [
        GapAnswer(absence_text=absence, missing=_property(missing, context), count=count)
        for (missing, absence), count in sorted(counts.items(), key=lambda one: (-one[1], one[0][0]))
    ]


def _groups(coverage: Coverage, by: str, context: Context) -> list[GroupAnswer]:
    members: dict[str, list[Verdict]] = {}
    leads = _follow(coverage, by, context)
    for verdict in coverage.verdicts:
        for key in leads[verdict.node.iri] or {""}:
            members.setdefault(key, []).append(verdict)
    pool = tuple(key for key in members if key)
    labels = context.fetcher.labels(pool, counted=False)
    order = sorted(members, key=lambda key: (not key, labels.get(key, Text()).best("zh"), key))
    return [
        GroupAnswer(
            node_ref=Ref(key, pool),
            total=len(members[key]),
            complete=sum(verdict.complete for verdict in members[key]),
            broken=sum(not verdict.complete for verdict in members[key]),
            gaps=_gaps(members[key], context),
        )
        for key in order
    ]


def _follow(coverage: Coverage, by: str, context: Context) -> dict[str, set[str]]:
    """Follow fields from each judged node. Raises InvalidRequestError for what is no link."""
    model = context.model
    family = context.reading.profile.classes[coverage.of]
    declared = family.name
    leads = {verdict.node.iri: {verdict.node.iri} for verdict in coverage.verdicts}
    for name in by.split("."):
        fields = [field for field in model.fields_named(declared, name) if field.kind is Kind.LINK]
        if not fields:
            known = sorted(
                {n for t in model.implementing(declared) for n, f in t.fields.items() if f.kind is Kind.LINK}
            )
            raise InvalidRequestError(
                Text(
                    zh=f"{declared} 没有名为“{name}”的关系。",
                    en=f"{declared} has no link called “{name}”.",
                ),
                where=by,
                hint=Text(zh="可用：" + "、".join(known), en="There are: " + ", ".join(known)),
            )
        path = tuple(dict.fromkeys(steps for field in fields for steps in field.path))
        linked = context.fetcher.links(path, sorted(set().union(*leads.values())))
        leads = {node: {end for here in ends for end in linked.get(here, [])} for node, ends in leads.items()}
        declared = fields[0].scalar if len({field.scalar for field in fields}) == 1 else NODE
    return leads
