"""A document taken apart: what is selected where, once directives have been decided (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)
from graphql.execution.values import VariableValues, get_argument_values

Selected = dict[str, list[FieldNode]]  # response key → the field nodes that ask for it
# Reads the arguments of one field, by their GraphQL names, from the request's variables.
Arguments = Mapping[str, Any]


class NotPlanned(Exception):
    """A part of an operation that no plan is made for; the standard executor answers it."""


class Operation:
    """One query of a document. Raises NotPlanned when it is something else."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> None:
        self.schema = schema
        self.node = _chosen(document, name)
        self.fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        seen = _Seen()
        visit(document, seen)
        if seen.others:
            raise NotPlanned(f"directive @{seen.others[0]}")
        self.switches = tuple(dict.fromkeys(seen.switches))  # variables that include or skip something
        self.sizes = tuple(seen.sizes)

    def page_sizes(self, variables: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        """Return the page sizes asked for anywhere in the document, with their arguments' names."""
        for name, value in self.sizes:
            yield name, variables.get(value) if isinstance(value, str) else value


class _Seen(Visitor):
    """Gathers what a plan must know of a whole document before it looks at any field."""

    def __init__(self) -> None:
        super().__init__()
        self.switches: list[str] = []
        self.others: list[str] = []
        self.sizes: list[tuple[str, int | str]] = []

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value not in ("include", "skip"):
            self.others.append(node.name.value)
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.switches.append(argument.value.name.value)

    def enter_argument(self, node: Any, *_: Any) -> None:
        if node.name.value in ("first", "last"):
            if node.value.kind == "int_value":
                self.sizes.append((node.name.value, int(node.value.value)))
            elif node.value.kind == "variable":
                self.sizes.append((node.name.value, node.value.name.value))


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        found = [one for one in found if one.name is not None and one.name.value == name]
    if len(found) != 1:
        raise NotPlanned("not one operation")
    if found[0].operation is not OperationType.QUERY:
        raise NotPlanned(f"a {found[0].operation.value}")
    return found[0]


class Selector:
    """Collects fields with the directives decided one way (GraphQL 6.3.2)."""

    def __init__(self, operation: Operation, switches: Mapping[str, Any]) -> None:
        self._operation = operation
        self._variables = VariableValues({}, dict(switches))

    def collect(self, type_: GraphQLObjectType, chosen: Iterable[SelectionSetNode | None]) -> Selected:
        """Return the fields selected on an object type, in the order of the answer."""
        found: Selected = {}
        spread: set[str] = set()
        for selections in chosen:
            if selections is not None:
                self._collect(type_, selections, found, spread)
        return found

    def _collect(
        self, type_: GraphQLObjectType, chosen: SelectionSetNode, found: Selected, spread: set[str]
    ) -> None:
        for selection in chosen.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or _applies(condition.name.value, type_):
                    self._collect(type_, selection.selection_set, found, spread)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                spread.add(selection.name.value)
                fragment = self._operation.fragments[selection.name.value]
                if _applies(fragment.type_condition.name.value, type_):
                    self._collect(type_, fragment.selection_set, found, spread)

    def _included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            definition = self._operation.schema.get_directive(directive.name.value)
            assert definition is not None
            decided = get_argument_values(definition, directive, self._variables)["if"]
            if decided is (directive.name.value == "skip"):
                return False
        return True


def _applies(condition: str, type_: GraphQLObjectType) -> bool:
    return condition == type_.name or any(one.name == condition for one in type_.interfaces)


class ArgumentReader:
    """The arguments of one field: what is constant is coerced once."""

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        self._variable = {n: v.name.value for n, v in given.items() if isinstance(v, VariableNode)}
        plain = {n: v for n, v in given.items() if n not in self._variable}
        self._hard = any("$" in print_ast(value) and _has_variable(value) for value in plain.values())
        constant = {n: a for n, a in definition.args.items() if n not in self._variable}
        self._constant: dict[str, Any] = {}
        if not self._hard:
            self._constant = get_argument_values(GraphQLField(definition.type, constant), node)
        self.text = ",".join(print_ast(argument) for argument in node.arguments or ())

    def read(self, values: VariableValues) -> Arguments:
        """Return the arguments. Raises GraphQLError as the standard executor does."""
        if not self._variable and not self._hard:
            return self._constant
        held = values.coerced
        if not self._hard and all(held.get(name) is not None for name in self._variable.values()):
            return {**self._constant, **{n: held[name] for n, name in self._variable.items()}}
        return get_argument_values(self._definition, self._node, values)


def _has_variable(value: Any) -> bool:
    found: list[bool] = []

    class Look(Visitor):
        def enter_variable(self, *_: Any) -> None:
            found.append(True)

    visit(value, Look())
    return bool(found)


def same_selection(nodes: Sequence[FieldNode]) -> tuple[str, ...]:
    """Return what tells selections below some field nodes apart: their text."""
    return tuple(print_ast(node.selection_set) for node in nodes if node.selection_set is not None)
