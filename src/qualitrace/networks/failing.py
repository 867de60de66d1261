"""Single points of failure: whose absence leaves something without its last route to an end (floor 2).

Exact, not a measure of centrality: a point lies on every route from a start to the ends if, and only if, it
dominates the start in the reversed network, entered from all ends at once (Lengauer and Tarjan, 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx

from qualitrace.budget import look
from qualitrace.networks.model import Analysis, Finding, Link
from qualitrace.networks.rows import Row, graph_of, links_of, pairs_of

_ENDS = ""  # all ends at once; no IRI is empty


def failure_points(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find the points without which most of ``?of`` (else ``?start``) break.

    Something breaks when one of its starts that reaches an end now would reach none without the point;
    ``whole`` counts what would be left with no route at all. Only what breaks ``bound`` or more is
    found, and of that the first ``most``; ``broken`` of the whole network counts what has no route as it is.
    """
    links = links_of(rows)
    parts = _of_starts(rows)
    starts = {start for some in parts.values() for start in some}
    ends = {row["end"] for row in rows if "end" in row}
    points = {row["point"] for row in rows if "point" in row}
    lost = lost_without(links, starts, points, ends)
    reaching = reaching_of(links, starts, ends)
    of_start: dict[str, set[str]] = {}
    for thing, some in parts.items():
        for start in some:
            of_start.setdefault(start, set()).add(thing)
    found = [
        _finding(point, gone, of_start, parts, reaching, links)
        for point, gone in lost.items()
        if len({thing for start in gone for thing in of_start[start]}) >= settings["bound"]
    ]
    found.sort(key=lambda one: (-one.figures["breaks"], -one.figures["starts"], one.nodes["point"]))
    counts = sorted(
        ((point, float(len({t for s in gone for t in of_start[s]}))) for point, gone in lost.items()),
        key=lambda pair: (-pair[1], pair[0]),
    )
    figures = {
        "points": len(points),
        "things": len(parts),
        "broken": sum(not some & reaching for some in parts.values()),
        "worst": max((number for _, number in counts), default=0),
        "found": len(found),
    }
    shown = tuple(found[: int(settings["most"])])
    return Analysis(shown, len(starts), len(links), figures, tuple(counts))


def _of_starts(rows: Sequence[Row]) -> dict[str, set[str]]:
    named = pairs_of((row for row in rows if "of" in row), "of", "start")
    for row in rows:
        if "start" in row and "of" not in row:
            named.setdefault(row["start"], set()).add(row["start"])
    return named


def reaching_of(links: Sequence[Link], starts: set[str], ends: set[str]) -> set[str]:
    """Return the starts that reach an end now."""
    return starts & _reversed(links, ends).nodes - {_ENDS}


def _reversed(links: Sequence[Link], ends: set[str]) -> nx.DiGraph[str]:
    """The reversed network that is reached from the ends, entered at ``_ENDS``."""
    graph = graph_of(links).reverse(copy=False)
    entered: nx.DiGraph[str] = nx.DiGraph(graph)
    entered.add_node(_ENDS)
    entered.add_edges_from((_ENDS, end) for end in ends)
    reached = {_ENDS, *nx.descendants(entered, _ENDS)}
    kept: nx.DiGraph[str] = nx.DiGraph()
    kept.add_nodes_from(reached)
    kept.add_edges_from(
        (source, target) for source, target in entered.edges if source in reached and target in reached
    )
    return kept


def lost_without(
    links: Sequence[Link], starts: set[str], points: set[str], ends: set[str]
) -> dict[str, set[str]]:
    """Return, for each point, the starts that lose their last route to an end when it is gone.

    Points that cost nothing are left out. A start is not lost by its own absence.
    """
    graph = _reversed(links, ends)
    look("network")
    above = nx.immediate_dominators(graph, _ENDS)
    look("network")
    lost: dict[str, set[str]] = {}
    for start in starts & graph.nodes - {_ENDS}:
        node = above.get(start)
        while node is not None and node != _ENDS:
            if node in points:
                lost.setdefault(node, set()).add(start)
            node = above.get(node)
    return dict(sorted(lost.items()))


def _finding(
    point: str,
    gone: set[str],
    of_start: Mapping[str, set[str]],
    parts: Mapping[str, set[str]],
    reaching: set[str],
    links: Sequence[Link],
) -> Finding:
    things = sorted({thing for start in gone for thing in of_start[start]})
    whole = [thing for thing in things if not (parts[thing] & reaching) - gone]
    shown = {Link(thing, start) for thing in things for start in parts[thing] & gone if thing != start}
    shown |= {link for link in links if link.source in gone and link.target == point}
    shown |= {
        Link(start, point)
        for start in gone
        if not any(one.source == start and one.target == point for one in shown)
    }
    return Finding(
        {"point": (point,), "broken": tuple(things), "start": tuple(sorted(gone))},
        {"breaks": len(things), "whole": len(whole), "starts": len(gone)},
        tuple(sorted(shown)),
    )
