"""Islands: nodes that hang together and to nothing that anchors them (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx

from qualitrace.networks.model import Analysis, Finding
from qualitrace.networks.rows import Row, graph_of, links_of


def islands(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find the weakly connected parts that hold no anchor, the largest first.

    Where no row names an anchor, the largest part is the mainland: all others are islands.
    """
    links = links_of(rows)
    graph = graph_of(links)
    graph.add_nodes_from(row["node"] for row in rows if "node" in row)
    anchors = {row["anchor"] for row in rows if "anchor" in row}
    graph.add_nodes_from(anchors)
    parts = sorted(nx.weakly_connected_components(graph), key=lambda part: (-len(part), min(part)))
    lone = [part for part in parts if not part & anchors] if anchors else parts[1:]
    island_of = {node: number for number, part in enumerate(lone) for node in part}
    within: list[list[int]] = [[] for _ in lone]
    for number, link in enumerate(links):
        if link.source in island_of:
            within[island_of[link.source]].append(number)
    found = tuple(
        Finding({"member": tuple(sorted(part))}, {"size": len(part)}, tuple(links[n] for n in numbers))
        for part, numbers in zip(lone, within, strict=True)
    )
    figures = {"parts": len(parts), "islands": len(found), "apart": len(island_of)}
    return Analysis(found, graph.number_of_nodes(), len(links), figures)
