"""How a defect is planted: what is spoilt, and which rule must find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from demo.grid import Places
from demo.model import College

Change = Callable[[College], object]


@dataclass(frozen=True)
class Defect:
    """One planted defect. ``place`` is the key of its row, ``focus`` by default; ``column`` its cell."""

    rule: str
    focus: str
    column: str
    change: Change
    zh: str
    en: str
    place: str = ""

    def where(self, places: Places) -> str:
        """Return the sheet and cell in question."""
        sheet, row = places[self.place or self.focus]
        return f"{sheet}!{self.column}{row}"


def plant(college: College, defects: Iterable[Defect]) -> None:
    """Spoil the college as the defects say."""
    for defect in defects:
        defect.change(college)


def change(find: Callable[[College], object], **values: object) -> Change:
    """Return a change that sets attributes of what ``find`` answers."""

    def apply(college: College) -> None:
        found = find(college)
        for name, value in values.items():
            if not hasattr(found, name):
                raise AttributeError(name)
            setattr(found, name, value)

    return apply


def work(unit: str, code: str, /, **values: object) -> Change:
    """Return a change of one work."""
    return change(lambda college: college.work(unit, code), **values)


def task(code: str, /, **values: object) -> Change:
    """Return a change of one task."""
    return change(lambda college: college.task(code), **values)


def indicator(point: str, /, **values: object) -> Change:
    """Return a change of the indicator of one point."""
    return change(lambda college: college.point(point).indicator, **values)
