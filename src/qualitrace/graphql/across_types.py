"""Answers across registries as GraphQL shows them (floor 4). They mirror :mod:`qualitrace.across.model`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum

import strawberry

from qualitrace.across.model import Counted, CoverageAcross, Left, Standing
from qualitrace.graphql.context import term_text
from qualitrace.graphql.node import text_field
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.graphql.verdict_types import GapAnswer
from qualitrace.profile.model import Profile
from qualitrace.text import Text

ASKED = "答案来自哪些登记库，各到哪一号变更 / The registries that the answer is of, and how far each was"


@strawberry.enum(name="RegistryState", description="登记库能否回答 / Whether a registry can be asked")
class StateAnswer(Enum):
    """Mirrors :class:`qualitrace.across.model.State`."""

    READY = strawberry.enum_value("ready", description="可以回答 / It can be asked")
    WRITING = strawberry.enum_value(
        "writing", description="正在写入，只有一部分 / Only a part of a change is there"
    )
    OTHER = strawberry.enum_value(
        "other",
        description="由另一份配置或另一版程序写入，须重新发布 / Written with another profile or version of "
        "the program: to be published anew",
    )


@strawberry.enum(name="LeftReason", description="为何未计入 / Why a registry is left out")
class ReasonAnswer(Enum):
    """Mirrors :class:`qualitrace.across.model.Reason`."""

    WRITING = strawberry.enum_value("writing", description="正在写入变更 / A change was being written")
    OTHER = strawberry.enum_value(
        "other", description="由另一份配置或另一版程序写入 / Written with another profile or version"
    )
    UNMARKED = strawberry.enum_value(
        "unmarked", description="没有写明谁能看什么 / It does not say who may see what"
    )
    TIME = strawberry.enum_value("time", description="时限已到 / No time was left")
    AWAY = strawberry.enum_value("away", description="问不到 / It could not be asked")


@strawberry.type(name="Registry", description="一个登记库，到哪一号变更 / A registry, and how far it is")
class StandingAnswer:
    """Mirrors :class:`qualitrace.across.model.Standing`."""

    name: str = strawberry.field(description="名称 / What it is called here")
    position: int = strawberry.field(description="到第几号变更 / The last changeset that is there")
    changeset: str = strawberry.field(description="该变更的标识 / The identifier of that changeset")
    at: str = strawberry.field(description="何时写入（UTC）/ When it was written (UTC)")
    stated: int = strawberry.field(description="写明的事实数 / Facts that are stated")
    inferred: int = strawberry.field(description="推得的事实数 / Facts that follow")
    state: StateAnswer
    behind: int = strawberry.field(
        description="正在写入的变更还差几号 / How many changesets of those being written are not there yet"
    )

    @classmethod
    def of(cls, one: Standing) -> StandingAnswer:
        """Show how far a registry is."""
        return cls(
            name=one.name,
            position=one.position,
            changeset=one.changeset,
            at=one.at,
            stated=one.stated,
            inferred=one.inferred,
            state=StateAnswer(one.state.value),
            behind=one.behind,
        )


@strawberry.type(name="RegistryLeft", description="没有计入的登记库 / A registry that an answer leaves out")
class LeftAnswer:
    """Mirrors :class:`qualitrace.across.model.Left`."""

    why_text: strawberry.Private[Text]
    registry: str
    reason: ReasonAnswer
    why: str | None = text_field("why_text", "缘由 / Why, in words")

    @classmethod
    def all(cls, left: Iterable[Left]) -> list[LeftAnswer]:
        """Show what an answer leaves out."""
        return [
            cls(registry=one.registry, reason=ReasonAnswer(one.reason.value), why_text=one.why)
            for one in left
        ]


@strawberry.type(name="Counts", description="数量与完整数 / How many there are, and how many are complete")
class CountedAnswer:
    """Mirrors :class:`qualitrace.across.model.Counted`."""

    total: int
    complete: int | None = strawberry.field(
        description="链条齐全的；这类对象没有链条则空 / How many have whole chains; null where nothing "
        "judges them"
    )
    gaps: list[GapAnswer] = strawberry.field(description="断在何处，各几个 / Where the others break")


@strawberry.type(name="RegistryCounts", description="一个登记库的数量 / The counts of one registry")
class RegistryCountedAnswer(CountedAnswer):
    """Mirrors an entry of :class:`qualitrace.across.model.CoverageAcross`."""

    registry: str


@strawberry.type(
    name="CoverageAcross",
    description="一类对象各库与合计 / The nodes of a class, by registry and in total; what is left is not in "
    "it",
)
class CoverageAcrossAnswer:
    """Mirrors :class:`qualitrace.across.model.CoverageAcross`."""

    class_text: strawberry.Private[Text]
    of: str = strawberry.field(description="所问的类（IRI）/ The class (IRI)")
    of_label: str | None = text_field("class_text", "其名称 / What it is called")
    as_of: dt.date
    registries: list[RegistryCountedAnswer]
    total: CountedAnswer
    asked: list[StandingAnswer] = strawberry.field(description=ASKED)
    partial: bool = strawberry.field(description="有登记库没有计入 / Whether registries are left out")
    left: list[LeftAnswer]

    @classmethod
    def made(cls, found: CoverageAcross, profile: Profile) -> CoverageAcrossAnswer:
        """Show counts."""
        registries = [
            RegistryCountedAnswer(
                registry=name, total=one.total, complete=one.complete, gaps=_gaps(one, profile)
            )
            for name, one in found.registries.items()
        ]
        total = found.total
        return cls(
            of=found.of,
            class_text=term_text(found.of, profile),
            as_of=dt.date.fromisoformat(found.as_of),
            registries=registries,
            total=CountedAnswer(total=total.total, complete=total.complete, gaps=_gaps(total, profile)),
            asked=[StandingAnswer.of(one) for one in found.asked],
            partial=bool(found.left),
            left=LeftAnswer.all(found.left),
        )


def property_name(iri: str, profile: Profile) -> PropertyName:
    """Show what a property is called."""
    return PropertyName(iri=iri, text=term_text(iri, profile))


def _gaps(one: Counted, profile: Profile) -> list[GapAnswer]:
    return [
        GapAnswer(absence_text=gap.absence, missing=property_name(gap.missing, profile), count=gap.count)
        for gap in one.gaps
    ]
