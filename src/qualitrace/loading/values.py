"""Dates and numbers as people write them."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date
from decimal import Context, Decimal

from qualitrace.loading import messages
from qualitrace.text import Text

_DAY = re.compile(
    r"(\d{4})(?:[-./]|年)(\d{1,2})(?:[-./]|月)(\d{1,2})(?:日|号)?(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_MONTH = re.compile(r"(\d{4})(?:[-./]|年)(\d{1,2})月?")
_SPACE = re.compile(r"\s+")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d+))?(?:e([+-]?\d{1,2}))?%?", re.ASCII)
_EXACT = Context(prec=200)


def read_date(text: str, month: str = "") -> date | Text:
    """Read a day. ``month`` says which day a month stands for: ``"first"``, ``"last"`` or none.

    Returns the message when it cannot be read.
    """
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text))
    found = _DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        found = _MONTH.fullmatch(plain)
        if found and month:
            year, number = int(found[1]), int(found[2])
            last = calendar.monthrange(year, number)[1] if date(year, number, 1) else 0
            return date(year, number, 1 if month == "first" else last)
    except ValueError:
        return messages.IMPOSSIBLE_DATE
    return messages.MONTH_ONLY if found else messages.NOT_A_DATE


def read_number(text: str) -> str | None:
    """Read a number; the answer is a canonical decimal (``"95.5"``). A per cent sign is left out."""
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text)).lower().replace("−", "-")
    found = _NUMBER.fullmatch(plain)
    if found is None or not (found[2] or found[3]) or len(plain) > 60:
        return None
    digits = f"{found[1]}{(found[2] or '0').replace(',', '')}.{found[3] or '0'}"
    number = _EXACT.scaleb(Decimal(digits), int(found[4] or 0))
    shown = format(number, "f").rstrip("0").rstrip(".")
    return shown if shown not in {"-0", "+0", ""} else "0"
