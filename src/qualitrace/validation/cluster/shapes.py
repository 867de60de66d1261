"""Constraints of shapes as Cypher: what breaks one, and the condition that it holds (floor 2).

The same constraints that become SPARQL at home (:mod:`qualitrace.validation.compiler`) are read here once
more from the shapes graph; what has no form is refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdflib.term import Node

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation import core_shapes
from qualitrace.validation.cluster import terms
from qualitrace.validation.cluster import tests_of_values as values
from qualitrace.validation.cluster.reaching import reach
from qualitrace.validation.cluster.script import Script, Spot
from qualitrace.validation.compiler import Compiler
from qualitrace.validation.constraint import Constraint, Nested, UnsupportedError
from qualitrace.validation.paths import Predicate
from qualitrace.validation.shapes import Shape
from qualitrace.validation.vocabulary import SH, ntriples

_LENGTHS = {"minLength": ">=", "maxLength": "<="}
_RANGES = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_VALUED = frozenset(
    ("class", "datatype", "nodeKind", "in", "languageIn", "pattern", "node", "not", "and", "or", "xone")
).union(_RANGES)
_ORDERS = {"lessThan": "<", "lessThanOrEquals": "<="}


@dataclass(frozen=True, slots=True)
class Offence:
    """What finds the offenders of a constraint at a focus node.

    ``clauses`` bind ``value`` (None: a result has none) and ``columns`` (name in messages → expression).
    """

    clauses: str
    value: Spot | None = None
    columns: tuple[tuple[str, str], ...] = ()


class Cypher:
    """Writes constraints for one statement."""

    def __init__(self, compiler: Compiler, script: Script) -> None:
        self._compiler = compiler
        self._shapes = compiler.shapes
        self._script = script

    def offence(self, shape: Shape, constraint: Constraint, focus: Spot) -> Offence:
        """Write what breaks a constraint of a shape at a focus node. Raises UnsupportedError."""
        name, script = constraint.label, self._script
        if name in _ORDERS:
            return self._out_of_order(shape, constraint, focus)
        if name == "uniqueLang":
            return self._said_twice(shape, focus)
        if name in ("equals", "disjoint"):
            return self._pair(shape, constraint, focus)
        at_focus = self._at_focus(shape, constraint, focus)
        if at_focus is not None:
            return Offence(f"WITH * WHERE NOT {at_focus}")
        value = focus if shape.path is None else script.spot()
        there = "" if shape.path is None else reach(script, focus, shape.path, value) + "\n"
        return Offence(f"{there}WITH * WHERE NOT {self._at_value(shape, constraint, value)}", value)

    def holds(self, shape: Shape, constraint: Constraint, focus: Spot) -> str:
        """Write the condition that a constraint of a shape holds at a focus node."""
        if isinstance(constraint.test, Nested):
            value = focus if shape.path is None else self._script.spot()
            inner = self.conforms(constraint.test.shape, value)
            if shape.path is None:
                return inner
            there = reach(self._script, focus, shape.path, value)
            return f"NOT EXISTS {{\n{there}\nWITH * WHERE NOT {inner}\nRETURN 1 AS one\n}}"
        at_focus = self._at_focus(shape, constraint, focus)
        if at_focus is not None:
            return at_focus
        return f"NOT EXISTS {{\n{self.offence(shape, constraint, focus).clauses}\nRETURN 1 AS one\n}}"

    def conforms(self, node: Node, focus: Spot) -> str:
        """Write the condition that a node conforms to a shape (SHACL 3.4)."""
        shape = self._shapes.shape(node)
        if not shape.active:
            return "true"
        found = self._compiler.constraints(shape)
        return values.all_of([self.holds(shape, constraint, focus) for constraint in found])

    # Constraints on the focus node as a whole

    def _at_focus(self, shape: Shape, constraint: Constraint, focus: Spot) -> str | None:
        name = constraint.label
        if name in ("minCount", "maxCount"):
            number = self._shapes.whole_number(shape, SH[name]) or 0
            return f"({self._count(shape, focus)} {'>=' if name == 'minCount' else '<='} {number})"
        if name in ("qualifiedMinCount", "qualifiedMaxCount"):
            return self._qualified(shape, constraint, focus)
        if name == "hasValue":
            wanted = self._script.given(ntriples(self._parameter(shape, constraint)))
            if shape.path is None:
                return f"({focus.term} = {wanted})"
            value = self._script.spot()
            there = reach(self._script, focus, shape.path, value)
            return f"EXISTS {{\n{there}\nWITH * WHERE {value.term} = {wanted}\nRETURN 1 AS one\n}}"
        return None

    def _count(
        self, shape: Shape, focus: Spot, keep: Sequence[Node] = (), without: Sequence[Node] = ()
    ) -> str:
        value = self._script.spot()
        there = reach(self._script, focus, shape.path, value)
        kept = [self.conforms(node, value) for node in keep]
        kept += [f"NOT {self.conforms(node, value)}" for node in without]
        where = f"\nWITH * WHERE {values.all_of(kept)}" if kept else ""
        return f"COUNT {{\n{there}{where}\nRETURN DISTINCT {value.term} AS one\n}}"

    def _qualified(self, shape: Shape, constraint: Constraint, focus: Spot) -> str:
        name = constraint.label
        number = self._shapes.whole_number(shape, SH[name]) or 0
        node = self._parameter(shape, constraint, "qualifiedValueShape")
        siblings = core_shapes.siblings_of(self._shapes, shape, node)
        operator = ">=" if name == "qualifiedMinCount" else "<="
        return f"({self._count(shape, focus, [node], siblings)} {operator} {number})"

    # Constraints on each value

    def _at_value(self, shape: Shape, constraint: Constraint, value: Spot) -> str:
        name = constraint.label
        if name in _LENGTHS:
            limit = self._shapes.whole_number(shape, SH[name]) or 0
            return values.length(value, _LENGTHS[name], limit)
        if name not in _VALUED:
            raise refused(constraint)
        wanted = self._parameter(shape, constraint)
        if name == "node":
            return self.conforms(wanted, value)
        if name == "not":
            return f"(NOT {self.conforms(wanted, value)})"
        if name in ("and", "or", "xone"):
            return self._combined(name, wanted, value)
        return self._is(name, shape, wanted, value)

    def _is(self, name: str, shape: Shape, wanted: Node, value: Spot) -> str:
        script = self._script
        match name:
            case "class":
                return values.has_class(script, value, str(wanted))
            case "datatype":
                return values.has_datatype(script, value, str(wanted))
            case "nodeKind":
                return values.is_kind(value, str(wanted).removeprefix(SH_NAMESPACE))
            case "in":
                return values.is_one_of(script, value, self._shapes.listed(wanted))
            case "languageIn":
                return values.speaks(script, value, [str(tag) for tag in self._shapes.listed(wanted)])
            case "pattern":
                flags = self._shapes.one(shape, SH.flags)
                return values.matches(script, value, str(wanted), "" if flags is None else str(flags))
        return values.in_range(script, value, name, wanted)

    def _combined(self, name: str, head: Node, value: Spot) -> str:
        parts = [self.conforms(one, value) for one in self._shapes.listed(head)]
        if name == "and":
            return values.all_of(parts)
        if name == "or":
            return values.any_of(parts)
        return f"({' + '.join(f'CASE WHEN {part} THEN 1 ELSE 0 END' for part in parts) or '0'} = 1)"

    # Constraints that find their offenders

    def _out_of_order(self, shape: Shape, constraint: Constraint, focus: Spot) -> Offence:
        value, other = self._script.spot(), self._script.spot()
        theirs = Predicate(str(self._parameter(shape, constraint)))
        ordered = values.compares(self._script, value.term, _ORDERS[constraint.label], other.term)
        clauses = "\n".join(
            [
                reach(self._script, focus, shape.path, value),
                reach(self._script, focus, theirs, other),
                f"WITH * WHERE NOT {ordered}",
            ]
        )
        return Offence(clauses, value, (("other", other.term),))

    def _said_twice(self, shape: Shape, focus: Spot) -> Offence:
        one, other = self._script.spot(), self._script.spot()
        tag, theirs = terms.language(one.term), terms.language(other.term)
        again = (
            f"EXISTS {{\n{reach(self._script, focus, shape.path, other)}\n"
            f"WITH * WHERE {other.term} <> {one.term} AND {theirs} = {tag}\nRETURN 1 AS one\n}}"
        )
        clauses = f"{reach(self._script, focus, shape.path, one)}\nWITH * WHERE {tag} <> '' AND {again}"
        return Offence(clauses, None, (("language", f"'\"' + {tag} + '\"'"),))

    def _pair(self, shape: Shape, constraint: Constraint, focus: Spot) -> Offence:
        script, theirs = self._script, Predicate(str(self._parameter(shape, constraint)))

        def among(path: object, value: Spot) -> str:
            other = script.spot()
            there = reach(script, focus, path, other)  # type: ignore[arg-type]
            return f"EXISTS {{\n{there}\nWITH * WHERE {other.term} = {value.term}\nRETURN 1 AS one\n}}"

        value = script.spot()
        ours = reach(script, focus, shape.path, value)
        if constraint.label == "disjoint":
            return Offence(f"{ours}\nWITH * WHERE {among(theirs, value)}", value)
        one_side = f"{ours}\nWITH * WHERE NOT {among(theirs, value)}"
        other_side = f"{reach(script, focus, theirs, value)}\nWITH * WHERE NOT {among(shape.path, value)}"
        end = f"RETURN {value.term}, {value.node}"
        # Both sides bind the same variables, each from the focus node.
        clauses = f"CALL (*) {{\n{one_side}\n{end}\nUNION\n{other_side}\n{end}\n}}"
        return Offence(clauses, value)

    def _parameter(self, shape: Shape, constraint: Constraint, name: str = "") -> Node:
        """Return the parameter that a constraint was made from: the one at its place among its kind."""
        alike = [one for one in self._compiler.constraints(shape) if one.label == constraint.label]
        at = next(number for number, one in enumerate(alike) if one is constraint)
        return self._shapes.values(shape, SH[name or constraint.label])[at]


def refused(constraint: Constraint) -> UnsupportedError:
    """Say that a kind of constraint has no Cypher."""
    name = f"sh:{constraint.label}"
    return UnsupportedError(Text(zh=f"{name} 没有 Cypher 写法", en=f"{name} has no form in Cypher"))
