"""Constraints on how many values there are, and on pairs of properties (SHACL 4.2, 4.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qualitrace.text import Text
from qualitrace.validation.constraint import Constraint, NodeTest, Search, component
from qualitrace.validation.core_values import shown
from qualitrace.validation.expressions import (
    TRUE,
    Condition,
    Writer,
    block,
    exists,
    indent,
    keep_if,
    reach,
    safe_test,
    values_of,
)
from qualitrace.validation.paths import Path, Predicate
from qualitrace.validation.reads import path_reads
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH


def at_least(
    writer: Writer, focus: str, path: Path | None, count: int, keep: str = "", value: str = ""
) -> Condition:
    """Make the condition that at least ``count`` distinct values are there, of those ``keep`` keeps."""
    if count <= 0:
        return TRUE
    value = value or writer.fresh("value")
    pattern = "\n".join(part for part in (reach(writer, focus, path, value), keep) if part)
    if count == 1:
        return exists(pattern)
    return exists(f"SELECT DISTINCT {focus} {value} WHERE {{\n{indent(pattern)}\n}} OFFSET {count - 1}")


def count_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:minCount`` and ``sh:maxCount`` (SHACL 4.2)."""
    if shape.path is None:
        return
    path, reads = shape.path, tuple(path_reads(shape.path))
    least, most = shapes.whole_number(shape, SH.minCount), shapes.whole_number(shape, SH.maxCount)
    if least is not None and least > 0:
        missing = Text(zh="缺少「{path}」。", en="{path} is missing.")
        too_few = Text(
            zh=f"「{{path}}」至少要有 {least} 个值。", en=f"{{path}} needs at least {least} values."
        )
        yield Constraint(
            component("MinCount"),
            "minCount",
            NodeTest(lambda writer, focus: at_least(writer, focus, path, least), reads),
            missing if least == 1 else too_few,
        )
    if most is not None:
        not_allowed = Text(zh="不应有「{path}」。", en="{path} must not be there.")
        too_many = Text(
            zh=f"「{{path}}」最多只能有 {most} 个值。", en=f"{{path}} may have at most {most} value(s)."
        )
        yield Constraint(
            component("MaxCount"),
            "maxCount",
            NodeTest(lambda writer, focus: ~at_least(writer, focus, path, most + 1), reads),
            not_allowed if most == 0 else too_many,
        )


def equals_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:equals``: the values are those of another property; offenders of both sides (SHACL 4.5.1)."""
    for other in shapes.values(shape, SH.equals):
        theirs = Predicate(str(other))

        def pattern(writer: Writer, focus: str, names: Sequence[str], theirs: Predicate = theirs) -> str:
            (value,) = names
            ours = values_of(writer, focus, shape.path, value)
            there = f"{focus} {writer.path(theirs)} {value} ."
            mine = writer.fresh("mine")
            among = exists(reach(writer, focus, shape.path, mine), f"FILTER sameTerm({mine}, {value})")
            only_ours = block(ours, f"FILTER NOT EXISTS {{ {there} }}")
            return f"{only_ours}\nUNION\n{block(there, f'FILTER {among.no}')}"

        yield Constraint(
            component("Equals"),
            "equals",
            Search(pattern, reads=(*path_reads(shape.path), *path_reads(theirs))),
            Text(
                zh=f"「{{path}}」与“{shown(other)}”的值应相同,但“{{value}}”只在一边出现。",
                en=f"{{path}} and {shown(other)} must agree, but “{{value}}” is on one side only.",
            ),
        )


def disjoint_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:disjoint``: no value is shared with another property (SHACL 4.5.2)."""
    for other in shapes.values(shape, SH.disjoint):
        theirs = Predicate(str(other))

        def pattern(writer: Writer, focus: str, names: Sequence[str], theirs: Predicate = theirs) -> str:
            (value,) = names
            return (
                f"{values_of(writer, focus, shape.path, value)}\n"
                f"FILTER EXISTS {{ {focus} {writer.path(theirs)} {value} . }}"
            )

        yield Constraint(
            component("Disjoint"),
            "disjoint",
            Search(pattern, reads=(*path_reads(shape.path), *path_reads(theirs))),
            Text(
                zh=f"“{{value}}”不能既是「{{path}}」又是“{shown(other)}”。",
                en=f"“{{value}}” must not be both {{path}} and {shown(other)}.",
            ),
        )


def order_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:lessThan``, ``sh:lessThanOrEquals``: a result for each pair (SHACL 4.5.3, 4.5.4)."""
    if shape.path is None:
        return
    names = (("lessThan", "<", "小于", "less than"), ("lessThanOrEquals", "<=", "不大于", "at most"))
    for name, operator, zh, en in names:
        for other in shapes.values(shape, SH[name]):
            theirs = Predicate(str(other))

            def pattern(
                writer: Writer,
                focus: str,
                names: Sequence[str],
                theirs: Predicate = theirs,
                op: str = operator,
            ) -> str:
                value, bound = names
                return (
                    f"{values_of(writer, focus, shape.path, value)}\n"
                    f"{focus} {writer.path(theirs)} {bound} .\n"
                    f"{keep_if(~safe_test(f'{value} {op} {bound}'))}"
                )

            yield Constraint(
                component(name[0].upper() + name[1:]),
                name,
                Search(pattern, ("value", "other"), (*path_reads(shape.path), *path_reads(theirs))),
                Text(
                    zh=f"「{{path}}」的值“{{value}}”应{zh}“{shown(other)}”的值“{{?other}}”。",
                    en=f"The value “{{value}}” of {{path}} must be {en} “{{?other}}” ({shown(other)}).",
                ),
            )
