"""Small random networks, as rows of a question."""

from __future__ import annotations

from hypothesis import strategies as st

NODES = [f"n:{number}" for number in range(7)]
nodes = st.sampled_from(NODES)
edges = st.sets(st.tuples(nodes, nodes), max_size=16)
some = st.sets(nodes, max_size=5)

Edges = set[tuple[str, str]]


def link_rows(found: Edges) -> list[dict[str, str]]:
    return [{"from": source, "to": target} for source, target in sorted(found)]


def reached(found: Edges, start: str, without: str = "") -> set[str]:
    """What can be walked to from a node, itself included; nothing when it is the node left out."""
    seen, waiting = set[str](), [start] if start != without else []
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [b for a, b in found if a == node and b != without]
    return seen
