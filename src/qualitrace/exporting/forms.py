"""A few facts in any form of RDF (floor 4)."""

from __future__ import annotations

import io
from collections.abc import Collection

import pyoxigraph as ox

from qualitrace.exporting.rdf_jsonld import compacted
from qualitrace.exporting.rdf_turtle import write_facts
from qualitrace.profile.model import Profile
from qualitrace.terms import Fact

_FORMS = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}
SUFFIXES = (*_FORMS, "jsonld")


def in_form(facts: Collection[Fact], profile: Profile, suffix: str) -> bytes:
    """Return facts as Turtle (``ttl``), N-Triples (``nt``), RDF/XML (``rdf``) or JSON-LD (``jsonld``).

    In a fixed order. Raises ProfileError when the profile's JSON-LD context cannot be used.
    """
    if suffix == "jsonld":
        return compacted(facts, profile)
    stream = io.BytesIO()
    write_facts(facts, profile, stream, _FORMS[suffix])
    return stream.getvalue()
