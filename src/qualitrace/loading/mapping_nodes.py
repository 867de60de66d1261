"""Reading the ``nodes:`` of a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qualitrace.loading.mapping import FIELDS, Column, Condition, Link, NodeSpec, Value
from qualitrace.loading.mapping_place import Place
from qualitrace.loading.normalise import fold
from qualitrace.loading.template import Template, template

_NODE_KEYS = ("class", "id", "is", "each", "when", "reference", "values", "links")
_PARTS = {"names": ("bodies", "groups"), "within": ("owner",), "concept": (), "class": ()}


def read_nodes(source: object, columns: Mapping[str, Column], place: Place) -> tuple[NodeSpec, ...]:
    """Read the nodes of a form. Raises ProfileError."""
    data = place.mapping(source)
    for name in data:
        if name in columns:
            raise place.at(name).wrong("这个名字已经是一列的名字。", "A column has this name already.")
    return tuple(
        _NodeReader(columns, tuple(data), place.at(name)).read(name, value) for name, value in data.items()
    )


class _NodeReader:
    def __init__(self, columns: Mapping[str, Column], nodes: tuple[str, ...], place: Place) -> None:
        self.columns = columns
        self.nodes = nodes
        self.place = place

    def read(self, name: str, source: object) -> NodeSpec:
        place = self.place
        data = place.mapping(source, _NODE_KEYS)
        if ("id" in data) == ("is" in data):
            raise place.wrong("“id”与“is”要有一个，且只有一个。", "Exactly one of “id” and “is” is needed.")
        each = self._column(data["each"], place.at("each")) if "each" in data else ""
        spec_id = self._template(data["id"], place.at("id")) if "id" in data else None
        named_by = self._column(data["is"], place.at("is"), "names") if "is" in data else ""
        reference = place.at("reference").flag(data.get("reference", False))
        class_iri, class_column = self._class(data.get("class"), place.at("class"))
        if not (class_iri or class_column or named_by or reference):
            raise place.wrong("缺少“class”。", "“class” is missing.")
        if reference and ("values" in data or "links" in data):
            raise place.at("reference").wrong("引用不描述节点。", "A reference does not describe its node.")
        self._check_each(each, spec_id)
        return NodeSpec(
            name=name,
            id=spec_id,
            named_by=named_by,
            class_iri=class_iri,
            class_column=class_column,
            each=each or named_by,
            when=tuple(self._conditions(data.get("when", ()), place.at("when"))),
            reference=reference,
            values=tuple(self._values(data.get("values", {}), place.at("values"))),
            links=tuple(self._links(data.get("links", {}), place.at("links"))),
        )

    def _check_each(self, each: str, spec_id: Template | None) -> None:
        for hole in spec_id.holes if spec_id else ():
            if self.columns[hole.column].many and hole.column != each:
                raise self.place.at("id").wrong(
                    f"“{hole.column}”一格可有多个值，要写 each: {hole.column}。",
                    f"“{hole.column}” may hold several values: say each: {hole.column}.",
                )

    def _column(self, value: object, place: Place, read: str = "") -> str:
        known = [name for name, column in self.columns.items() if not read or column.read == read]
        return place.one_of(place.text(value), known)

    def _class(self, value: object, place: Place) -> tuple[str, str]:
        if value is None:
            return "", ""
        text = place.text(value)
        if text.startswith("{"):
            return "", self._column(text.strip("{} "), place, "class")
        return place.class_term(text), ""

    def _template(self, value: object, place: Place) -> Template:
        text = place.text(value)
        try:
            made = template(text)
        except ValueError as error:
            raise place.wrong("花括号不成对。", "The braces do not pair.") from error
        for hole in made.holes:
            column = self.columns[place.one_of(hole.column, self.columns)]
            if hole.field:
                place.one_of(hole.field, FIELDS[column.read])
        return made

    def _conditions(self, value: object, place: Place) -> Iterator[Condition]:
        if isinstance(value, Mapping):
            for name, wanted in place.mapping(value).items():
                values = frozenset(fold(text) for text in place.at(name).texts(wanted))
                yield Condition(self._column(name, place), values)
            return
        for name in place.texts(value) if value else ():
            yield Condition(self._column(name, place))

    def _values(self, source: object, place: Place) -> Iterator[Value]:
        for name, value in place.mapping(source).items():
            here = place.at(name)
            predicate = here.term(name)
            data: Mapping[str, Any] = {"text": value}
            if isinstance(value, Mapping):
                data = here.mapping(value, ("text", "language", "type"))
            yield Value(
                predicate,
                self._template(data.get("text"), here),
                language=str(data.get("language", "")),
                datatype=here.term(data["type"]) if "type" in data else "",
            )

    def _links(self, source: object, place: Place) -> Iterator[Link]:
        for name, value in place.mapping(source).items():
            here = place.at(name)
            predicate = here.term(name)
            if isinstance(value, Mapping):
                data = here.mapping(value, ("concept", "schemes"))
                texts = here.at("concept").texts(data.get("concept", ()))
                if not texts:
                    raise here.wrong("缺少“concept”。", "“concept” is missing.")
                (column, part), *others = (self._reference(text, here.at("concept")) for text in texts)
                schemes = here.at("schemes").texts(data.get("schemes", ()))
                terms = tuple(here.at("schemes").term(scheme) for scheme in schemes)
                yield Link(predicate, column=column, part=part, schemes=terms, otherwise=tuple(others))
                continue
            for target in here.texts(value):
                yield self._link(predicate, target, here)

    def _link(self, predicate: str, target: str, place: Place) -> Link:
        if target in self.nodes:
            return Link(predicate, node=target)
        if ":" in target and target not in self.columns:
            return Link(predicate, constant=place.term(target))
        if target.partition(".")[0] not in self.columns:
            place.one_of(target, (*self.nodes, *self.columns))
        column, part = self._reference(target, place)
        read = self.columns[column].read
        if read not in _PARTS:
            raise place.wrong(f"“{column}”不指称对象。", f"“{column}” names no node.")
        if part or read == "within":
            place.one_of(part, _PARTS[read])
        return Link(predicate, column=column, part=part)

    def _reference(self, text: str, place: Place) -> tuple[str, str]:
        column, _, part = text.partition(".")
        return place.one_of(column, self.columns), part
