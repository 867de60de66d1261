"""Verdicts as answers show them, in pages (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.node import Node, PageInfo, Ref, described, given, node_field, text_field
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Entry, Listing, Page
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.text import Text
from qualitrace.tracing.model import Became, CoverageGroup, Gap, Verdict

Info = strawberry.Info[Any, Any]


@strawberry.enum(name="CoverageChange", description="自 since 之日以来的变化 / What became of it since then")
class VerdictChange(Enum):
    """Mirrors :class:`qualitrace.tracing.model.Became`."""

    MENDED = strawberry.enum_value("mended", description="由断开变为齐全 / It was broken and is complete")
    BROKE = strawberry.enum_value("broke", description="由齐全变为断开 / It was complete and is broken")
    ENTERED = strawberry.enum_value(
        "entered", description="当时不在（这一组）/ It was not there (in the group)"
    )
    LEFT = strawberry.enum_value("left", description="已不在（这一组）/ It is no longer there (in the group)")


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
    change: VerdictChange | None = strawberry.field(
        description="自 since 之日以来的变化；空为无变化或没有问 / What became of it since then, if anything"
    )
    node: Node | None = node_field("node_ref", "被判断的对象 / The node judged")
    at: Node | None = node_field("at_ref", "链条中断处 / Where the chain breaks")
    steward: Node | None = node_field("steward_ref", "应负责补正的部门 / The unit that must repair it")
    absence: str | None = text_field("absence_text", "缺失之称 / What the gap is called")


@strawberry.type(name="CoverageVerdictEdge", description="结论列表的一项 / An entry of a page of verdicts")
class VerdictEdge:
    """An edge of the connection."""

    cursor: str
    node: VerdictAnswer


@strawberry.type(name="CoverageVerdictConnection", description="结论列表 / A page of verdicts")
class VerdictConnection:
    """A page of verdicts (Relay)."""

    page: strawberry.Private[Page[Verdict]]
    shown: strawberry.Private[list[VerdictAnswer]]
    total_count: int
    page_info: PageInfo

    @described("这一页的结论 / The verdicts of the page")
    def nodes(self) -> list[VerdictAnswer]:
        """Return the verdicts."""
        return self.shown

    @described("这一页的结论与游标 / The verdicts of the page, with cursors")
    def edges(self) -> list[VerdictEdge]:
        """Return the verdicts with their cursors."""
        cursors = [self.page.listing.cursor(entry) for entry in self.page.entries]
        return [VerdictEdge(cursor=c, node=node) for c, node in zip(cursors, self.shown, strict=True)]


@strawberry.type(name="CoverageGap", description="一种缺失及其数量 / A kind of gap and how many have it")
class GapAnswer:
    """How many nodes first break at one link."""

    absence_text: strawberry.Private[Text]
    missing: PropertyName
    count: int
    absence: str | None = text_field("absence_text", "缺失之称 / What the gap is called")


@strawberry.type(
    name="CoverageEarlier", description="since 之日的情况与变化 / How it was then, and what changed"
)
class EarlierAnswer:
    """Counts of the earlier date, and how many nodes changed in which way since."""

    total: int
    complete: int
    broken: int
    mended: int = strawberry.field(description="由断开变为齐全 / How many were broken and are complete")
    broke: int = strawberry.field(description="由齐全变为断开 / How many were complete and are broken")
    entered: int = strawberry.field(description="新出现的 / How many were not there")
    left: int = strawberry.field(description="已不在的 / How many are no longer there")


def earlier_answer(group: CoverageGroup) -> EarlierAnswer | None:
    """Show how a group was on the earlier date; None when no such date was asked about."""
    if group.earlier is None:
        return None
    complete = sum(verdict.complete for verdict in group.earlier)
    became = list(group.changes.values())
    return EarlierAnswer(
        total=len(group.earlier),
        complete=complete,
        broken=len(group.earlier) - complete,
        **{change.value: became.count(change) for change in Became},
    )


def gap_answers(gaps: Iterable[Gap], context: Context) -> list[GapAnswer]:
    """Show kinds of gaps."""
    return [
        GapAnswer(absence_text=gap.absence, missing=_property(gap.missing, context), count=gap.count)
        for gap in gaps
    ]


def verdict_page(
    group: CoverageGroup,
    context: Context,
    complete: bool | None,
    change: Sequence[VerdictChange] | None,
    window: Mapping[str, Any],
) -> VerdictConnection:
    """Return a page of a group's verdicts, by code, label and identifier.

    Asked for what ``LEFT``, it shows the verdicts of the earlier date: there are no later ones.
    """
    changes = group.changes
    verdicts = [*group.verdicts]
    if change is not None:
        wanted = {str(one.value) for one in change}
        gone = [v for v in group.earlier or () if changes.get(v.node.iri) is Became.LEFT]
        verdicts = [v for v in [*verdicts, *gone] if changes.get(v.node.iri, "") in wanted]
    if complete is not None:
        verdicts = [v for v in verdicts if v.complete is complete]
    entries = [Entry((v.node.code or None, v.node.label.best("zh"), v.node.iri), v) for v in verdicts]
    page = Listing.of("verdicts", (False, False, False), entries).page(**window)
    return VerdictConnection(
        page=page,
        shown=verdict_answers(page.items, context, changes),
        total_count=len(verdicts),
        page_info=page_info(page),
    )


def verdict_answers(
    verdicts: Sequence[Verdict], context: Context, changes: Mapping[str, Became] | None = None
) -> list[VerdictAnswer]:
    """Show verdicts; what they name is fetched together."""
    judged = tuple(verdict.node.iri for verdict in verdicts)
    broken = tuple(dict.fromkeys(v.at.iri for v in verdicts if v.at))
    stewards = tuple(dict.fromkeys(v.steward.iri for v in verdicts if v.steward))
    became = {iri: VerdictChange(change.value) for iri, change in (changes or {}).items()}
    return [
        VerdictAnswer(
            node_ref=Ref(verdict.node.iri, judged),
            at_ref=Ref(verdict.at.iri if verdict.at else "", broken),
            steward_ref=Ref(verdict.steward.iri if verdict.steward else "", stewards),
            absence_text=verdict.absence,
            complete=verdict.complete,
            broken_branches=verdict.broken_branches,
            missing=_property(verdict.missing, context) if verdict.missing else None,
            change=became.get(verdict.node.iri),
        )
        for verdict in verdicts
    ]


def _property(iri: str, context: Context) -> PropertyName:
    return PropertyName(iri=iri, text=context.term_text(iri))


@strawberry.type
class Judged:
    """What shows verdicts: its ``group`` holds them."""

    group: strawberry.Private[CoverageGroup]
    total: int
    complete: int
    broken: int

    @described("各种缺失的数量，最多的在前 / The gaps, most frequent first")
    def gaps(self, info: Info) -> list[GapAnswer]:
        """Count the first missing links."""
        return gap_answers(self.group.gaps, context_of(info))

    @described("since 之日的情况；没有问则空 / How it was on the date of since; none when not asked")
    def earlier(self) -> EarlierAnswer | None:
        """Compare with the earlier date."""
        return earlier_answer(self.group)

    @described("逐个对象的结论 / The verdict on each node")
    def verdicts(
        self,
        info: Info,
        complete: bool | None = UNSET,
        change: list[VerdictChange] | None = UNSET,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
    ) -> VerdictConnection:
        """Return a page of verdicts."""
        window = {"first": given(first), "after": given(after), "last": given(last), "before": given(before)}
        return verdict_page(self.group, context_of(info), given(complete), given(change), window)
