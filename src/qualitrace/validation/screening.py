"""Screening: one query for each shape with a target finds the focus nodes where anything is wrong.

Data mostly conform. One walk over the focus nodes that stops at the first wrong thing is quicker than
one walk for every constraint; only where something is wrong do the checks run one by one, to say what.
Within it, constraints on the values of one path share one walk over these values.
Queries of rules (SPARQL-based constraints) are left out: within EXISTS the engine does not order the
joins of a query, so they run by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from qualitrace.validation.compiler import FOCUS, Compiler
from qualitrace.validation.constraint import Constraint, Nested, Search, ValueTest
from qualitrace.validation.expressions import (
    TRUE,
    Condition,
    Writer,
    all_of,
    exists,
    indent,
    keep_if,
    reach,
    test,
)
from qualitrace.validation.paths import Path, is_simple
from qualitrace.validation.shapes import Shape
from qualitrace.validation.vocabulary import SH

LEAST_CHECKS = 3  # fewer are as quick one by one
_PAIRS = ("lessThan", "lessThanOrEquals", "disjoint")  # what breaks them is a value with another one
OfValue = Callable[[str], Condition]  # given the variable of a value


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
    at = _At(compiler, writer, focus)
    at.gather(shape)
    return at.conditions()


class _At:
    """What must hold at one node. What is asked of the values of one path, by whatever shape, is asked
    in one walk over these values: where there are none, that is one look instead of many.
    """

    def __init__(self, compiler: Compiler, writer: Writer, focus: str) -> None:
        self._compiler = compiler
        self._writer = writer
        self._focus = focus
        self._alone: list[Condition] = []
        self._of_values: dict[Path, list[OfValue]] = {}
        self._needed: dict[Path, None] = {}  # paths with at least one value
        self._single: set[Path] = set()  # paths with at most one value

    def gather(self, shape: Shape) -> None:
        """Take up the constraints of a shape."""
        for constraint in self._compiler.constraints(shape) if shape.active else ():
            if isinstance(constraint.test, Nested):
                self._gather_nested(shape, self._compiler.shapes.shape(constraint.test.shape))
            elif not is_screened(self._compiler, constraint):
                continue
            elif shape.path is None or not self._of_path(shape, shape.path, constraint):
                self._alone.append(self._compiler.holds(self._writer, shape, constraint, self._focus))

    def _gather_nested(self, shape: Shape, inner: Shape) -> None:
        if shape.path is None:
            self.gather(inner)
        else:
            conforms = partial(_all_hold, self._compiler, self._writer, inner)
            self._of_values.setdefault(shape.path, []).append(conforms)

    def conditions(self) -> Iterator[Condition]:
        """Write what was gathered."""
        yield from (condition for condition in self._alone if condition != TRUE)
        for path in {**self._needed, **dict.fromkeys(self._of_values)}:
            value = self._writer.fresh("value")
            walk = reach(self._writer, self._focus, path, value)
            right = all_of([condition(value) for condition in self._of_values.get(path, ())])
            if path in self._needed and path in self._single:
                # A value that is right and the only one: then none is wrong.
                yield exists(walk, keep_if(right))
                continue
            if path in self._needed:
                yield exists(walk)
            if right != TRUE:
                yield ~exists(walk, keep_if(~right))

    def _of_path(self, shape: Shape, path: Path, constraint: Constraint) -> bool:
        """Take up a constraint that comes to a condition on each value; False when it is of another kind."""
        of_value = self._of_values.setdefault(path, [])
        number = partial(self._compiler.shapes.whole_number, shape)
        if isinstance(constraint.test, ValueTest):
            of_value.append(partial(constraint.test.condition, self._writer))
        elif constraint.label == "minCount" and number(SH.minCount) == 1:
            self._needed[path] = None
        elif constraint.label in _PAIRS:
            holds = self._compiler.holds(self._writer, shape, constraint, self._focus)
            of_value.append(lambda _: holds)  # asked where there is a value at all
        elif constraint.label == "uniqueLang":
            of_value.append(partial(self._is_only_in_its_language, path))
        elif not is_simple(path):
            return False
        elif constraint.label == "maxCount" and number(SH.maxCount) == 1:
            self._single.add(path)
            of_value.append(partial(self._is_only, path, _any_value))
        elif _is_single_qualified(constraint) and number(SH.qualifiedMaxCount) == 1:
            counts = partial(self._compiler.conforms, constraint.others[0], self._writer)
            of_value.append(partial(self._is_only, path, counts))
        else:
            return False
        return True

    def _is_only(self, path: Path, counts: OfValue, value: str) -> Condition:
        """The value does not count, or no other value does."""
        other = self._writer.fresh("other")
        another = all_of([counts(other), ~test(f"sameTerm({value}, {other})")])
        return ~all_of([counts(value), self._is_there(path, other, another)])

    def _is_only_in_its_language(self, path: Path, value: str) -> Condition:
        other = self._writer.fresh("other")
        another = test(f"isLiteral({other}) && LANG({other}) = LANG({value}) && !sameTerm({value}, {other})")
        return ~all_of([_has_language(value), self._is_there(path, other, another)])

    def _is_there(self, path: Path, value: str, condition: Condition) -> Condition:
        return exists(reach(self._writer, self._focus, path, value), keep_if(condition))


def _has_language(value: str) -> Condition:
    return test(f'isLiteral({value}) && LANG({value}) != ""')


def _any_value(value: str) -> Condition:
    return TRUE


def _is_single_qualified(constraint: Constraint) -> bool:
    """Tell whether values of one shape are counted, whatever other shapes they meet."""
    return constraint.label == "qualifiedMaxCount" and len(constraint.others) == 1


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
