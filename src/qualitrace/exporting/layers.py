"""A layered layout: boxes in rows, arrows between rows, few crossings (floor 4).

The method of Sugiyama, Tagawa and Toda (1981): break cycles, put every box one row below the lowest
box that points at it, send long arrows through an invisible place in each row they pass, order the
rows by the mean of their neighbours, then move each box as near to its neighbours as its row allows.
Everything is deterministic: the order of ``sizes`` settles what is left open.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

_SWEEPS = 8
_THIN = 14.0  # room for an arrow that passes a row, in pixels

Edge = tuple[str, str]
Point = tuple[float, float]
Route = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Least distance between boxes of a row, and between rows, in pixels."""

    within: float
    between: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Centres of boxes, and for each arrow the points it passes through, from border to border.

    Coordinates are (across, along): along a row, and down the rows. The gaps between rows that an
    arrow crosses are its points 0-1, 2-3, …. A loop has no route. ``breadth`` is the number of boxes
    in the fullest row.
    """

    centres: Mapping[str, Point]
    routes: Mapping[Edge, Route]
    across: float
    along: float
    breadth: int


def place(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge], gaps: Gaps) -> Placed:
    """Place boxes of the given (across, along) sizes in rows. ``edges`` name boxes of ``sizes``."""
    forward = _acyclic(list(sizes), edges)
    chains, rows = _rows(forward)
    rows = _ordered(rows, chains)
    widths = {name: sizes[name][0] if name in sizes else _THIN for row in rows for name in row}
    across = _across(rows, chains, widths, gaps.within)
    along, depth = _along(rows, sizes, gaps.between)
    left = min((across[name] - widths[name] / 2 for name in across), default=0.0)
    across = {name: centre - left for name, centre in across.items()}
    routes = {ends: _route(chain, across, along) for ends, chain in chains.items()}
    routes |= {ends[::-1]: route[::-1] for ends, route in routes.items() if ends[::-1] in edges}
    return Placed(
        centres={name: (across[name], sum(along[name]) / 2) for name in sizes},
        routes={edge: routes[edge] for edge in dict.fromkeys(edges) if edge in routes},
        across=max((across[name] + widths[name] / 2 for name in across), default=0.0),
        along=depth,
        breadth=max((sum(name in sizes for name in row) for row in rows), default=0),
    )


def _acyclic(nodes: Sequence[str], edges: Sequence[Edge]) -> nx.DiGraph[str]:
    """Keep the edges that close no cycle; turn the others round. Loops have no place in rows."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    for source, target in edges:
        if source == target:
            continue
        backwards = nx.has_path(graph, target, source)
        graph.add_edge(*((target, source) if backwards else (source, target)))
    return graph


def _rows(graph: nx.DiGraph[str]) -> tuple[dict[Edge, list[str]], list[list[str]]]:
    """Rows of names, and for each edge the names it passes from its upper to its lower end."""
    order = {name: number for number, name in enumerate(graph)}
    rows = [sorted(row, key=order.__getitem__) for row in nx.topological_generations(graph)]
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    chains: dict[Edge, list[str]] = {}
    for upper, lower in graph.edges:
        between = range(row_of[upper] + 1, row_of[lower])
        chain = [upper, *(f"{upper}\0{lower}\0{row}" for row in between), lower]
        for row, name in zip(between, chain[1:-1], strict=True):
            rows[row].append(name)
        chains[upper, lower] = chain
    return chains, rows


def _neighbours(chains: Mapping[Edge, list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains.values():
        for upper, lower in itertools.pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    return above, below


def _ordered(rows: list[list[str]], chains: Mapping[Edge, list[str]]) -> list[list[str]]:
    """Order the rows by the mean place of their neighbours, down and up in turn; keep the best."""
    above, below = _neighbours(chains)
    best, least = rows, _crossings(rows, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rows = _sweep(rows, above if down else below, down=down)
        crossings = _crossings(rows, below)
        if crossings < least:
            best, least = rows, crossings
    return best


def _sweep(rows: list[list[str]], neighbours: Mapping[str, list[str]], *, down: bool) -> list[list[str]]:
    done: list[list[str]] = []
    place_of: dict[str, float] = {}
    for row in rows if down else reversed(rows):
        means = {}
        for number, name in enumerate(row):
            near = [place_of[other] for other in neighbours.get(name, ())]
            means[name] = sum(near) / len(near) if near else (number + 0.5) / len(row)
        ordered = sorted(row, key=means.__getitem__)
        place_of |= {name: (number + 0.5) / len(row) for number, name in enumerate(ordered)}
        done.append(ordered)
    return done if down else done[::-1]


def _crossings(rows: list[list[str]], below: Mapping[str, list[str]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(rows):
        place_of = {name: number for number, name in enumerate(lower)}
        ends = [sorted(place_of[other] for other in below.get(name, ())) for name in upper]
        for number, mine in enumerate(ends):
            count += sum(a > b for others in ends[number + 1 :] for a in mine for b in others)
    return count


def _across(
    rows: list[list[str]], chains: Mapping[Edge, list[str]], widths: Mapping[str, float], gap: float
) -> dict[str, float]:
    """Coordinates along the rows: as near to the neighbours as order and width allow."""
    above, below = _neighbours(chains)
    found: dict[str, float] = {}
    for row in rows:
        _spread_row(row, dict.fromkeys(row, 0.0), widths, gap, found)
    for sweep in range(_SWEEPS * 2):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            wanted = {}
            for name in row:
                others = [found[other] for other in near.get(name, ())]
                wanted[name] = sum(others) / len(others) if others else found[name]
            _spread_row(row, wanted, widths, gap, found)
    return found


def _spread_row(
    row: list[str],
    wanted: Mapping[str, float],
    widths: Mapping[str, float],
    gap: float,
    into: dict[str, float],
) -> None:
    placed = spread([wanted[name] for name in row], [widths[name] for name in row], gap)
    into.update(zip(row, placed, strict=True))


def spread(wanted: Sequence[float], widths: Sequence[float], gap: float) -> list[float]:
    """Move centres as little as possible (least squares) so that none overlaps; the order stays.

    Pool adjacent violators: what is too close becomes one block that sits at its members' mean.
    """
    offsets = [0.0]
    for left, right in itertools.pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + gap)
    blocks: list[tuple[float, int]] = []  # mean of (wanted - offset), members
    for want, offset in zip(wanted, offsets, strict=False):
        mean, members = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean = (mean * members + other * count) / (members + count)
            members += count
        blocks.append((mean, members))
    means = [mean for mean, members in blocks for _ in range(members)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def _along(
    rows: list[list[str]], sizes: Mapping[str, tuple[float, float]], gap: float
) -> tuple[dict[str, tuple[float, float]], float]:
    """Where each name's row begins and ends (a box within its row is its own size), and the depth."""
    found: dict[str, tuple[float, float]] = {}
    top = 0.0
    for row in rows:
        height = max(sizes[name][1] for name in row if name in sizes)
        for name in row:
            half = (sizes[name][1] if name in sizes else height) / 2
            found[name] = (top + height / 2 - half, top + height / 2 + half)
        top += height + gap
    return found, max(0.0, top - gap)


def _route(
    chain: Sequence[str], across: Mapping[str, float], along: Mapping[str, tuple[float, float]]
) -> Route:
    """From the lower border of the first box, straight through the rows between, to the last one."""
    points = [(across[name], border) for name in chain for border in along[name]]
    return tuple(points[1:-1])
