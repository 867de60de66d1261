"""What the rules of the deadline grammar mean."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from lark import Token, Transformer, v_args

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_QUARTER_ENDS = "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"


class Impossible(ValueError):
    """A date that does not exist."""


@dataclass(frozen=True, slots=True)
class Period:
    """From a first to a last day, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a deadline means; ``two_ways`` when that cannot be decided."""

    due_from: date | None = None
    due_by: date | None = None
    recurrence: str = ""
    two_ways: bool = False


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Impossible(str(error)) from error


def _months(year: int, first: int, last: int) -> Period:
    if not 1 <= first <= last <= 12:
        raise Impossible(f"months {first}-{last}")
    return Period(_day(year, first, 1), _day(year, last, calendar.monthrange(year, last)[1]))


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1


def _span(first: Period, last: Period) -> Meaning:
    if first.first > last.last:
        raise Impossible(f"{first.first} is after {last.last}")
    return Meaning(first.first, last.last)


def _yearly(months: list[int], day: int = -1) -> str:
    for month in months:
        if not 1 <= month <= 12:
            raise Impossible(f"month {month}")
        if day > 0:
            _day(2000, month, day)  # a leap year: 29 February recurs
    listed = ",".join(str(month) for month in dict.fromkeys(months))
    return f"FREQ=YEARLY;BYMONTH={listed};BYMONTHDAY={day}"


@v_args(inline=True)
class Understanding(Transformer[Token, Meaning]):
    """Turns a parse into a :class:`Meaning`. Raises :class:`Impossible` for dates that do not exist."""

    def year(self, year: Token) -> Period:
        """A whole year."""
        return _months(int(year), 1, 12)

    def month(self, year: Token, month: Token) -> Period:
        """A whole month."""
        return _months(int(year), int(month), int(month))

    def named_month(self, month: Token, year: Token) -> Period:
        """A month by its name."""
        return _months(int(year), _month_number(month), _month_number(month))

    def day(self, year: Token, month: Token, day: Token) -> Period:
        """One day."""
        when = _day(int(year), int(month), int(day))
        return Period(when, when)

    def named_day(self, month: Token, day: Token, year: Token) -> Period:
        """One day, month first."""
        when = _day(int(year), _month_number(month), int(day))
        return Period(when, when)

    def day_named(self, day: Token, month: Token, year: Token) -> Period:
        """One day, day first."""
        when = _day(int(year), _month_number(month), int(day))
        return Period(when, when)

    def quarter(self, year: Token, quarter: Token) -> Period:
        """Three months."""
        last = _QUARTERS[quarter] * 3
        return _months(int(year), last - 2, last)

    def quarter_named(self, quarter: Token, year: Token) -> Period:
        """Three months, quarter first."""
        last = _QUARTERS[quarter] * 3
        return _months(int(year), last - 2, last)

    def half(self, year: Token, half: Token) -> Period:
        """Half a year."""
        return _months(int(year), 1, 6) if half.startswith("上") else _months(int(year), 7, 12)

    def start(self, meaning: Meaning) -> Meaning:
        """The whole."""
        return meaning

    def within(self, period: Period) -> Meaning:
        """Due within a period; a single day is a last day only."""
        return Meaning(None if period.first == period.last else period.first, period.last)

    def by(self, period: Period) -> Meaning:
        """Due by the end of a period."""
        return Meaning(due_by=period.last)

    def before(self, period: Period) -> Meaning:
        """Before a period: whether the period itself still counts is not clear."""
        del period
        return Meaning(two_ways=True)

    def since(self, period: Period) -> date:
        """The first day of what it starts from."""
        return period.first

    def opened(self, first: date) -> Meaning:
        """From a day on, without an end."""
        return Meaning(first)

    def interval(self, first: Period, last: Period) -> Meaning:
        """From one period to another."""
        return _span(first, last)

    def months_of_year(self, year: Token, first: Token, last: Token) -> Meaning:
        """Some months of one year."""
        return _span(_months(int(year), int(first), int(first)), _months(int(year), int(last), int(last)))

    def recurring(self, rule: str) -> Meaning:
        """Again and again."""
        return Meaning(recurrence=rule, two_ways=not rule)

    def recurring_since(self, first: date, rule: str) -> Meaning:
        """Again and again from a day on."""
        return Meaning(first, recurrence=rule, two_ways=not rule)

    def since_recurring(self, rule: str, first: date) -> Meaning:
        """The same, the other way round."""
        return Meaning(first, recurrence=rule, two_ways=not rule)

    def yearly(self) -> str:
        """Every year, nothing more."""
        return "FREQ=YEARLY"

    def yearly_months(self, months: list[int]) -> str:
        """Every year in some months: by their last days."""
        return _yearly(months)

    def yearly_before(self, months: list[int]) -> str:
        """Every year before a month: whether that month counts is not clear."""
        _yearly(months)
        return ""

    def yearly_day(self, month: Token, day: Token) -> str:
        """Every year on a day."""
        return _yearly([int(month)], int(day))

    def yearly_named_day(self, month: Token, day: Token) -> str:
        """Every year on a day of a named month."""
        return _yearly([_month_number(month)], int(day))

    def yearly_end(self) -> str:
        """Every year at its end."""
        return _yearly([12])

    def monthly(self) -> str:
        """Every month, by its last day."""
        return "FREQ=MONTHLY;BYMONTHDAY=-1"

    def monthly_day(self, day: Token) -> str:
        """Every month on a day."""
        if not 1 <= int(day) <= 31:
            raise Impossible(f"day {day}")
        return f"FREQ=MONTHLY;BYMONTHDAY={int(day)}"

    def quarterly(self) -> str:
        """Every quarter, by its last day."""
        return _QUARTER_ENDS

    def months(self, *numbers: Token) -> list[int]:
        """Months by number."""
        return [int(number) for number in numbers]

    def named_months(self, *names: Token) -> list[int]:
        """Months by name."""
        return [_month_number(name) for name in names]
