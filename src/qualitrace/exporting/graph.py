"""The registry as GraphML, for networkx, Gephi, yEd and Cytoscape (floor 4).

Attributes are called as in Neo4j (docs/decisions/0012), so that a question is asked alike in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from qualitrace.exporting.graph_file import GraphFile, Values
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import local_name
from qualitrace.store import INFERRED, PROFILE, STATED, Engine
from qualitrace.store.neo4j import nodes
from qualitrace.store.neo4j.naming import OTHER, Naming
from qualitrace.store.neo4j.nodes import NodeFacts, Said
from qualitrace.terms import (
    DCTERMS,
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

_CALLED = (RDFS_LABEL, SKOS + "prefLabel", DCTERMS + "title")


def graphml(engine: Engine, profile: Profile, stream: IO[bytes], language: str = "zh") -> None:
    """Write nodes and the links between them as GraphML (http://graphml.graphdrawing.org/), in a fixed order.

    A node is what the registry states or infers something of, and what such a node points at; its identifier
    is the IRI. Its attributes: ``label``, what it is called in a language; ``name``, what Neo4j calls it;
    ``labels``, its classes as Neo4j labels them, joined by ``;``; ``class``, the most specific ones with
    their prefix; its values, called and typed as in Neo4j (dates as text, lists as JSON); ``_exact``, facts
    that those do not give back to the letter; ``_inferred``, those that only follow; ``_from``, ``_to`` and
    ``_never``, on which days it counts.
    An edge has ``type`` (as in Neo4j), ``property`` (with its prefix) and ``inferred``.

    Nodes are read one by one: of the whole registry, only their IRIs are held. Raises OSError when the stream
    cannot be written.
    """
    with GraphFile() as file:
        _Graph(engine, profile, language).into(file)
        file.write(stream)


class _Graph:
    """The nodes and edges of a registry."""

    def __init__(self, engine: Engine, profile: Profile, language: str) -> None:
        self._engine = engine
        self._profile = profile
        self._language = language
        self._naming = Naming.of(profile)

    def into(self, file: GraphFile) -> None:
        """Put all nodes, and all edges, into a file."""
        subjects = {fact.subject for graph in (STATED, INFERRED) for fact in self._engine.facts(graph)}
        targets = set[str]()
        for node in sorted(subjects):
            stated, inferred = (set(self._engine.facts(graph, subject=node)) for graph in (STATED, INFERRED))
            file.node(node, self._node(node, stated, inferred))
            for target, values in self._edges(stated, inferred - stated):
                file.edge(node, target, values)
                targets.add(target)
        for node in sorted(targets - subjects):
            file.node(node, self._node(node, set(), set()))

    def _node(self, node: str, stated: set[Fact], inferred: set[Fact]) -> Values:
        profile = {(one.predicate, one.object) for one in self._engine.facts(PROFILE, subject=node)}
        profile = {(name, value) for name, value in profile if not value.startswith("_:")}
        facts = NodeFacts(
            {(one.predicate, one.object) for one in stated if nodes.in_node(one)},
            {(one.predicate, one.object) for one in inferred if nodes.in_node(one)},
            profile or None,
            {
                (one.predicate, one.object)
                for one in stated | inferred
                if not nodes.in_node(one) and nodes.tells_days(self._naming, one.predicate)
            },
        )
        kept = nodes.written(self._naming, node, facts)
        said = facts.stated | facts.inferred | profile
        own: dict[str, Any] = {
            "label": self._called(node, said),
            "labels": ";".join(sorted(kept.labels)),
            "class": self._kind(said),
        }
        for key, value in kept.properties.items():
            if own.setdefault(key, value) != value:  # a value is called what every node has
                own[f"{key}_value"] = value
        return own

    def _edges(self, stated: set[Fact], inferred: set[Fact]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        links = [(one, False) for one in stated if not nodes.in_node(one)]
        links += [(one, True) for one in inferred if not nodes.in_node(one)]
        for fact, follows in sorted(links):
            yield (
                iri_of(fact.object),
                {
                    "type": self._naming.relationship(fact.predicate) or OTHER,
                    "property": self._profile.shorten(fact.predicate),
                    "inferred": follows,
                },
            )

    def _called(self, node: str, said: Said) -> str:
        for predicate in _CALLED:
            values = [value for name, value in said if name == predicate and not is_iri(value)]
            text = language_text(values).best(self._language)
            if text:
                return text
        codes = [lit_of(value).value for name, value in said if name == SKOS_NOTATION and not is_iri(value)]
        return min(codes, default="") or local_name(node)

    def _kind(self, said: Said) -> str:
        types = {iri_of(value) for name, value in said if name == RDF_TYPE and is_iri(value)}
        known = {name for name in types if name in self._profile.classes}
        general = {parent for name in known for parent in self._profile.classes[name].parents}
        return ";".join(sorted(self._profile.shorten(name) for name in (known - general or types)))
