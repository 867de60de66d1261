"""Which days a node exists on, from its validity values.

A value may be an ``xsd:date``, ``xsd:dateTime``, ``xsd:gYearMonth`` or ``xsd:gYear``
(https://www.w3.org/TR/xmlschema11-2/). A month or year means its first day where it begins a
validity and its last day where it ends one. Days are proleptic Gregorian ordinals
(``datetime.date.toordinal``); a time zone is not shifted: the day is the day that was written.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable

from qualitrace.terms import XSD, is_iri, lit_of

FIRST_DAY = dt.date.min.toordinal()
LAST_DAY = dt.date.max.toordinal()

NEVER = (LAST_DAY, FIRST_DAY)  # the days of what counts on none

_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_FORMS = {
    XSD + "date": re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_ZONE}"),
    XSD + "dateTime": re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)T[\d:.]+{_ZONE}"),
    XSD + "dateTimeStamp": re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)T[\d:.]+{_ZONE}"),
    XSD + "gYearMonth": re.compile(rf"(\d{{4}})-(\d\d){_ZONE}"),
    XSD + "gYear": re.compile(rf"(\d{{4}}){_ZONE}"),
}


def days_of(term: str) -> tuple[int, int] | None:
    """Return the first and last day that a literal (N-Triples) names; None when it names none."""
    if is_iri(term):
        return None
    try:
        lit = lit_of(term)
    except ValueError:
        return None
    form = _FORMS.get(lit.datatype)
    match = form.fullmatch(lit.value) if form else None
    if match is None:
        return None
    written = [int(group) for group in match.groups()]
    try:
        first = dt.date(*[*written, 1, 1][:3])
        last_month = written[1] if len(written) > 1 else 12
        last_day = written[2] if len(written) > 2 else calendar.monthrange(first.year, last_month)[1]
        return first.toordinal(), dt.date(first.year, last_month, last_day).toordinal()
    except ValueError:
        return None


def interval(begins: Iterable[str], ends: Iterable[str]) -> tuple[int, int] | None:
    """Return the days between all ``begins`` and all ``ends`` (both inclusive); None when unbounded.

    Each value says that the node does not exist before (or after) it, so the latest beginning and
    the earliest end hold. Values that are no dates are ignored here: finding them is validation's job.
    """
    first = max((days[0] for term in begins if (days := days_of(term))), default=FIRST_DAY)
    last = min((days[1] for term in ends if (days := days_of(term))), default=LAST_DAY)
    return None if (first, last) == (FIRST_DAY, LAST_DAY) else (first, last)


def iso(day: int) -> str:
    """Return a day as an ISO date; ``""`` for an open end."""
    return "" if day in (FIRST_DAY, LAST_DAY) else dt.date.fromordinal(day).isoformat()
