"""Types that several answers use (floor 4)."""

from __future__ import annotations

from enum import Enum

import strawberry

from qualitrace.graphql.node import text_field
from qualitrace.journal.model import Source
from qualitrace.text import Text


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


@strawberry.type(description="关系 / A property of the ontology")
class PropertyName:
    """A property as answers name it."""

    iri: str
    text: strawberry.Private[Text]
    label: str | None = text_field("text", "名称 / Name")
