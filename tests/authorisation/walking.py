"""Every field, filter and sort order of a schema, as operations that ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

PAGE = 20


class UnknownArgument(AssertionError):
    """The walk does not know what to give a required argument: teach it."""


@dataclass
class Schema:
    """A schema to walk; ``given`` are the values of required arguments by name."""

    schema: GraphQLSchema
    given: Mapping[str, str]
    deep: tuple[str, ...] = ("appointments",)  # lists whose filters are walked one link down
    fields: set[tuple[str, str, int]] = field(default_factory=set)  # type, field, depth

    @property
    def query(self) -> GraphQLObjectType:
        assert self.schema.query_type is not None
        return self.schema.query_type

    @property
    def connections(self) -> dict[str, GraphQLObjectType]:
        """The lists of nodes: root field → type of the nodes."""
        found = {}
        for name, one in self.query.fields.items():
            type_ = get_named_type(one.type)
            if "where" in one.args and "orderBy" in one.args and "nodes" in type_.fields:
                found[name] = get_named_type(type_.fields["nodes"].type)
        return found

    def operations(self, depth: int = 3) -> Iterator[str]:
        """Operations that together ask for every field down to a depth below each root field."""
        for name, one in self.query.fields.items():
            for argument in self._arguments(name, one):
                type_ = get_named_type(one.type)
                self.fields.add(("Query", name, 1))
                if is_leaf_type(type_):
                    yield f"{{ {name}{argument} }}"
                    continue
                for selection in self._selections(type_, depth):
                    yield f"{{ {name}{argument} {{ {selection} }} }}"

    def _arguments(self, name: str, one: GraphQLField) -> list[str]:
        """How a field is asked: with what it needs, and once for each class where it asks about one."""
        ways: list[list[str]] = [[]]
        for argument, definition in one.args.items():
            if argument == "first" and name != "reads":
                ways = [[*way, f"first: {PAGE}"] for way in ways]
            elif is_required_argument(definition):
                type_ = get_named_type(definition.type)
                if isinstance(type_, GraphQLEnumType):
                    values = list(type_.values)
                elif argument in self.given:
                    values = [self.given[argument]]
                else:
                    raise UnknownArgument(f"{name}({argument}:)")
                ways = [[*way, f"{argument}: {value}"] for way in ways for value in values]
        return [f"({', '.join(way)})" if way else "" for way in ways]

    def _selections(self, type_: Any, depth: int) -> Iterator[str]:
        """Selections of a type: its leaves with each of its objects in turn."""
        if isinstance(type_, GraphQLUnionType):
            for member in type_.types:
                yield f"... on {member.name} {{ {self._leaves(member, depth)} }}"
            return
        leaves = self._leaves(type_, depth)
        objects = [(n, f) for n, f in type_.fields.items() if not is_leaf_type(get_named_type(f.type))]
        if depth <= 1 or not objects:
            yield leaves
            return
        for name, one in objects:
            below = get_named_type(one.type)
            self.fields.add((type_.name, name, depth))
            argument = self._arguments(name, one)[0]
            # What only carries a list is no level of its own.
            less = depth if below.name.endswith(("Connection", "Edge")) else depth - 1
            for inner in self._folded(below, less):
                yield f"{leaves} {name}{argument} {{ {inner} }}"
        if isinstance(type_, GraphQLInterfaceType):
            for member in self.schema.get_possible_types(type_):
                yield f"... on {member.name} {{ {self._leaves(member, depth)} }}"

    def _folded(self, type_: Any, depth: int) -> Iterator[str]:
        """Selections of a type, as few as hold every field."""
        if isinstance(type_, GraphQLUnionType) or type_.name.endswith(("Connection", "Edge")) or depth > 2:
            yield from self._selections(type_, depth)
            return
        parts = [self._leaves(type_, depth)]
        if depth > 1:
            for name, one in type_.fields.items():
                below = get_named_type(one.type)
                if not is_leaf_type(below):
                    self.fields.add((type_.name, name, depth))
                    argument = self._arguments(name, one)[0]
                    parts.append(f"{name}{argument} {{ {self._leaves(below, depth - 1)} }}")
        yield " ".join(parts)

    def _leaves(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLUnionType):
            return "__typename"
        names = ["__typename"]
        for name, one in type_.fields.items():
            if is_leaf_type(get_named_type(one.type)):
                self.fields.add((type_.name, name, depth))
                names.append(name + self._arguments(name, one)[0])
        return " ".join(names)

    def filters(self, root: str) -> Iterator[tuple[str, str, bool]]:
        """The conditions on a list, one operator each: where it stands, the condition with ``%s`` for the
        value of texts, and whether it takes a text. One level of links is gone down."""
        where = get_named_type(self.query.fields[root].args["where"].type)
        yield from self._conditions(where, links=int(root in self.deep))

    def _conditions(self, where: GraphQLInputObjectType, links: int) -> Iterator[tuple[str, str, bool]]:
        for name, one in where.fields.items():
            if name in ("and", "or", "not"):
                continue
            filter_ = get_named_type(one.type)
            assert isinstance(filter_, GraphQLInputObjectType)
            if "some" in filter_.fields:
                for operator in ("some", "none"):
                    if not links:
                        continue
                    inner = get_named_type(filter_.fields[operator].type)
                    for place, condition, text in self._conditions(inner, links - 1):
                        yield (
                            f"{where.name}.{name}.{operator}.{place}",
                            f"{name}: {{ {operator}: {{ {condition} }} }}",
                            text,
                        )
                yield f"{where.name}.{name}.exists", f"{name}: {{ exists: true }}", False
                continue
            for operator, definition in filter_.fields.items():
                value, text = _sample(definition.type)
                if str(definition.type).startswith("["):
                    value = f"[{value}]"
                yield f"{where.name}.{name}.{operator}", f"{name}: {{ {operator}: {value} }}", text

    def orders(self, root: str) -> list[str]:
        """The fields that a list can be sorted by."""
        return list(get_named_type(self.query.fields[root].args["orderBy"].type).fields)


def _sample(type_: Any) -> tuple[str, bool]:
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values)), False
    samples = {
        "Boolean": "true",
        "Int": "1",
        "Long": "1",
        "Float": "1.5",
        "Date": '"2024-01-01"',
        "DateTime": '"2024-01-01T00:00:00Z"',
    }
    return (samples[named.name], False) if named.name in samples else ('"%s"', True)
