"""Constraints and indexes of the database, from the profile's shapes (floor 1)."""

from __future__ import annotations

from collections.abc import Iterator

from qualitrace.store.neo4j.naming import REGISTRY, RESOURCE, Naming, ValueName, quoted
from qualitrace.terms import SKOS_NOTATION, XSD

_DATES = frozenset(XSD + name for name in ("date", "dateTime", "dateTimeStamp"))
_DAYS = ("_from", "_to")


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


def indexed(naming: Naming) -> list[str]:
    """Return the properties that have an index with ``registry``: name, code, dates, days."""
    return sorted({"name", *_DAYS, *(value.key for value in naming.keys.values() if _wanted(value))})


def _wanted(value: ValueName) -> bool:
    return not value.many and (value.predicate == SKOS_NOTATION or value.datatype in _DATES)
