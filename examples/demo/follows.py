"""What the dated rules must conclude beside what is planted, worked out from the lists of the college.

Nothing here asks the rules: it reads the rows of the forms, as a person with a calendar would.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from demo.model import College, Indicator, Unit
from demo.supplement import DAY, DIAGNOSED_BY, DIAGNOSES, DONE, Plant, Supplement

ACTING = "代理"
HIGHER = "越高越好"
Found = Iterator[tuple[str, str]]  # node and value
_MONTH = re.compile(r"(?:\d{4}(?:\.\d\d)?~)?(\d{4})(?:\.(\d\d))?")  # a month or year, or the end of several


def follows(college: College, made: Supplement, planted: list[Plant]) -> list[Plant]:
    """List what else each rule concludes on :data:`DAY`, one entry for each value."""
    there = {(one.question, node, one.value) for one in planted for node in one.nodes}
    listed: list[Plant] = []
    for rule, find, zh, en in _RULES:
        nodes: dict[str, list[str]] = defaultdict(list)
        for node, value in find(college, made):
            if (rule, node, value) not in there:
                nodes[value].append(node)
        listed += [
            Plant(rule, tuple(sorted(set(nodes[value]))), f"{zh}：`{value}`", f"{en}: `{value}`", value)
            for value in sorted(nodes)
        ]
    return listed


def _acting(college: College, made: Supplement) -> Found:
    for row in college.appointments:
        if row.kind == ACTING and row.number in _holders(college, f"{row.unit}/{row.post}"):
            yield f"post/{row.unit}/{row.post}", f"person/{row.number}"


def _apart(college: College, made: Supplement) -> Found:
    for unit in (*college.units, made.unit):
        for work in (work for duty in unit.duties for work in duty.works if work.in_table_2):
            doing, supervising = (_full(unit, post) for post in (work.post, work.supervisor))
            if doing and supervising and _holders(college, doing) & _holders(college, supervising):
                yield f"work/{unit.name}/{work.code}", "standing-supervised-by-itself"


def _failing(college: College, made: Supplement) -> Found:
    for point in college.points:
        one = point.indicator
        readings = dict(point.readings)
        readings |= {day: value for code, day, value in made.readings if code == one.code}
        judged = {day: value for day, value in readings.items() if day <= DAY}
        last = judged[max(judged)] if judged else None
        if last is not None and not _met(one, last):
            yield f"indicator/{one.code}", "standing-failing"


def _met(one: Indicator, value: float) -> bool:
    bound = one.target if one.threshold is None else one.threshold
    return value >= bound if one.direction == HIGHER else value <= bound


def _overdue(college: College, made: Supplement) -> Found:
    done = {code: date.fromisoformat(day) for code, day, _ in (_cells(line) for line in DONE)}
    for task in (*college.tasks, *made.tasks):
        written = _MONTH.fullmatch(task.deadline)
        if written is None:
            continue  # it recurs, or no date follows from it
        year, month = int(written[1]), int(written[2] or 12)
        if date(year, month, monthrange(year, month)[1]) < DAY < done.get(task.code, date.max):
            yield f"task/{task.code}", "standing-overdue"


def _loop(college: College, made: Supplement) -> Found:
    diagnosed = {code for _, _, _, points in DIAGNOSES for code in points.split("、")}
    for point in college.points:
        if not point.examines and not point.goal:
            yield f"point/{point.code}", "standing-stuck-at-goal"
        elif point.code not in diagnosed:
            yield f"point/{point.code}", "standing-stuck-at-diagnosis"


def _heads(college: College, made: Supplement) -> Found:
    units = {unit.name: unit for unit in college.units}
    yield from ((f"rule/{rule.code}", _head(units[rule.unit])) for rule in college.rules if rule.unit)
    alone = [point.indicator for point in college.points if not point.indicator.post]
    yield from ((f"indicator/{one.code}", _head(units[one.unit])) for one in alone)
    for unit in college.units:
        for duty in unit.duties:
            if not any(work.post for work in duty.works):
                yield f"duty/{unit.name}/{duty.code}", _head(unit)
    for code, *_ in DIAGNOSES:
        yield f"diagnosis/{code}", _head(units[DIAGNOSED_BY])
    for task in (*college.tasks, *made.tasks):
        named = [] if task.post else task.responsible.split("、")
        yield from ((f"task/{task.code}", _head(units[name])) for name in named if name in units)


def _head(unit: Unit) -> str:
    return f"post/{_full(unit, unit.head)}"


def _full(unit: Unit, post: str) -> str:
    return post if "/" in post or not post else f"{unit.name}/{post}"


def _holders(college: College, post: str) -> set[str]:
    """The numbers of those who hold a post (``unit/post``) on the day."""
    return {
        row.number
        for row in college.appointments
        if f"{row.unit}/{row.post}" == post
        and row.start is not None
        and row.start <= DAY <= (row.end or date.max)
    }


def _cells(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]


_RULES: tuple[tuple[str, Callable[[College, Supplement], Found], str, str], ...] = (
    ("acting-holder", _acting, "由人代理的岗位", "posts that somebody acts in"),
    ("doing-and-supervising", _apart, "自己监督自己的工作（D15）", "work that supervises itself (D15)"),
    ("head-answers", _heads, "由单位负责人承担", "the head of a unit answers"),
    ("indicator-failing", _failing, "最近读数未达标", "the latest reading failed"),
    ("loop", _loop, "闭环卡住之处", "where the loop is stuck"),
    ("overdue", _overdue, "其他逾期任务", "other overdue tasks"),
)
