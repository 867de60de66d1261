"""Conditions on the values of nodes, as Cypher (floor 4).

A node's values of a property are compared as the server holds them; where it holds them otherwise than
they were written (``_exact``, see docs/decisions/0012), what was written is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qualitrace.graphql.values import NUMBERS, sparql_value
from qualitrace.store.neo4j.comparing import (
    ROUNDED,
    Case,
    as_single,
    compared_with,
    one_of,
)
from qualitrace.store.neo4j.forms import MOMENTS, SINGLE
from qualitrace.store.neo4j.naming import ValueName, quoted
from qualitrace.terms import XSD, lit_of

Test = Callable[[str, Any], str]  # the variable of a value, and the argument
Give = Callable[[Any], str]  # makes a value a parameter; returns how it stands in the statement

_ORDERED = (*NUMBERS, "Date", "DateTime")  # what is compared by its value, however it is written
_SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_APART = dt.timedelta(hours=14)  # how far time zones go
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
    text = f"substring(e, size({mark}))"
    if scalar in _ORDERED:
        as_text = [_as_at_home("w", operator, one, scalar, give) for operator, one in given.items()]
    else:
        text = _read(text, scalar, give)
        as_text = [_TESTS[operator]("w", give(_argument(one, scalar))) for operator, one in given.items()]
    written = (
        f"any(w IN [e IN {_noted(variable)} WHERE e STARTS WITH {mark} | {text}] "
        f"WHERE {' AND '.join(as_text) or 'w IS NOT NULL'})"
    )
    if name is None:
        return f"coalesce({written}, false)"
    value = "toString(v)" if scalar == "String" and _kept_as_other(name) else "v"
    single = scalar in NUMBERS and name.datatype == SINGLE
    value = ROUNDED if single else value
    if name.datatype in MOMENTS:
        value = "datetime({datetime: v, timezone: 'Z'})"  # else moments of two time zones are never equal
    plain = [
        _held_test(operator, one, scalar, give, as_single if single else lambda number: number)
        for operator, one in given.items()
    ]
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
    if scalar == "Boolean":
        truth = f"CASE {parts}[1] WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false "
        return f"CASE WHEN {parts}[2] = {give(f'^^<{XSD}boolean>')} THEN {truth}WHEN '0' THEN false END END"
    text = f"{parts}[1]"
    for escaped, meant in (("n", "\n"), ("r", "\r"), ("t", "\t"), ("b", "\b"), ("f", "\f")):
        text = f"replace({text}, '\\\\{escaped}', {give(meant)})"
    return f"replace(replace({text}, {quote}, '\"'), {back}, '\\\\')"


def _as_at_home(term: str, operator: str, argument: Any, scalar: str, give: Give) -> str:
    """Compare a term (N-Triples) as the store at home does. It is true or false."""
    sign = _SIGNS.get(operator, "IN")
    known = [sparql_value(one, scalar) for one in (argument if sign == "IN" else [argument])]
    cases = []
    by_type: dict[str, list[str]] = {}
    for one in known:
        by_type.setdefault(lit_of(one).datatype, []).append(one)
    if sign == "IN":
        cases = [_chosen(one_of(term, some, give, endless=True)) for some in by_type.values()]
    else:
        cases = [_chosen(compared_with(term, sign, known[0], give, endless=True))]
    return f"({' OR '.join(cases)})" if cases else "false"


def _chosen(cases: Sequence[Case]) -> str:
    whens = " ".join(f"WHEN {when} THEN coalesce({then}, false)" for when, then in cases)
    return f"CASE {whens} ELSE false END" if cases else "false"


def _held_test(
    operator: str, argument: Any, scalar: str, give: Give, rounded: Callable[[float], float]
) -> str:
    """Compare a value that the server holds as its own."""
    if scalar in NUMBERS:
        numbers = [rounded(one + 0) for one in (argument if operator == "in" else [argument])]
        return _TESTS[operator]("v", give(numbers if operator == "in" else numbers[0]))
    if scalar != "DateTime":
        return _TESTS[operator]("v", give(_argument(argument, scalar)))
    if operator == "in":
        return f"v IN {give([one.astimezone(dt.UTC) for one in argument if one.tzinfo is not None])}"
    if argument.tzinfo is not None:
        return _TESTS[operator]("v", give(argument.astimezone(dt.UTC)))
    # What is held has a time zone: it is surely later or earlier than what has none, or it is neither.
    moment = argument.replace(tzinfo=dt.UTC)
    if operator == "eq":
        return "false"
    if operator in ("gt", "gte"):
        return f"v > {give(_shifted(moment, _APART))}"
    return f"v < {give(_shifted(moment, -_APART))}"


def _shifted(moment: dt.datetime, by: dt.timedelta) -> dt.datetime:
    try:
        return moment + by
    except OverflowError:
        return (dt.datetime.max if by > dt.timedelta() else dt.datetime.min).replace(tzinfo=dt.UTC)


def _argument(argument: Any, scalar: str) -> Any:
    """An argument as the server compares it."""
    if isinstance(argument, list):
        return [_argument(one, scalar) for one in argument]
    return str(argument) if scalar == "String" else argument


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
