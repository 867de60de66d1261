"""What a SELECT asks after, read off its algebra as a rule's is (floor 2)."""

from __future__ import annotations

from functools import lru_cache

from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from qualitrace.reasoning.model import ANYTHING, Key
from qualitrace.reasoning.reading import resolve
from qualitrace.reasoning.rules import _Reading, _visit


@lru_cache(maxsize=128)
def asked_after(query: str) -> tuple[frozenset[Key], frozenset[Key]]:
    """Return the keys of the facts that a query reads, and of those whose absence it may ask after.

    The profile's prefixes stand in the query. One that cannot be taken apart may ask after anything.
    """
    reading = _Reading()
    try:
        parsed = parseQuery(query)
        resolve(parsed)
        _visit(translateQuery(parsed).algebra.p, reading, settled=False)
    except Exception:  # noqa: BLE001 - the parser raises many kinds
        return frozenset({ANYTHING}), frozenset({ANYTHING})
    if reading.unsteady:
        return frozenset({ANYTHING}), frozenset({ANYTHING})
    return frozenset(reading.reads), frozenset(reading.settled)
