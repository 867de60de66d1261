"""Queries that a shapes graph holds are checked when it is compiled, used or not."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from qualitrace.errors import ProfileError
from qualitrace.text import Text
from qualitrace.validation.compiler import FOCUS, Check, Compiler
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.shapes import Shapes


def check_queries(shapes: Shapes, compiler: Compiler) -> None:
    """Raise ProfileError for a query that pre-binding does not allow, reached from a target or not."""
    for node in sorted(shapes.nodes, key=shapes.order):
        try:
            compiler.constraints(shapes.shape(node))
        except UnsupportedError:
            continue  # it runs elsewhere, where it is reached from a target at all


def check_syntax(compiler: Compiler, checks: Iterable[Check]) -> None:
    """Raise ProfileError for a query that the engine cannot read; UnsupportedError when not strict."""
    for check in checks:
        if check.constraint.node is not None:
            with compiler.judged():
                _check_syntax(check, compiler)


def _check_syntax(check: Check, compiler: Compiler) -> None:
    text = Hierarchy().fill(check.template.replace(FOCUS, ""), lambda iri: f"<{iri}>")
    try:
        ox.Store().query(text, prefixes=dict(compiler.prefixes))
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise ProfileError(
            Text(zh="规则的 SPARQL 查询有语法错误。", en="The SPARQL query of a rule has a syntax error."),
            where=f"{check.shape.name}: {error}",
            hint=Text(zh="请修改该规则的查询。", en="Change the query of this rule."),
        ) from error
