"""The endpoint described (SPARQL 1.1 Service Description) (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip
_FEATURES = ("UnionDefaultGraph",)  # without a data set, what is asked is the union of the named graphs


def service_facts(address: str, counts: Mapping[str, int]) -> Iterator[Fact]:
    """Describe the endpoint at an address. ``counts``: how many triples each graph holds."""
    dataset, union = f"{address}#dataset", f"{address}#union"
    yield Fact(address, RDF_TYPE, iri(SD + "Service"))
    yield Fact(address, SD + "endpoint", iri(address))
    yield Fact(address, SD + "supportedLanguage", iri(SD + "SPARQL11Query"))
    for name in _RESULTS:
        yield Fact(address, SD + "resultFormat", iri(_FORMATS + name))
    for name in _FEATURES:
        yield Fact(address, SD + "feature", iri(SD + name))
    yield Fact(address, SD + "defaultDataset", iri(dataset))
    yield Fact(dataset, RDF_TYPE, iri(SD + "Dataset"))
    yield Fact(dataset, SD + "defaultGraph", iri(union))
    yield Fact(union, RDF_TYPE, iri(SD + "Graph"))
    yield _triples(union, sum(counts.values()))
    for number, (graph, count) in enumerate(counts.items(), start=1):
        named, held = f"{address}#named{number}", f"{address}#graph{number}"
        yield Fact(dataset, SD + "namedGraph", iri(named))
        yield Fact(named, RDF_TYPE, iri(SD + "NamedGraph"))
        yield Fact(named, SD + "name", iri(graph))
        yield Fact(named, SD + "graph", iri(held))
        yield Fact(held, RDF_TYPE, iri(SD + "Graph"))
        yield _triples(held, count)


def _triples(graph: str, count: int) -> Fact:
    return Fact(graph, VOID + "triples", literal(str(count), datatype=XSD + "integer"))
