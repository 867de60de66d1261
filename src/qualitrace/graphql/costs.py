"""What an operation may cost at most, counted before it runs (floor 4).

The unit is one value of the answer: a field of a node. A list counts as often as it is long at most, all
the way down: by its page, by how many nodes there are and links from one (:mod:`sizes`), or by what its
filter names. What is worked out for a field, beside the values it shows, has a weight of its own here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    value_from_ast_untyped,
)

from qualitrace.graphql.bounding import Bounds
from qualitrace.graphql.paging import DEFAULT_PAGE, MAX_PAGE
from qualitrace.tracing import MAX_DEPTH

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
    "whatIf": 50_000,  # everything is copied, and checked again where it changes
    "network": 10_000,
}
# What an argument costs, whatever its value: a state of the past is worked out.
ARGUMENTS: Mapping[str, int] = {
    "knownAt": 10_000,
    "sinceKnown": 10_000,
    "asOf": 10_000,
    "since": 2_000,
    "orderBy": 200,
}
# Fields that are asked of a date as they are: ``asOf`` makes no state of the registry on that date.
ON_A_DATE = frozenset(
    {"trace", "coverage", "diff", "why", "conclusions", "network", "whatIf", "adoption", "duplicates"}
)
CONDITION = 500  # each condition of a filter: the values of all nodes of a class are looked at
LISTED = 20  # items of a list whose length nothing bounds beforehand; ``values`` bounds them all
# Items of lists by the name of their field, where more is known.
LENGTHS: Mapping[str, int] = {
    "sources": 3,
    "keys": 4,
    "because": 2,
    "groups": 100,
    "groupsBy": 100,
    "rules": 300,
    "found": 100,
}
# Arguments that ask about another state, in which there may have been more.
EARLIER = frozenset({"knownAt"})


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation costs at most. ``dearest`` is the field that costs most, and ``of_it`` how much."""

    total: int
    conditions: int = 0
    dearest: str = ""
    of_it: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands: ``page`` is the length of the list that its object is a page of.

    ``steps`` is the length of a path of the trace around it; ``within`` names the fragments around it.
    """

    page: int = 1
    steps: int = MAX_DEPTH
    within: tuple[str, ...] = ()
    earlier: bool = False


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    name: str | None = None,
    bounds: Bounds | None = None,
) -> Cost:
    """Count an operation of a document that is no larger than allowed; whether it is valid is not asked.

    ``bounds``: of the state that is asked; without it lists are as long as their pages may be.
    """
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in operations if name is None or (one.name and one.name.value == name)]
    counts = [_counted(schema, document, one, variables, bounds) for one in chosen]
    return max(counts, key=lambda cost: cost.total, default=Cost(0))


def _counted(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    bounds: Bounds | None,
) -> Cost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Cost(0)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    count = _Count(schema, fragments, {**_defaults(operation), **variables}, bounds)
    total, parts = 0, []
    for key, cost in count.parts(operation.selection_set, root, _Place()):
        total += cost
        parts.append((cost, key))
    most = max(parts, default=(0, ""))
    return Cost(total, count.conditions, most[1], most[0])


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    found = {}
    for one in operation.variable_definitions or ():
        if one.default_value is not None:
            with suppress(ValueError):  # a number of thousands of digits: refused elsewhere
                found[one.variable.name.value] = value_from_ast_untyped(one.default_value)
    return found


@dataclass
class _Count:
    """Counts one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: dict[str, Any]
    bounds: Bounds | None
    conditions: int = field(default=0)

    def parts(
        self, chosen: SelectionSetNode, parent: GraphQLNamedType, place: _Place
    ) -> Iterator[tuple[str, int]]:
        """Count each field of a selection on one object, fragments written out."""
        for one in chosen.selections:
            if isinstance(one, FieldNode):
                yield (one.alias or one.name).value, self._field(one, parent, place)
                continue
            inner, on, inside = None, parent, place
            if isinstance(one, FragmentSpreadNode):
                name = one.name.value
                fragment = self.fragments.get(name)
                if fragment is not None and name not in place.within:
                    inner = fragment.selection_set
                    on = self.schema.get_type(fragment.type_condition.name.value) or parent
                    inside = replace(place, within=(*place.within, name))
            elif isinstance(one, InlineFragmentNode):
                inner = one.selection_set
                if one.type_condition is not None:
                    on = self.schema.get_type(one.type_condition.name.value) or parent
            if inner is not None:
                yield from self.parts(inner, on, inside)

    def _field(self, node: FieldNode, parent: GraphQLNamedType, place: _Place) -> int:
        name = node.name.value
        given = {one.name.value: self._value(one.value) for one in node.arguments or ()}
        costly = (argument for argument in given if argument != "asOf" or name not in ON_A_DATE)
        own = self._weight(name, given) + sum(ARGUMENTS.get(argument, 0) for argument in costly)
        if "where" in given:
            found = _leaves_of(given["where"])
            self.conditions += found
            own += CONDITION * found
        if place.earlier is False and any(given.get(argument) is not None for argument in EARLIER):
            place = replace(place, earlier=True)
        if node.selection_set is None:
            return own + (self._most(name, parent, given, place) or 1)
        definition = getattr(parent, "fields", {}).get(name)
        if definition is None:  # introspection, or for validation to report
            listed = name in ("fields", "args", "types", "enumValues", "inputFields", "possibleTypes")
            inside = self._sum(node.selection_set, parent, replace(place, page=1))
            return own + 1 + (LISTED if listed else 1) * inside
        below = get_named_type(definition.type)
        times = 1
        if name == "trace":
            place = replace(place, page=_page(given, DEFAULT_PAGE), steps=_steps(given))
        elif _paged(below):
            place = replace(place, page=self._listed(name, parent, given, place))
        elif _is_list(definition.type):
            times = self._length(name, parent, given, place)
        return own + 1 + times * self._sum(node.selection_set, below, place)

    def _weight(self, name: str, given: Mapping[str, Any]) -> int:
        weight = None if self.bounds is None else self.bounds.weight(name, given)
        return WEIGHTS.get(name, 0) if weight is None else weight

    def _listed(self, name: str, parent: GraphQLNamedType, given: Mapping[str, Any], place: _Place) -> int:
        """Return how many objects a page may hold."""
        page = _page(given, DEFAULT_PAGE)
        if self.bounds is None or place.earlier or parent is not self.schema.query_type:
            return page
        there = self.bounds.listed(name, given.get("where"))
        return page if there is None else min(page, there)

    def _length(self, name: str, parent: GraphQLNamedType, given: Mapping[str, Any], place: _Place) -> int:
        """Return how many objects a list of them may hold."""
        if name == "_entities":
            meant = given.get("representations")
            return len(meant) if isinstance(meant, list) else 1
        if parent.name == "Trace":
            return place.page
        if parent.name == "TracePath" and name == "steps":
            return place.steps
        if _paged(parent) and name in ("nodes", "edges"):
            return place.page
        there = self._most(name, parent, given, place)
        return _page(given, LENGTHS.get(name, LISTED)) if there is None else min(there, _page(given, there))

    def _most(
        self, name: str, parent: GraphQLNamedType, given: Mapping[str, Any], place: _Place
    ) -> int | None:
        """Return how many values or nodes a field of one node may have; None where nothing tells."""
        if self.bounds is None:
            return None
        there = self.bounds.values(parent.name, name, given.get("where"))
        return max(there, LISTED) if there is not None and place.earlier else there

    def _sum(self, chosen: SelectionSetNode, parent: GraphQLNamedType, place: _Place) -> int:
        return sum(cost for _, cost in self.parts(chosen, parent, place))

    def _value(self, node: Any) -> Any:
        try:
            return value_from_ast_untyped(node, self.variables)
        except ValueError:  # a number of thousands of digits: refused elsewhere
            return None


def _page(given: Mapping[str, Any], otherwise: int) -> int:
    """Return how many are asked for, of at most ``otherwise``. What is too large is refused elsewhere."""
    for name in ("first", "last"):
        value = given.get(name)
        if type(value) is int:
            return min(max(value, 0), MAX_PAGE)
    return otherwise


def _steps(given: Mapping[str, Any]) -> int:
    value = given.get("maxSteps")
    return max(value, 0) if type(value) is int else MAX_DEPTH


def _leaves_of(value: Any) -> int:
    """Count the conditions of a filter: values that something is compared with; a list is one."""
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
