"""Plans answer of the registry as it stands; its other states are left to the executor (floor 4)."""

from __future__ import annotations

from graphql import FieldNode, GraphQLField

from qualitrace.graphql.plans.document import ArgumentReader
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.plans.writers import Apply, Bind

_DATED = frozenset({"trace", "coverage"})  # their dates are asked of the registry as it stands


def of_the_present(write: Bind, definition: GraphQLField, node: FieldNode) -> Bind:
    """Let a root field answer unless it asks for another moment or date. Raises NotAnswered when it does."""
    others = {"knownAt"} if node.name.value in _DATED else {"knownAt", "asOf"}
    others &= definition.args.keys()
    if not others:
        return write
    reader = ArgumentReader(definition, node)

    def bind(run: Run) -> Apply:
        asked = run.arguments(reader)
        if any(asked.get(name) is not None for name in others):
            raise NotAnswered("another state of the registry")
        return write(run)

    return bind
