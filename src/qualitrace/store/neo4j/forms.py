"""How values are written, as regular expressions of Neo4j (floor 1).

XML Schema 1.1 part 2, as far as the store at home reads them as values: whole numbers of 64 bits, decimals
of 128 (eighteen digits after the point), years of up to twelve digits. What is written otherwise has no
value there, so it has none here.
"""

from __future__ import annotations

import re

from qualitrace.terms import XSD

UNBOUND = tuple(
    XSD + name
    for name in (
        *("integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        "unsignedLong",
    )
)
DECIMAL, DOUBLE, SINGLE = XSD + "decimal", XSD + "double", XSD + "float"
MOMENTS = (XSD + "dateTime", XSD + "dateTimeStamp")

_YEAR = r"-?(?:[1-9]\d{3,11}|0\d{3})"
_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_LEAP = r"(?=\d{4,12}-)(?:\d{2,}(?:0[48]|[2468][048]|[13579][26])|\d*(?:[02468][048]|[13579][26])00)-02-29"
ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_DATE = rf"(?:{_YEAR}-{_DAY}|-?(?!0\d{{4}}){_LEAP})"
TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,18}0*)?|24:00:00(?:\.0+)?)"
_LARGEST = 2**63 - 1  # of a whole number
_WHOLE, _FRACTION = divmod(2**127 - 1, 10**18)  # of a decimal


def whole_numbers(low: int | None, high: int | None) -> str:
    """Write the form of whole numbers within bounds: Neo4j cannot convert all that somebody may write."""
    found = [r"[+-]?0+"] if (low is None or low <= 0) and (high is None or high >= 0) else []
    if high is None or high > 0:
        found.append(rf"\+?0*(?:{_at_most(high)})")
    if low is None or low < 0:
        found.append(rf"-0*(?:{_at_most(None if low is None else -low)})")
    return "|".join(found)


def _at_most(number: int | None) -> str:
    """Write the form of the numbers from 1 to another one, without zeros in front."""
    if number is None:
        return r"[1-9]\d*"
    digits = str(number)
    found = [digits, *([rf"[1-9]\d{{0,{len(digits) - 2}}}"] if len(digits) > 1 else [])]
    for at, digit in enumerate(digits):
        least = 0 if at else 1
        if int(digit) > least:
            rest = len(digits) - at - 1
            found.append(rf"{digits[:at]}[{least}-{int(digit) - 1}]\d{{{rest}}}")
    return "|".join(found)


def _decimals() -> str:
    """Write the form of decimals that 128 bits hold."""
    last = f"{_FRACTION:018}"
    behind = [last, *(last[:at] for at in range(18))]
    behind += [
        rf"{last[:at]}[0-{int(digit) - 1}]\d{{0,{17 - at}}}" for at, digit in enumerate(last) if digit != "0"
    ]
    below = rf"(?:0*(?:{_at_most(_WHOLE - 1)})|0+)(?:\.\d{{0,18}}0*)?|\.(?=\d)\d{{0,18}}0*"
    least = rf"-0*{_WHOLE}\.{_FRACTION + 1:018}0*"
    return rf"[+-]?(?:{below}|0*{_WHOLE}(?:\.(?:{'|'.join(behind)})0*)?)|{least}"


# Numbers of types without bounds, however large: beyond what the store at home computes with.
ENDLESS = r"[+-]?\d+"
ENDLESS_DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
FLOATING = r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|(?i:inf|infinity|nan))"
WHOLE = whole_numbers(-_LARGEST - 1, _LARGEST)
FORMS: dict[str, str] = {
    XSD + "integer": WHOLE,
    DECIMAL: _decimals(),
    DOUBLE: FLOATING,
    SINGLE: FLOATING,
    XSD + "boolean": "true|false|1|0",
    XSD + "date": _DATE + ZONE,
    XSD + "dateTime": f"{_DATE}T{TIME}{ZONE}",
    XSD + "gYear": _YEAR + ZONE,
    XSD + "gYearMonth": rf"{_YEAR}-(?:0[1-9]|1[0-2]){ZONE}",
    XSD + "hexBinary": "(?:[0-9a-fA-F]{2})*",
}


def written(form: str, *datatypes: str) -> str:
    """Write the form of a literal (N-Triples) of one of some datatypes (IRIs), whose text has a form."""
    named = "|".join(map(re.escape, datatypes))
    return rf'"(?:{form})"\^\^<(?:{named})>'


def has_form(term: str, form: str) -> bool:
    """Tell whether a term has a form, as the server would."""
    return re.fullmatch(form, term, re.ASCII) is not None
