"""Values as Neo4j's own types, and back as they were written (floor 1).

A literal is kept natively when it can be given back to the letter from its property alone; whoever
writes it notes the others beside it (see :mod:`qualitrace.store.neo4j.nodes`).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from qualitrace.store.neo4j.naming import Naming, ValueName, key_of
from qualitrace.terms import INTEGERS, RDF, XSD, Lit, lit_of, literal

_WHOLE = frozenset(INTEGERS)
FLOATS = frozenset({XSD + "decimal", XSD + "double", XSD + "float"})
_MOMENTS = frozenset({XSD + "dateTime", XSD + "dateTimeStamp"})
_STRING = XSD + "string"
_LANG_STRING = RDF + "langString"
_LARGEST = 2**63 - 1  # Neo4j's integers have 64 bits
LONGEST = 1_000  # characters of an indexed text: Neo4j's indexes take 8,167 bytes with all that is in a key
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def native(lit: Lit) -> Any:
    """Return a literal as a value of Neo4j that says the same, as well as one can; None when none does."""
    text, kind = lit.value, lit.datatype
    try:
        if kind in _WHOLE:
            number = int(text) if text.isascii() else _LARGEST + 1
            return number if abs(number) <= _LARGEST else None
        if kind in FLOATS:
            value = float(text) if _NUMBER.fullmatch(text) else math.nan
            return value if math.isfinite(value) else None
        if kind == XSD + "boolean":
            return {"true": True, "1": True, "false": False, "0": False}.get(text)
        if kind == XSD + "date":
            return dt.date.fromisoformat(text[:10]) if _DATE.match(text) else None
        if kind in _MOMENTS:
            moment = dt.datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None
    return text


def written(value: Any, datatype: str) -> str:
    """Return a value of Neo4j as an N-Triples literal of a datatype (IRI)."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float):
        text = _decimal(value)
    elif hasattr(value, "to_native"):  # the driver's own dates
        return written(value.to_native(), datatype)
    elif isinstance(value, dt.datetime):
        text = value.isoformat().replace("+00:00", "Z")
    elif isinstance(value, dt.date):
        text = value.isoformat()
    else:
        text = str(value)
    return literal(text, datatype=datatype)


def _decimal(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def properties(name: ValueName, terms: Iterable[str]) -> dict[str, Any]:
    """Return the properties that hold values (N-Triples literals) of one predicate, as well as they can."""
    kept: dict[str, Any] = {}
    plain = []
    for term in sorted(terms):
        lit = lit_of(term)
        if lit.language:
            kept.setdefault(key_of(name, lit.language), lit.value)
        elif lit.datatype == (datatype_of(name)):
            value = native(lit)
            if value is not None and not _too_long(name, value):
                plain.append(value)
    if plain:
        kept[key_of(name)] = plain if name.many and not name.text else plain[0]
    return kept


def _too_long(name: ValueName, value: Any) -> bool:
    return name.indexed and isinstance(value, str) and len(value) > LONGEST


def literals(name: ValueName, kept: Mapping[str, Any]) -> set[str]:
    """Return the values (N-Triples literals) of one predicate that properties hold, by key."""
    found = set()
    for key, value in kept.items():
        _, mark, language = key.partition("_")
        if mark:
            found.add(literal(value, language=language.replace("_", "-")))
        else:
            for one in value if isinstance(value, list) else [value]:
                found.add(written(one, datatype_of(name)))
    return found


def datatype_of(name: ValueName) -> str:
    """Return the datatype (IRI) of the values that the property without a language holds."""
    return _STRING if name.datatype in ("", _LANG_STRING) else name.datatype


def by_predicate(naming: Naming, kept: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Gather a node's properties by the predicate (IRI) whose values they hold; the engine's own not."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in kept.items():
        told = naming.value_of(key)
        if told is not None:
            found.setdefault(told[0].predicate, {})[key] = value
    return found
