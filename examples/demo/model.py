"""What the demonstration college consists of, before it is written into forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass
class Work:
    """One concrete work of a duty. ``post`` is ``post`` or, for another unit's post, ``unit/post``."""

    code: str
    text: str
    standard: str
    post: str
    supervisor: str
    in_table_2: bool = True


@dataclass
class Duty:
    """One duty of a unit and its work."""

    code: str
    text: str
    object: str
    inside: bool
    in_table_1: bool = True
    works: list[Work] = field(default_factory=list)


@dataclass
class Unit:
    """A department or teaching unit with its sections, posts and duties."""

    name: str
    code: str
    kind: str
    system: str
    head: str
    sections: dict[str, list[str]]
    duties: list[Duty] = field(default_factory=list)

    @property
    def posts(self) -> list[str]:
        """Return the unit's posts in the order of its sections."""
        return [post for posts in self.sections.values() for post in posts]

    def section_of(self, post: str) -> str:
        """Return the section a post is in; empty for a post of another unit."""
        return next((name for name, posts in self.sections.items() if post in posts), "")


@dataclass
class Appointment:
    """One row of the staff form. ``end`` is None while the appointment runs."""

    number: str
    name: str
    unit: str
    section: str
    post: str
    kind: str
    start: date | None
    end: date | None = None


@dataclass
class Task:
    """One row of annex 1. ``goal`` is the code of the goal under which the row stands."""

    code: str
    title: str
    deliverable: str
    responsible: str
    deadline: str
    post: str
    goal: str = ""

    def __post_init__(self) -> None:
        """Put the task under the goal that its code continues."""
        self.goal = self.goal or self.code.rpartition(".")[0]


@dataclass
class Indicator:
    """One row of the form of indicators."""

    code: str
    name: str
    level: str
    target: float
    threshold: float | None
    direction: str
    measure: str
    source: str
    unit: str
    post: str


@dataclass
class Point:
    """One diagnosis point with its indicator, its readings and what it examines."""

    code: str
    title: str
    hint: str
    platform: str
    indicator: Indicator
    readings: dict[date, float | None]
    examines: list[str]
    goal: str


@dataclass
class Rule:
    """One row of the form of rules."""

    code: str
    title: str
    kind: str
    unit: str
    start: str
    review: str


@dataclass
class College:
    """Everything the workbook holds."""

    units: list[Unit]
    goals: list[tuple[str, str]]
    tasks: list[Task]
    items: list[tuple[str, str]]
    elements: list[tuple[str, str]]
    points: list[Point]
    appointments: list[Appointment]
    rules: list[Rule]
    programmes: list[tuple[str, str, str]]  # name, national code (made up), unit that offers it

    def unit(self, name: str) -> Unit:
        """Return the unit of that name."""
        return next(unit for unit in self.units if unit.name == name)

    def duty(self, unit: str, code: str) -> Duty:
        """Return the duty of that code."""
        return next(duty for duty in self.unit(unit).duties if duty.code == code)

    def work(self, unit: str, code: str) -> Work:
        """Return the work of that code."""
        return next(w for d in self.unit(unit).duties for w in d.works if w.code == code)

    def task(self, code: str) -> Task:
        """Return the task of that code."""
        return next(task for task in self.tasks if task.code == code)

    def point(self, code: str) -> Point:
        """Return the point of that code."""
        return next(point for point in self.points if point.code == code)

    def rule(self, code: str) -> Rule:
        """Return the rule of that code."""
        return next(rule for rule in self.rules if rule.code == code)

    def holder(self, unit: str, post: str) -> Appointment:
        """Return the latest appointment to a post."""
        return [row for row in self.appointments if (row.unit, row.post) == (unit, post)][-1]
