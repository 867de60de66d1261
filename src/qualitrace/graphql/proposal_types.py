"""Proposals as the API shows them (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

import strawberry

from qualitrace.errors import ConflictError
from qualitrace.graphql.history_types import (
    DifferenceAnswer,
    FindingDifference,
    NodeName,
    difference_answer,
)
from qualitrace.graphql.node import text_field
from qualitrace.registry.glimpsing import Glimpse
from qualitrace.registry.past import Past
from qualitrace.registry.proposals import Proposal, Said
from qualitrace.registry.proposing import Review
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.registry.speaking import Speaker
from qualitrace.text import Text
from qualitrace.tracing.model import Node as TracedNode
from qualitrace.validation.model import Finding

Told = Callable[[str], str]


@strawberry.enum(name="ProposalState", description="提议的状态 / How a proposal stands")
class StateAnswer(Enum):
    """Mirrors :class:`qualitrace.registry.proposals.ProposalState`."""

    OPEN = strawberry.enum_value("open", description="待处理 / It waits")
    APPROVED = strawberry.enum_value("approved", description="已批准 / It was approved")
    REJECTED = strawberry.enum_value("rejected", description="已否决 / It was rejected")


@strawberry.type(name="ProposalComment", description="评论或决定 / A comment, or a decision")
class CommentAnswer:
    """Mirrors :class:`qualitrace.registry.proposals.Said`."""

    by: str
    role: str | None
    at: str
    text: str

    @classmethod
    def of(cls, said: Said, told: Told = str) -> CommentAnswer:
        """Show what was said; ``told`` says a text as whoever reads it may see it."""
        return cls(by=told(said.by), role=said.role or None, at=said.at, text=told(said.text))


@strawberry.type(name="ProposalReport", description="校验的结果 / What validation finds")
class ReportAnswer:
    """Findings in short, and how many there are of each kind."""

    total: int
    violations: int
    findings: list[FindingDifference]


@strawberry.type(name="Proposal", description="待批准的改动 / A change that waits, or waited, for approval")
class ProposalAnswer:
    """Mirrors :class:`qualitrace.registry.proposals.Proposal`."""

    number: int
    title: str
    state: StateAnswer
    author: str
    role: str | None
    at: str
    base: int = strawberry.field(description="据哪次变更提出 / The changeset it was worked out at")
    added: int
    removed: int
    comments: list[CommentAnswer]
    decided: CommentAnswer | None
    changeset: strawberry.ID | None = strawberry.field(description="批准后的变更 / What it became")

    @classmethod
    def of(cls, one: Proposal, told: Told = str) -> ProposalAnswer:
        """Show a proposal; ``told`` says a text as whoever reads it may see it."""
        return cls(
            number=one.number,
            title=told(one.title),
            state=StateAnswer(one.state.value),
            author=told(one.author),
            role=one.role or None,
            at=one.at,
            base=one.base,
            added=len(one.change.added),
            removed=len(one.change.removed),
            comments=[CommentAnswer.of(said, told) for said in one.comments],
            decided=CommentAnswer.of(one.decided, told) if one.decided else None,
            changeset=strawberry.ID(one.changeset) if one.changeset else None,
        )


@strawberry.type(
    name="ProposalReview", description="提议与登记库现状对照 / A proposal beside today's registry"
)
class ReviewAnswer:
    """Mirrors :class:`qualitrace.registry.proposing.Review`."""

    proposal: ProposalAnswer
    acceptable: bool | None = strawberry.field(
        description="现在批准能否生效；只告诉能看到全部内容的人 / Whether approving it now would do; "
        "told to those who see everything"
    )
    difference: DifferenceAnswer | None = strawberry.field(description="会有什么不同 / What it would change")
    report: ReportAnswer | None = strawberry.field(description="校验的结果 / The validation report")
    rejected: list[FindingDifference] = strawberry.field(
        description="使它不能生效的问题 / The findings that keep it from being committed"
    )
    conflict_text: strawberry.Private[Text]
    conflict: str | None = text_field("conflict_text", "为何已不适用 / Why it no longer applies")


KNOWN = (StateAnswer, CommentAnswer, ReportAnswer, ProposalAnswer, ReviewAnswer)


def review_answer(found: Review, registry: Registry) -> ReviewAnswer:
    """Show a review."""
    shown = _Shown(registry)
    return ReviewAnswer(
        proposal=ProposalAnswer.of(found.proposal),
        acceptable=found.acceptable,
        difference=difference_answer(found.difference, registry) if found.difference else None,
        report=shown.report(found.report.findings) if found.report else None,
        rejected=[shown.finding(one) for one in found.rejected],
        conflict_text=_said(found.conflict),
    )


def decided_answer(one: Proposal, findings: Sequence[Finding], registry: Registry) -> ReviewAnswer:
    """Show a proposal that was just decided, with what validation finds now."""
    return ReviewAnswer(
        proposal=ProposalAnswer.of(one),
        acceptable=False,
        difference=None,
        report=_Shown(registry).report(findings),
        rejected=[],
        conflict_text=Text(),
    )


def in_short(one: Proposal, told: Told = str) -> ReviewAnswer:
    """Show a proposal without what it would change."""
    return ReviewAnswer(
        proposal=ProposalAnswer.of(one, told),
        acceptable=None,
        difference=None,
        report=None,
        rejected=[],
        conflict_text=Text(),
    )


def partial_answer(one: Proposal, found: Glimpse, told: Told) -> ReviewAnswer:
    """Show a proposal to who does not see everything: what it would do to what they see.

    Whether it would be accepted depends on the rest, and is not told.
    """
    shown = _Shown(found.state)
    return ReviewAnswer(
        proposal=ProposalAnswer.of(one, told),
        acceptable=None,
        difference=difference_answer(found.difference, found.state) if found.difference else None,
        report=None if found.conflict else shown.report(found.findings),
        rejected=[],
        conflict_text=_said(found.conflict),
    )


def partly_decided(one: Proposal, findings: Sequence[Finding], seen: Seen) -> ReviewAnswer:
    """Show a proposal that was just decided to who does not see everything."""
    answer = in_short(one, seen.told)
    answer.report = _Shown(seen).report(findings)
    return answer


class _Shown:
    def __init__(self, state: Registry | Past | Seen) -> None:
        self._base = state.base
        self._speaker = Speaker(state.profile, state.base, state.engine)

    def finding(self, one: Finding) -> FindingDifference:
        unit = TracedNode(one.unit, (), one.unit_label) if one.unit else None
        return FindingDifference(
            node=NodeName.of(TracedNode(one.focus, (), one.focus_label), self._speaker, self._base),
            unit=NodeName.of(unit, self._speaker, self._base) if unit else None,
            rule=one.rule,
            severity=one.severity.value,
            message_text=one.message,
        )

    def report(self, findings: Sequence[Finding]) -> ReportAnswer:
        return ReportAnswer(
            total=len(findings),
            violations=sum(one.severity.value == "violation" for one in findings),
            findings=[self.finding(one) for one in findings],
        )


def _said(conflict: ConflictError | None) -> Text:
    if conflict is None:
        return Text()
    return Text({language: f"{text} {conflict.where}" for language, text in conflict.what.items()})
