"""From N-Triples terms to what an answer holds, and from arguments to SPARQL (floor 4)."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from qualitrace.graphql.failures import InvalidRequestError, ValueMismatchError
from qualitrace.terms import XSD, iri_of, is_iri, lit_of, literal
from qualitrace.text import Text

NUMBERS = ("Int", "Long", "Float")
LONG_MAX = 2**63 - 1
_INT_MAX = 2**31 - 1
_BEFORE, _BEHIND = 20, 18  # digits of the store's decimals before and behind the point
_FORBIDDEN_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


def decode(term: str, scalar: str, where: str) -> Any:
    """Return the value of a term for a GraphQL scalar. Raises ValueMismatchError naming ``where``."""
    text = iri_of(term) if is_iri(term) else lit_of(term).value
    try:
        return _READERS.get(scalar, str)(text)
    except (ValueError, InvalidOperation) as error:
        raise ValueMismatchError(
            Text(
                zh=f"值“{text}”不是 {scalar} 类型。",
                en=f"The value “{text}” is not of type {scalar}.",
            ),
            where=where,
            hint=Text(zh="请在来源文件中改正后重新装入。", en="Mend it in its source and load it again."),
        ) from error


def _int(text: str) -> int:
    return _bounded(int(text), _INT_MAX)


def _long(text: str) -> int:
    return _bounded(int(text), LONG_MAX)


def _bounded(value: int, limit: int) -> int:
    if not -limit - 1 <= value <= limit:
        raise ValueError("too large")
    return value


def _float(text: str) -> float:
    value = float(Decimal(text))
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text] if text in _TRUTHS else _no(text)


_TRUTHS = ("true", "1", "false", "0")


def _no(text: str) -> bool:
    raise ValueError(text)


def _date(text: str) -> dt.date:
    # xsd:date may carry a time zone; a calendar day is all the API shows.
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", text)
    if match is None:
        raise ValueError(text)
    return dt.date.fromisoformat(match.group(1))


_READERS: dict[str, Callable[[str], Any]] = {
    "Int": _int,
    "Long": _long,
    "Float": _float,
    "Boolean": _boolean,
    "Date": _date,
    "DateTime": dt.datetime.fromisoformat,
    "String": str,
}


def sparql_value(value: Any, scalar: str) -> str:
    """Write an argument as a SPARQL literal of the scalar's datatype."""
    if scalar in ("Int", "Long"):
        return literal(str(value), datatype=XSD + "integer")
    if scalar == "Float":
        return _number(float(finite(value)))
    if scalar == "Boolean":
        return literal("true" if value else "false", datatype=XSD + "boolean")
    if scalar == "Date":
        return literal(value.isoformat(), datatype=XSD + "date")
    if scalar == "DateTime":
        return literal(value.isoformat(), datatype=XSD + "dateTime")
    return literal(str(value))


def double_value(value: Any) -> str:
    """Write a number as a SPARQL double."""
    return literal(repr(float(value) + 0.0), datatype=XSD + "double")


def _number(value: float) -> str:
    """A decimal compares exactly with decimals and is widened for doubles; one too long is a double."""
    text = format(Decimal(repr(value)), "f")
    before, _, behind = text.lstrip("-").partition(".")
    fits = len(before) <= _BEFORE and len(behind) <= _BEHIND
    return literal(text, datatype=XSD + "decimal") if fits else double_value(value)


def finite(value: Any) -> Any:
    """Return a number, or a list of them. Raises InvalidRequestError for one that is not finite."""
    if isinstance(value, list):
        return [finite(one) for one in value]
    if not math.isfinite(value):
        raise InvalidRequestError(Text(zh="数值必须有限。", en="A number must be finite."))
    return value


def identifier(iri: str, base: str) -> str:
    """Return the API's identifier of a node: its IRI, without the registry's base."""
    return iri[len(base) :] if base and iri.startswith(base) and len(iri) > len(base) else iri


def iri_from(identifier_: str, base: str) -> str:
    """Return the IRI behind an API identifier. Raises InvalidRequestError when it cannot be one."""
    if not identifier_ or _FORBIDDEN_IN_IRI.search(identifier_):
        raise InvalidRequestError(
            Text(zh=f"“{identifier_}”不是标识。", en=f"“{identifier_}” is not an identifier."),
            hint=Text(zh="标识形如“类/编码”或完整 IRI。", en="One looks like “class/code”, or is an IRI."),
        )
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", identifier_)
    return identifier_ if absolute else base + identifier_
