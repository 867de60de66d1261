"""Recorded time: from what people write to a position of the journal (floor 3)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from qualitrace.errors import QueryError
from qualitrace.journal import Journal
from qualitrace.journal.lookup import position_at, positions_by_id, positions_of
from qualitrace.journal.model import Event
from qualitrace.text import Text

_NUMBER = re.compile(r"#?([0-9]{1,9})")
_IDENTIFIER = re.compile(r"[0-9a-f]{4,64}")
_MOST_KNOWN = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Moments:
    """Positions that moments stand for, kept while the registry stands where it did.

    Threads may share one: at worst something is looked up twice.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._head = -1
        self._known: dict[str, int] = {}

    def position(self, moment: str, head: int) -> int:
        """Return what :func:`position_of` does, for a registry that stands at the position ``head``."""
        number = _NUMBER.fullmatch(moment.strip())
        if number and int(number.group(1)) <= head:
            return int(number.group(1))
        known = self._known
        if self._head != head or len(known) >= _MOST_KNOWN:
            self._head, self._known = head, (known := {})
        if moment not in known:
            known[moment] = position_of(self._journal, moment)
        return known[moment]


def position_of(journal: Journal, moment: str) -> int:
    """Return the journal position that a moment of recorded time stands for.

    A moment is the number of a changeset (``12`` or ``#12``, 0 for the empty registry), the beginning
    of its identifier (four hex digits or more), a date (the end of that day, UTC) or a date and time
    (ISO 8601; without an offset it is UTC, as changesets are shown). Raises QueryError when it is none
    of these, when there is no such changeset, or when several begin so.
    """
    text = moment.strip()
    head = journal.head()[0]
    number = _NUMBER.fullmatch(text)
    if number and int(number.group(1)) <= head:
        return int(number.group(1))
    if _IDENTIFIER.fullmatch(text.lower()):
        found = positions_of(journal, text.lower())
        if len(found) == 1:
            return found[0]
        if found:
            raise _several(text, found)
    if number:
        raise _unknown(text, head)
    try:
        return position_at(journal, last_instant(text))
    except QueryError as error:
        raise _unknown(text, head) from error


def events_known(journal: Journal, moment: str, events: Iterable[Event]) -> list[Event]:
    """Return those of some events that had been written in a moment (:func:`position_of`).

    That is, before the next changeset; of a date or time, also not later than that. Raises QueryError.
    """
    written, last = list(events), position_of(journal, moment)
    positions = positions_by_id(journal, {event.head for event in written if event.head})
    known = [event for event in written if positions.get(event.head, 0) <= last]
    if _NUMBER.fullmatch(moment.strip()) or _IDENTIFIER.fullmatch(moment.strip().lower()):
        return known
    return [event for event in known if event.at <= last_instant(moment.strip())]


def first_instant(text: str) -> str:
    """Return a date (its beginning, UTC) or a time as changesets write theirs. Raises QueryError."""
    return _utc(text, dt.time.min)


def last_instant(text: str) -> str:
    """Return a date (its end, UTC) or a time as changesets write theirs. Raises QueryError."""
    return _utc(text, dt.time.max)


def _utc(text: str, clock: dt.time) -> str:
    try:
        if _DAY.fullmatch(text):
            moment = dt.datetime.combine(dt.date.fromisoformat(text), clock, dt.UTC)
        else:
            moment = dt.datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            Text(zh=f"“{text}”不是日期或时刻。", en=f"“{text}” is neither a date nor a time."),
            where=text,
            hint=Text(
                zh="请写成 2025-03-01 或 2025-03-01T12:00Z。",
                en="Write it like 2025-03-01 or 2025-03-01T12:00Z.",
            ),
        ) from error
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _unknown(text: str, head: int) -> QueryError:
    return QueryError(
        Text(zh=f"“{text}”不是登记时间。", en=f"“{text}” is no moment of recorded time."),
        where=text,
        hint=Text(
            zh=f"请给出变更序号(0 至 {head})、变更标识的开头、日期(2025-03-01)或时刻(2025-03-01T12:00Z)。",
            en=f"Give the number of a changeset (0 to {head}), the beginning of its identifier, a date "
            "(2025-03-01) or a time (2025-03-01T12:00Z).",
        ),
    )


def _several(text: str, found: list[int]) -> QueryError:
    numbers = ", ".join(f"#{position}" for position in found)
    return QueryError(
        Text(zh=f"有几个变更的标识以“{text}”开头。", en=f"Several changesets begin with “{text}”."),
        where=numbers,
        hint=Text(zh="请写长一些,或给出序号。", en="Write more of it, or give the number."),
    )
