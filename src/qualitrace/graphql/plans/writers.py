"""Objects of an answer as functions: compiled once, bound to a request, applied to each source (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLList, GraphQLNamedType, GraphQLNonNull, GraphQLOutputType

from qualitrace.graphql.plans.run import NotAnswered, Run

Apply = Callable[[Any], Any]  # from a source to what is sent
Bind = Callable[[Run], Apply]  # a request's variables taken in


def constant(value: Any) -> Bind:
    """The same value whatever the source."""
    return lambda run: lambda source: value


def plain(get: Apply) -> Bind:
    """A value that no argument decides about."""
    return lambda run: get


def record(fields: Sequence[tuple[str, Bind]]) -> Bind:
    """An object: its fields by their keys in the answer; None stays None."""

    def bind(run: Run) -> Apply:
        bound = [(key, make(run)) for key, make in fields]

        def write(source: Any) -> Any:
            return None if source is None else {key: field(source) for key, field in bound}

        return write

    return bind


def several(inner: Bind) -> Bind:
    """A list; None stays None."""

    def bind(run: Run) -> Apply:
        write = inner(run)
        return lambda source: None if source is None else [write(one) for one in source]

    return bind


def needed(inner: Bind) -> Bind:
    """A value that may not be null: where it is, the standard executor says so."""

    def bind(run: Run) -> Apply:
        write = inner(run)

        def checked(source: Any) -> Any:
            found = write(source)
            if found is None:
                raise NotAnswered("null where there is to be a value")
            return found

        return checked

    return bind


def of_type(type_: GraphQLOutputType, named: Bind) -> Bind:
    """Wrap what writes a named type in the lists and non-nulls of a field's type."""
    if isinstance(type_, GraphQLNonNull):
        return needed(of_type(type_.of_type, named))
    if isinstance(type_, GraphQLList):
        return several(of_type(type_.of_type, named))
    return named


def after(get: Callable[[Run], Apply], write: Bind) -> Bind:
    """First get a value from the source, then write it."""

    def bind(run: Run) -> Apply:
        first, then = get(run), write(run)
        return lambda source: then(first(source))

    return bind


def named_type(type_: GraphQLOutputType) -> GraphQLNamedType:
    """Return the type within lists and non-nulls."""
    while isinstance(type_, (GraphQLList, GraphQLNonNull)):
        type_ = type_.of_type
    return type_
