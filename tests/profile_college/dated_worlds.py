"""Made-up colleges for the dated rules, in plain Python; :func:`facts` writes one as facts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal

BASE = "https://college.example/id/"
QA = "https://w3id.org/qualitrace/qa#"
QAS = "https://w3id.org/qualitrace/scheme/"
FIRST = dt.date(2024, 1, 1)

Day = dt.date


@dataclass
class Task:
    goal: str
    due: Day | None
    recurs: bool
    done: Day | None
    unit: str | None
    post: str | None


@dataclass
class Indicator:
    point: str
    lower: bool
    threshold: float | None
    target: float | None
    owner: str | None
    unit: str | None
    demands: list[tuple[Day, Day | None, float]]  # standards: from, to, what they demand
    readings: dict[Day, float] = field(default_factory=dict)

    def bound(self) -> float | None:
        return self.target if self.threshold is None else self.threshold

    def upto(self, day: Day) -> list[tuple[Day, float]]:
        return sorted((on, value) for on, value in self.readings.items() if on <= day)

    def worse(self, value: float, other: float) -> bool:
        return value > other if self.lower else value < other


@dataclass
class World:
    parents: dict[str, str | None]  # goals and the goal above each
    tasks: dict[str, Task]
    indicators: dict[str, Indicator]
    appointments: list[tuple[str, str, bool, Day, Day | None]]  # post, person, acting, from, to
    works: dict[str, tuple[str, str]]  # the post that does it, and the one that supervises it
    runs: dict[str, tuple[str, Day]]  # diagnosis: point, day
    findings: dict[str, tuple[str, str]]  # point, diagnosis
    improvements: dict[str, tuple[str, Day | None, Day | None, str | None]]  # finding, due, done, post
    rules: dict[str, tuple[Day, Day | None, Day | None, bool]]  # review by, from, to, superseded
    heads: dict[str, str]
    points: dict[str, tuple[bool, bool]]  # does it examine a duty, has the duty's work a standard


def world(seed: int) -> World:
    chosen = random.Random(seed)

    def day() -> Day:
        return FIRST + dt.timedelta(days=chosen.randrange(0, 400))

    def maybe(value: object, chance: float = 0.5) -> object:
        return value if chosen.random() < chance else None

    posts = [f"p{n}" for n in range(4)]
    goals = [f"g{n}" for n in range(4)]
    points = [f"t{n}" for n in range(4)]
    made = World(
        parents={goal: maybe(goals[n - 1]) if n else None for n, goal in enumerate(goals)},  # type: ignore[misc]
        tasks={},
        indicators={},
        appointments=[],
        works={f"w{n}": (chosen.choice(posts), chosen.choice(posts)) for n in range(4)},
        runs={f"d{n}": (chosen.choice(points), day()) for n in range(9)},
        findings={},
        improvements={},
        rules={},
        heads={unit: chosen.choice(posts) for unit in ("u0", "u1")},
        points={point: (chosen.random() < 0.8, chosen.random() < 0.7) for point in points},
    )
    for n in range(6):
        made.tasks[f"k{n}"] = Task(
            chosen.choice(goals),
            maybe(day(), 0.8),
            chosen.random() < 0.2,
            maybe(day(), 0.7),  # type: ignore[arg-type]
            maybe(chosen.choice(("u0", "u1"))),
            maybe(chosen.choice(posts)),  # type: ignore[arg-type]
        )
    for n in range(5):
        one = Indicator(
            chosen.choice(points),
            chosen.random() < 0.4,
            maybe(float(chosen.randrange(40, 60))),  # type: ignore[arg-type]
            maybe(float(chosen.randrange(40, 60)), 0.8),
            maybe(chosen.choice(posts)),
            maybe("u0"),  # type: ignore[arg-type]
            [(day(), maybe(day()), float(chosen.randrange(40, 60)))] if chosen.random() < 0.4 else [],  # type: ignore[list-item]
        )
        one.readings = {day(): float(chosen.randrange(30, 70)) for _ in range(chosen.randrange(0, 9))}
        made.indicators[f"i{n}"] = one
    for _ in range(8):
        start = day()
        end = maybe(start + dt.timedelta(days=chosen.randrange(0, 200)))
        made.appointments.append(
            (chosen.choice(posts), f"x{chosen.randrange(3)}", chosen.random() < 0.4, start, end)  # type: ignore[arg-type]
        )
    for n in range(4):
        run = chosen.choice(list(made.runs))
        made.findings[f"f{n}"] = (made.runs[run][0], run)
    for n in range(4):
        made.improvements[f"m{n}"] = (
            chosen.choice(list(made.findings)),
            maybe(day(), 0.7),
            maybe(day(), 0.7),
            maybe(chosen.choice(posts)),  # type: ignore[assignment]
        )
    for n in range(4):
        made.rules[f"r{n}"] = (day(), maybe(day()), maybe(day()), chosen.random() < 0.2)  # type: ignore[assignment]
    return made


def facts(one: World) -> Iterator[Fact]:
    """The world as facts; ``includesTask`` and ``outcome`` are for the rules that conclude them."""
    for part in (_plan, _indicators, _people, _runs, _papers):
        yield from part(one)


def _link(subject: str, name: str, value: str | None) -> Iterator[Fact]:
    if value is not None:
        yield Fact(BASE + subject, QA + name, iri(BASE + value))


def _kind(subject: str, name: str) -> Fact:
    return Fact(BASE + subject, RDF_TYPE, iri(QA + name))


def _on(subject: str, name: str, value: Day | None) -> Iterator[Fact]:
    if value is not None:
        yield Fact(BASE + subject, QA + name, literal(value.isoformat(), datatype=XSD + "date"))


def _number(subject: str, name: str, value: float | None) -> Iterator[Fact]:
    if value is not None:
        yield Fact(BASE + subject, QA + name, literal(str(value), datatype=XSD + "decimal"))


def _concept(subject: str, name: str, value: str) -> Fact:
    return Fact(BASE + subject, QA + name, iri(QAS + value))


def _plan(one: World) -> Iterator[Fact]:
    for goal, above in one.parents.items():
        yield _kind(goal, "Goal")
        if above:
            yield from _link(above, "hasSubgoal", goal)
    for name, task in one.tasks.items():
        yield _kind(name, "Task")
        yield from _link(task.goal, "hasTask", name)
        yield from _link(name, "deadline", f"{name}-by")
        yield from _on(f"{name}-by", "dueBy", task.due)
        if task.recurs:
            yield Fact(f"{BASE}{name}-by", QA + "recurrence", literal("P1Y"))
        yield from _on(name, "completedOn", task.done)
        yield from _link(name, "responsibleUnit", task.unit)
        yield from _link(name, "responsiblePost", task.post)


def _indicators(one: World) -> Iterator[Fact]:
    for name, indicator in one.indicators.items():
        yield _kind(name, "Indicator")
        yield from _link(name, "indicatorOf", indicator.point)
        yield _concept(name, "direction", f"direction-{'lower' if indicator.lower else 'higher'}")
        yield from _number(name, "threshold", indicator.threshold)
        yield from _number(name, "target", indicator.target)
        yield from _link(name, "owner", indicator.owner)
        yield from _link(name, "responsibleUnit", indicator.unit)
        for n, (start, end, demanded) in enumerate(indicator.demands):
            yield from _link(f"{name}-s{n}", "hasCriterion", f"{name}-c{n}")
            yield from _on(f"{name}-s{n}", "effectiveFrom", start)
            yield from _on(f"{name}-s{n}", "effectiveTo", end)
            yield from _link(f"{name}-c{n}", "usesIndicator", name)
            yield from _number(f"{name}-c{n}", "target", demanded)
        for day, value in indicator.readings.items():
            yield from _link(f"{name}/{day}", "observationOf", name)
            yield from _on(f"{name}/{day}", "observedOn", day)
            yield from _number(f"{name}/{day}", "value", value)


def _people(one: World) -> Iterator[Fact]:
    for n, (post, person, acting, start, end) in enumerate(one.appointments):
        yield from _link(post, "hasAppointment", f"a{n}")
        yield from _link(f"a{n}", "appointee", person)
        yield _concept(f"a{n}", "appointmentType", f"appointment-{'acting' if acting else 'substantive'}")
        yield from _on(f"a{n}", "startDate", start)
        yield from _on(f"a{n}", "endDate", end)
    for name, (doing, supervising) in one.works.items():
        yield from _link(name, "assignedTo", doing)
        yield from _link(name, "supervisedBy", supervising)


def _runs(one: World) -> Iterator[Fact]:
    for name, (point, when) in one.runs.items():
        yield from _link(name, "diagnoses", point)
        yield from _on(name, "conductedOn", when)
    for name, (point, run) in one.findings.items():
        yield from _link(name, "findingOn", point)
        yield from _link(name, "foundBy", run)
    for name, (finding, due, done, post_) in one.improvements.items():
        yield from _link(name, "improves", finding)
        yield from _on(name, "dueBy", due)
        yield from _on(name, "completedOn", done)
        yield from _link(name, "responsiblePost", post_)


def _papers(one: World) -> Iterator[Fact]:
    for name, (review, start_, end_, superseded) in one.rules.items():
        yield from _on(name, "reviewBy", review)
        yield from _on(name, "effectiveFrom", start_)
        yield from _on(name, "effectiveTo", end_)
        if superseded:
            yield from _link(f"{name}-new", "supersedes", name)
    for unit, post in one.heads.items():
        yield from _link(unit, "headPost", post)
    for name, (examines, standard) in one.points.items():
        yield _kind(name, "DiagnosisPoint")
        if examines:
            yield from _link(name, "examines", f"{name}-duty")
            yield from _link(f"{name}-duty", "realisedBy", f"{name}-work")
            yield from _link(f"{name}-work", "assignedTo", "p0")
        if standard:
            yield from _link(f"{name}-work", "hasStandard", f"{name}-standard")
