"""Numbers and days compared within a statement, as SPARQL compares them at home (floor 1).

SPARQL 1.1, 17.3, with the orders of XML Schema 1.1 part 2: whole numbers and decimals exactly, with a
double as doubles are, with a single as singles are; days with a time zone and days without one only where
they are more than fourteen hours apart. Neo4j has no decimals and no days of the year 12025, so numbers
become texts, and days become minutes, that are ordered as they are.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from qualitrace.store.neo4j import forms
from qualitrace.store.neo4j.forms import DECIMAL, DOUBLE, MOMENTS, SINGLE, has_form
from qualitrace.terms import INTEGERS, XSD, lit_of

Give = Callable[[Any], str]  # makes a value a parameter; returns how it stands in the statement
Case = tuple[str, str]  # a condition, and what is compared where it holds

_WHOLE = forms.written(forms.WHOLE, *INTEGERS)
_EXACT = f"{_WHOLE}|{forms.written(forms.FORMS[DECIMAL], DECIMAL)}"
_DOUBLE = forms.written(forms.FLOATING, DOUBLE)
_SINGLE = forms.written(forms.FLOATING, SINGLE)
_ENDLESS = "|".join(
    (forms.written(forms.ENDLESS, *forms.UNBOUND), forms.written(forms.ENDLESS_DECIMAL, DECIMAL))
)
_NUMBER = f"{_EXACT}|{_DOUBLE}|{_SINGLE}"
_DAYS = tuple(
    forms.written(form, *kinds)
    for form, kinds in (
        (forms.FORMS[XSD + "date"], (XSD + "date",)),
        (forms.FORMS[XSD + "dateTime"], MOMENTS),
        (forms.FORMS[XSD + "gYear"], (XSD + "gYear",)),
        (forms.FORMS[XSD + "gYearMonth"], (XSD + "gYearMonth",)),
    )
)
_BEFORE, _BEHIND = 21, 18  # digits of a decimal before and behind the point
_ZEROS = "0" * (_BEFORE + _BEHIND)
_TURNED = str.maketrans("0123456789", "jihgfedcba")
_LARGEST_SINGLE = 3.4028235677973366e38  # from here on a double is infinite as a single
_YEARS = 4 * 10**12  # whole cycles of the calendar, so that no year is negative
_APART = 840  # minutes: time zones go to fourteen hours


def compared(one: str, sign: str, other: str, give: Give) -> list[Case]:
    """Write how two terms of a statement (N-Triples) compare, by what they are.

    ``sign`` is ``<``, ``<=``, ``=``, ``>`` or ``>=``. Where no case holds they are no numbers or days, or not
    of one kind.
    """
    numbers = f"{one} =~ {give(_EXACT)} AND {other} =~ {give(_EXACT)}"
    cases = [(numbers, f"{_exact(one)} {sign} {_exact(other)}")]
    floats = give(_NUMBER)
    singles = (
        f"({_is(one, SINGLE)} OR {_is(other, SINGLE)}) AND NOT ({_is(one, DOUBLE)} OR {_is(other, DOUBLE)})"
    )
    both = f"{one} =~ {floats} AND {other} =~ {floats}"
    cases.append((f"{both} AND {singles}", f"{_single(one)} {sign} {_single(other)}"))
    cases.append((both, f"{_widened(one)} {sign} {_widened(other)}"))
    days = " OR ".join(f"({one} =~ {give(form)} AND {other} =~ {give(form)})" for form in _DAYS)
    cases.append((days, _in_time(one, sign, _moment(other))))
    return cases


def compared_with(one: str, sign: str, known: str, give: Give, *, endless: bool = False) -> list[Case]:
    """Write how a term of a statement compares with one that is known (both N-Triples).

    ``endless``: numbers too long for the store at home compare as well, as doubles.
    """
    if has_form(known, _NUMBER):
        return _with_numbers(one, sign, [known], give, endless)
    for form in _DAYS:
        if has_form(known, form):
            then = give(list(moment_of(lit_of(known).value)))
            return [(f"{one} =~ {give(form)}", _in_time(one, sign, then))]
    return []


def one_of(one: str, known: Sequence[str], give: Give, *, endless: bool = False) -> list[Case]:
    """Write that a term of a statement equals one of some known: numbers of one type, or days of one."""
    if all(has_form(term, _NUMBER) for term in known):
        return _with_numbers(one, "IN", known, give, endless)
    for form in _DAYS:
        if all(has_form(term, form) for term in known):
            moments = give([list(moment_of(lit_of(term).value)) for term in known])
            return [(f"{one} =~ {give(form)}", f"{_moment(one)} IN {moments}")]
    return []


def _given(sign: str, values: Iterable[Any], give: Give) -> str:
    listed = list(values)
    return give(listed if sign == "IN" else listed[0])


def _with_numbers(one: str, sign: str, known: Sequence[str], give: Give, endless: bool) -> list[Case]:
    """``known`` are of one datatype; several with the sign IN."""
    datatype = lit_of(known[0]).datatype
    floats = f"{_DOUBLE}|{_SINGLE}{f'|{_ENDLESS}' if endless else ''}"
    wide = _given(sign, map(_double_of, known), give)
    if datatype == DOUBLE:
        return [(f"{one} =~ {give(f'{_EXACT}|{floats}')}", f"{_widened(one)} {sign} {wide}")]
    narrow = _given(sign, (as_single(_double_of(term)) for term in known), give)
    if datatype == SINGLE:
        exact = f"{one} =~ {give(_EXACT)}", f"{_single(one)} {sign} {narrow}"
    else:
        keys = _given(sign, (exact_key(lit_of(term).value) for term in known), give)
        exact = f"{one} =~ {give(_EXACT)}", f"{_exact(one)} {sign} {keys}"
    then = f"CASE WHEN {_is(one, SINGLE)} THEN {narrow} ELSE {wide} END"
    return [exact, (f"{one} =~ {give(floats)}", f"{_widened(one)} {sign} {then}")]


def _double_of(term: str) -> float:
    lit = lit_of(term)
    value = float(lit.value) + 0.0
    return as_single(value) if lit.datatype == SINGLE else value


# Numbers


def exact_key(text: str) -> str:
    """Return what a whole number or a decimal is ordered by, as text; :func:`_exact` writes the same."""
    before, _, behind = text.lstrip("+-").partition(".")
    digits = before.rjust(_BEFORE, "0")[-_BEFORE:] + behind.ljust(_BEHIND, "0")[:_BEHIND]
    if text.startswith("-") and digits != _ZEROS:
        return "m" + digits.translate(_TURNED)
    return "p" + digits


def as_single(value: float) -> float:
    """Round a double to a single, as a double."""
    if not math.isfinite(value):
        return value
    if abs(value) >= _LARGEST_SINGLE:
        return math.copysign(math.inf, value)
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _exact(term: str) -> str:
    bare = "CASE WHEN left(x, 1) IN ['-', '+'] THEN substring(x, 1) ELSE x END"
    digits = (
        f"right('{'0' * _BEFORE}' + split(b, '.')[0], {_BEFORE}) + "
        f"left(coalesce(split(b, '.')[1], '') + '{'0' * _BEHIND}', {_BEHIND})"
    )
    turned = "d"
    for digit, letter in zip("0123456789", "jihgfedcba", strict=True):
        turned = f"replace({turned}, '{digit}', '{letter}')"
    key = f"CASE WHEN x STARTS WITH '-' AND d <> '{_ZEROS}' THEN 'm' + {turned} ELSE 'p' + d END"
    return _let("x", inside(term), _let("b", bare, _let("d", digits, key)))


def _widened(term: str) -> str:
    """A number as a double; a single is rounded first."""
    value = _let("v", _double("x"), f"CASE WHEN {_is(term, SINGLE)} THEN {ROUNDED} ELSE v END")
    return _let("x", inside(term), value)


def _single(term: str) -> str:
    return _let("x", inside(term), _let("v", _double("x"), ROUNDED))


# Java has no name for infinity that XML Schema has; 0.0 is added because -0.0 is less than 0.0 in Neo4j.
def _double(text: str) -> str:
    return (
        f"CASE WHEN NOT toLower({text}) CONTAINS 'n' THEN toFloat({text}) + 0.0 "
        f"WHEN toLower({text}) CONTAINS 'a' THEN 0.0 / 0.0 "
        f"WHEN {text} STARTS WITH '-' THEN -1.0 / 0.0 ELSE 1.0 / 0.0 END"
    )


# Rounding v to 24 binary digits (Veltkamp's way): what is left of a product of it by 2**29 + 1.
ROUNDED = (
    f"CASE WHEN v >= {_LARGEST_SINGLE!r} THEN 1.0 / 0.0 WHEN v <= -{_LARGEST_SINGLE!r} THEN -1.0 / 0.0 "
    "ELSE v * 536870913.0 - (v * 536870913.0 - v) END"
)


# Days


def moment_of(text: str) -> tuple[int, str, bool]:
    """Return a day or moment as its minute, its seconds as text, and whether it has a time zone.

    :func:`_moment` writes the same.
    """
    zone = (
        "Z" if text.endswith("Z") else text[-6:] if text[-6:-5] in ("+", "-") and text[-3:-2] == ":" else ""
    )
    local = text[: len(text) - len(zone)]
    day, _, time = local.partition("T")
    parts = [*day.removeprefix("-").split("-"), "01", "01"][:3]
    clock = (time or "00:00:00").split(":")
    year = int(parts[0]) * (-1 if day.startswith("-") else 1) + _YEARS
    month, number = int(parts[1]), int(parts[2])
    early = (14 - month) // 12
    years, months = year - early, month + 12 * early - 3
    days = number + (153 * months + 2) // 5 + 365 * years + years // 4 - years // 100 + years // 400
    hours, minutes = (int(zone[1:3]), int(zone[4:])) if len(zone) == 6 else (0, 0)
    offset = (hours * 60 + minutes) * (-1 if zone.startswith("-") else 1)
    seconds = (clock[2] + ("" if "." in clock[2] else ".") + "0" * 18)[:21]
    return days * 1440 + int(clock[0]) * 60 + int(clock[1]) - offset, seconds, bool(zone)


def _moment(term: str) -> str:
    zone = (
        "CASE WHEN x ENDS WITH 'Z' THEN 'Z' WHEN left(right(x, 6), 1) IN ['+', '-'] "
        "AND left(right(x, 3), 1) = ':' THEN right(x, 6) ELSE '' END"
    )
    local = "split(left(x, size(x) - size(z)), 'T')"
    parts = "split(CASE WHEN l[0] STARTS WITH '-' THEN substring(l[0], 1) ELSE l[0] END, '-')"
    year = f"toInteger(p[0]) * CASE WHEN l[0] STARTS WITH '-' THEN -1 ELSE 1 END + {_YEARS}"
    month = "toInteger(coalesce(p[1], '01'))"
    count = "[y - (14 - m) / 12, m + 12 * ((14 - m) / 12) - 3]"
    days = (
        "toInteger(coalesce(p[2], '01')) + (153 * c[1] + 2) / 5 + 365 * c[0] + c[0] / 4 - c[0] / 100 "
        "+ c[0] / 400"
    )
    offset = (
        "CASE size(z) WHEN 6 THEN (toInteger(substring(z, 1, 2)) * 60 + toInteger(right(z, 2))) "
        "* CASE WHEN z STARTS WITH '-' THEN -1 ELSE 1 END ELSE 0 END"
    )
    minute = f"({days}) * 1440 + toInteger(t[0]) * 60 + toInteger(t[1]) - {offset}"
    seconds = "left(t[2] + CASE WHEN t[2] CONTAINS '.' THEN '' ELSE '.' END + '000000000000000000', 21)"
    made = _let("c", count, f"[{minute}, {seconds}, z <> '']")
    made = _let("y", year, _let("m", month, made))
    made = _let("p", parts, _let("t", "split(coalesce(l[1], '00:00:00'), ':')", made))
    return _let("x", inside(term), _let("z", zone, _let("l", local, made)))


def _in_time(one: str, sign: str, other: str) -> str:
    """A term compares with a moment (a list): surely, where only one of them has a time zone."""
    alike = f"[g[0], g[1]] {sign} [h[0], h[1]]"
    apart = {
        "<": f"[g[0] + {_APART}, g[1]] < [h[0], h[1]]",
        ">": f"[g[0] - {_APART}, g[1]] > [h[0], h[1]]",
    }.get(sign[0], "false")
    return _let("g", _moment(one), _let("h", other, f"CASE WHEN g[2] = h[2] THEN {alike} ELSE {apart} END"))


def inside(term: str) -> str:
    """Write the text between the quotes of a literal that has a datatype and nothing escaped."""
    return f"split({term}, '\"')[1]"


def _is(term: str, datatype: str) -> str:
    return f"{term} ENDS WITH '^^<{datatype}>'"


def _let(name: str, value: str, then: str) -> str:
    """Write an expression with a name for a value that it needs more than once."""
    return f"head([{name} IN [{value}] | {then}])"
