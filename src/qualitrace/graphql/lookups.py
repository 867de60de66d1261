"""Values of many nodes looked up quad by quad in a store of this process (floor 4).

One lookup takes half the time of a query that names the nodes in VALUES (1.1 µs a node to 2.3 µs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyoxigraph as ox

from qualitrace.profile.model import PathStep, PropertyPath

Quads = Callable[[Any, Any, Any], Iterable[ox.Quad]]  # by subject, predicate, object
Found = dict[str, tuple[str, ...]]  # node → terms in N-Triples syntax, distinct and sorted


def lookup(ask: Quads, path: PropertyPath, nodes: Sequence[str]) -> Found:
    """Return the terms that a path leads to from each node; nodes without one are absent."""
    if len(path) == 1 and len(path[0]) == 1 and not path[0][0].inverse:
        return _objects(ask, path[0][0].predicate, nodes)
    found = {}
    for node in nodes:
        terms = {str(end) for steps in path for end in _walk(ask, ox.NamedNode(node), steps)}
        if terms:
            found[node] = tuple(sorted(terms))
    return found


def _objects(ask: Quads, predicate: str, nodes: Iterable[str]) -> Found:
    named, node_of = ox.NamedNode(predicate), ox.NamedNode
    found: Found = {}
    for node in nodes:
        terms = [str(quad.object) for quad in ask(node_of(node), named, None)]
        if len(terms) == 1:
            found[node] = (terms[0],)
        elif terms:
            found[node] = tuple(sorted(set(terms)))
    return found


def _walk(ask: Quads, start: Any, steps: Sequence[PathStep]) -> set[Any]:
    ends = {start}
    for step in steps:
        predicate = ox.NamedNode(step.predicate)
        if step.inverse:
            ends = {quad.subject for end in ends for quad in ask(None, predicate, end)}
        else:
            ends = {
                quad.object
                for end in ends
                if not isinstance(end, ox.Literal)
                for quad in ask(end, predicate, None)
            }
    return ends
