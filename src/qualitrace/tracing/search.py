"""Finding paths: a bounded search over numbered nodes, pruned backwards from where paths may end.

The search first walks outwards from the start, breadth first and no deeper than asked; then it walks
back from the ends it met, so that the enumeration afterwards steps only on edges from which an end
can still be reached within the bound. It knows nothing of facts: a :class:`Question` says which edges
may be followed and where a path ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qualitrace import budget

Edge = tuple[int, int]  # neighbour, property number

_OFTEN = 1024  # steps between two looks at the time

REACHED = -1  # in the place of a missing property: the path ends at a node that was asked for


class Found(NamedTuple):
    """A path: the nodes from the start, the properties between them, and how it ends.

    ``missing`` is ``REACHED``, or the number of the property that is missing at the last node.
    """

    nodes: tuple[int, ...]
    properties: tuple[int, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched: edges that may be followed from a node, and how a path may end there.

    ``ends`` lists the ways (``REACHED`` or missing properties; never ``REACHED`` for the start).
    ``follow`` must not depend on how the node was reached. ``order`` sorts edges whenever a bound
    forces a choice, so that the same facts give the same answer.
    """

    start: int
    follow: Callable[[int], list[Edge]]
    ends: Callable[[int], Sequence[int]]
    order: Callable[[Edge], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """``limit`` paths, ``max_depth`` steps each, ``effort`` edges tried in one enumeration."""

    limit: int
    max_depth: int
    effort: int = 2_000_000


@dataclass(slots=True)
class _Region:
    """What the walk outwards met. ``steps`` maps a node to its edges, ``nearest`` to the least number
    of steps from it to an end; nodes that lead to no end within the bound are in neither."""

    ends: dict[int, Sequence[int]] = field(default_factory=dict)
    steps: dict[int, list[Edge]] = field(default_factory=dict)
    nearest: dict[int, int] = field(default_factory=dict)
    beyond: bool = False  # an end was seen past the depth bound, or the time was over


@dataclass(slots=True)
class _Tally:
    """What an enumeration had to leave out."""

    effort: int
    cut: bool = False


def search(question: Question, bounds: Bounds, *, shortest: bool = False) -> tuple[list[Found], bool]:
    """Return the simple paths of a question, and whether a bound may have left some out.

    When there are more than ``limit``, the shortest are kept. With ``shortest`` only the shortest
    paths to each end are returned. The flag is never false when paths are missing; in a graph with
    cycles it may be true when none are, because a way on that was cut may only have led back.
    When the time of the question (:mod:`qualitrace.budget`) is over, the paths found so far are returned.
    """
    region = _explore(question, bounds.max_depth, shortest=shortest)
    tally = _Tally(bounds.effort)
    found: list[Found] = []
    for path in _walk(question.start, region, bounds.max_depth, tally):
        found.append(path)
        if len(found) > bounds.limit:
            break
    if len(found) > bounds.limit or tally.effort <= 0:
        chosen = [] if _late() else _shortest_first(question, region, bounds)
        return chosen or found[: bounds.limit], True
    return found, region.beyond or tally.cut


def _late() -> bool:
    """Tell whether the time is over, and note that paths may be missing for it."""
    held = budget.held()
    if held is None or not held.spent:
        return False
    held.leave_out("trace")
    return True


def _explore(question: Question, max_depth: int, *, shortest: bool) -> _Region:
    region = _Region()
    levels = {question.start: 0}
    edges: dict[int, list[Edge]] = {}
    ring = [question.start]
    for depth in range(max_depth + 1):
        outer: list[int] = []
        for at, node in enumerate(ring):
            if not at % _OFTEN and _late():
                region.beyond = True
                break
            ways = question.ends(node)
            if ways:
                region.ends[node] = ways
            if depth == max_depth:
                continue
            edges[node] = question.follow(node)
            for neighbour, _ in edges[node]:
                if neighbour not in levels:
                    levels[neighbour] = depth + 1
                    outer.append(neighbour)
        if depth < max_depth:
            ring = outer
    region.beyond = region.beyond or _end_past(ring, question, levels if shortest else {})
    _prune(region, _onward(edges, levels) if shortest else edges)
    return region


def _onward(edges: dict[int, list[Edge]], levels: dict[int, int]) -> dict[int, list[Edge]]:
    """Keep the edges that lead one level further out: those of shortest paths."""
    return {
        node: [edge for edge in ways if levels[edge[0]] == levels[node] + 1] for node, ways in edges.items()
    }


def _end_past(ring: list[int], question: Question, ignored: dict[int, int]) -> bool:
    """Tell whether an end lies one step or more past the outermost ring."""
    seen = set(ring)
    queue = list(ring)
    looked = 0
    while queue:
        looked += 1
        if not looked % _OFTEN and _late():
            return True
        for neighbour, _ in question.follow(queue.pop()):
            if neighbour not in ignored and question.ends(neighbour):
                return True
            if neighbour not in seen:
                seen.add(neighbour)
                queue.append(neighbour)
    return False


def _prune(region: _Region, edges: dict[int, list[Edge]]) -> None:
    """Walk back from the ends; keep only nodes and edges that lead to one."""
    sources: dict[int, list[int]] = {}
    for node, onward in edges.items():
        for neighbour, _ in onward:
            sources.setdefault(neighbour, []).append(node)
    nearest = dict.fromkeys(region.ends, 0)
    ring = list(region.ends)
    distance = 0
    while ring:
        distance += 1
        inner: list[int] = []
        for node in ring:
            for source in sources.get(node, ()):
                if source not in nearest:
                    nearest[source] = distance
                    inner.append(source)
        ring = inner
    region.nearest = nearest
    region.steps = {
        node: [edge for edge in edges[node] if edge[0] in nearest] for node in nearest if node in edges
    }


def _walk(
    start: int, region: _Region, max_depth: int, tally: _Tally, *, exactly: bool = False
) -> Iterator[Found]:
    """Enumerate simple paths of at most (or exactly) ``max_depth`` steps, depth first."""
    steps, nearest, ends = region.steps, region.nearest, region.ends
    nodes, on_path = [start], {start}
    properties: list[int] = []
    if max_depth == 0 or not exactly:
        yield from (Found((start,), (), missing) for missing in ends.get(start, ()))
    stack = [iter(steps.get(start, ()))]
    while stack and tally.effort > 0:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            on_path.discard(nodes.pop())
            del properties[-1:]
            continue
        tally.effort -= 1
        if not tally.effort % _OFTEN and _late():
            tally.cut = True
            return
        depth, node = len(stack), edge[0]
        if node in on_path:
            continue
        if depth + nearest[node] > max_depth:
            tally.cut = True
            continue
        if node in ends and (depth == max_depth or not exactly):
            here = (*nodes, node), (*properties, edge[1])
            yield from (Found(*here, missing) for missing in ends[node])
        if depth == max_depth:
            tally.cut = tally.cut or _leads_on(steps.get(node, ()), on_path)
            continue
        nodes.append(node)
        properties.append(edge[1])
        on_path.add(node)
        stack.append(iter(steps.get(node, ())))


def _leads_on(edges: Sequence[Edge], on_path: set[int]) -> bool:
    return any(neighbour not in on_path for neighbour, _ in edges)


def _shortest_first(question: Question, region: _Region, bounds: Bounds) -> list[Found]:
    """Enumerate again by growing length and in a fixed order, and stop at the limit."""
    for onward in region.steps.values():
        onward.sort(key=question.order)
    tally = _Tally(bounds.effort)
    found: list[Found] = []
    for length in range(bounds.max_depth + 1):
        for path in _walk(question.start, region, length, tally, exactly=True):
            found.append(path)
            if len(found) == bounds.limit:
                return found
        if tally.effort <= 0:
            break
    return found
