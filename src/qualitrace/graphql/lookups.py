"""Values of many nodes looked up quad by quad in a store of this process (floor 4).

One lookup takes half the time of a query that names the nodes in VALUES (1.1 µs a node to 2.3 µs).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyoxigraph as ox

from qualitrace.profile.model import PathStep, PropertyPath

Found = dict[str, tuple[str, ...]]  # node → terms in N-Triples syntax, distinct and sorted


def lookup(store: ox.Store, path: PropertyPath, nodes: Sequence[str]) -> Found:
    """Return the terms that a path leads to from each node; nodes without one are absent."""
    if len(path) == 1 and len(path[0]) == 1 and not path[0][0].inverse:
        return _objects(store, path[0][0].predicate, nodes)
    found = {}
    for node in nodes:
        terms = {str(end) for steps in path for end in _walk(store, ox.NamedNode(node), steps)}
        if terms:
            found[node] = tuple(sorted(terms))
    return found


def _objects(store: ox.Store, predicate: str, nodes: Iterable[str]) -> Found:
    named, ask, node_of = ox.NamedNode(predicate), store.quads_for_pattern, ox.NamedNode
    found: Found = {}
    for node in nodes:
        terms = [str(quad.object) for quad in ask(node_of(node), named, None, None)]
        if len(terms) == 1:
            found[node] = (terms[0],)
        elif terms:
            found[node] = tuple(sorted(set(terms)))
    return found


def _walk(store: ox.Store, start: Any, steps: Sequence[PathStep]) -> set[Any]:
    ends = {start}
    for step in steps:
        predicate = ox.NamedNode(step.predicate)
        if step.inverse:
            ends = {
                quad.subject for end in ends for quad in store.quads_for_pattern(None, predicate, end, None)
            }
        else:
            ends = {
                quad.object
                for end in ends
                if not isinstance(end, ox.Literal)
                for quad in store.quads_for_pattern(end, predicate, None, None)
            }
    return ends
