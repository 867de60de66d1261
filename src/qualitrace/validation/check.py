"""A check: one constraint of one shape, where it is reached from a target, as a query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from qualitrace.validation.constraint import Constraint, Search, ValueTest
from qualitrace.validation.paths import last_predicate
from qualitrace.validation.reads import Read
from qualitrace.validation.shapes import Shape

NAMED_IRI = re.compile(r"<([^<>\s]+)>")  # an IRI in a message, which becomes its label
FOCUS = "«focus»"  # stands for what binds the first focus node


@dataclass(frozen=True)
class Check:
    """One constraint of one shape, where it is reached from a target, as a query.

    ``shapes`` is the chain from the shape with the target to the one the constraint belongs to.
    ``nodes`` are the variables of the focus nodes along it, where they differ; the last one is the
    focus node of the results.
    """

    name: str
    shapes: tuple[Shape, ...]
    constraint: Constraint
    template: str  # with a mark for the focus and marks for classes
    nodes: tuple[str, ...]
    variables: tuple[str, ...]  # variables of the constraint's columns
    reads: tuple[Read, ...]  # from the first focus node
    suspects: str = ""  # a template that finds values to look at as they were written

    @property
    def root(self) -> Shape:
        """The shape whose target selects the first focus node."""
        return self.shapes[0]

    @property
    def shape(self) -> Shape:
        """The shape the constraint belongs to (``sh:sourceShape``)."""
        return self.shapes[-1]

    @cached_property
    def mentions(self) -> tuple[ox.NamedNode, ...]:
        """The terms whose labels every message of this check needs: its property, classes and the like."""
        path = self.shape.path
        predicate = last_predicate(path) if path is not None else ""
        named = [iri for words in self.constraint.default.values() for iri in NAMED_IRI.findall(words)]
        return tuple(ox.NamedNode(iri) for iri in dict.fromkeys([predicate, *named]) if iri)

    @property
    def tests_value(self) -> bool:
        """Tell whether results have the tested node as their value."""
        return isinstance(self.constraint.test, ValueTest)

    @property
    def asks_shapes(self) -> bool:
        """Tell whether the query asks the shapes graph too."""
        return isinstance(self.constraint.test, Search) and self.constraint.test.asks_shapes

    @property
    def columns(self) -> tuple[str, ...]:
        """What the variables are called in the constraint (``value``, ``path``, …)."""
        test = self.constraint.test
        if isinstance(test, Search):
            return test.columns
        return ("value",) if self.variables else ()
