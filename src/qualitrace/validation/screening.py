"""Screening: one query for each shape with a target finds the focus nodes where anything is wrong.

Data mostly conform. One walk over the focus nodes that stops at the first wrong thing is quicker than
one walk for every constraint; only where something is wrong do the checks run one by one, to say what.
Queries of rules (SPARQL-based constraints) are left out: within EXISTS the engine does not order the
joins of a query, so they run by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from qualitrace.validation.compiler import FOCUS, Compiler
from qualitrace.validation.constraint import Constraint, Nested, Search
from qualitrace.validation.expressions import TRUE, Condition, Writer, all_of, indent, keep_if
from qualitrace.validation.shapes import Shape

LEAST_CHECKS = 3  # fewer are as quick one by one


def screen_of(compiler: Compiler, root: Shape) -> str:
    """Write the template of the query that finds what breaks a shape; empty when it is not worth one."""
    writer = Writer(compiler.prefixes)
    this = writer.fresh("this")
    conditions = list(_conditions(compiler, writer, root, this))
    if len(conditions) < LEAST_CHECKS:
        return ""
    wrong = keep_if(~all_of(conditions))
    return f"SELECT DISTINCT {this}\nWHERE {{\n{indent(FOCUS)}\n{indent(wrong)}\n}}" if wrong else ""


def _conditions(compiler: Compiler, writer: Writer, shape: Shape, focus: str) -> Iterator[Condition]:
    """What must hold at a focus node, as far as it is screened."""
    if not shape.active:
        return
    for constraint in compiler.constraints(shape):
        if isinstance(constraint.test, Nested):
            inner = compiler.shapes.shape(constraint.test.shape)
            holds = partial(_all_hold, compiler, writer, inner)
            condition = compiler.all_values(writer, shape, focus, holds)
        elif is_screened(compiler, constraint):
            condition = compiler.holds(writer, shape, constraint, focus)
        else:
            continue
        if condition != TRUE:
            yield condition


def _all_hold(compiler: Compiler, writer: Writer, shape: Shape, focus: str) -> Condition:
    return all_of(_conditions(compiler, writer, shape, focus))


def is_screened(compiler: Compiler, constraint: Constraint) -> bool:
    """Tell whether a constraint takes part in screening: neither it nor what it refers to is a query."""
    test = constraint.test
    if isinstance(test, Search) and test.is_query:
        return False
    nested = [test.shape] if isinstance(test, Nested) else list(constraint.shapes)
    return all(
        is_screened(compiler, inner)
        for node in nested
        for inner in compiler.constraints(compiler.shapes.shape(node))
    )
