"""Constraints that refer to other shapes (SHACL 4.6, 4.7), and closed shapes (SHACL 4.8.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from rdflib.term import Node, URIRef

from qualitrace.text import Text
from qualitrace.validation.constraint import Constraint, Nested, NodeTest, Search, ValueTest, component
from qualitrace.validation.core_counts import at_least
from qualitrace.validation.core_values import shown
from qualitrace.validation.expressions import (
    FALSE,
    TRUE,
    Condition,
    Writer,
    all_of,
    any_of,
    keep_if,
    sum_of,
    values_of,
)
from qualitrace.validation.paths import Path
from qualitrace.validation.reads import ANY, Read, after
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH

# How a shape becomes a condition on a variable, and what it reads; given by the compiler.
Conforms = Callable[[Node, Writer, str], Condition]
Reads = Callable[[Node], list[Read]]


def property_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:property`` (SHACL 4.7.2)."""
    for node in shapes.values(shape, SH.property):
        if not shapes.is_away(node):
            yield Constraint(component("Property"), "property", Nested(node))


def node_constraints(shapes: Shapes, shape: Shape, conforms: Conforms, reads: Reads) -> Iterator[Constraint]:
    """``sh:node``: each value conforms to a shape (SHACL 4.7.1)."""
    for node in shapes.values(shape, SH.node):
        yield Constraint(
            component("Node"),
            "node",
            ValueTest(partial(conforms, node), tuple(reads(node))),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不符合{_named(shapes, node, 'zh')}的要求。",
                en=f"The value “{{value}}” of {{path}} does not meet {_named(shapes, node, 'en')}.",
            ),
            details=(node,),
        )


def not_constraints(shapes: Shapes, shape: Shape, conforms: Conforms, reads: Reads) -> Iterator[Constraint]:
    """``sh:not``: no value conforms to a shape (SHACL 4.6.1)."""
    for node in shapes.values(shape, SH["not"]):
        yield Constraint(
            component("Not"),
            "not",
            ValueTest(partial(_fails, conforms, node), tuple(reads(node))),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不应符合{_named(shapes, node, 'zh')}。",
                en=f"The value “{{value}}” of {{path}} must not meet {_named(shapes, node, 'en')}.",
            ),
            others=(node,),
        )


def _fails(conforms: Conforms, node: Node, writer: Writer, variable: str) -> Condition:
    return ~conforms(node, writer, variable)


def logical_constraints(
    shapes: Shapes, shape: Shape, conforms: Conforms, reads: Reads
) -> Iterator[Constraint]:
    """``sh:and``, ``sh:or``, ``sh:xone`` (SHACL 4.6.2 to 4.6.4)."""
    kinds = (
        ("and", _all, "所有", "every one of the requirements"),
        ("or", _any, "至少一项", "at least one of the requirements"),
        ("xone", _exactly_one, "恰好一项", "exactly one of the requirements"),
    )
    for name, combine, zh, en in kinds:
        for head in shapes.values(shape, SH[name]):
            nodes = shapes.listed(head)
            yield Constraint(
                component(name.capitalize()),
                name,
                ValueTest(
                    partial(_combined, conforms, combine, nodes),
                    tuple(read for node in nodes for read in reads(node)),
                ),
                Text(
                    zh=f"「{{path}}」的值“{{value}}”应符合{zh}要求。",
                    en=f"The value “{{value}}” of {{path}} must meet {en}.",
                ),
                details=tuple(dict.fromkeys(nodes)),
            )


Pairs = Iterable[tuple[Node, Condition]]


def _combined(
    conforms: Conforms,
    combine: Callable[[Pairs], Condition],
    nodes: list[Node],
    writer: Writer,
    variable: str,
) -> Condition:
    return combine((node, conforms(node, writer, variable)) for node in nodes)


def _all(pairs: Pairs) -> Condition:
    return all_of(condition for _, condition in pairs)


def _any(pairs: Pairs) -> Condition:
    return any_of(condition for _, condition in pairs)


def _exactly_one(pairs: Pairs) -> Condition:
    """Count those that hold: each condition is written once, however deeply it is nested."""
    conditions = [condition for _, condition in pairs]
    certain = conditions.count(TRUE)
    open_ = [condition for condition in conditions if condition not in (TRUE, FALSE)]
    if certain > 1 or not conditions:
        return FALSE
    if certain or not open_:
        return all_of([~condition for condition in open_]) if certain else FALSE
    if len(open_) == 1:
        return open_[0]
    total = sum_of(open_)
    return Condition(f"{total} = 1", f"{total} != 1")


def qualified_constraints(
    shapes: Shapes, shape: Shape, conforms: Conforms, reads: Reads
) -> Iterator[Constraint]:
    """``sh:qualifiedMinCount`` and ``sh:qualifiedMaxCount`` of ``sh:qualifiedValueShape`` (SHACL 4.7.3)."""
    least, most = (shapes.whole_number(shape, SH[f"qualified{end}Count"]) for end in ("Min", "Max"))
    if shape.path is None:
        return
    for node in shapes.values(shape, SH.qualifiedValueShape):
        siblings = siblings_of(shapes, shape, node)
        name_zh, name_en = _named(shapes, node, "zh"), _named(shapes, node, "en")
        all_reads = tuple(after(shape.path, [read for s in (node, *siblings) for read in reads(s)]))

        enough = partial(_enough, conforms, shape.path, node, siblings)
        if least is not None:
            yield Constraint(
                component("QualifiedMinCount"),
                "qualifiedMinCount",
                NodeTest(partial(enough, least), all_reads),
                Text(
                    zh=f"「{{path}}」中符合{name_zh}的值至少要有 {least} 个。",
                    en=f"{{path}} needs at least {least} value(s) that meet {name_en}.",
                ),
                details=(node,),
                others=tuple(siblings),
            )
        if most is not None:
            yield Constraint(
                component("QualifiedMaxCount"),
                "qualifiedMaxCount",
                NodeTest(partial(_not_enough, enough, most + 1), all_reads),
                Text(
                    zh=f"「{{path}}」中符合{name_zh}的值最多只能有 {most} 个。",
                    en=f"{{path}} may have at most {most} value(s) that meet {name_en}.",
                ),
                others=(node, *siblings),
            )


def _enough(
    conforms: Conforms,
    path: Path,
    node: Node,
    siblings: list[Node],
    count: int,
    writer: Writer,
    focus: str,
) -> Condition:
    """At least ``count`` values conform to ``node`` and to none of its siblings."""
    value = writer.fresh("value")
    others = [~conforms(sibling, writer, value) for sibling in siblings]
    keep = keep_if(all_of([conforms(node, writer, value), *others]))
    return at_least(writer, focus, path, count, keep, value)


def _not_enough(
    enough: Callable[[int, Writer, str], Condition], count: int, writer: Writer, focus: str
) -> Condition:
    return ~enough(count, writer, focus)


def siblings_of(shapes: Shapes, shape: Shape, own: Node) -> list[Node]:
    """The other qualified shapes of the parents, when they are declared disjoint (SHACL 4.7.3)."""
    if not shapes.truth(shape.node, SH.qualifiedValueShapesDisjoint):
        return []
    found = {
        value
        for parent in shapes.graph.subjects(SH.property, shape.node)
        for sibling in shapes.graph.objects(parent, SH.property)
        for value in shapes.graph.objects(sibling, SH.qualifiedValueShape)
    }
    return sorted(found - {own}, key=shapes.order)


def closed_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:closed``: only the properties of the shape and the ignored ones (SHACL 4.8.1)."""
    if not shapes.truth(shape.node, SH.closed):
        return
    allowed = {
        str(path)
        for node in shapes.values(shape, SH.property)
        for path in shapes.graph.objects(node, SH.path)
        if isinstance(path, URIRef)
    }
    for head in shapes.values(shape, SH.ignoredProperties):
        allowed.update(str(node) for node in shapes.listed(head))

    columns = ("path", "value") if shape.path is None else ("path", "value", "node")

    def pattern(writer: Writer, focus: str, names: Sequence[str]) -> str:
        path, value, *node = names
        lines = [values_of(writer, focus, shape.path, node[0])] if shape.path is not None else []
        lines.append(f"{node[0] if node else focus} {path} {value} .")
        if allowed:
            lines.append(f"FILTER ({path} NOT IN ({', '.join(map(writer.iri, sorted(allowed)))}))")
        return "\n".join(lines)

    yield Constraint(
        component("Closed"),
        "closed",
        Search(pattern, columns, tuple(after(shape.path, [Read(ANY)]))),
        Text(
            zh="这里不应有“{path}”(值“{value}”)。",
            en="{path} (value “{value}”) is not allowed here.",
        ),
    )


def _named(shapes: Shapes, node: Node, language: str) -> str:
    """Name a shape in a message: its label or IRI, else what every shape is called."""
    label = shapes.shape(node).labels.best(language)
    if label:
        return f"“{label}”"
    if isinstance(node, URIRef):
        return shown(node)
    return "所列要求" if language == "zh" else "the stated requirement"
