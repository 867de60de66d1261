"""Traces as they are sent, straight from what tracing answers (floor 4).

A step or node that stands on many paths is written once and shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import FieldNode, GraphQLObjectType

from qualitrace.graphql.model import NODE
from qualitrace.graphql.node import LANGUAGE
from qualitrace.graphql.plans.document import ArgumentReader, NotPlanned
from qualitrace.graphql.plans.ends import End, ends_of, last_of
from qualitrace.graphql.plans.nodes import Compiler
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.plans.writers import Apply, Bind, constant, plain, record
from qualitrace.graphql.trace_types import MAX_TRACES, trace_answer, traced
from qualitrace.journal.model import Source
from qualitrace.text import Text
from qualitrace.tracing.model import Path, Step, Trace


class TraceShape:
    """What is asked of traces at one place."""

    def __init__(self, compiler: Compiler, nodes: Sequence[FieldNode]) -> None:
        self._compiler = compiler
        self._write = self._object("Trace", nodes, self._trace_field)

    def write(self, run: Run, traces: Sequence[Trace]) -> list[Any]:
        """Write traces that stand at one place; what they show is read together."""
        outer = run.pool, run.trace  # a node on a path may be traced from in turn
        run.pool = list(dict.fromkeys(iri for trace in traces for iri in (trace.start, *trace.nodes)))
        write = self._write(run)
        written = []
        for run.trace in traces:
            written.append(write(run.trace))
        run.pool, run.trace = outer
        return written

    def many(self, reader: ArgumentReader) -> Callable[[Run, Sequence[str]], dict[str, Any]]:
        """Return the function that traces from many nodes and writes the answers."""

        def found(run: Run, iris: Sequence[str]) -> dict[str, Any]:
            if len(iris) > MAX_TRACES:
                raise NotAnswered("more traces than one request may ask for")
            arguments = run.arguments(reader)
            traces = [traced(run.context, iri, arguments) for iri in iris]
            return dict(zip(iris, self.write(run, traces), strict=True))

        return found

    def _object(
        self, name: str, nodes: Sequence[FieldNode], field: Callable[[str, list[FieldNode], Any], Bind]
    ) -> Bind:
        type_ = self._compiler.schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        made: list[tuple[str, Bind]] = []
        selected = self._compiler.selector.collect(type_, [node.selection_set for node in nodes])
        for key, asked in selected.items():
            if asked[0].name.value == "__typename":
                made.append((key, constant(name)))
            else:
                made.append((key, field(asked[0].name.value, asked, type_)))
        return record(made)

    def _trace_field(self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
        if name == "to":
            return _class_name
        if name == "start":
            return self._node(nodes, lambda trace: trace.start)
        if name in ("asOf", "backwards", "partial"):
            return plain(_TRACE[name])
        if name == "paths":
            return self._within(self._object("TracePath", nodes, self._path_field), lambda trace: trace.paths)
        if name == "ends":
            return self._within(self._object("TraceEnd", nodes, self._end_field), ends_of)
        if name == "uncounted":
            return _text(type_, nodes, lambda trace: trace.uncounted)
        return self._resolved(name, nodes, type_)

    def _resolved(self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
        """A field that the schema's own resolver works out, from the trace as the executor has it."""
        write = self._compiler.other_field(type_, type_.fields[name], nodes)

        def bind(run: Run) -> Apply:
            inner, pool = write(run), run.pool
            return lambda trace: inner(trace_answer(trace, run.context, pool))

        return bind

    def _path_field(self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
        if name == "steps":
            return self._steps(self._object("TraceStep", nodes, self._step_field))
        if name == "end":
            return self._node(nodes, None)
        return self._ending(name, nodes, type_, lambda path: path, lambda path: path)

    def _end_field(self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
        if name == "node":
            return self._node(nodes, lambda end: end.node)
        if name in _END:
            return plain(_END[name])
        return self._ending(name, nodes, type_, lambda end: end.path, lambda end: end)

    def _ending(
        self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType, path_of: Apply, judged: Apply
    ) -> Bind:
        """What a path and an end show alike."""
        if name == "ending":
            return plain(lambda source: path_of(source).ending.name)
        if name == "basis":
            return plain(lambda source: judged(source).basis.name)
        if name in ("capacity", "absence"):
            return _text(type_, nodes, lambda source: getattr(path_of(source), name))
        if name == "steward":
            return self._node(nodes, lambda source: path_of(source).steward)
        if name == "missing":
            return self._property(nodes, lambda source: path_of(source).missing)
        raise NotPlanned(f"{type_.name}.{name}")

    def _step_field(self, name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
        if name in ("source", "target"):
            return self._node(nodes, lambda step: getattr(step, name))
        if name == "property":
            return self._property(nodes, lambda step: step.property)
        if name == "capacity":
            return _text(type_, nodes, lambda step: step.capacity)
        if name == "sources":
            return self._within(self._object("FactSource", nodes, _source_field), lambda step: step.sources)
        if name in _STEP:
            return plain(_STEP[name])
        raise NotPlanned(f"TraceStep.{name}")

    def _within(self, inner: Bind, get: Apply) -> Bind:
        def bind(run: Run) -> Apply:
            write = inner(run)
            return lambda source: [write(one) for one in get(source)]

        return bind

    def _steps(self, inner: Bind) -> Bind:
        """Steps are shared between paths: each is written once."""

        def bind(run: Run) -> Apply:
            write = inner(run)
            written: dict[int, Any] = {}

            def steps(path: Path) -> list[Any]:
                shown = []
                for step in path.steps:
                    found = written.get(id(step))
                    if found is None:
                        found = written[id(step)] = write(step)
                    shown.append(found)
                return shown

            return steps

        return bind

    def _node(self, nodes: list[FieldNode], get: Apply | None) -> Bind:
        """The node that ``get`` names; by default the last of a path."""
        shape = self._compiler.node_shape(NODE, nodes)

        def bind(run: Run) -> Apply:
            pool = run.pool
            rows = run.rows.setdefault(shape, {})
            read: list[bool] = []

            def node(source: Any) -> Any:
                iri = last_of(run.trace, source) if get is None else get(source)
                if not iri:
                    return None
                if not read:
                    shape.read(run, pool)
                    read.append(True)
                return rows[iri]

            return node

        return bind

    def _property(self, nodes: list[FieldNode], get: Apply) -> Bind:
        inner = self._object("PropertyName", nodes, _property_field)

        def bind(run: Run) -> Apply:
            write = inner(run)
            written: dict[str, Any] = {}

            def shown(source: Any) -> Any:
                iri = get(source)
                if iri and iri not in written:
                    written[iri] = write(Property(iri, run.context.term_text(iri)))
                return written.get(iri)

            return shown

        return bind


class Property:
    """A property with its label."""

    __slots__ = ("iri", "text")

    def __init__(self, iri: str, text: Text) -> None:
        self.iri = iri
        self.text = text


def _class_name(run: Run) -> Apply:
    classes = run.context.reading.profile.classes
    return lambda trace: classes[trace.to].name if trace.to in classes else None


def _property_field(name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
    if name == "iri":
        return plain(lambda one: one.iri)
    if name == "label":
        return _text(type_, nodes, lambda one: one.text)
    raise NotPlanned(f"PropertyName.{name}")


def _source_field(name: str, nodes: list[FieldNode], type_: GraphQLObjectType) -> Bind:
    if name not in _SOURCE:
        raise NotPlanned(f"FactSource.{name}")
    return plain(_SOURCE[name])


def _text(type_: GraphQLObjectType, nodes: list[FieldNode], get: Callable[[Any], Text]) -> Bind:
    reader = ArgumentReader(type_.fields[nodes[0].name.value], nodes[0])

    def bind(run: Run) -> Apply:
        language = run.arguments(reader).get("language") or LANGUAGE
        return lambda source: get(source).best(language) or None

    return bind


def _day(text: str) -> str | None:
    return text[:10] or None


_TRACE: dict[str, Callable[[Trace], Any]] = {
    "asOf": lambda trace: trace.as_of,
    "backwards": lambda trace: trace.backwards,
    "partial": lambda trace: trace.partial,
}
_END: dict[str, Callable[[End], Any]] = {
    "paths": lambda end: end.count,
    "validFrom": lambda end: _day(end.dates[0]),
    "validTo": lambda end: _day(end.dates[1]),
}
_STEP: dict[str, Callable[[Step], Any]] = {
    "basis": lambda step: step.basis.name,
    "validFrom": lambda step: _day(step.valid_from),
    "validTo": lambda step: _day(step.valid_to),
    "suspect": lambda step: step.suspect,
}
_SOURCE: dict[str, Callable[[Source], Any]] = {
    "document": lambda source: source.document,
    "part": lambda source: source.part or None,
    "row": lambda source: source.row,
    "cell": lambda source: source.cell or None,
    "basis": lambda source: source.basis.name,
    "place": lambda source: source.place(),
}
