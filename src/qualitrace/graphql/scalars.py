"""Scalars of the API that GraphQL itself does not have (floor 4)."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from qualitrace.graphql.values import LONG_MAX

Long = NewType("Long", int)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -LONG_MAX - 1 <= value <= LONG_MAX:
        raise ValueError(f"not a whole number of 64 bits: {value!r}")
    return value


SCALAR_MAP: dict[object, ScalarDefinition] = {
    Long: strawberry.scalar(
        name="Long",
        description="整数（64 位）/ A whole number of 64 bits",
        serialize=_whole,
        parse_value=_whole,
    )
}
