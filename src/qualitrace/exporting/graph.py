"""The registry as GraphML, for yEd, Gephi, Cytoscape and networkx (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import networkx as nx

from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import (
    RDF_TYPE,
    RDFS_LABEL,
    SKOS,
    SKOS_NOTATION,
    Fact,
    iri_of,
    is_iri,
    language_text,
    lit_of,
)

PREF_LABEL = SKOS + "prefLabel"


def graphml(engine: Engine, profile: Profile, stream: IO[bytes], language: str = "zh") -> None:
    """Write nodes and the links between them as GraphML (http://graphml.graphdrawing.org/).

    A node is what the registry states or infers a class for, and what such a node points at; its
    identifier is the IRI, its attributes are ``label``, ``class`` (most specific first, several
    joined by ``;``) and ``code``. An edge has ``property`` and ``basis`` (``stated``, ``inferred``).
    Literals other than label and code are left out. Raises OSError when the stream cannot be written.
    """
    graph = build_graph(engine, profile, language)
    nx.write_graphml(graph, stream, encoding="utf-8", prettyprint=True)


def build_graph(engine: Engine, profile: Profile, language: str = "zh") -> nx.MultiDiGraph[str]:
    """Build the graph that :func:`graphml` writes. Nodes and edges are added in sorted order."""
    stated, inferred = set(engine.facts(STATED)), set(engine.facts(INFERRED))
    links = {(f, "stated") for f in stated if _is_link(f)}
    links |= {(f, "inferred") for f in inferred - stated if _is_link(f)}
    nodes = {f.subject for f in stated | inferred} | {iri_of(f.object) for f, _ in links}
    names = _Names(engine, profile, language)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in sorted(nodes):
        graph.add_node(
            node, **{"label": names.label(node), "class": names.kind(node), "code": names.code(node)}
        )
    for fact, basis in sorted(links):
        name = profile.shorten(fact.predicate)
        graph.add_edge(fact.subject, iri_of(fact.object), key=name, property=name, basis=basis)
    return graph


def _is_link(fact: Fact) -> bool:
    return is_iri(fact.object) and fact.predicate != RDF_TYPE


class _Names:
    """Labels, classes and codes of all nodes, read once."""

    def __init__(self, engine: Engine, profile: Profile, language: str) -> None:
        self._profile = profile
        self._language = language
        self._labels = _values(engine.facts(predicate=PREF_LABEL)) | _values(
            engine.facts(predicate=RDFS_LABEL)
        )
        self._codes = _values(engine.facts(predicate=SKOS_NOTATION))
        self._types = _values(engine.facts(predicate=RDF_TYPE))

    def label(self, node: str) -> str:
        text = language_text(self._labels.get(node, [])).best(self._language)
        return printable(text or self._profile.shorten(node))

    def code(self, node: str) -> str:
        codes = (lit_of(term).value for term in self._codes.get(node, []) if not is_iri(term))
        return printable(min(codes, default=""))

    def kind(self, node: str) -> str:
        types = {iri_of(term) for term in self._types.get(node, []) if is_iri(term)}
        known = {name for name in types if name in self._profile.classes}
        general = {parent for name in known for parent in self._profile.classes[name].parents}
        return ";".join(sorted(self._profile.shorten(name) for name in (known - general or types)))


def _values(facts: Iterable[Fact]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fact in facts:
        found.setdefault(fact.subject, []).append(fact.object)
    return found
