"""Nodes of one place of an answer, written level by level (floor 4).

All nodes that stand at a place are read together: one column for each field, one batch for each link
and its ends. What :mod:`rows` makes for the standard executor is made here as it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import orjson
from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLSchema

from qualitrace.graphql.fetch import TYPE_PATH
from qualitrace.graphql.listing import node_listing
from qualitrace.graphql.model import NODE, RESOURCE, ApiField, ApiModel, Kind
from qualitrace.graphql.paging import check_size, natural
from qualitrace.graphql.plans.document import ArgumentReader, NotPlanned, Selector
from qualitrace.graphql.plans.fields import (
    ClassLabel,
    Code,
    Identity,
    Label,
    Part,
    Plain,
    Same,
    Texts,
    Values,
    Worded,
)
from qualitrace.graphql.plans.leaves import leaf_writer
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.rows import WITHHELD
from qualitrace.terms import is_iri
from qualitrace.text import Text

_HIDDEN = "\0"  # marks a node whose classes are not exposed

Traced = Callable[[Run, Sequence[str]], dict[str, Any]]


class Compiler(Protocol):
    """What a shape needs to look below a field."""

    schema: GraphQLSchema
    model: ApiModel
    selector: Selector
    keeps: bool

    def node_shape(self, declared: str, nodes: Sequence[FieldNode]) -> NodeShape:
        """Return the shape of nodes declared to be of a type."""
        ...

    def trace_shape(self, reader: ArgumentReader, nodes: Sequence[FieldNode]) -> Any:
        """Return what writes the traces of nodes."""
        ...

    def other_field(
        self, type_: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode]
    ) -> Callable[[Run], Callable[[Any], Any]]:
        """Return what writes a field by the schema's own resolver."""
        ...


class NodeShape:
    """What is asked of the nodes at one place, for each object type that may stand there."""

    def __init__(self, compiler: Compiler, declared: str, nodes: Sequence[FieldNode]) -> None:
        self._compiler = compiler
        self._declared = declared
        self._nodes = list(nodes)
        self._types: dict[str, tuple[tuple[str, ...], tuple[Part, ...]]] = {}
        self._jobs: dict[tuple[Any, ...], Part] = {}
        possible = [self._parts(type_)[1] for type_ in self._possible()]
        # Nodes that show nothing but themselves are kept as they are sent, by the arguments below them.
        self._flat = compiler.keeps and not any(
            isinstance(part, (_Link, _Traces)) for parts in possible for part in parts
        )
        self._readers = [part.arguments for parts in possible for part in parts if isinstance(part, Worded)]

    def _possible(self) -> list[str]:
        named = [one.name for one in self._compiler.model.implementing(self._declared)]
        return [*named, RESOURCE] if self._declared == NODE else named

    def read(self, run: Run, iris: Sequence[str]) -> dict[str, Any]:
        """Return the nodes as they are sent, by IRI; at least those asked for.

        Raises NotAnswered where the answer would hold an error.
        """
        if self._flat:
            return self._kept(run, iris)
        written = run.rows.setdefault(self, {})
        distinct = dict.fromkeys(iris)
        waiting = [iri for iri in distinct if iri not in written]
        if waiting:
            before = run.spent
            self._write(run, waiting, written)
            run.costs[self] = max(run.costs.get(self, 0), (run.spent - before) // len(waiting) + 1)
        # What stands in several places counts in each, as it is fetched for each by the standard executor.
        run.spend((len(distinct) - len(waiting)) * run.costs.get(self, 0))
        return written

    def _kept(self, run: Run, iris: Sequence[str]) -> dict[str, Any]:
        languages = tuple(dict.fromkeys(run.arguments(one).get("language") for one in self._readers))
        written = run.rows.setdefault(self, {})
        distinct = list(dict.fromkeys(iris))
        rows = run.filled(
            ("rows", self, languages), lambda missing: self._rows(run.apart(), missing), distinct
        )
        written.update(zip(distinct, rows, strict=True))
        return written

    def _rows(self, run: Run, iris: Sequence[str]) -> tuple[dict[str, Any], int]:
        written = dict[str, Any]()
        self._write(run, list(iris), written)
        most = run.spent // max(1, len(iris)) + 1
        return {iri: orjson.Fragment(orjson.dumps(row)) for iri, row in written.items()}, most

    def _write(self, run: Run, iris: list[str], written: dict[str, Any]) -> None:
        by_type: dict[str, list[str]] = {}
        for iri, name in zip(iris, self._type_names(run, iris), strict=True):
            by_type.setdefault(name, []).append(iri)
        if "" in by_type:
            raise NotAnswered("a node that does not fit its field")
        jobs = self._shared(by_type)
        done = {id(job): dict(zip(nodes, job.values(run, nodes), strict=True)) for job, nodes in jobs}
        for name, nodes in by_type.items():
            keys, parts = self._parts(name)
            columns = [
                [done[id(part)][iri] for iri in nodes] if id(part) in done else part.values(run, nodes)
                for part in parts
            ]
            if columns:
                for iri, row in zip(nodes, zip(*columns, strict=True), strict=True):
                    written[iri] = dict(zip(keys, row, strict=True))
            else:
                written.update((iri, {}) for iri in nodes)

    def _shared(self, by_type: dict[str, list[str]]) -> list[tuple[Part, list[str]]]:
        """Links and traces that nodes of several types are asked for by the same text go together."""
        if len(by_type) == 1:
            return []
        found: dict[int, tuple[Part, list[str]]] = {}
        for name, nodes in by_type.items():
            for part in self._parts(name)[1]:
                if isinstance(part, (_Link, _Traces)):
                    found.setdefault(id(part), (part, []))[1].extend(nodes)
        return list(found.values())

    def _type_names(self, run: Run, iris: list[str]) -> list[str]:
        declared, model = self._declared, run.model

        def type_of(node: str, terms: tuple[str, ...]) -> str:
            kinds = [term[1:-1] for term in terms if is_iri(term)]
            name = model.object_type(kinds, declared)
            hidden = name and model.hidden.intersection(kinds) and not set(kinds) & set(model.by_class)
            return name + _HIDDEN if hidden else name

        return run.column(("type", declared), TYPE_PATH, type_of, iris)

    def _parts(self, name: str) -> tuple[tuple[str, ...], tuple[Part, ...]]:
        found = self._types.get(name)
        if found is None:
            plain = name.removesuffix(_HIDDEN)
            type_ = self._compiler.schema.type_map[plain]
            assert isinstance(type_, GraphQLObjectType)
            selected = self._compiler.selector.collect(type_, [node.selection_set for node in self._nodes])
            made = {
                key: self._part(type_, nodes, key, hidden=plain != name) for key, nodes in selected.items()
            }
            found = self._types[name] = (tuple(made), tuple(made.values()))
        return found

    def _part(self, type_: GraphQLObjectType, nodes: list[FieldNode], key: str, *, hidden: bool) -> Part:
        name = nodes[0].name.value
        model = self._compiler.model.types.get(type_.name)
        if name == "__typename":
            return Same(type_.name)
        definition = type_.fields[name]
        arguments = ArgumentReader(definition, nodes[0])
        field = model.fields.get(name) if model else None
        if name in ("id", "iri"):
            return (Same(WITHHELD if name == "id" else None)) if hidden else Identity(whole=name == "iri")
        if name == "classLabel":
            return ClassLabel(model.labels if model else Text(), arguments)
        if name in ("label", "code"):
            made = Label(arguments) if name == "label" else Code()
            return Same(None) if hidden else made
        if field is not None and field.kind is Kind.LINK:
            relation = (key, field.path, field.scalar, field.many, *map(id, nodes))
            return self._job(relation, lambda: self._link(field, nodes, arguments))
        if field is not None:
            write = leaf_writer(self._compiler.schema.type_map[field.scalar])
            return Texts(field, arguments) if field.kind is Kind.TEXT else Plain(field, write)
        if name == "trace":
            relation = (key, *map(id, nodes))
            return self._job(relation, lambda: _Traces(self._compiler.trace_shape(arguments, nodes)))
        raise NotPlanned(f"{type_.name}.{name}")

    def _job(self, relation: tuple[Any, ...], make: Callable[[], Part]) -> Part:
        if relation not in self._jobs:
            self._jobs[relation] = make()
        return self._jobs[relation]

    def _link(self, field: ApiField, nodes: list[FieldNode], arguments: ArgumentReader) -> _Link:
        return _Link(field, self._compiler.node_shape(field.scalar, nodes), arguments)


class _Link:
    """What a field leads to, its arguments applied; the ends are read as one level."""

    def __init__(self, field: ApiField, shape: NodeShape, arguments: ArgumentReader) -> None:
        self._field = field
        self._shape = shape
        self._arguments = arguments

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        field = self._field
        ends: list[tuple[str, ...]] = run.column(("link", field.path), field.path, _ends, nodes)
        if not field.many:
            return self._single(run, ends)
        arranged = self._arranged(run, ends)
        found = self._shape.read(run, [iri for one in arranged for iri in one])
        return [[found[iri] for iri in one] for one in arranged]

    def _single(self, run: Run, ends: list[tuple[str, ...]]) -> Values:
        if any(len(one) > 1 for one in ends):
            raise NotAnswered("several values where there is to be one")
        found = self._shape.read(run, [one[0] for one in ends if one])
        return [found[one[0]] if one else None for one in ends]

    def _arranged(self, run: Run, ends: list[tuple[str, ...]]) -> list[Sequence[str]]:
        """Filter, sort and cut the ends as the arguments say (:meth:`RowReader._arranged`)."""
        arguments = run.arguments(self._arguments)
        first = arguments.get("first")
        check_size("first", first)
        where, order_by = arguments.get("where"), arguments.get("orderBy")
        if where is None and not order_by:
            return [one[:first] for one in ends]
        among = list(dict.fromkeys(iri for one in ends for iri in one))
        listing = node_listing(
            run.context.fetcher, run.model, self._field.scalar, where=where, order_by=order_by, among=among
        )
        ranks = {entry.item: number for number, entry in enumerate(listing.entries)}
        return [sorted((i for i in one if i in ranks), key=ranks.__getitem__)[:first] for one in ends]


def _ends(node: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Identifiers are made from codes, so that their order is the one people expect."""
    iris = [term[1:-1] for term in terms if is_iri(term)]
    return tuple(sorted(sorted(iris), key=natural)) if len(iris) > 1 else tuple(iris)


class _Traces:
    def __init__(self, traced: Traced) -> None:
        self._traced = traced

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        found = self._traced(run, nodes)
        return [found[iri] for iri in nodes]
