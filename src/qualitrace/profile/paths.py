"""SHACL property paths (SHACL 2.3.1) in the model's form: alternatives of sequences of steps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import rdflib
from rdflib.namespace import RDF, SH
from rdflib.term import BNode, Node, URIRef

from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.profile.vocabulary import members

MAX_ALTERNATIVES = 256  # nested alternatives multiply; nobody can read more than this


class RepeatingPathError(ValueError):
    """The path repeats without end (``sh:zeroOrMorePath``, ``sh:oneOrMorePath``): no finite form."""


def read_path(graph: rdflib.Graph, node: Node) -> PropertyPath:
    """Return the path described by ``node``. ``sh:zeroOrOnePath p`` becomes nothing or ``p``.

    Raises RepeatingPathError for paths without a finite form, ValueError for what is no path.
    """
    return _read(graph, node, frozenset())


def _read(graph: rdflib.Graph, node: Node, above: frozenset[Node]) -> PropertyPath:
    if isinstance(node, URIRef) and node != RDF.nil:
        return ((PathStep(str(node)),),)
    if not isinstance(node, BNode) or node in above:
        raise ValueError("not a path")
    above = above | {node}
    if graph.value(node, RDF.first) is not None:
        return _sequence(_several(graph, node, above))
    return _operator(graph, node, above)


def _operator(graph: rdflib.Graph, node: Node, above: frozenset[Node]) -> PropertyPath:
    for repeating in (SH.zeroOrMorePath, SH.oneOrMorePath):
        if graph.value(node, repeating) is not None:
            raise RepeatingPathError("a path that repeats")
    inner = graph.value(node, SH.inversePath)
    if inner is not None:
        return tuple(_inverted(sequence) for sequence in _read(graph, inner, above))
    inner = graph.value(node, SH.zeroOrOnePath)
    if inner is not None:
        return _distinct([(), *_read(graph, inner, above)])
    inner = graph.value(node, SH.alternativePath)
    if inner is not None:
        return _distinct([sequence for path in _several(graph, inner, above) for sequence in path])
    raise ValueError("not a path")


def _several(graph: rdflib.Graph, head: Node, above: frozenset[Node]) -> list[PropertyPath]:
    """Read the members of a list; a path has two or more (SHACL 2.3.1.2, 2.3.1.3)."""
    listed = list(members(graph, head))
    if len(listed) < 2:
        raise ValueError("a list of one path")
    return [_read(graph, member, above) for member in listed]


def _sequence(parts: list[PropertyPath]) -> PropertyPath:
    count = 1
    for part in parts:
        count *= len(part)
    if count > MAX_ALTERNATIVES:
        raise ValueError(f"more than {MAX_ALTERNATIVES} alternatives")
    return _distinct([sum(choice, ()) for choice in product(*parts)])


def _inverted(sequence: tuple[PathStep, ...]) -> tuple[PathStep, ...]:
    return tuple(PathStep(step.predicate, not step.inverse) for step in reversed(sequence))


def _distinct(sequences: list[tuple[PathStep, ...]]) -> PropertyPath:
    return tuple(dict.fromkeys(sequences))


def predicates_of(graph: rdflib.Graph, node: Node) -> set[str]:
    """Return every predicate a path mentions, whatever its kind; empty for what is no path."""
    found: set[str] = set()
    waiting, seen = [node], set[Node]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, URIRef) and part != RDF.nil:
            found.add(str(part))
        elif isinstance(part, BNode) and part not in seen:
            seen.add(part)
            waiting += [o for p, o in graph.predicate_objects(part) if p in _STRUCTURE]
    return found


_STRUCTURE = frozenset(
    {
        RDF.first,
        RDF.rest,
        SH.inversePath,
        SH.alternativePath,
        SH.zeroOrMorePath,
        SH.oneOrMorePath,
        SH.zeroOrOnePath,
    }
)


def path_text(path: PropertyPath, shorten: Callable[[str], str]) -> str:
    """Return a path in SPARQL syntax, for messages; ``shorten`` writes a predicate."""
    return " | ".join(
        "/".join(("^" if step.inverse else "") + shorten(step.predicate) for step in sequence) or "."
        for sequence in path
    )
