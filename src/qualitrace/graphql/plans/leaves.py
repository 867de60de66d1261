"""Scalars and enums as they are sent (floor 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLScalarType

from qualitrace.graphql.plans.document import NotPlanned

Write = Callable[[Any], Any]
# Values of these types pass unchanged; anything else goes the GraphQL library's own way.
_PLAIN: dict[str, type] = {"String": str, "ID": str, "Boolean": bool, "Int": int}


def leaf_writer(type_: GraphQLNamedType) -> Write:
    """Return the function that turns a value of a leaf type into JSON. Raises NotPlanned for others."""
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    if not isinstance(type_, GraphQLScalarType):
        raise NotPlanned(f"{type_.name} is no leaf")
    coerce = type_.coerce_output_value
    plain = _PLAIN.get(type_.name)
    if plain is None:
        return lambda value: None if value is None else coerce(value)
    small = plain is not int

    def write(value: Any) -> Any:
        if value is None or (type(value) is plain and (small or _fits(value))):
            return value
        return coerce(value)

    return write


def _fits(value: Any) -> bool:
    return bool(-(2**31) <= value < 2**31)  # GraphQL 3.5.1


def _enum(type_: GraphQLEnumType) -> Write:
    known: dict[Any, str] = {}

    def write(value: Any) -> Any:
        if value is None:
            return None
        try:
            return known[value]
        except KeyError:
            known[value] = name = type_.coerce_output_value(value)
            return name

    return write
