"""Whether a question filters or orders by what is protected (floor 4).

Its answer may then tell something about protected values without holding any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    parse,
    type_from_ast,
    visit,
)

from qualitrace.graphql.model import NODE, ApiModel
from qualitrace.profile.exposure import NAMING
from qualitrace.profile.model import Profile

_INPUTS = ("Where", "Order")


class ProtectedQuestions:
    """Knows the filters and sort orders of a schema by which protected values are asked for."""

    def __init__(self, schema: GraphQLSchema, model: ApiModel, profile: Profile) -> None:
        self._schema = schema
        self._model = model
        self._profile = profile

    @cached_property
    def fields(self) -> frozenset[tuple[str, str]]:
        """The input types with their fields that are about something protected."""
        found: set[tuple[str, str]] = set()
        families = {type_.name: type_.family for type_ in self._model.types.values()}
        families[NODE] = frozenset(self._profile.classes)
        for name, family in families.items():
            for iri in family & self._profile.classes.keys():
                for prop in self._profile.classes[iri].properties:
                    if prop.exposure != "public":
                        named = {"label"} if prop.predicate in NAMING else set()
                        found |= {(name + kind, said) for kind in _INPUTS for said in {prop.name, *named}}
        return frozenset(found)

    def asked(self, text: str, variables: Mapping[str, Any]) -> frozenset[str]:
        """Return by which protected fields a valid document asks, as ``PersonWhere.phones``."""
        if not self.fields:
            return frozenset()
        try:
            document = parse(text)
        except GraphQLError:
            return frozenset()
        return frozenset({*self._written(document), *self._given(document, variables)})

    def _written(self, document: DocumentNode) -> set[str]:
        info, found, fields = TypeInfo(self._schema), set[str](), self.fields

        class Inputs(Visitor):
            def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
                parent = get_named_type(info.get_parent_input_type())
                if parent is not None and (parent.name, node.name.value) in fields:
                    found.add(f"{parent.name}.{node.name.value}")

        visit(document, TypeInfoVisitor(info, Inputs()))
        return found

    def _given(self, document: DocumentNode, variables: Mapping[str, Any]) -> Iterator[str]:
        definitions: list[VariableDefinitionNode] = []
        for definition in document.definitions:
            definitions += getattr(definition, "variable_definitions", None) or ()
        for one in definitions:
            given = variables.get(one.variable.name.value)
            if given is not None:
                yield from self._inside(get_named_type(type_from_ast(self._schema, one.type)), given)

    def _inside(self, type_: Any, given: Any) -> Iterator[str]:
        if isinstance(given, list):
            for item in given:
                yield from self._inside(type_, item)
        elif isinstance(type_, GraphQLInputObjectType) and isinstance(given, Mapping):
            for name, value in given.items():
                if (type_.name, name) in self.fields:
                    yield f"{type_.name}.{name}"
                if name in type_.fields:
                    yield from self._inside(get_named_type(type_.fields[name].type), value)
