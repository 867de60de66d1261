"""Conditions on the values of nodes, as Cypher (floor 4).

A node's values of a property are compared as the server holds them; where it holds them otherwise than
they were written (``_exact``, see docs/decisions/0012), what was written is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qualitrace.store.neo4j.naming import ValueName, quoted
from qualitrace.terms import XSD

Test = Callable[[str, Any], str]  # the variable of a value, and the argument
Give = Callable[[Any], str]  # makes a value a parameter; returns how it stands in the statement

NUMBERS = ("Int", "Long", "Float")
_NUMERIC = (
    "integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger",
    "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedShort",
    "unsignedByte", "unsignedLong",
)  # fmt: skip
_BACKSLASH, _QUOTE = "\x02", "\x01"  # stand for escaped characters while a literal is taken apart


def has_any(variable: str, predicate: str, name: ValueName | None, give: Give) -> str:
    """Return the condition that a node has a value of a predicate."""
    mark = give(f"<{predicate}> ")
    written = f"any(e IN {_noted(variable)} WHERE e STARTS WITH {mark})"
    if name is None:
        return written
    held = f"size({_held(variable, name, give)}) > 0"
    return f"({written} OR {_unmentioned(variable, predicate, give)} AND {held})"


def compare(
    variable: str,
    predicate: str,
    name: ValueName | None,
    scalar: str,
    given: Mapping[str, Any],
    give: Give,
) -> str:
    """Return the condition that one value of a predicate passes all tests ``given`` by operator."""
    mark = give(f"<{predicate}> ")
    plain = [_TESTS[operator]("v", give(_argument(one, scalar))) for operator, one in given.items()]
    text = _read(f"substring(e, size({mark}))", scalar, give)
    as_text = [
        _TESTS[operator]("w", give(_written(argument, scalar))) for operator, argument in given.items()
    ]
    written = (
        f"any(w IN [e IN {_noted(variable)} WHERE e STARTS WITH {mark} | {text}] "
        f"WHERE {' AND '.join(as_text) or 'w IS NOT NULL'})"
    )
    if name is None:
        return f"coalesce({written}, false)"
    value = "toString(v)" if scalar == "String" and _kept_as_other(name) else "v"
    held = f"any(v IN [v IN {_held(variable, name, give)} | {value}] WHERE {' AND '.join(plain) or 'true'})"
    unmentioned = _unmentioned(variable, predicate, give)
    return f"(coalesce({written}, false) OR {unmentioned} AND coalesce({held}, false))"


def compare_text(text: str, given: Mapping[str, Any], give: Give) -> str:
    """Return the condition that a text of the statement passes all tests."""
    return (
        " AND ".join(_TESTS[operator](text, give(argument)) for operator, argument in given.items()) or "true"
    )


def _held(variable: str, name: ValueName, give: Give) -> str:
    """All values that the server holds natively, in whatever language, as one list."""
    if name.datatype in ("", XSD + "string") or name.text:
        key = give(name.key)
        keys = f"[k IN keys({variable}) WHERE k = {key} OR k STARTS WITH {key} + '_']"
        return f"reduce(a = [], k IN {keys} | a + {variable}[k])"
    held = f"{variable}.{quoted(name.key)}"
    return f"(CASE WHEN {held} IS NULL THEN [] ELSE [] + {held} END)"


def _kept_as_other(name: ValueName) -> bool:
    return not name.text and name.datatype not in ("", XSD + "string")


def _noted(variable: str) -> str:
    return f"coalesce({variable}._exact, []) + coalesce({variable}._inferred, [])"


def _unmentioned(variable: str, predicate: str, give: Give) -> str:
    """That values of a predicate are as they are held, and not noted otherwise."""
    mark, bare = give(f"<{predicate}> "), give(f"<{predicate}>")
    return f"none(e IN coalesce({variable}._exact, []) WHERE e STARTS WITH {mark} OR e = {bare})"


def _read(term: str, scalar: str, give: Give) -> str:
    """Take an N-Triples literal apart within a statement: what is compared, or null."""
    back, quote = give(_BACKSLASH), give(_QUOTE)
    marked = f"replace(replace({term}, '\\\\\\\\', {back}), '\\\\\"', {quote})"
    parts = f"split({marked}, '\"')"
    if scalar in NUMBERS:
        kinds = give([f"^^<{XSD}{kind}>" for kind in _NUMERIC])
        return f"CASE WHEN {parts}[2] IN {kinds} THEN toFloatOrNull({parts}[1]) END"
    if scalar == "Boolean":
        kind = give(f"^^<{XSD}boolean>")
        return f"CASE WHEN {parts}[2] = {kind} THEN {parts}[1] IN ['true', '1'] END"
    if scalar in ("Date", "DateTime"):
        size = 10 if scalar == "Date" else 19
        kinds = give([f"^^<{XSD}{'date' if scalar == 'Date' else 'dateTime'}>"])
        return f"CASE WHEN {parts}[2] IN {kinds} THEN left({parts}[1], {size}) END"
    text = f"{parts}[1]"
    for escaped, meant in (("n", "\n"), ("r", "\r"), ("t", "\t"), ("b", "\b"), ("f", "\f")):
        text = f"replace({text}, '\\\\{escaped}', {give(meant)})"
    return f"replace(replace({text}, {quote}, '\"'), {back}, '\\\\')"


def _argument(argument: Any, scalar: str) -> Any:
    """An argument as the server compares it."""
    if isinstance(argument, list):
        return [_argument(one, scalar) for one in argument]
    if isinstance(argument, dt.datetime) and argument.tzinfo is None:
        return argument.replace(tzinfo=dt.UTC)
    return str(argument) if scalar == "String" else argument


def _written(argument: Any, scalar: str) -> Any:
    """An argument as it is compared with what was written."""
    if isinstance(argument, list):
        return [_written(one, scalar) for one in argument]
    if scalar in NUMBERS:
        return float(argument)
    if scalar == "DateTime":
        return argument.isoformat()[:19]
    return argument.isoformat() if scalar == "Date" else argument


def _compared(sign: str) -> Test:
    return lambda variable, argument: f"{variable} {sign} {argument}"


_TESTS: dict[str, Test] = {
    "eq": _compared("="),
    "in": _compared("IN"),
    "gt": _compared(">"),
    "gte": _compared(">="),
    "lt": _compared("<"),
    "lte": _compared("<="),
    "contains": lambda variable, argument: f"toLower({variable}) CONTAINS toLower({argument})",
    "startsWith": lambda variable, argument: f"toLower({variable}) STARTS WITH toLower({argument})",
}


def chosen(members: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell terms (N-Triples) apart: IRIs, and literals."""
    iris = [one[1:-1] for one in members if one.startswith("<")]
    return iris, [one for one in members if not one.startswith("<")]
