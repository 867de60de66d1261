"""Cycles: nodes that lead back to themselves (floor 2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence

import networkx as nx

from qualitrace.budget import look
from qualitrace.networks.model import Analysis, Finding, Link
from qualitrace.networks.rows import Row, graph_of, links_of

WORK = 2_000_000  # links that may be walked to find the shortest cycle of one component


def cycles(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find each knot (strongly connected component with a cycle), with a shortest cycle through it.

    The cycle is a shortest one of the whole component as long as that takes :data:`WORK` steps; of a knot of
    thousands it is a shortest one through the first of its nodes.
    """
    links = links_of(rows)
    graph = graph_of(links)
    found = []
    for knot in nx.strongly_connected_components(graph):
        if len(knot) > 1 or graph.has_edge(*(next(iter(knot)),) * 2):
            look("network")
            found.append(_finding(graph, knot, links))
    found.sort(key=lambda one: (-len(one.nodes["knot"]), one.nodes["ring"]))
    return Analysis(tuple(found), graph.number_of_nodes(), len(links), {"cycles": len(found)})


def _finding(graph: nx.DiGraph[str], knot: set[str], links: Iterable[Link]) -> Finding:
    ring = shortest_cycle(graph, knot)
    steps = set(zip(ring, (*ring[1:], ring[0]), strict=True))
    shown = tuple(link for link in links if (link.source, link.target) in steps)
    rest = tuple(sorted(knot))
    return Finding({"ring": ring, "knot": rest}, {"length": len(ring), "knot": len(knot)}, shown)


def shortest_cycle(graph: nx.DiGraph[str], knot: Collection[str]) -> tuple[str, ...]:
    """Return a shortest cycle in a strongly connected part, from its least node on."""
    best: tuple[str, ...] = ()
    walked = 0
    for start in sorted(knot):
        ring, steps = _cycle_through(graph, knot, start, len(best))
        walked += steps
        if ring and (not best or len(ring) < len(best)):
            best = ring
        if len(best) == 1 or (best and walked > WORK):
            break
    first = best.index(min(best))
    return best[first:] + best[:first]


def _cycle_through(
    graph: nx.DiGraph[str], knot: Collection[str], start: str, below: int
) -> tuple[tuple[str, ...], int]:
    """Return a shortest cycle through a node (none when not shorter than ``below``), and what was walked."""
    came: dict[str, str] = {}
    depth = {start: 0}
    waiting = deque([start])
    walked = 0
    while waiting:
        node = waiting.popleft()
        if below and depth[node] + 1 >= below:
            break
        for after in sorted(graph.successors(node)):
            walked += 1
            if after == start:
                return _back(came, node, start), walked
            if after in knot and after not in depth:
                depth[after], came[after] = depth[node] + 1, node
                waiting.append(after)
    return (), walked


def _back(came: Mapping[str, str], node: str, start: str) -> tuple[str, ...]:
    ring = [node]
    while ring[-1] != start:
        ring.append(came[ring[-1]])
    return tuple(reversed(ring))
