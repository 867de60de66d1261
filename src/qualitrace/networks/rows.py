"""What the rows of a question say: links, and who is paired with what (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx

from qualitrace.networks.model import Link

Row = Mapping[str, str]


def links_of(rows: Iterable[Row]) -> list[Link]:
    """Return the links that rows say (``?from``, ``?to``, ``?by``), each once, in order."""
    return sorted(
        {Link(row["from"], row["to"], row.get("by", "")) for row in rows if "from" in row and "to" in row}
    )


def graph_of(links: Iterable[Link]) -> nx.DiGraph[str]:
    """Return a directed graph of links."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((link.source, link.target) for link in links)
    return graph


def pairs_of(rows: Iterable[Row], one: str, other: str) -> dict[str, set[str]]:
    """Return what each value of one variable is paired with; nothing, where only it is given."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if one in row:
            paired = found.setdefault(row[one], set())
            if other in row:
                paired.add(row[other])
    return found
