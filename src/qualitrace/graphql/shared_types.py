"""Types that several answers use (floor 4)."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry

from qualitrace.graphql.node import text_field
from qualitrace.journal.model import Source
from qualitrace.text import Text
from qualitrace.validation.model import Acceptance


@strawberry.enum(description="事实如何得知 / How a fact came to be known")
class FactBasis(Enum):
    """Mirrors :class:`qualitrace.journal.model.Basis`."""

    STATED = strawberry.enum_value("stated", description="写在单元格中 / Written in the cell itself")
    MERGED = strawberry.enum_value("merged", description="读自合并单元格 / Read from a merged cell")
    DERIVED = strawberry.enum_value("derived", description="由编码推得 / Derived from a code or another cell")
    INFERRED = strawberry.enum_value("inferred", description="由规则推出 / Follows from a rule or axiom")
    INHERITED = strawberry.enum_value(
        "inherited", description="未指定人，由部门承担 / A unit answers because nobody in it was named"
    )


@strawberry.type(description="出处：文件、表、行、单元格 / Where a fact was read")
class FactSource:
    """Mirrors :class:`qualitrace.journal.model.Source`."""

    document: str
    part: str | None
    row: int | None
    cell: str | None
    basis: FactBasis
    place: str = strawberry.field(description="一行写出的出处 / The place on one line")

    @classmethod
    def of(cls, source: Source) -> FactSource:
        """Show a source."""
        return cls(
            document=source.document,
            part=source.part or None,
            row=source.row,
            cell=source.cell or None,
            basis=FactBasis(source.basis.value),
            place=source.place(),
        )


@strawberry.type(
    name="ValidationException", description="例外：有人接受这处问题 / A person accepts the finding"
)
class Exempted:
    """Mirrors :class:`qualitrace.validation.model.Acceptance`."""

    by: str = strawberry.field(description="由谁接受 / Who accepts it")
    reason: str = strawberry.field(description="理由 / Why")
    until: dt.date = strawberry.field(description="到哪一天（含）为止 / Until which day, inclusive")

    @classmethod
    def of(cls, acceptance: Acceptance | None) -> Exempted | None:
        """Show who accepts a finding, if anybody does."""
        if acceptance is None:
            return None
        return cls(by=acceptance.by, reason=acceptance.reason, until=acceptance.until)


@strawberry.enum(
    name="ValidationMode", description="新出现的问题如何处理 / What a new finding does to a commit"
)
class RuleMode(Enum):
    """Mirrors :class:`qualitrace.validation.model.Mode`."""

    WARN = strawberry.enum_value("warn", description="提交有效，予以报告 / It is reported; the commit counts")
    REJECT = strawberry.enum_value("reject", description="不予提交 / The commit is rejected")


@strawberry.type(description="关系 / A property of the ontology")
class PropertyName:
    """A property as answers name it."""

    iri: str
    text: strawberry.Private[Text]
    label: str | None = text_field("text", "名称 / Name")
