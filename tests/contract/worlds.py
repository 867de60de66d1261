"""Small made-up profiles with facts, for the questions and for the reference that answers them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS

from qualitrace.profile.model import (
    ChainModel,
    ClassModel,
    PathStep,
    Profile,
    PropertyPath,
    TraceModel,
    TraceProperty,
)
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, XSD, Fact, iri, literal
from qualitrace.text import Text

VOCABULARY = "https://example.org/vocabulary#"
DATA = "https://example.org/id/"
FROM, TO, CAPACITY = VOCABULARY + "from", VOCABULARY + "to", VOCABULARY + "capacity"
STATE = VOCABULARY + "state"
DATED = {"draft": FROM, "ended": TO}  # in these states a node counts only when it has such a date
DAY = dt.date(2024, 6, 15)


def term(name: str) -> str:
    return VOCABULARY + name


def node(name: str) -> str:
    return DATA + name


@dataclass(frozen=True)
class Property:
    """A tracing property. ``range`` None: none is declared. Several names: a union of classes."""

    domain: tuple[str, ...] = ()
    range: tuple[str, ...] | None = None
    inherited: bool = False
    absence: bool = False
    under: tuple[str, ...] = ()  # super-properties


@dataclass(frozen=True)
class Moment:
    """A validity value, with the first and last day it names (worked out by hand, not by the engine)."""

    term: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class World:
    """Classes (with parents), tracing properties, chains and stewards of classes, and the facts."""

    classes: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, Property]
    stated: frozenset[Fact]
    inferred: frozenset[Fact] = frozenset()
    moments: Mapping[str, tuple[tuple[str, Moment], ...]] = field(default_factory=dict)
    chains: Mapping[str, tuple[tuple[PathStep, ...], ...]] = field(default_factory=dict)
    stewards: Mapping[str, PropertyPath] = field(default_factory=dict)

    @property
    def everything(self) -> frozenset[Fact]:
        return self.stated | self.inferred | frozenset(self.moment_facts())

    def moment_facts(self) -> list[Fact]:
        return [
            Fact(name, predicate, moment.term)
            for name, moments in self.moments.items()
            for predicate, moment in moments
        ]

    def ancestors(self, name: str) -> frozenset[str]:
        found: set[str] = set()
        queue = list(self.classes[name])
        while queue:
            parent = queue.pop()
            if parent not in found:
                found.add(parent)
                queue.extend(self.classes[parent])
        return frozenset(found)

    def descendants(self, name: str) -> frozenset[str]:
        return frozenset(other for other in self.classes if name in self.ancestors(other))

    def supers(self, name: str) -> frozenset[str]:
        """All super-properties of a tracing property."""
        found: set[str] = set()
        queue = list(self.properties[name].under)
        while queue:
            above = queue.pop()
            if above not in found:
                found.add(above)
                queue.extend(self.properties[above].under)
        return frozenset(found)

    def fill(self, engine: Engine) -> Engine:
        engine.change(STATED, [*self.stated, *self.moment_facts()], ())
        engine.change(INFERRED, self.inferred, ())
        return engine

    def profile(self) -> Profile:
        graph = rdflib.Graph()
        for name, spec in self.properties.items():
            graph.add((rdflib.URIRef(term(name)), RDF.type, OWL.ObjectProperty))
            for above in spec.under:
                graph.add((rdflib.URIRef(term(name)), RDFS.subPropertyOf, rdflib.URIRef(term(above))))
            if spec.range is not None:
                graph.add((rdflib.URIRef(term(name)), RDFS.range, _expression(graph, spec.range)))
        return Profile(
            directory=Path("nowhere"),
            iri="https://example.org/profile",
            titles=Text(en="made up"),
            base=DATA,
            steward=Text(zh="办公室", en="the office"),
            prefixes={"v": VOCABULARY},
            ontology=graph,
            shapes=rdflib.Graph(),
            classes={term(name): self._class(name) for name in self.classes},
            trace=TraceModel(
                properties={
                    term(name): TraceProperty(
                        iri=term(name),
                        labels=Text(en=name),
                        inherited=spec.inherited,
                        absence=Text(zh=f"没有{name}", en=f"no {name}") if spec.absence else Text(),
                        domains=frozenset(
                            term(one) for domain in spec.domain for one in (domain, *self.descendants(domain))
                        ),
                    )
                    for name, spec in self.properties.items()
                },
                valid_from=frozenset({FROM}),
                valid_to=frozenset({TO}),
                capacity=frozenset({CAPACITY}),
                lifecycle=frozenset({STATE}),
                counts_with={term(name): frozenset({needed}) for name, needed in DATED.items()},
            ),
            rules=(),
            operations=(),
            mappings=(),
            names={},
        )

    def _class(self, name: str) -> ClassModel:
        return ClassModel(
            iri=term(name),
            name=name,
            labels=Text(en=name),
            definitions=Text(),
            parents=frozenset(term(parent) for parent in self.ancestors(name)),
            children=frozenset(term(child) for child in self.descendants(name)),
            chains=tuple(ChainModel(links, Text()) for links in self.chains.get(name, ())),
            steward=self.stewards.get(name, ()),
        )


def _expression(graph: rdflib.Graph, names: tuple[str, ...]) -> rdflib.term.Node:
    if len(names) == 1:
        return rdflib.URIRef(term(names[0]))
    members, union = rdflib.BNode(), rdflib.BNode()
    Collection(graph, members, [rdflib.URIRef(term(name)) for name in names])
    graph.add((union, OWL.unionOf, members))
    return union


def edge(source: str, name: str, target: str) -> Fact:
    return Fact(node(source), term(name), iri(node(target)))


def typed(name: str, class_name: str) -> Fact:
    return Fact(node(name), RDF_TYPE, iri(term(class_name)))


def labelled(name: str, label: str, language: str = "zh") -> Fact:
    return Fact(node(name), RDFS_LABEL, literal(label, language=language))


def day(text: str) -> Moment:
    exact = dt.date.fromisoformat(text)
    return Moment(literal(text, datatype=XSD + "date"), exact, exact)
