"""Running compiled checks: from queries to hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby, islice

import pyoxigraph as ox

from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.constraint import Search, ValueTest
from qualitrace.validation.data import (
    NODES,
    Data,
    Solution,
    Term,
    batches,
    bindings,
    named,
)
from qualitrace.validation.expressions import block
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.paths import Predicate, hops
from qualitrace.validation.shapes import Shape
from qualitrace.validation.side_by_side import side_by_side
from qualitrace.validation.sparql_constraints import SHAPES_GRAPH

MOST_WRONG = 1000  # with more, each check is quicker on all targets than on these


@dataclass(frozen=True, slots=True)
class Hit:
    """One solution of a check: a validation result before it is worded.

    ``row`` maps the constraint's column names to terms.
    """

    check: Check
    root: Term
    focus: Term
    value: Term | None
    path: ox.NamedNode | None
    row: Mapping[str, Term]

    @property
    def has_own_value(self) -> bool:
        """Tell whether the value is another node than the focus node, found by the query."""
        return "value" in self.row


class Runner:
    """Runs checks of one compiled shapes graph on one state of the data."""

    def __init__(self, compiled: CompiledShapes, data: Data, hierarchy: Hierarchy | None = None) -> None:
        self.compiled = compiled
        self.data = data
        self.hierarchy = data.hierarchy() if hierarchy is None else hierarchy
        self._with_shapes: Data | None = None

    def _data(self, check: Check) -> Data:
        """The data, with the shapes graph beside them for the rare query that asks it."""
        if not check.asks_shapes:
            return self.data
        if self._with_shapes is None:
            self._with_shapes = self.data.with_graph(SHAPES_GRAPH, self.compiled.shapes.graph)
        return self._with_shapes

    def everything(self, targeted: Mapping[str, int]) -> Iterator[Hit]:
        """Run every check on every target, screening each shape first; queries run side by side.

        ``targeted`` says of shapes how many nodes they target: those with most begin, so that no long
        query is left for the end.
        """
        for check in self.compiled.checks:
            self._data(check)  # what a rare query needs beside the data is made before threads share it
        pieces: list[Callable[[], list[Hit]]] = []
        groups = [(root, list(checks)) for root, checks in groupby(self.compiled.checks, key=_root)]
        for root, checks in sorted(groups, key=lambda group: -targeted.get(group[0].name, 0)):
            screened = []
            for check in checks:
                if check.name in self.compiled.screened and not (check.suspects and self.data.exact):
                    screened.append(check)
                else:
                    pieces.append(partial(self._on_all, [check]))
            pieces.append(partial(self._screening, root, screened))
        return chain.from_iterable(side_by_side(pieces))

    def _on_all(self, checks: Iterable[Check]) -> list[Hit]:
        return [hit for check in checks for hit in self.all(check)]

    def _screening(self, root: Shape, checks: Sequence[Check]) -> list[Hit]:
        """Run checks of a shape where its screen finds something wrong."""
        wrong = self._screened(root)
        if wrong is None:
            return self._on_all(checks)
        return [hit for check in checks for hit in self.detached(check, wrong)]

    def _screened(self, root: Shape) -> list[Term] | None:
        """The focus nodes where anything is wrong; None where that is not known, or too many to name."""
        query = self.compiled.screen(root, self.hierarchy)
        if not query:
            return None
        found = [row["this"] for row in islice(self.data.select(query), MOST_WRONG + 1)]
        return None if len(found) > MOST_WRONG else found

    def all(self, check: Check) -> Iterator[Hit]:
        """Run a check on every target."""
        return self._run(check, None, ())

    def some(self, check: Check, focus: Iterable[Term]) -> Iterator[Hit]:
        """Run a check on those of the given nodes that are targets."""
        targets = block(self.compiled.targets_as(check.root, check.nodes[0]))
        for batch in batches(focus):
            yield from self._run(check, f"{NODES}\n{targets}", batch)

    def detached(self, check: Check, focus: Iterable[Term]) -> Iterator[Hit]:
        """Run a check on given nodes, targets or not."""
        for batch in batches(focus):
            yield from self._run(check, NODES, batch)

    def targets(self, root: Shape) -> Iterator[Term]:
        """Find the focus nodes of a shape, each once."""
        query = f"SELECT DISTINCT ?this WHERE {{\n{self.compiled.targets_as(root, '?this')}\n}}"
        return (row["this"] for row in self.data.select(self.compiled.filled(query, self.hierarchy)))

    def _run(self, check: Check, focus: str | None, batch: Sequence[Term]) -> Iterator[Hit]:
        first = check.nodes[0]
        query = self.compiled.query(check, self.hierarchy, focus)
        bound = bindings(first, batch)
        for row in self._data(check).select(named(query, first, batch), bound):
            yield from self._as_written(hit_of(check, row))
        if check.suspects and self.data.exact:
            query = self.compiled.query(check, self.hierarchy, focus, suspects=True)
            for row in self.data.select(named(query, first, batch), bound):
                yield from (hit for hit in self._as_written(hit_of(check, row)) if _is_wrong(hit))

    def _as_written(self, hit: Hit) -> Iterator[Hit]:
        """Give the value of a hit the form it was written in; several forms are several hits."""
        value, predicate = hit.value, _last_predicate(hit)
        if not isinstance(value, ox.Literal):
            yield hit
        elif not hit.has_own_value:
            written = self.compiled.target_literals.get(value, value)
            yield replace(hit, focus=written, value=written)
        elif not self.data.exact or not predicate:
            yield hit
        else:
            is_direct = hit.path is not None or isinstance(hit.check.shape.path, Predicate)
            exact = self.data.exact
            forms = (
                exact.written(str(hit.focus), predicate, value)
                if is_direct
                else exact.written_anywhere(predicate, value)
            )
            for form in forms:
                yield replace(hit, value=form)


def _root(check: Check) -> Shape:
    return check.root


def _is_wrong(hit: Hit) -> bool:
    test = hit.check.constraint.test
    assert isinstance(test, ValueTest) and test.as_written is not None
    return isinstance(hit.value, ox.Literal) and not test.as_written.accepts(hit.value)


def _last_predicate(hit: Hit) -> str:
    """The predicate of the triple that a result's value is the object of, as far as it is known."""
    if hit.path is not None:
        return hit.path.value
    path = hit.check.shape.path
    last = hops(path)[-1] if path is not None else None
    return last.iri if isinstance(last, Predicate) else ""


def hit_of(check: Check, solution: Solution) -> Hit:
    """Read one solution of a check."""
    variables = zip(check.columns, check.variables, strict=True)
    row = {name: solution[v[1:]] for name, v in variables if v[1:] in solution}
    focus = solution[check.nodes[-1][1:]]
    path = row.get("path")
    return Hit(
        check=check,
        root=solution[check.nodes[0][1:]],
        focus=focus,
        value=row.get("value") or _implied_value(check, focus),
        path=path if isinstance(path, ox.NamedNode) else None,
        row=row,
    )


def _implied_value(check: Check, focus: Term) -> Term | None:
    """The focus node is the value where a node shape tests it (SHACL 3.6.2.4)."""
    test = check.constraint.test
    if isinstance(test, Search):
        return focus if test.value_is_focus else None
    return focus if check.tests_value and not check.variables else None
