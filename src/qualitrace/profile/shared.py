"""Which values mean the same in every registry (floor 0)."""

from __future__ import annotations

import rdflib
from rdflib.namespace import OWL, RDF

from qualitrace.profile.model import Profile
from qualitrace.terms import QT

_SHARED = rdflib.URIRef(QT + "sharedKey")
_UNIQUE = rdflib.URIRef(QT + "uniqueKey")


def shared_keys(profile: Profile) -> frozenset[str]:
    """Return the properties (IRIs) that the profile declares with ``qt:sharedKey true``."""
    return _declared(profile, _SHARED) | unique_keys(profile)


def unique_keys(profile: Profile) -> frozenset[str]:
    """Return the shared keys whose values one registry alone should have (``qt:uniqueKey true``)."""
    return _declared(profile, _UNIQUE)


def links(profile: Profile, predicate: str) -> bool:
    """Tell whether a property leads to nodes (concepts), and does not hold literals."""
    return (rdflib.URIRef(predicate), RDF.type, OWL.ObjectProperty) in profile.ontology


def _declared(profile: Profile, term: rdflib.URIRef) -> frozenset[str]:
    return frozenset(str(found) for found in profile.ontology.subjects(term, rdflib.Literal(True)))
