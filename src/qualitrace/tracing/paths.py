"""The trace question: which edges count on a day, and its answer as paths."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.journal.model import Basis
from qualitrace.text import Text
from qualitrace.tracing.dates import FIRST_DAY, LAST_DAY, iso
from qualitrace.tracing.graph import Edge, TraceGraph
from qualitrace.tracing.model import Ending, Node, Path, Step
from qualitrace.tracing.nodes import NodeBook, Stewards, joined
from qualitrace.tracing.schema import TraceSchema, Types
from qualitrace.tracing.search import REACHED, Found, Question

_STRENGTH = (Basis.STATED, Basis.MERGED, Basis.DERIVED, Basis.INFERRED, Basis.INHERITED)
_RANK = {basis: rank for rank, basis in enumerate(_STRENGTH)}


class TraceQuestion:
    """What may be followed on one day, towards nodes of one class (or back from one node).

    Inherited edges leave a node only when no other route from it reaches a node of ``goal``, the
    classes that are asked for. A backwards trace asks which nodes reach its start, so the classes of
    the start are then the goal; it gives the same paths as tracing forwards from each answer.
    """

    def __init__(
        self, graph: TraceGraph, schema: TraceSchema, day: int, start: int, to: str, *, backwards: bool
    ) -> None:
        self._graph = graph
        self._schema = schema
        self._day = day
        self._start = start
        self._to = to
        self._asked = schema.family(to)
        self._goal = self._goal_of(start) if backwards else self._asked
        self._named: set[int] = set()  # nodes known to reach the goal without inheriting
        self._unnamed: set[int] = set()
        self._backwards = backwards

    def question(self) -> Question:
        """Return the question in the terms of the search."""
        names, properties = self._graph.names, self._schema.properties
        return Question(
            start=self._start,
            follow=self._back if self._backwards else self._forth,
            ends=self._reached if self._backwards else self._ends,
            order=lambda edge: (properties[edge[1]], names[edge[0]]),
        )

    def _goal_of(self, start: int) -> Types:
        types = self._schema.most_specific(self._graph.types_of(start))
        classes = self._schema.profile.classes
        return frozenset(types).union(*(classes[iri].children for iri in types if iri in classes))

    def _forth(self, node: int) -> list[Edge]:
        inherited = self._schema.inherited
        steps = self._graph.steps(node, self._day)
        return [step for step in steps if not (inherited[step[1]] and self._reaches_goal(node))]

    def _back(self, node: int) -> list[Edge]:
        inherited = self._schema.inherited
        steps = self._graph.steps(node, self._day, backwards=True)
        return [step for step in steps if not (inherited[step[1]] and self._reaches_goal(step[0]))]

    def _reached(self, node: int) -> tuple[int, ...]:
        asked = node != self._start and not self._asked.isdisjoint(self._graph.types_of(node))
        return (REACHED,) if asked else ()

    def _ends(self, node: int) -> tuple[int, ...]:
        """Ends of a forwards path: nodes of the asked class, and links that should be there."""
        expected = self._schema.expected(self._to, self._graph.types_of(node))
        if not expected:
            return self._reached(node)
        present = self._graph.present(node, self._day)
        inherited = self._schema.inherited
        missing = tuple(
            number
            for number in expected
            if number not in present and not (inherited[number] and self._reaches_goal(node))
        )
        return self._reached(node) + missing

    def _reaches_goal(self, node: int) -> bool:
        """Tell whether a route of at least one step, none of them inherited, reaches the goal."""
        if node in self._named or node in self._unnamed:
            return node in self._named
        seen, queue = {node}, [node]
        while queue:
            for other, number in self._graph.steps(queue.pop(), self._day):
                if self._schema.inherited[number]:
                    continue
                if other in self._named or not self._goal.isdisjoint(self._graph.types_of(other)):
                    self._named.add(node)
                    return True
                if other not in seen and other not in self._unnamed:
                    seen.add(other)
                    queue.append(other)
        self._unnamed |= seen
        return False


class PathWriter:
    """Turns found paths into answers; nodes and steps are made once and shared."""

    def __init__(
        self, graph: TraceGraph, schema: TraceSchema, book: NodeBook, day: int, *, backwards: bool
    ) -> None:
        self._graph = graph
        self._schema = schema
        self._book = book
        self._stewards = Stewards(graph, schema, day)
        self._backwards = backwards
        self._steps: dict[tuple[int, int, int], Step] = {}

    def write(self, found: Iterable[Found]) -> tuple[tuple[Path, ...], dict[str, Node]]:
        """Return the paths, sorted (see :func:`_sort_key`), and every node on them or named by them."""
        written = [(self._path(one), one) for one in found]
        used = {number for _, one in written for number in one.nodes}
        labels = {number: self._label(number) for number in used}
        written.sort(key=lambda pair: _sort_key(pair[0], [labels[number] for number in pair[1].nodes]))
        stewards = {self._graph.id_of(path.steward) for path, _ in written if path.steward}
        nodes = [self._book.node(number) for number in used | stewards]
        return tuple(path for path, _ in written), {node.iri: node for node in sorted(nodes, key=_iri)}

    def _path(self, found: Found) -> Path:
        nodes = found.nodes
        steps = tuple(
            self._step(nodes[at], number, nodes[at + 1]) for at, number in enumerate(found.properties)
        )
        ended = found.missing != REACHED
        steward = self._stewards.along(reversed(nodes)) if ended else None
        missing = self._schema.properties[found.missing] if ended else ""
        capacities = [text for number in nodes if (text := self._book.capacity(number))]
        return Path(
            steps=steps,
            ending=Ending.ABSENT if ended else Ending.REACHED,
            basis=_STRENGTH[max((_RANK[step.basis] for step in steps), default=0)],
            capacity=joined(capacities) if capacities else Text(),
            absence=self._schema.absence(missing) if ended else Text(),
            missing=missing,
            steward="" if steward is None else self._graph.names[steward],
        )

    def _step(self, here: int, number: int, there: int) -> Step:
        source, target = (there, here) if self._backwards else (here, there)
        key = (source, number, target)
        step = self._steps.get(key)
        if step is None:
            first, last = self._graph.intervals.get(target, (FIRST_DAY, LAST_DAY))
            step = self._steps[key] = Step(
                source=self._graph.names[source],
                property=self._schema.properties[number],
                target=self._graph.names[target],
                basis=self._basis(source, number, target),
                capacity=self._book.capacity(target),
                valid_from=iso(first),
                valid_to=iso(last),
            )
        return step

    def _basis(self, source: int, number: int, target: int) -> Basis:
        if self._schema.inherited[number]:
            return Basis.INHERITED
        return Basis.INFERRED if self._graph.is_inferred(source, number, target) else Basis.STATED

    def _label(self, number: int) -> str:
        node = self._book.node(number)
        return node.label.best() or node.iri


def _sort_key(path: Path, labels: list[str]) -> tuple[object, ...]:
    """Stated first, then shorter, then by what is read; identifiers settle what is left."""
    edges = tuple((step.source, step.property, step.target) for step in path.steps)
    return _RANK[path.basis], len(edges), labels, path.missing, edges


def _iri(node: Node) -> str:
    return node.iri
