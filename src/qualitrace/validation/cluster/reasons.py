"""The reasons behind nested failures, as validation/reasons.py finds them at home (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox
from rdflib.term import Node

from qualitrace.store.neo4j.server import Reads
from qualitrace.validation.cluster.compiling import ClusterShapes, compiled
from qualitrace.validation.cluster.model import CypherCheck
from qualitrace.validation.cluster.naming_of_nodes import Place, batches, reached
from qualitrace.validation.cluster.rows import Found, hit_of
from qualitrace.validation.constraint import NodeTest, UnsupportedError
from qualitrace.validation.exact import stored_form
from qualitrace.validation.paths import HERE, normal
from qualitrace.validation.reasons import DEEPEST


def reasons(
    shapes: ClusterShapes, server: Reads, found: Sequence[Found], depth: int
) -> dict[int, list[Found]]:
    """Find, for each hit by its number, the hits of the shapes its constraint refers to."""
    because: dict[int, list[Found]] = {}
    if depth >= DEEPEST:
        return because
    wanted: dict[Node, dict[Place, list[int]]] = {}
    for number, place in _places(shapes, server, found):
        for shape in found[number][1].check.constraint.details:
            wanted.setdefault(shape, {}).setdefault(place, []).append(number)
    for shape, places in wanted.items():
        for check in _detached(shapes, shape):
            for batch in batches(places):
                for row in server.read(check.statement, places=batch, **check.parameters):
                    inner = _as_stored(hit_of(check, row))
                    for number in places[row["registry"], row["root"]]:
                        because.setdefault(number, []).append(inner)
    return because


def _as_stored(found: Found) -> Found:
    """A value that a nested shape speaks of is named as the store at home has it (``7`` for ``07``)."""
    registry, hit = found
    if not isinstance(hit.root, ox.Literal):
        return found
    root, focus, value = (
        stored_form(term) if isinstance(term, ox.Literal) else term
        for term in (hit.root, hit.focus, hit.value)
    )
    assert root is not None and focus is not None
    row = dict(hit.row) | ({"value": value} if value is not None else {})
    return registry, replace(hit, root=root, focus=focus, value=value, row=row)


def _places(shapes: ClusterShapes, server: Reads, found: Sequence[Found]) -> Iterator[tuple[int, Place]]:
    """The nodes that failed: the value; where a count failed, every value node."""
    for number, (registry, hit) in enumerate(found):
        if not hit.check.constraint.details:
            continue
        if not isinstance(hit.check.constraint.test, NodeTest):
            if hit.value is not None:
                yield number, (registry, str(hit.value))
            continue
        path = HERE if hit.check.shape.path is None else normal(hit.check.shape.path)
        start = registry, str(hit.focus)
        for term in reached(server, shapes.names, path, [start]).get(start, ()):
            yield number, (registry, term)


def _detached(shapes: ClusterShapes, node: Node) -> list[CypherCheck]:
    """The checks of a shape taken by itself. What has no Cypher was refused with the shape that needs it."""
    if node not in shapes.detached:
        try:
            checks = shapes.shapes.detached(node)
            shapes.detached[node] = [compiled(shapes, check, given=True) for check in checks]
        except UnsupportedError:
            shapes.detached[node] = []
    return shapes.detached[node]
