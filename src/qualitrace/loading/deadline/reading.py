"""Reading one deadline with the grammar beside this module."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from lark import Lark
from lark.exceptions import LarkError, VisitError

from qualitrace.loading.deadline.dates import Impossible, Meaning, Understanding
from qualitrace.loading.normalise import tidy

_LONGEST = 80  # characters; anything longer is prose
_MAY_BE_READ = re.compile(r"[\d每]|year|month|quarter|every|each|annual")  # else no rule can fit
_DATE_LIKE = re.compile(
    r"^(自|从)?(\d{4}\s*[年.\-/~～—–至]|每[年月季个])|^(by|every|each|from|end of)\b", re.IGNORECASE
)


class Trouble(StrEnum):
    """Why a deadline was kept as text."""

    NONE = ""
    UNREADABLE = "unreadable"  # no date the calendar knows
    IMPOSSIBLE = "impossible"  # a date that does not exist, or an end before its beginning
    AMBIGUOUS = "ambiguous"  # readable in two ways


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as written and as read.

    A month has its first day as ``due_from`` and its last as ``due_by``; "by the end of a month" has
    the last day only. ``recurrence`` is an RFC 5545 RRULE value (section 3.3.10), ``""`` when it
    falls due once. With ``trouble`` nothing but ``text`` is filled.
    """

    text: str
    due_from: date | None = None
    due_by: date | None = None
    recurrence: str = ""
    trouble: Trouble = Trouble.NONE


@lru_cache(maxsize=4096)
def parse_deadline(text: str) -> Deadline:
    """Read ``text``; never raises. What cannot be read keeps its text and says why."""
    written = tidy(text).replace("\n", " ")
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).casefold().rstrip(".。;")
    if len(folded) > _LONGEST or not _MAY_BE_READ.search(folded):
        return Deadline(written, trouble=Trouble.UNREADABLE)
    try:
        meaning: Meaning = Understanding().transform(_grammar().parse(folded))
    except VisitError as error:
        impossible = isinstance(error.orig_exc, Impossible)
        return Deadline(written, trouble=Trouble.IMPOSSIBLE if impossible else Trouble.UNREADABLE)
    except LarkError:
        return Deadline(written, trouble=Trouble.UNREADABLE)
    if meaning.two_ways:
        return Deadline(written, trouble=Trouble.AMBIGUOUS)
    return Deadline(written, meaning.due_from, meaning.due_by, meaning.recurrence)


def resembles_deadline(text: str) -> bool:
    """Tell whether ``text`` is a deadline or begins like one (used to find a shifted cell)."""
    if parse_deadline(text).trouble is not Trouble.UNREADABLE:
        return True
    return len(text) <= _LONGEST // 2 and bool(_DATE_LIKE.search(text.strip()))


@cache
def _grammar() -> Lark:
    source = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(source, parser="earley", lexer="dynamic", maybe_placeholders=False)
