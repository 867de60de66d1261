"""The vocabulary and the rules as documents (floor 5)."""

from __future__ import annotations

import io

import pyoxigraph as ox
import rdflib

from qualitrace.profile.model import Profile

_FORMS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def profile_facts(profile: Profile, part: str, suffix: str) -> bytes:
    """Return the ``ontology`` or the ``shapes`` of a profile in a form of RDF, in a fixed order."""
    graph: rdflib.Graph = profile.ontology if part == "ontology" else profile.shapes
    lines = sorted(graph.serialize(format="nt").splitlines())
    triples = ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    output = io.BytesIO()
    ox.serialize(
        (quad.triple for quad in triples), output, format=_FORMS[suffix], prefixes=dict(profile.prefixes)
    )
    return output.getvalue()


def license_of(profile: Profile) -> str:
    """Return the IRI of the licence that the profile states for its data; "" when it states none."""
    terms = rdflib.Namespace("http://purl.org/dc/terms/")
    found = profile.ontology.value(rdflib.URIRef(profile.iri), terms.license)
    return str(found) if isinstance(found, rdflib.URIRef) else ""
