"""Constraints of our own on nodes of several registries: one holder of a value, and agreement.

``qt:among C`` names the class whose instances are looked at together. With ``qt:unique true`` no two of them
may share a value of the path; with ``qt:agreesBy K`` those that share a value of ``K`` must have the same
values of the path: texts are compared language by language, and a node without one is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qualitrace.errors import ProfileError
from qualitrace.terms import QT as QT_NAMESPACE
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text
from qualitrace.validation.constraint import Constraint, Search
from qualitrace.validation.expressions import Writer, block, reach, values_of
from qualitrace.validation.hierarchy import membership_marker
from qualitrace.validation.paths import Predicate
from qualitrace.validation.reads import Read, path_reads
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_reads import EVERYTHING
from qualitrace.validation.vocabulary import QT

UNIQUE, AGREES = "unique", "agreesBy"


def across_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``qt:unique`` and ``qt:agreesBy``, both with ``qt:among``."""
    if shape.path is None:
        return
    classes = shapes.values(shape, QT.among)
    if len(classes) != 1 and (shapes.values(shape, QT.unique) or shapes.values(shape, QT.agreesBy)):
        raise _without_class(shape)
    for class_ in classes:
        if shapes.truth(shape.node, QT.unique):
            yield _unique(shape, str(class_))
        for key in shapes.values(shape, QT.agreesBy):
            yield _agrees(shape, str(class_), str(key))


def _without_class(shape: Shape) -> ProfileError:
    """Without the class to compare among, nothing would be checked in silence."""
    return ProfileError(
        Text(
            zh="qt:unique 和 qt:agreesBy 要用 qt:among 写明恰好一个类。",
            en="qt:unique and qt:agreesBy must name one class with qt:among.",
        ),
        where=shape.name,
        hint=Text(
            zh="请写:qt:among 后面跟互相比较的节点所属的类。",
            en="Write qt:among and the class whose nodes are compared with each other.",
        ),
    )


def _unique(shape: Shape, class_: str) -> Constraint:
    def pattern(writer: Writer, focus: str, names: Sequence[str]) -> str:
        (value,) = names
        other, same = writer.fresh("other"), writer.fresh("same")
        theirs = membership_marker(other, class_), reach(writer, other, shape.path, same)
        filters = f"FILTER ({other} != {focus} && sameTerm({same}, {value}))"
        return f"{values_of(writer, focus, shape.path, value)}\nFILTER EXISTS {block(*theirs, filters)}"

    return Constraint(
        f"{QT_NAMESPACE}UniqueConstraintComponent",
        UNIQUE,
        Search(pattern, reads=(*path_reads(shape.path), *EVERYTHING)),
        Text(
            zh="「{path}」的值“{value}”不止一处使用。",
            en="The value “{value}” of {path} is used by more than one.",
        ),
    )


def _agrees(shape: Shape, class_: str, key: str) -> Constraint:
    by = Predicate(key)

    def pattern(writer: Writer, focus: str, names: Sequence[str]) -> str:
        value, mark = names
        other, there, same = writer.fresh("other"), writer.fresh("there"), writer.fresh("same")
        language = 'COALESCE(LANG({0}), "-")'
        inner = block(reach(writer, other, shape.path, same), f"FILTER sameTerm({same}, {value})")
        otherwise = block(
            f"{other} {writer.path(by)} {mark} .",
            membership_marker(other, class_),
            reach(writer, other, shape.path, there),
            f"FILTER ({other} != {focus} && {language.format(there)} = {language.format(value)})",
            f"FILTER NOT EXISTS {inner}",
        )
        return "\n".join(
            [
                values_of(writer, focus, shape.path, value),
                f"{focus} {writer.path(by)} {mark} .",
                f"FILTER EXISTS {otherwise}",
            ]
        )

    return Constraint(
        f"{QT_NAMESPACE}AgreesByConstraintComponent",
        AGREES,
        Search(pattern, ("value", "key"), (*path_reads(shape.path), Read(RDF_TYPE), *EVERYTHING)),
        Text(
            zh=f"同一“<{key}>”“{{?key}}”,「{{path}}」的值“{{value}}”与别处的不同。",
            en=f"For one <{key}> “{{?key}}”, the value “{{value}}” of {{path}} is another elsewhere.",
        ),
    )


__all__ = ["AGREES", "UNIQUE", "across_constraints"]
