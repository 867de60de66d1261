"""The neutral model a profile is read into (floor 0).

A profile is the six folders ``ontology shapes loaders graphql reasoning exports`` (and, when it has
a demonstration, ``examples``). The model says what the engine needs and nothing of any domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rdflib

from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a property path: a predicate IRI, forwards or inverse (SHACL 2.3.1)."""

    predicate: str
    inverse: bool = False


# A path is a sequence of steps; alternatives are a tuple of sequences. On a steward path a sequence
# may be empty (``sh:zeroOrOnePath``): it then ends at the node itself.
# Paths that repeat (``*``, ``+``) have no such form.
PropertyPath = tuple[tuple[PathStep, ...], ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """That a term is no longer to be used: its standing in words, and the IRIs of what replaces it."""

    status: Text
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyModel:
    """A property of a class, as its property shape declares it."""

    name: str  # API name: sh:codeIdentifier, else the local name
    path: PropertyPath
    labels: Text
    definitions: Text
    datatype: str = ""  # IRI, "" when not a literal
    target: str = ""  # class IRI of sh:class, "" when none
    is_iri: bool = False  # sh:class or sh:nodeKind sh:IRI
    many: bool = True  # False when sh:maxCount 1
    min_count: int = 0
    values: tuple[str, ...] = ()  # sh:in, as N-Triples terms
    exposure: str = "public"  # public | protected | private
    order: float = 0.0  # sh:order
    shape: str = ""
    ended: Ended | None = None  # a shape or the predicate is withdrawn or superseded

    @property
    def predicate(self) -> str:
        """The predicate IRI when the path is one plain predicate, else ``""``."""
        plain = len(self.path) == 1 and len(self.path[0]) == 1 and not self.path[0][0].inverse
        return self.path[0][0].predicate if plain else ""


@dataclass(frozen=True, slots=True)
class ChainModel:
    """A chain of links that every node of a class must have (``qt:chain``)."""

    links: tuple[PathStep, ...]
    labels: Text


@dataclass(frozen=True, slots=True)
class ClassModel:
    """A class of the ontology with what its node shapes add."""

    iri: str
    name: str  # API name, UpperCamelCase
    labels: Text
    definitions: Text
    parents: frozenset[str]  # all superclasses in ``Profile.classes`` (transitive, without itself)
    children: frozenset[str]  # all subclasses in ``Profile.classes`` (transitive, without itself)
    properties: tuple[PropertyModel, ...] = ()  # own and inherited, by sh:order then name
    chains: tuple[ChainModel, ...] = ()
    steward: PropertyPath = ()  # from a node to the unit that must act; alternatives in order
    exposure: str = "public"
    abstract: bool = False  # no shape targets it: not a type of its own in the API
    ended: Ended | None = None  # the class or a shape of its own is withdrawn or superseded


@dataclass(frozen=True, slots=True)
class TraceProperty:
    """A sub-property of ``qt:tracesTo``."""

    iri: str
    labels: Text
    inherited: bool = False  # qt:basis "inherited"
    absence: Text = field(default_factory=Text)  # qt:absence: what it is called when missing
    domains: frozenset[str] = frozenset()  # class IRIs (rdfs:domain, with subclasses)


@dataclass(frozen=True, slots=True)
class TraceModel:
    """What the profile declares about tracing."""

    properties: Mapping[str, TraceProperty]
    valid_from: frozenset[str]  # sub-properties of qt:validFrom
    valid_to: frozenset[str]
    capacity: frozenset[str]  # sub-properties of qt:capacity
    absences: Mapping[str, Text] = field(default_factory=dict)  # qt:absence of any property, by IRI
    lifecycle: frozenset[str] = frozenset()  # sub-properties of qt:lifecycle
    # State (IRI) → the dates (properties), one of which a node in it must have to count on any day.
    counts_with: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleModel:
    """A rule of ``reasoning/``: a SPARQL CONSTRUCT with titles in its header comments.

    What a rule with a ``day`` concludes is never stored: it is worked out for the date asked about.
    """

    name: str
    titles: Text
    query: str
    path: Path
    says: Text = field(default_factory=Text)  # the rule in a sentence
    day: str = ""  # the variable that stands for the date asked about; "" when it holds on every date


@dataclass(frozen=True, slots=True)
class ParameterModel:
    """What a scenario is asked about: a node of a class."""

    name: str  # the variable, without its question mark
    of: str  # class IRI
    labels: Text


@dataclass(frozen=True, slots=True)
class ScenarioModel:
    """A change that can be tried out (``reasoning/what-if/*.ru``): a SPARQL update with parameters.

    ``removes`` and ``adds`` are its templates, ``where`` says for which values; ``day`` is the variable
    that stands for the first day on which it holds, ``""`` when there is none.
    """

    name: str
    titles: Text
    says: Text  # what is changed, in a sentence
    parameters: tuple[ParameterModel, ...]
    prologue: str
    removes: str
    adds: str
    where: str
    path: Path
    day: str = ""


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """A question about the network of links (``reasoning/network/*.rq``): a SPARQL SELECT.

    ``kind`` says what is looked for in what it selects (:data:`qualitrace.profile.networks.KINDS`).
    """

    name: str
    titles: Text
    says: Text  # what is looked for, in a sentence
    remedy: Text  # what to do about what is found
    kind: str
    settings: Mapping[str, float]
    query: str
    path: Path
    day: str = ""  # the variable that stands for the date asked about


@dataclass(frozen=True, slots=True)
class OperationModel:
    """A trusted operation of ``graphql/operations/`` with its titles and sample variables."""

    name: str
    titles: Text
    document: str
    variables: Mapping[str, Any]
    sample: bool  # listed on the start page


@dataclass(frozen=True)
class Profile:
    """A profile directory, read and checked."""

    directory: Path
    iri: str
    titles: Text
    base: str  # qt:baseIRI: default base of the registry's identifiers, ends in "/" or "#"
    steward: Text  # who must act when no unit can be found
    prefixes: Mapping[str, str]  # prefix → namespace
    ontology: rdflib.Graph  # all of ontology/*.ttl and the engine's vocabulary
    shapes: rdflib.Graph  # all of shapes/*.ttl
    classes: Mapping[str, ClassModel]  # by IRI
    trace: TraceModel
    rules: tuple[RuleModel, ...]
    operations: tuple[OperationModel, ...]
    mappings: tuple[Mapping[str, Any], ...]  # loaders/*.yaml but names.yaml, as read
    names: Mapping[str, Any]  # loaders/names.yaml, as read
    mapping_paths: tuple[Path, ...] = ()  # the files of ``mappings``, in the same order
    scenarios: tuple[ScenarioModel, ...] = ()
    networks: tuple[NetworkModel, ...] = ()

    def class_named(self, name: str) -> ClassModel | None:
        """Find a class by API name (any case), prefixed name, IRI or label; None when unknown."""
        wanted = name.strip()
        for model in self.classes.values():
            if wanted in (model.iri, *model.labels.values()) or wanted.lower() == model.name.lower():
                return model
        expanded = self.expand(wanted)
        return self.classes.get(expanded)

    def expand(self, name: str) -> str:
        """Expand ``prefix:local`` to an IRI; return anything else unchanged."""
        prefix, colon, local = name.partition(":")
        if colon and prefix in self.prefixes and not local.startswith("//"):
            return self.prefixes[prefix] + local
        return name

    def shorten(self, iri: str) -> str:
        """Return ``prefix:local`` for an IRI in a declared namespace, else the IRI."""
        best = max(
            ((p, ns) for p, ns in self.prefixes.items() if iri.startswith(ns)),
            key=lambda pair: len(pair[1]),
            default=None,
        )
        return iri if best is None else f"{best[0]}:{iri[len(best[1]) :]}"
