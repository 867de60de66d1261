"""What a schema shows depends on what those who are answered by it may do (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import GraphQLSchema

from qualitrace.access.model import Right

ALL: frozenset[Right] = frozenset(Right)
# Rights that change what a schema has; any other does not need a schema of its own.
_SHOWN = frozenset(
    {Right.HISTORY, Right.PROPOSE, Right.DECIDE, Right.READ_LOG, Right.EXPLORE, Right.SUBSCRIBE}
)
_PERSONAL = frozenset({Right.PERSONAL, Right.OWN_PERSONAL})
_PAST = ("knownAt", "sinceKnown")


def shown_by(rights: Iterable[Right]) -> frozenset[Right]:
    """Return the rights that a schema for these differs by: equal ones share a schema."""
    held = frozenset(rights)
    personal = {Right.PERSONAL} if held & _PERSONAL else set()
    return (held & _SHOWN) | personal


def sees_protected(rights: frozenset[Right]) -> bool:
    """Tell whether the schema has fields for what is protected."""
    return bool(rights & _PERSONAL)


def narrow(schema: GraphQLSchema, rights: frozenset[Right]) -> None:
    """Take out of a schema what the rights do not show: earlier moments, and what a gateway asks."""
    query = schema.query_type
    assert query is not None
    if Right.HISTORY not in rights:
        query.fields.pop("nodeAt", None)
        for field in query.fields.values():
            for name in _PAST:
                field.args.pop(name, None)
    if Right.EXPLORE not in rights:  # it holds the whole schema
        query.fields.pop("_service", None)
