"""What an operation may cost at most, counted before it runs (floor 4).

The unit is one value of the answer: a field of a node. A list counts as often as its page is long, all
the way down; what is worked out for a field, beside the values it shows, has a weight of its own here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from qualitrace.graphql.paging import DEFAULT_PAGE, MAX_PAGE

# What working out one field costs by itself.
WEIGHTS: Mapping[str, int] = {
    "trace": 200,
    "verdict": 20,
    "coverage": 5_000,
    "findings": 2_000,
    "groups": 1_000,
    "groupsBy": 2_000,
    "changes": 500,
    "diff": 20_000,
    "blame": 2_000,
    "why": 10_000,  # every dated rule is asked
    "conclusions": 10_000,
}
# What an argument costs, whatever its value: a state of the past is worked out.
ARGUMENTS: Mapping[str, int] = {"knownAt": 10_000, "sinceKnown": 10_000, "since": 2_000, "orderBy": 200}
CONDITION = 500  # each condition of a filter: the values of all nodes of a class are looked at
LISTED = 20  # items of a list whose length nothing in the request bounds; ``values`` bounds them all
# Items of lists by the name of their field, where more is known.
LENGTHS: Mapping[str, int] = {
    "steps": 8,
    "sources": 3,
    "keys": 4,
    "because": 2,
    "groups": 100,
    "groupsBy": 100,
    "rules": 300,
    "found": 100,
}
ENDS = 20  # distinct ends of a trace, at most as many as its paths


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation costs at most. ``dearest`` is the field that costs most, and ``of_it`` how much."""

    total: int
    conditions: int = 0
    dearest: str = ""
    of_it: int = 0


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], name: str | None = None
) -> Cost:
    """Count an operation of a document that is no larger than allowed; whether it is valid is not asked."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in operations if name is None or (one.name and one.name.value == name)]
    counts = [_counted(schema, document, one, variables) for one in chosen]
    return max(counts, key=lambda cost: cost.total, default=Cost(0))


def _counted(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Cost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Cost(0)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    given = {**_defaults(operation), **variables}
    count = _Count(schema, fragments, given)
    total, parts = 0, []
    for key, cost in count.parts(operation.selection_set, root, 1, ()):
        total += cost
        parts.append((cost, key))
    most = max(parts, default=(0, ""))
    return Cost(total, count.conditions, most[1], most[0])


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode)
    }


@dataclass
class _Count:
    """Counts one operation. ``page`` is the length of the list that a parent object is a page of."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    conditions: int = field(default=0)

    def parts(
        self, chosen: SelectionSetNode, parent: GraphQLNamedType, page: int, within: tuple[str, ...]
    ) -> Iterator[tuple[str, int]]:
        """Count each field of a selection on one object, fragments written out."""
        for one in chosen.selections:
            if isinstance(one, FieldNode):
                yield (one.alias or one.name).value, self._field(one, parent, page, within)
                continue
            name, inner, on = "", None, parent
            if isinstance(one, FragmentSpreadNode):
                name = one.name.value
                fragment = self.fragments.get(name)
                if fragment is not None and name not in within:
                    inner = fragment.selection_set
                    on = self.schema.get_type(fragment.type_condition.name.value) or parent
            elif isinstance(one, InlineFragmentNode):
                inner = one.selection_set
                if one.type_condition is not None:
                    on = self.schema.get_type(one.type_condition.name.value) or parent
            if inner is not None:
                yield from self.parts(inner, on, page, (*within, name) if name else within)

    def _field(self, node: FieldNode, parent: GraphQLNamedType, page: int, within: tuple[str, ...]) -> int:
        name = node.name.value
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        own = 1 + WEIGHTS.get(name, 0) + sum(ARGUMENTS.get(argument, 0) for argument in arguments)
        if "where" in arguments:
            found = self._leaves(arguments["where"])
            self.conditions += found
            own += CONDITION * found
        if node.selection_set is None:
            return own
        definition = getattr(parent, "fields", {}).get(name)
        if definition is None:  # introspection, or for validation to report
            below: GraphQLNamedType = parent
            listed = name in ("fields", "args", "types", "enumValues", "inputFields", "possibleTypes")
            return own + (LISTED if listed else 1) * self._sum(node.selection_set, below, 1, within)
        below = get_named_type(definition.type)
        size = self._page(arguments)
        if _paged(below) or name == "trace":
            asked = DEFAULT_PAGE if size is None else size
            return own + self._sum(node.selection_set, below, asked, within)
        times = 1
        if _is_list(definition.type):
            times = self._length(name, parent, page, size)
        return own + times * self._sum(node.selection_set, below, page, within)

    def _length(self, name: str, parent: GraphQLNamedType, page: int, size: int | None) -> int:
        """Return how many objects a list of them may hold."""
        if size is not None:
            return size
        if parent.name == "Trace":
            return page if name == "paths" else min(page, ENDS)
        if _paged(parent) and name in ("nodes", "edges"):
            return page
        return LENGTHS.get(name, LISTED)

    def _sum(
        self, chosen: SelectionSetNode, parent: GraphQLNamedType, page: int, within: tuple[str, ...]
    ) -> int:
        return sum(cost for _, cost in self.parts(chosen, parent, page, within))

    def _page(self, arguments: Mapping[str, ValueNode]) -> int | None:
        """Return the page asked for; None when none is. What is too large is refused elsewhere."""
        for name in ("first", "last"):
            value = self._value(arguments.get(name))
            if type(value) is int:
                return min(max(value, 0), MAX_PAGE)
        return None

    def _value(self, node: ValueNode | None) -> Any:
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value)
        return int(node.value) if isinstance(node, IntValueNode) else None

    def _leaves(self, node: ValueNode) -> int:
        """Count the conditions of a filter: values that something is compared with; a list is one."""
        if isinstance(node, VariableNode):
            return _leaves_of(self.variables.get(node.name.value))
        if isinstance(node, ObjectValueNode):
            return sum(self._leaves(one.value) for one in node.fields)
        if isinstance(node, ListValueNode):
            objects = [one for one in node.values if not isinstance(one, ListValueNode)]
            nested = [one for one in objects if isinstance(one, (ObjectValueNode, VariableNode))]
            return sum(self._leaves(one) for one in nested) if nested else 1
        return 1


def _leaves_of(value: Any) -> int:
    """Count the conditions of a filter given as a variable."""
    found, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list) and any(isinstance(item, (dict, list)) for item in one):
            waiting += one
        else:
            found += 1
    return found


def _paged(type_: GraphQLNamedType) -> bool:
    """Tell whether a type is a page of a list (Relay)."""
    return isinstance(type_, GraphQLObjectType) and "pageInfo" in type_.fields


def _is_list(type_: Any) -> bool:
    while is_non_null_type(type_):
        type_ = type_.of_type
    return bool(is_list_type(type_))
