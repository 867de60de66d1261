"""The trace question: which edges count on a day, and its answer as paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

from qualitrace.journal.model import Basis
from qualitrace.profile.dates import iso
from qualitrace.text import Text
from qualitrace.tracing.graph import Edge, TraceGraph
from qualitrace.tracing.model import Ending, Node, Path, Step
from qualitrace.tracing.nodes import NodeBook, Stewards, joined
from qualitrace.tracing.schema import TraceSchema, Types
from qualitrace.tracing.search import REACHED, Found, Question

_STRENGTH = (Basis.STATED, Basis.INFERRED, Basis.INHERITED)
_NO_TEXT = Text()
# All of a path but its last step: steps, rank of the basis, places of the nodes by label and by IRI.
_Beginning = tuple[tuple[Step, ...], int, tuple[int, ...], tuple[int, ...]]


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
    """Turns found paths into answers; nodes and steps are made once and shared between paths."""

    def __init__(
        self, graph: TraceGraph, schema: TraceSchema, book: NodeBook, day: int, *, backwards: bool
    ) -> None:
        self._graph = graph
        self._schema = schema
        self._book = book
        self._stewards = Stewards(graph, schema, day)
        self._backwards = backwards
        self._steps: dict[tuple[int, int, int], Step] = {}
        self._ranks: dict[tuple[int, int, int], int] = {}

    def write(self, found: Sequence[Found]) -> tuple[tuple[Path, ...], dict[str, Node]]:
        """Return the paths and every node on them or named by them.

        Stated paths first, then shorter ones, then by labels; identifiers settle what is left.
        """
        nodes = {number: self._book.node(number) for number in {node for one in found for node in one.nodes}}
        by_label = _places(nodes, lambda node: node.label.best() or node.iri)
        # Where no two nodes are called alike, identifiers have nothing to settle.
        alike = len(set(by_label.values())) < len(nodes)
        by_iri = _places(nodes, lambda node: node.iri) if alike else dict.fromkeys(nodes, 0)
        acting = {number for number in nodes if self._book.capacity(number)}
        written = []
        beginnings: dict[tuple[tuple[int, ...], tuple[int, ...]], _Beginning] = {}
        for at, one in enumerate(found):
            # Paths are found depth first: most differ from another in their last step only.
            key = one.nodes[:-1], one.properties[:-1]
            beginning = beginnings.get(key)
            if beginning is None:
                beginning = beginnings[key] = self._beginning(*key, by_label, by_iri)
            steps, rank, labels, names = beginning
            if one.properties:
                edge = one.nodes[-2], one.properties[-1], one.nodes[-1]
                steps = (*steps, self._steps.get(edge) or self._step(edge))
                rank = max(rank, self._ranks[edge])
            last = one.nodes[-1]
            order = (
                rank,
                len(steps),
                (*labels, by_label[last]),
                one.missing,
                (*names, by_iri[last]),
                one.properties,
                at,
            )
            written.append((order, self._path(one, steps, rank, acting)))
        written.sort(key=itemgetter(0))
        paths = tuple([path for _, path in written])
        stewards = {self._graph.id_of(path.steward) for path in paths if path.steward}
        shown = [*nodes.values(), *(self._book.node(number) for number in stewards - nodes.keys())]
        return paths, {node.iri: node for node in sorted(shown, key=lambda node: node.iri)}

    def _beginning(
        self,
        nodes: tuple[int, ...],
        properties: tuple[int, ...],
        by_label: dict[int, int],
        by_iri: dict[int, int],
    ) -> _Beginning:
        edges = list(zip(nodes, properties, nodes[1:], strict=False))
        steps = tuple([self._steps.get(edge) or self._step(edge) for edge in edges])
        rank = max([self._ranks[edge] for edge in edges], default=0)
        return steps, rank, tuple([by_label[n] for n in nodes]), tuple([by_iri[n] for n in nodes])

    def _path(self, found: Found, steps: tuple[Step, ...], rank: int, acting: set[int]) -> Path:
        capacity = _NO_TEXT
        if acting and not acting.isdisjoint(found.nodes):
            capacity = joined(self._book.capacity(number) for number in found.nodes if number in acting)
        if found.missing == REACHED:
            return Path(steps, Ending.REACHED, _STRENGTH[rank], capacity)
        missing = self._schema.properties[found.missing]
        steward = self._stewards.along(reversed(found.nodes))
        return Path(
            steps=steps,
            ending=Ending.ABSENT,
            basis=_STRENGTH[rank],
            capacity=capacity,
            absence=self._book.absence(self._schema.absence(missing), found.nodes[-1], missing),
            missing=missing,
            steward="" if steward is None else self._graph.names[steward],
        )

    def _step(self, edge: tuple[int, int, int]) -> Step:
        here, number, there = edge
        source, target = (there, here) if self._backwards else (here, there)
        rank = self._rank(source, number, target)
        days, names = self._graph.intervals.get(target), self._graph.names
        step = Step(
            names[source],
            self._schema.properties[number],
            names[target],
            _STRENGTH[rank],
            (),
            self._book.capacity(target),
            iso(days[0]) if days else "",
            iso(days[1]) if days else "",
        )
        self._steps[edge], self._ranks[edge] = step, rank
        return step

    def _rank(self, source: int, number: int, target: int) -> int:
        """Return the place of an edge's basis in ``_STRENGTH``."""
        if self._schema.inherited[number]:
            return 2
        return int(self._graph.is_inferred(source, number, target))


def _places(nodes: dict[int, Node], key: Callable[[Node], str]) -> dict[int, int]:
    """Number nodes by the order of a text; nodes with the same text share a number."""
    texts = {number: key(node) for number, node in nodes.items()}
    order = {text: at for at, text in enumerate(sorted(set(texts.values())))}
    return {number: order[text] for number, text in texts.items()}
