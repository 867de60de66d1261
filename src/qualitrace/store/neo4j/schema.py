"""Constraints and indexes of the database, from the profile's shapes (floor 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qualitrace.store.neo4j import refusals
from qualitrace.store.neo4j.naming import REGISTRY, RESOURCE, Naming, quoted
from qualitrace.terms import SKOS_NOTATION

LONGEST_IRI = 8_000  # bytes of UTF-8: a key of an index takes 8,167, with the registry's name and more in it
_DAYS = ("_from", "_to")
_NAMED = re.compile(r"CREATE (?:CONSTRAINT|INDEX) (\S+) IF NOT EXISTS")


def statements(naming: Naming) -> Iterator[str]:
    """Yield what makes the constraints and indexes of a profile, each where it is not there yet.

    Several profiles may share one database.
    """
    yield (
        f"CREATE CONSTRAINT qualitrace_iri IF NOT EXISTS FOR (n:{RESOURCE}) "
        "REQUIRE (n.registry, n.iri) IS UNIQUE"
    )
    yield (f"CREATE CONSTRAINT qualitrace_registry IF NOT EXISTS FOR (q:{REGISTRY}) REQUIRE q.name IS UNIQUE")
    for key in indexed(naming):
        yield (
            f"CREATE INDEX {quoted(f'qualitrace_{key}')} IF NOT EXISTS FOR (n:{RESOURCE}) "
            f"ON (n.registry, n.{quoted(key)})"
        )
    yield f"CREATE INDEX qualitrace_iri_anywhere IF NOT EXISTS FOR (n:{RESOURCE}) ON (n.iri)"
    code = naming.value(SKOS_NOTATION)
    if code is not None:
        yield (
            f"CREATE INDEX qualitrace_code_anywhere IF NOT EXISTS FOR (n:{RESOURCE}) "
            f"ON (n.{quoted(code.key)})"
        )


def check_iri(name: str) -> None:
    """Make sure that a node can have a name (IRI): it is in indexes. Raises RegistryError."""
    if 4 * len(name) > LONGEST_IRI and len(name.encode()) > LONGEST_IRI:
        raise refusals.long_iri(name, LONGEST_IRI)


def names(statements: Iterable[str]) -> set[str]:
    """Return what the constraints and indexes that statements make are called."""
    found = (_NAMED.match(statement) for statement in statements)
    return {one[1].strip("`") for one in found if one is not None}


def indexed(naming: Naming) -> list[str]:
    """Return the properties that have an index with ``registry``: name, code, shared keys, dates, days."""
    return sorted({"name", *_DAYS, *(value.key for value in naming.keys.values() if value.indexed)})
