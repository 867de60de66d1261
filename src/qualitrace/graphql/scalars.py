"""Scalars of the API that GraphQL itself does not have (floor 4)."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from qualitrace.graphql.values import LONG_MAX

Long = NewType("Long", int)
Moment = NewType("Moment", str)  # of recorded time


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -LONG_MAX - 1 <= value <= LONG_MAX:
        raise ValueError(f"not a whole number of 64 bits: {value!r}")
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"not a moment of recorded time: {value!r}")
    return str(value)


SCALAR_MAP: dict[object, ScalarDefinition] = {
    Long: strawberry.scalar(
        name="Long",
        description="整数（64 位）/ A whole number of 64 bits",
        serialize=_whole,
        parse_value=_whole,
    ),
    Moment: strawberry.scalar(
        name="Moment",
        description="登记时间：变更序号、变更标识的开头、日期或时刻 / Recorded time: the number of a "
        "changeset, the beginning of its identifier, a date (to its end, UTC) or a time",
        serialize=str,
        parse_value=_text,
    ),
}
