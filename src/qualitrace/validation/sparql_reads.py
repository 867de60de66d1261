"""Which triples a SPARQL query of a rule reads, seen from its focus node."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib.term import Node

from qualitrace.validation.paths import Path
from qualitrace.validation.reads import ANY, Read
from qualitrace.validation.sparql_text import Token


def query_reads(
    tokens: list[Token],
    prefixes: Mapping[str, str],
    path: Path | None,
    parameters: Mapping[str, Node],
    start: str = "this",
) -> tuple[Read, ...]:
    """List what a query reads, from the node that ``start`` names."""
    return (Read(ANY, everywhere=True),)
