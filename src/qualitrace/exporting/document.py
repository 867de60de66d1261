"""A description as a document about its node, in RDF (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from qualitrace.exporting.rdf_turtle import provenance
from qualitrace.journal.model import Source
from qualitrace.terms import DCTERMS, PROV, RDF, RDF_TYPE, XSD, Fact, iri, literal

FOAF = "http://xmlns.com/foaf/0.1/"
VOID = "http://rdfs.org/ns/void#"


def document_facts(
    facts: Iterable[Fact],
    sources: Mapping[Fact, tuple[Source, ...]],
    *,
    base: str,
    document: str,
    topic: str,
    dataset: str,
    modified: str = "",
) -> set[Fact]:
    """Return what a document (its address) says: the facts, where they were read, and what it is about.

    Each fact that was read somewhere is named by an ``rdf:Statement`` of the document, so that its cell can
    be told from those of other facts. ``modified`` is an ISO time, "" when it is not to be said.
    """
    said = {*facts, *provenance(sources, base), *_statements(sources, base, document)}
    said |= {
        Fact(document, RDF_TYPE, iri(FOAF + "Document")),
        Fact(document, FOAF + "primaryTopic", iri(topic)),
        Fact(document, VOID + "inDataset", iri(dataset)),
    }
    if modified:
        said.add(Fact(document, DCTERMS + "modified", literal(modified, datatype=XSD + "dateTime")))
    return said


def _statements(sources: Mapping[Fact, tuple[Source, ...]], base: str, document: str) -> Iterator[Fact]:
    for number, (fact, places) in enumerate(sorted(sources.items()), start=1):
        name = f"{document}#fact{number}"
        yield Fact(name, RDF_TYPE, iri(RDF + "Statement"))
        yield Fact(name, RDF + "subject", iri(fact.subject))
        yield Fact(name, RDF + "predicate", iri(fact.predicate))
        yield Fact(name, RDF + "object", fact.object)
        for cell in provenance({fact: places}, base):
            if cell.predicate == PROV + "wasDerivedFrom":
                yield Fact(name, cell.predicate, cell.object)
