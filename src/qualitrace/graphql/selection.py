"""What a request asks of a node, read from its selection sets (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values

Selected = dict[str, list[FieldNode]]  # response key → the field nodes that ask for it


class Selections:
    """Reads one operation: its fragments and variables are taken from ``info``."""

    def __init__(self, info: GraphQLResolveInfo[Any]) -> None:
        self._schema = info.schema
        self._fragments = info.fragments
        values: Any = info.variable_values  # Strawberry hands resolvers the coerced values only
        self._variables = values if isinstance(values, VariableValues) else VariableValues({}, values)

    def collect(self, type_name: str, nodes: Iterable[FieldNode]) -> Selected:
        """Return the fields selected below ``nodes`` on an object type (GraphQL 6.3.2)."""
        found: Selected = {}
        spread: set[str] = set()
        for node in nodes:
            if node.selection_set is not None:
                self._collect(type_name, node.selection_set, found, spread)
        return found

    def _collect(self, type_name: str, chosen: SelectionSetNode, found: Selected, spread: set[str]) -> None:
        for selection in chosen.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, type_name):
                    self._collect(type_name, selection.selection_set, found, spread)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                spread.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
                if self._applies(fragment.type_condition.name.value, type_name):
                    self._collect(type_name, fragment.selection_set, found, spread)

    def _included(self, selection: Any) -> bool:
        if not selection.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, selection, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, selection, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, condition: str, type_name: str) -> bool:
        if condition == type_name:
            return True
        type_ = self._schema.type_map.get(type_name)
        return isinstance(type_, GraphQLObjectType) and any(i.name == condition for i in type_.interfaces)

    def arguments(self, type_name: str, nodes: Sequence[FieldNode]) -> dict[str, Any]:
        """Return the coerced arguments of a selected field, by their GraphQL names."""
        type_ = self._schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        return get_argument_values(type_.fields[nodes[0].name.value], nodes[0], self._variables)


def response_path(info: GraphQLResolveInfo[Any]) -> tuple[str, ...]:
    """Return where in the answer a field stands, list positions left out."""
    return tuple(key for key in info.path.as_list() if isinstance(key, str))
