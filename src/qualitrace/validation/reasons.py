"""The reasons behind a nested failure: what the inner shapes found at the value node (``sh:detail``)."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from rdflib.term import Node

from qualitrace.validation.constraint import NodeTest, UnsupportedError
from qualitrace.validation.data import Term, batches, bindings, values_block
from qualitrace.validation.exact import stored_form
from qualitrace.validation.expressions import Writer, values_of
from qualitrace.validation.run import Hit, Runner

DEEPEST = 8  # how far down reasons are followed


def reasons(runner: Runner, hits: Sequence[Hit], depth: int) -> dict[int, list[Hit]]:
    """Find, for each hit by its number, the hits of the shapes its constraint refers to."""
    found: dict[int, list[Hit]] = {}
    if depth >= DEEPEST:
        return found
    wanted: dict[Node, dict[Term, list[int]]] = {}
    for number, hit in enumerate(hits):
        if hit.check.constraint.details:
            for node in map(_stored, _places(runner, hit)):
                for shape in hit.check.constraint.details:
                    wanted.setdefault(shape, {}).setdefault(node, []).append(number)
    for shape, places in wanted.items():
        for inner in _hits(runner, shape, list(places)):
            for number in places[inner.root]:
                found.setdefault(number, []).append(inner)
    return found


def _stored(term: Term) -> Term:
    """A term as the store gives it back, where a hit has it as it was written."""
    return stored_form(term) if isinstance(term, ox.Literal) else term


def _places(runner: Runner, hit: Hit) -> list[Term]:
    """The nodes that failed: the value; where a count failed, every value node."""
    if not isinstance(hit.check.constraint.test, NodeTest):
        return [] if hit.value is None else [hit.value]
    path = hit.check.shape.path
    pattern = values_of(Writer({}), "?node", path, "?value")
    found: list[Term] = []
    for batch in batches([hit.focus]):
        query = f"SELECT DISTINCT ?value WHERE {{ {values_block('?node', batch)} {pattern} }}"
        # The start stays selected: only what is selected can be bound beforehand.
        query = query.replace("SELECT DISTINCT", "SELECT DISTINCT ?node", 1)
        found += [row["value"] for row in runner.data.select(query, bindings("?node", batch))]
    return found


def _hits(runner: Runner, shape: Node, nodes: list[Term]) -> list[Hit]:
    try:
        checks = runner.compiled.detached(shape)
    except UnsupportedError:
        return []
    return [hit for check in checks for hit in runner.detached(check, nodes)]
