"""What was known in a moment, and what exists on a date: plans answer of other states, too (floor 4).

Each field of the query that names such a state has a run of its own, with what is kept of that state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from graphql import FieldNode, GraphQLField

from qualitrace.graphql.plans.document import ArgumentReader, Arguments
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.plans.writers import Apply, Bind

_MOMENT, _DATE = "knownAt", "asOf"
_DATED = frozenset({"trace", "coverage"})  # their dates are asked of one state of the registry
_RELATIVE = "sinceKnown"  # a moment that another is compared with: seen from the present


def naming(name: str, definition: GraphQLField) -> frozenset[str]:
    """Return the arguments of a field of the query that say which state of the registry it is about."""
    given = {_MOMENT} if name in _DATED else {_MOMENT, _DATE}
    return frozenset(given & definition.args.keys())


def of_its_state(write: Bind, definition: GraphQLField, node: FieldNode) -> Bind:
    """Let a field of the query answer of the state that its arguments name. ``write`` must not read them."""

    def elsewhere(run: Run, asked: Arguments, named: Collection[str]) -> Apply:
        if asked.get(_RELATIVE) is not None:
            raise NotAnswered("two states of the registry compared")
        other = run.of_state(*(asked.get(name) if name in named else None for name in (_MOMENT, _DATE)))
        apply = write(other)
        return apply if other is run else _paid(run, other, apply)

    return _by_state(write, definition, node, elsewhere)


def of_the_present(write: Bind, definition: GraphQLField, node: FieldNode) -> Bind:
    """Let a field of the query answer unless it names another state. Raises NotAnswered when it does."""

    def elsewhere(run: Run, asked: Arguments, named: Collection[str]) -> Apply:
        raise NotAnswered("another state of the registry")

    return _by_state(write, definition, node, elsewhere)


def _by_state(
    write: Bind,
    definition: GraphQLField,
    node: FieldNode,
    elsewhere: Callable[[Run, Arguments, Collection[str]], Apply],
) -> Bind:
    """Write a field of the query as it stands; ``elsewhere`` where its arguments name another state."""
    named = naming(node.name.value, definition)
    if not named:
        return write
    reader = ArgumentReader(definition, node)

    def bind(run: Run) -> Apply:
        asked = run.arguments(reader)
        if all(asked.get(name) is None for name in named):
            return write(run)
        return elsewhere(run, asked, named)

    return bind


def _paid(run: Run, other: Run, apply: Apply) -> Apply:
    """Count what another run spends as spent by the request."""

    def write(source: Any) -> Any:
        found = apply(source)
        run.spend(other.spent)
        other.spent = 0
        return found

    return write
