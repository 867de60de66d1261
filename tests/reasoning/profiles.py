"""Profiles made from a few lines of Turtle and rule texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import rdflib
from rdflib.namespace import OWL, RDF

from qualitrace.profile.model import ClassModel, Profile, RuleModel, TraceModel
from qualitrace.terms import Fact, iri
from qualitrace.text import Text

VOCABULARY = "https://example.org/vocabulary#"
FOREIGN = "https://example.com/foreign#"
DATA = "https://example.org/id/"
PREFIXES = {"v": VOCABULARY, "f": FOREIGN, "d": DATA, "owl": str(OWL), "rdfs": str(rdflib.RDFS)}


def profile(
    ontology: str | rdflib.Graph = "", *, rules: Mapping[str, str] | None = None, shapes: str = ""
) -> Profile:
    """A profile with one class and the given axioms, rules (by name) and shapes; prefixes v, f, d."""
    graph = _parsed(ontology) if isinstance(ontology, str) else ontology
    thing = VOCABULARY + "Thing"
    graph.add((rdflib.URIRef(thing), RDF.type, OWL.Class))
    return Profile(
        directory=Path("nowhere"),
        iri="https://example.org/profile",
        titles=Text(en="made up"),
        base=DATA,
        steward=Text(),
        prefixes=PREFIXES,
        ontology=graph,
        shapes=_parsed(shapes),
        classes={thing: ClassModel(thing, "Thing", Text(), Text(), frozenset(), frozenset())},
        trace=TraceModel({}, frozenset(), frozenset(), frozenset()),
        rules=tuple(
            RuleModel(name, Text(en=name), text, Path("nowhere/reasoning") / f"{name}.rq")
            for name, text in (rules or {}).items()
        ),
        operations=(),
        mappings=(),
        names={},
    )


def fact(subject: str, predicate: str, object_: str) -> Fact:
    """A fact from local names: ``fact("a", "p", "b")``; a term in N-Triples stays as it is."""
    value = object_ if object_.startswith(('"', "<")) else iri(DATA + object_)
    return Fact(DATA + subject, predicate if ":" in predicate else VOCABULARY + predicate, value)


def _parsed(turtle: str) -> rdflib.Graph:
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
    return rdflib.Graph().parse(data=head + "@prefix sh: <http://www.w3.org/ns/shacl#> .\n" + turtle)
