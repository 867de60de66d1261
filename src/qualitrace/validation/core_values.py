"""Constraints on what each value is: class, datatype, node kind, range, enumeration (SHACL 4.1, 4.3, 4.8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rdflib.term import Node

from qualitrace.terms import RDF_TYPE
from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.constraint import Constraint, NodeTest, ValueTest, component
from qualitrace.validation.datatypes import as_written, has_datatype
from qualitrace.validation.expressions import (
    Condition,
    Writer,
    any_of,
    exists,
    keep_if,
    one_of,
    reach,
    safe_test,
    same,
    test,
)
from qualitrace.validation.hierarchy import membership_marker
from qualitrace.validation.reads import Read, path_reads
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH, name_of

_KINDS = {"BlankNode": "isBlank", "IRI": "isIRI", "Literal": "isLiteral"}
_KIND_NAMES = {
    "IRI": ("一个有标识的节点", "a node with an identifier"),
    "BlankNode": ("一个无名节点", "a node without identifier"),
    "Literal": ("一个值", "a plain value"),
    "BlankNodeOrIRI": ("一个节点", "a node"),
    "BlankNodeOrLiteral": ("一个无名节点或值", "a node without identifier, or a plain value"),
    "IRIOrLiteral": ("一个有标识的节点或值", "a node with an identifier, or a plain value"),
}
_RANGES = (
    ("minExclusive", ">", "大于", "greater than"),
    ("minInclusive", ">=", "不小于", "at least"),
    ("maxExclusive", "<", "小于", "less than"),
    ("maxInclusive", "<=", "不大于", "at most"),
)


def shown(node: Node) -> str:
    """Write a parameter into a message: an IRI as a mark that becomes its label, else the text."""
    name = name_of(node)
    return str(node) if name.startswith('"') else f"<{name}>"


def class_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:class``: each value is an instance of the class (SHACL 4.1.1)."""
    for class_ in shapes.values(shape, SH["class"]):
        yield Constraint(
            component("Class"),
            "class",
            ValueTest(partial(_has_class, str(class_)), (Read(RDF_TYPE),)),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不是{shown(class_)}。",
                en=f"The value “{{value}}” of {{path}} is not of class {shown(class_)}.",
            ),
        )


def _has_class(class_: str, writer: Writer, variable: str) -> Condition:
    return exists(membership_marker(variable, class_))


def datatype_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:datatype``: each value is a well-formed literal of the datatype (SHACL 4.1.2)."""
    for datatype in shapes.values(shape, SH.datatype):
        yield Constraint(
            component("Datatype"),
            "datatype",
            ValueTest(partial(has_datatype, str(datatype)), as_written=as_written(str(datatype))),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不是合法的 {shown(datatype)}。",
                en=f"The value “{{value}}” of {{path}} is not a valid {shown(datatype)}.",
            ),
        )


def node_kind_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:nodeKind``: each value is an IRI, a blank node, a literal, or one of two (SHACL 4.1.3)."""
    for kind in shapes.values(shape, SH.nodeKind):
        name = str(kind).removeprefix(SH_NAMESPACE)
        tests = tuple(_KINDS[part] for part in name.split("Or"))
        zh, en = _KIND_NAMES[name]
        yield Constraint(
            component("NodeKind"),
            "nodeKind",
            ValueTest(partial(_is_kind, tests)),
            Text(
                zh=f"「{{path}}」的值“{{value}}”应是{zh}。",
                en=f"The value “{{value}}” of {{path}} must be {en}.",
            ),
        )


def _is_kind(tests: tuple[str, ...], writer: Writer, variable: str) -> Condition:
    return any_of(test(f"{name}({variable})") for name in tests)


def range_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:minInclusive`` and its kin: each value compares with the bound as said (SHACL 4.3)."""
    for name, operator, zh, en in _RANGES:
        for bound in shapes.values(shape, SH[name]):
            yield Constraint(
                component(name[0].upper() + name[1:]),
                name,
                ValueTest(partial(_compares, operator, bound)),
                Text(
                    zh=f"「{{path}}」的值“{{value}}”应{zh} {shown(bound)}。",
                    en=f"The value “{{value}}” of {{path}} must be {en} {shown(bound)}.",
                ),
            )


def _compares(operator: str, bound: Node, writer: Writer, variable: str) -> Condition:
    return safe_test(f"{variable} {operator} {writer.term(bound)}")


def in_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:in``: each value is one of a list (SHACL 4.8.3)."""
    for head in shapes.values(shape, SH["in"]):
        allowed = shapes.listed(head)
        names = [shown(node) for node in allowed]
        yield Constraint(
            component("In"),
            "in",
            ValueTest(partial(one_of, allowed)),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不在允许的范围内:{'、'.join(names)}。",
                en=f"The value “{{value}}” of {{path}} is not one of: {', '.join(names)}.",
            ),
        )


def has_value_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:hasValue``: the term is among the values (SHACL 4.8.2)."""
    for wanted in shapes.values(shape, SH.hasValue):
        yield Constraint(
            component("HasValue"),
            "hasValue",
            NodeTest(partial(_reaches, shape, wanted), tuple(path_reads(shape.path))),
            Text(
                zh=f"「{{path}}」的值中应有{shown(wanted)}。",
                en=f"{shown(wanted)} must be among the values of {{path}}.",
            ),
        )


def _reaches(shape: Shape, wanted: Node, writer: Writer, focus: str) -> Condition:
    if shape.path is None:
        return same(writer, focus, wanted)
    value = writer.fresh("value")
    return exists(reach(writer, focus, shape.path, value), keep_if(same(writer, value, wanted)))
