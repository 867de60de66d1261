"""The compiler's core: from shapes to one query per shape and constraint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from rdflib.term import Node

from qualitrace.errors import ProfileError
from qualitrace.text import Text
from qualitrace.validation import (
    across,
    core_counts,
    core_shapes,
    core_strings,
    core_values,
    sparql_components,
    sparql_constraints,
)
from qualitrace.validation.check import FOCUS, NAMED_IRI, Check
from qualitrace.validation.constraint import Constraint, Nested, NodeTest, Search, UnsupportedError, ValueTest
from qualitrace.validation.expressions import (
    FALSE,
    TRUE,
    Condition,
    Writer,
    all_of,
    exists,
    indent,
    keep_if,
    reach,
    values_of,
)
from qualitrace.validation.reads import Read, after
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_reads import EVERYTHING
from qualitrace.validation.targets import targets_of
from qualitrace.validation.unsupported import check_supported

_CORE = (
    core_values.class_constraints,
    core_values.datatype_constraints,
    core_values.node_kind_constraints,
    core_values.range_constraints,
    core_values.in_constraints,
    core_values.has_value_constraints,
    core_strings.length_constraints,
    core_strings.pattern_constraints,
    core_strings.language_in_constraints,
    core_strings.unique_language_constraints,
    core_counts.count_constraints,
    core_counts.equals_constraints,
    core_counts.disjoint_constraints,
    core_counts.order_constraints,
    core_shapes.closed_constraints,
    across.across_constraints,
    sparql_constraints.sparql_constraints,
    sparql_components.component_constraints,
)
_WITH_SHAPES = (
    core_shapes.node_constraints,
    core_shapes.not_constraints,
    core_shapes.logical_constraints,
    core_shapes.qualified_constraints,
)
# Shapes that refer to others by several ways grow with each level; beyond this a query is no help.
LONGEST_CONDITION = 150_000  # characters
MOST_CHECKS = 3000  # of one shape with a target
MOST_READS = 3000

__all__ = ["FOCUS", "NAMED_IRI", "Check", "Compiler"]


class Compiler:
    """Compiles shapes of one shapes graph. Holds no data but what it has already read.

    When not ``strict``, a shape that is not well formed is one that the compiler does not know.
    """

    def __init__(self, shapes: Shapes, prefixes: Mapping[str, str], *, strict: bool = True) -> None:
        self.shapes = shapes
        self.prefixes = prefixes
        self._strict = strict
        self._constraints: dict[Node, list[Constraint]] = {}
        self._within: list[Node] = []  # the shapes being compiled, outermost first

    def checks(self, root: Shape) -> list[Check]:
        """Compile everything that is checked on the focus nodes of a shape.

        Raises UnsupportedError when it uses what the compiler does not know.
        """
        found = list(islice(self._walk((root,), ()), MOST_CHECKS + 1))
        if len(found) > MOST_CHECKS:
            raise _too_deep(root)
        return found

    def _walk(self, chain: tuple[Shape, ...], steps: tuple[Shape, ...]) -> Iterator[Check]:
        shape = chain[-1]
        if not shape.active:
            return
        if shape.node in (above.node for above in chain[:-1]):
            raise _recursive(shape)
        for constraint in self.constraints(shape):
            if isinstance(constraint.test, Nested):
                further = steps if shape.path is None else (*steps, shape)
                yield from self._walk((*chain, self.shapes.shape(constraint.test.shape)), further)
            else:
                check = self._check(chain, steps, constraint)
                if check is not None:
                    yield check

    def constraints(self, shape: Shape) -> list[Constraint]:
        """List the constraints of a shape in a stable order."""
        if shape.node not in self._constraints:
            with self.judged():
                self._constraints[shape.node] = self._found(shape)
        return self._constraints[shape.node]

    def _found(self, shape: Shape) -> list[Constraint]:
        if shape.node in self.shapes.wrong:
            raise self.shapes.wrong[shape.node]
        check_supported(self.shapes, shape)
        found = [c for make in _CORE for c in make(self.shapes, shape)]
        for make in _WITH_SHAPES:
            found += make(self.shapes, shape, self.conforms, self.reads)
        return [*found, *core_shapes.property_constraints(self.shapes, shape)]

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Take what is not well formed as not known, when not strict."""
        try:
            yield
        except ProfileError as error:
            if self._strict:
                raise
            place = f" ({error.where})" if error.where else ""
            raise UnsupportedError(
                Text(zh=f"{error.what['zh']}{place}", en=f"{error.what['en']}{place}")
            ) from error

    def _check(
        self, chain: tuple[Shape, ...], steps: tuple[Shape, ...], constraint: Constraint
    ) -> Check | None:
        writer = Writer(self.prefixes)
        nodes = [
            *(writer.fresh("root" if at == 0 else "via") for at in range(len(steps))),
            writer.fresh("this"),
        ]
        way = [
            values_of(writer, start, step.path, end)
            for start, step, end in zip(nodes, steps, nodes[1:], strict=False)
        ]
        variables, offence = self._offence(writer, chain[-1], constraint, nodes[-1])
        if offence is None:
            return None

        def query(offence: str) -> str:
            body = "\n".join(part for part in (FOCUS, *way, offence) if part)
            return f"SELECT DISTINCT {' '.join((*nodes, *variables))}\nWHERE {{\n{indent(body)}\n}}"

        test = constraint.test
        suspects = ""
        if isinstance(test, ValueTest) and test.as_written is not None:
            tested = variables[0] if variables else nodes[-1]
            way_there = values_of(writer, nodes[-1], chain[-1].path, tested) if variables else ""
            suspects = query(f"{way_there}\n{keep_if(test.as_written.suspects(writer, tested))}".strip())
        return Check(
            name="",
            shapes=chain,
            constraint=constraint,
            template=query(offence),
            nodes=tuple(nodes),
            variables=tuple(variables),
            reads=tuple(self._check_reads(chain, steps, constraint)),
            suspects=suspects,
        )

    def _offence(
        self, writer: Writer, shape: Shape, constraint: Constraint, focus: str
    ) -> tuple[list[str], str | None]:
        """Write what breaks a constraint at ``focus``, with its result variables; None if nothing can."""
        match constraint.test:
            case ValueTest(condition) if shape.path is None:
                wrong = ~condition(writer, focus)
                return [], None if wrong == FALSE else keep_if(wrong)
            case ValueTest(condition):
                value = writer.fresh("value")
                wrong = ~condition(writer, value)
                found = f"{values_of(writer, focus, shape.path, value)}\n{keep_if(wrong)}"
                return [value], None if wrong == FALSE else found
            case NodeTest(condition):
                wrong = ~condition(writer, focus)
                return [], None if wrong == FALSE else keep_if(wrong)
            case Search(pattern, columns):
                variables = [writer.fresh(column) for column in columns]
                return variables, f"LATERAL {{\n{indent(pattern(writer, focus, variables))}\n}}"
            case test:
                raise AssertionError(f"no query for {test}")

    def conforms(self, node: Node, writer: Writer, focus: str) -> Condition:
        """Make the condition that a node conforms to a shape (SHACL 3.4)."""
        shape = self.shapes.shape(node)
        if not shape.active:
            return TRUE
        if node in self._within:
            raise _recursive(shape)
        self._within.append(node)
        try:
            condition = all_of(self.holds(writer, shape, c, focus) for c in self.constraints(shape))
        finally:
            self._within.pop()
        if len(condition.yes) > LONGEST_CONDITION:
            raise _too_deep(shape)
        return condition

    def holds(self, writer: Writer, shape: Shape, constraint: Constraint, focus: str) -> Condition:
        """Make the condition that a constraint of a shape holds at a focus node."""
        match constraint.test:
            case ValueTest(condition):
                return self.all_values(writer, shape, focus, lambda value: condition(writer, value))
            case Nested(node):
                return self.all_values(writer, shape, focus, lambda value: self.conforms(node, writer, value))
            case NodeTest(condition):
                return condition(writer, focus)
            case Search(pattern, columns):
                variables = [writer.fresh(column) for column in columns]
                return ~exists(pattern(writer, focus, variables))

    def all_values(
        self, writer: Writer, shape: Shape, focus: str, condition: Callable[[str], Condition]
    ) -> Condition:
        """Make the condition that every value node of a focus node meets a condition."""
        if shape.path is None:
            return condition(focus)
        value = writer.fresh("value")
        wrong = ~condition(value)
        if wrong == FALSE:
            return TRUE
        return ~exists(reach(writer, focus, shape.path, value), keep_if(wrong))

    def reads(self, node: Node) -> list[Read]:
        """List what checking a node against a shape reads, from that node."""
        shape = self.shapes.shape(node)
        if not shape.active:
            return []
        if node in self._within:
            raise _recursive(shape)
        self._within.append(node)
        try:
            reads = [read for c in self.constraints(shape) for read in self._constraint_reads(shape, c)]
        finally:
            self._within.pop()
        return reads if len(reads) <= MOST_READS else list(EVERYTHING)

    def _constraint_reads(self, shape: Shape, constraint: Constraint) -> list[Read]:
        match constraint.test:
            case ValueTest(_, reads):
                return after(shape.path, reads)
            case Nested(node):
                return after(shape.path, self.reads(node))
            case NodeTest(_, reads):
                return list(reads)
            case Search(reads=reads):
                return list(reads)

    def _check_reads(
        self, chain: tuple[Shape, ...], steps: tuple[Shape, ...], constraint: Constraint
    ) -> list[Read]:
        reads = self._constraint_reads(chain[-1], constraint)
        for step in reversed(steps):
            reads = after(step.path, reads)
        return list(dict.fromkeys([*targets_of(self.shapes, chain[0]).reads(), *reads]))


def _recursive(shape: Shape) -> UnsupportedError:
    """SHACL 3.4.3 leaves open what recursive shapes mean; the reference validator answers."""
    return UnsupportedError(
        Text(
            zh=f"{shape.name} 引用了自己(数据也循环时结果不定,SHACL 3.4.3)",
            en=f"{shape.name} refers to itself (where the data go in circles too, SHACL leaves the "
            "answer open: 3.4.3)",
        )
    )


def _too_deep(shape: Shape) -> UnsupportedError:
    return UnsupportedError(
        Text(zh=f"{shape.name} 嵌套的规则太多", en=f"too many shapes are nested in {shape.name}")
    )
