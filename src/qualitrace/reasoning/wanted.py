"""Which predicates are worth inferring.

The inferred graph is kept small. A conclusion is drawn only about predicates that somebody asks for:
those of the profile's own vocabulary, and foreign ones that its shapes, rules, chains, stewards or
tracing declarations use. What merely aligns the profile with the world's vocabularies
(``… rdfs:subPropertyOf org:unitOf``) or with the engine's (``qt:tracesTo``) says the same thing in
other words, and is left to whoever reads the export together with the ontology.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Literal, URIRef

from qualitrace.profile.model import Profile
from qualitrace.reasoning.model import Key, Step
from qualitrace.terms import QT

_IRI = re.compile(r'<([^<>"{}|^`\\\s]+)>')
_NAME = re.compile(r"(?<![\w<:/])([A-Za-z][\w-]*)?:([\w.%-]*[\w%-])")
_DECLARED = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_PROPERTY_CLASSES = (RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty)


def wanted_predicates(profile: Profile, rules: Iterable[Step]) -> set[str]:
    """Return the predicates whose inferred facts somebody asks for."""
    reads = {_predicate(key) for rule in rules for key in rule.reads}
    return _own(profile) | _used_by_engine(profile) | _used_by_shapes(profile) | reads


def _own(profile: Profile) -> set[str]:
    """Properties in the namespaces of the classes that the profile's shapes describe."""
    classes = [model for model in profile.classes.values() if not model.abstract]
    spaces = {_namespace(model.iri) for model in classes or profile.classes.values()} - {QT}
    graph = profile.ontology
    declared = {term for kind in _PROPERTY_CLASSES for term in graph.subjects(RDF.type, kind)}
    related = {term for pair in graph.subject_objects(RDFS.subPropertyOf) for term in pair}
    return {str(term) for term in declared | related if _namespace(str(term)) in spaces}


def _used_by_engine(profile: Profile) -> set[str]:
    trace = profile.trace
    used = {*trace.properties, *trace.valid_from, *trace.valid_to, *trace.capacity, *trace.absences}
    for model in profile.classes.values():
        paths = [chain.links for chain in model.chains]
        paths += [*model.steward, *(path for one in model.properties for path in one.path)]
        used |= {link.predicate for path in paths for link in path}
    return used


def _used_by_shapes(profile: Profile) -> set[str]:
    graph = profile.shapes
    terms = {str(term) for term in graph.objects() if isinstance(term, URIRef)}
    prefixes = {**profile.prefixes, **_declared(graph)}
    for predicate in (SH.select, SH.ask, SH.construct):
        for text in graph.objects(None, predicate):
            if isinstance(text, Literal):
                terms |= set(_named_in(str(text), prefixes))
    return terms


def _declared(graph: rdflib.Graph) -> dict[str, str]:
    return {
        str(graph.value(node, SH.prefix)): str(graph.value(node, SH.namespace))
        for node in graph.subjects(SH.prefix)
    }


def _named_in(query: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Every IRI a query could mean; words in texts and comments may add some that it does not."""
    spaces = {**prefixes, **dict(_DECLARED.findall(query))}
    yield from _IRI.findall(query)
    for prefix, local in _NAME.findall(query):
        if prefix in spaces:
            yield spaces[prefix] + local


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _predicate(key: Key) -> str:
    return key.partition(" ")[0]
