"""Values that the schema's own resolvers work out, and how they are kept (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo
from graphql.pyutils import Path

from qualitrace.budget import over
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.plans.writers import Apply, Bind

# Fields whose answers depend on nothing but the state of the registry, the variables and the day.
KEPT = frozenset({"coverage", "findings"})


def kept(write: Bind) -> Bind:
    """Keep what the schema's own resolvers worked out: it depends on the variables and the day."""

    def bind(run: Run) -> Apply:
        days = dt.date.today(), dt.datetime.now(dt.UTC).date()
        key = (write, repr(sorted(run.values.coerced.items())), days)

        def made() -> bytes:
            found = orjson.dumps(write(run)(run))
            if over():  # something in it may have been cut short
                raise NotAnswered("the time is over")
            return found

        def weight(found: bytes) -> int:
            return len(found) + len(key[1]) + 100

        return lambda source: orjson.Fragment(run.snapshot.answers.get(key, made, weight))

    return bind


def resolved(
    run: Run,
    type_: GraphQLObjectType,
    definition: GraphQLField,
    nodes: list[FieldNode],
    key: str,
    arguments: Mapping[str, Any],
) -> Apply:
    """Return what asks the schema's own resolver for a field. Raises NotAnswered where there is none."""
    given: dict[str, Any] = {
        "field_name": nodes[0].name.value,
        "field_nodes": nodes,
        "return_type": definition.type,
        "parent_type": type_,
        "path": Path(None, key, type_.name),
        "schema": run.schema,
        "fragments": run.operation.fragments,
        "root_value": None,
        "operation": run.operation.node,
        "variable_values": run.values,
        "context": run.context,
        "is_awaitable": lambda value: False,
    }
    known: Any = {name: given.get(name) for name in GraphQLResolveInfo._fields}
    info: GraphQLResolveInfo[Any] = GraphQLResolveInfo(**known)
    resolve = definition.resolve
    if resolve is None:
        raise NotAnswered(f"{type_.name}.{key} has no resolver")
    return lambda source: resolve(source, info, **arguments)
