"""What the compiling functions share while a profile is read: graphs, places, problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import rdflib
from rdflib.namespace import OWL, RDFS
from rdflib.term import Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.profile.lifecycle import lifecycles
from qualitrace.profile.problems import problem
from qualitrace.profile.turtle import TurtleReader
from qualitrace.profile.vocabulary import direct_parents


@dataclass
class Material:
    """The read graphs. ``everything`` is ontology and shapes together: annotations may stand in either."""

    reader: TurtleReader
    ontology: rdflib.Graph
    shapes: rdflib.Graph
    everything: rdflib.Graph
    problems: list[ProfileError] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def parents(self) -> Mapping[str, frozenset[str]]:
        """Direct named superclasses by class IRI, classes of other vocabularies included."""
        return direct_parents(self.everything, RDFS.subClassOf, OWL.equivalentClass)

    @cached_property
    def super_properties(self) -> Mapping[str, frozenset[str]]:
        """Direct super-properties by property IRI."""
        return direct_parents(self.everything, RDFS.subPropertyOf, OWL.equivalentProperty)

    @cached_property
    def lifecycles(self) -> frozenset[str]:
        """The properties that tell a term's lifecycle."""
        return lifecycles(self.super_properties)

    def written(self, node: Node) -> int:
        """Return the place of ``node`` in reading order, to list things as they were written."""
        return self.reader.order.get(node, len(self.reader.order))

    def tell(
        self,
        zh: str,
        en: str,
        about: Node | None,
        *,
        hint_zh: str = "",
        hint_en: str = "",
        named: str = "",
    ) -> None:
        """Note a problem where ``named`` (an IRI) is mentioned, else where ``about`` is described.

        The same problem is noted once.
        """
        where = self.reader.mention(URIRef(named)) if named else ""
        if not where and about is not None:
            where = self.reader.place(about)
        if (en, where) not in self._told:
            self._told.add((en, where))
            self.problems.append(problem(zh, en, where=where, hint_zh=hint_zh, hint_en=hint_en))

    def short(self, iri: str) -> str:
        """Return ``prefix:local`` when a prefix of the profile fits, else ``<iri>``."""
        fitting = [(p, ns) for p, ns in self.reader.prefixes.items() if iri.startswith(ns)]
        if not fitting:
            return f"<{iri}>"
        prefix, namespace = max(fitting, key=lambda pair: (len(pair[1]), pair[0]))
        return f"{prefix}:{iri[len(namespace) :]}"
