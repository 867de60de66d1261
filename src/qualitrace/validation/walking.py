"""Walking a property path from one node, without a query: for the few steps that wording needs."""

from __future__ import annotations

from collections.abc import Iterator

from qualitrace.validation.data import Data, Term
from qualitrace.validation.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence


def ends(data: Data, start: Term, path: Path) -> set[Term]:
    """Return the value nodes of a path from a node (SHACL 2.3); the path is in normal form."""
    return _after(data, {start}, path)


def _after(data: Data, nodes: set[Term], path: Path) -> set[Term]:
    match path:
        case Predicate(iri):
            return {end for node in nodes for end in data.objects(node, iri)}
        case Inverse(Predicate(iri)):
            return {end for node in nodes for end in data.subjects(iri, node)}
        case Sequence(items):
            for item in items:
                nodes = _after(data, nodes, item)
            return nodes
        case Alternative(items):
            return {end for item in items for end in _after(data, nodes, item)}
        case Repeat(inner, "?"):
            return nodes | _after(data, nodes, inner)
        case Repeat(inner, sign):
            return (nodes if sign == "*" else set()).union(*_further(data, nodes, inner))
    raise AssertionError(f"not in normal form: {path}")


def _further(data: Data, nodes: set[Term], inner: Path) -> Iterator[set[Term]]:
    """Go on as long as there is something new."""
    found = set[Term]()
    while nodes := _after(data, nodes, inner) - found:
        found |= nodes
        yield nodes
