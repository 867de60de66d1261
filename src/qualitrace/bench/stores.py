"""Stores that plain resolvers read from: rdflib and pyoxigraph, filled from one N-Triples file (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
import rdflib

from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.terms import RDF_TYPE

Found = dict[str, list[str]]  # node → terms in N-Triples syntax, sorted


class PlainStore(Protocol):
    """What plain resolvers ask of a store."""

    def step(self, node: str, step: PathStep) -> Iterable[str]:
        """Return the terms one step of a path leads to from a node (an IRI)."""
        ...

    def members(self, classes: Iterable[str]) -> list[str]:
        """Return the nodes of some classes."""
        ...


class OxigraphStore:
    """pyoxigraph in memory. Looking quads up is quicker than a query that names the nodes in VALUES."""

    def __init__(self, path: Path) -> None:
        self._store = ox.Store()
        self._store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES)
        self._named: dict[str, ox.NamedNode] = {}

    def step(self, node: str, step: PathStep) -> Iterable[str]:
        """Return the terms one step of a path leads to from a node (an IRI)."""
        predicate = self._named.setdefault(step.predicate, ox.NamedNode(step.predicate))
        here = ox.NamedNode(node)
        if step.inverse:
            return [str(quad.subject) for quad in self._store.quads_for_pattern(None, predicate, here, None)]
        return [str(quad.object) for quad in self._store.quads_for_pattern(here, predicate, None, None)]

    def members(self, classes: Iterable[str]) -> list[str]:
        """Return the nodes of some classes."""
        kind = ox.NamedNode(RDF_TYPE)
        return list(
            {
                quad.subject.value
                for class_ in classes
                for quad in self._store.quads_for_pattern(None, kind, ox.NamedNode(class_), None)
                if isinstance(quad.subject, ox.NamedNode)
            }
        )


class RdflibStore:
    """An rdflib graph in memory."""

    def __init__(self, path: Path) -> None:
        self._graph = rdflib.Graph()
        self._graph.parse(path, format="nt")

    def step(self, node: str, step: PathStep) -> Iterable[str]:
        """Return the terms one step of a path leads to from a node (an IRI)."""
        here, predicate = rdflib.URIRef(node), rdflib.URIRef(step.predicate)
        if step.inverse:
            return [term.n3() for term in self._graph.subjects(predicate, here)]
        return [term.n3() for term in self._graph.objects(here, predicate)]

    def members(self, classes: Iterable[str]) -> list[str]:
        """Return the nodes of some classes."""
        kind = rdflib.RDF.type
        return list(
            {
                str(node)
                for class_ in classes
                for node in self._graph.subjects(kind, rdflib.URIRef(class_))
                if isinstance(node, rdflib.URIRef)
            }
        )


STORES: Mapping[str, type[OxigraphStore] | type[RdflibStore]] = {
    "pyoxigraph": OxigraphStore,
    "rdflib": RdflibStore,
}


def values(store: PlainStore, path: PropertyPath, node: str) -> list[str]:
    """Return the distinct terms a path leads to from a node, sorted."""
    if len(path) == 1 and len(path[0]) == 1:
        found = list(store.step(node, path[0][0]))
        return found if len(found) < 2 else sorted(set(found))
    return sorted({term for steps in path for term in _walk(store, node, steps)})


def _walk(store: PlainStore, node: str, steps: Sequence[PathStep]) -> set[str]:
    ends = {f"<{node}>"}
    for step in steps:
        ends = {term for end in ends if end.startswith("<") for term in store.step(end[1:-1], step)}
    return ends
