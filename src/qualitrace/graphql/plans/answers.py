"""The fields of the query, and every object that is no node (floor 4).

Connections and traces have their own writers. Anything else (coverage, findings) is resolved by the
schema's own resolvers, once for each object, and written without the library's work on each field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    is_abstract_type,
    is_leaf_type,
)

from qualitrace.graphql.listing import node_listing
from qualitrace.graphql.model import ApiType
from qualitrace.graphql.node import LANGUAGE, NODE_OF, TEXT_OF
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Page
from qualitrace.graphql.plans.document import ArgumentReader, NotPlanned
from qualitrace.graphql.plans.leaves import leaf_writer
from qualitrace.graphql.plans.nodes import Compiler
from qualitrace.graphql.plans.resolved import KEPT, kept, resolved
from qualitrace.graphql.plans.run import Run
from qualitrace.graphql.plans.states import naming, of_its_state, of_the_present
from qualitrace.graphql.plans.traces import TraceShape
from qualitrace.graphql.plans.writers import Apply, Bind, after, constant, named_type, of_type, plain, record
from qualitrace.graphql.trace_types import traced

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Answers:
    """Compiles fields of objects that are no nodes."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler

    def object(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Bind:
        """Compile what is selected of an object below some fields."""
        return self._record(type_, [node.selection_set for node in nodes], self.field)

    def query(self, type_: GraphQLObjectType, chosen: Any) -> Bind:
        """Compile the operation's own selection."""
        return self._record(type_, [chosen], self._root)

    def _record(self, type_: GraphQLObjectType, chosen: Any, field: Any) -> Bind:
        made: list[tuple[str, Bind]] = []
        for key, nodes in self._compiler.selector.collect(type_, chosen).items():
            name = nodes[0].name.value
            if name == "__typename":
                made.append((key, constant(type_.name)))
            elif name in type_.fields:
                made.append((key, field(type_, type_.fields[name], nodes, key)))
            else:  # introspection
                raise NotPlanned(f"{type_.name}.{name}")
        return record(made)

    def _root(
        self, type_: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode], key: str
    ) -> Bind:
        """Compile a field of the query."""
        name = nodes[0].name.value
        listed = {t.root: t for t in self._compiler.model.types.values() if t.root}
        if name in listed:
            write = self._connection(listed[name], definition, nodes)
        elif name == "trace":
            write = self._trace(definition, nodes)
        elif name in ("node", "nodeAt"):
            write = self._one(definition, nodes)
        elif name in KEPT:
            write = self._worked_out(type_, definition, nodes, key)
        else:
            return of_the_present(self.field(type_, definition, nodes, key), definition, nodes[0])
        return of_its_state(write, definition, nodes[0])

    def _worked_out(
        self, type_: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode], key: str
    ) -> Bind:
        """A field that the schema's own resolver works out, of the state that the run is about."""
        named = dict.fromkeys(naming(nodes[0].name.value, definition))
        write = self.field(type_, definition, nodes, key, instead=named)
        return kept(write) if self._compiler.keeps else write

    def _one(self, definition: GraphQLField, nodes: list[FieldNode]) -> Bind:
        shape = self._compiler.node_shape(named_type(definition.type).name, nodes)
        reader = ArgumentReader(definition, nodes[0])

        def bind(run: Run) -> Apply:
            iri = run.context.reading.resolve(str(run.arguments(reader)["id"]))
            return lambda source: shape.read(run, [iri])[iri]

        return bind

    def _trace(self, definition: GraphQLField, nodes: list[FieldNode]) -> Bind:
        shape = TraceShape(self._compiler, nodes)
        reader = ArgumentReader(definition, nodes[0])

        def bind(run: Run) -> Apply:
            arguments = run.arguments(reader)
            return lambda source: shape.write(run, [traced(run.context, arguments["node"], arguments)])[0]

        return bind

    def _connection(self, type_: ApiType, definition: GraphQLField, nodes: list[FieldNode]) -> Bind:
        reader = ArgumentReader(definition, nodes[0])
        connection = named_type(definition.type)
        assert isinstance(connection, GraphQLObjectType)
        write = self._record(connection, [node.selection_set for node in nodes], self._page_field)

        def page(run: Run) -> Apply:
            given = run.arguments(reader)
            listing = node_listing(
                run.context.fetcher,
                run.model,
                type_.name,
                where=given.get("where"),
                order_by=given.get("orderBy"),
                snapshot=run.snapshot,
            )
            window = {name: given.get(name) for name in ("first", "after", "last", "before")}
            cut = listing.page(**window)
            return lambda source: cut

        return after(page, write)

    def _page_field(
        self, type_: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode], key: str
    ) -> Bind:
        name = nodes[0].name.value
        if name == "totalCount":
            return plain(lambda page: len(page.listing.entries))
        if name == "pageInfo":
            info = named_type(definition.type)
            assert isinstance(info, GraphQLObjectType)
            return after(lambda run: page_info, self.object(info, nodes))
        if name == "nodes":
            return self._page_nodes(named_type(definition.type).name, nodes)
        if name == "edges":
            return self._edges(named_type(definition.type), nodes)
        raise NotPlanned(f"{type_.name}.{name}")

    def _page_nodes(self, declared: str, nodes: list[FieldNode]) -> Bind:
        shape = self._compiler.node_shape(declared, nodes)

        def bind(run: Run) -> Apply:
            def rows(page: Page[str]) -> list[Any]:
                iris = page.items
                found = shape.read(run, iris)
                return [found[iri] for iri in iris]

            return rows

        return bind

    def _edges(self, type_: Any, nodes: list[FieldNode]) -> Bind:
        """Edges are written as triples: the page, the entry, and the nodes of the whole page."""

        def field(
            edge: GraphQLObjectType, definition: GraphQLField, asked: list[FieldNode], key: str
        ) -> Bind:
            if asked[0].name.value == "cursor":
                return plain(lambda one: one[0].listing.cursor(one[1]))
            if asked[0].name.value != "node":
                raise NotPlanned(f"{edge.name}.{asked[0].name.value}")
            shape = self._compiler.node_shape(named_type(definition.type).name, asked)

            def bind(run: Run) -> Apply:
                return lambda one: shape.read(run, one[0].items)[one[1].item]

            return bind

        write = self._record(type_, [node.selection_set for node in nodes], field)

        def bind(run: Run) -> Apply:
            one = write(run)
            return lambda page: [one((page, entry)) for entry in page.entries]

        return bind

    def field(
        self,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        nodes: list[FieldNode],
        key: str,
        instead: Mapping[str, Any] = NOTHING,
    ) -> Bind:
        """Compile a field of an object that is no node, with some arguments ``instead`` of those given.

        Raises NotPlanned.
        """
        get = self._getter(type_, definition, nodes, key, instead)
        named = named_type(definition.type)
        if is_leaf_type(named):
            leaf: GraphQLLeafType = named
            return after(get, of_type(definition.type, plain(leaf_writer(leaf))))
        if isinstance(named, GraphQLObjectType) and named.name not in self._compiler.model.types:
            return after(get, of_type(definition.type, self.object(named, nodes)))
        if is_abstract_type(named) and (at := _mark(definition, NODE_OF)):
            return self._reference(named.name, at, nodes)
        raise NotPlanned(f"{type_.name}.{nodes[0].name.value}")

    def _getter(
        self,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        nodes: list[FieldNode],
        key: str,
        instead: Mapping[str, Any],
    ) -> Any:
        """Return what reads a field of a source: an attribute, a text, or the schema's own resolver."""
        strawberry_field = definition.extensions["strawberry-definition"]
        reader = ArgumentReader(definition, nodes[0])
        if strawberry_field.base_resolver is None:
            name = strawberry_field.python_name
            return lambda run: lambda source: getattr(source, name)
        if at := _mark(definition, TEXT_OF):
            return lambda run: _text(at, run.arguments(reader).get("language") or LANGUAGE)
        if _mark(definition, NODE_OF):
            return None
        return lambda run: resolved(run, type_, definition, nodes, key, {**run.arguments(reader), **instead})

    def _reference(self, declared: str, attribute: str, nodes: list[FieldNode]) -> Bind:
        shape = self._compiler.node_shape(declared, nodes)

        def bind(run: Run) -> Apply:
            read: dict[int, Any] = {}

            def node(source: Any) -> Any:
                ref = getattr(source, attribute)
                if not ref.iri:
                    return None
                if id(ref.pool) not in read:
                    read[id(ref.pool)] = (shape.read(run, ref.pool), ref.pool)
                return read[id(ref.pool)][0][ref.iri]

            return node

        return bind


def _mark(definition: GraphQLField, name: str) -> str:
    resolver = definition.extensions["strawberry-definition"].base_resolver
    return str(getattr(resolver.wrapped_func, name, "")) if resolver is not None else ""


def _text(attribute: str, language: str) -> Apply:
    return lambda source: getattr(source, attribute).best(language) or None
