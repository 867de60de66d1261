"""What each dated rule of the college must conclude, worked out from a made-up college by other means."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

from tests.profile_college.dated_worlds import Day, Indicator, Task, World

Pair = tuple[str, str]  # what a rule concludes: subject, and the object's local name


def head_answers(one: World, day: Day) -> set[Pair]:
    named = {
        **{n: (t.unit, t.post) for n, t in one.tasks.items()},
        **{n: (i.unit, i.owner) for n, i in one.indicators.items()},
    }
    return {(n, one.heads[unit]) for n, (unit, post) in named.items() if unit and not post}


def _held(one: World, post: str, day: Day, acting: bool | None = None) -> set[str]:
    return {
        person
        for where, person, acts, start, end in one.appointments
        if where == post and start <= day and (end is None or end >= day) and acting in (None, acts)
    }


def acting_holder(one: World, day: Day) -> set[Pair]:
    posts = {post for post, *_ in one.appointments}
    return {(post, person) for post in posts for person in _held(one, post, day, acting=True)}


def must_act(one: World, day: Day) -> set[Pair]:
    found: set[Pair] = set()
    for name, (point, run) in one.findings.items():
        mine = [m for m in one.improvements.values() if m[0] == name]
        if one.runs[run][1] > day or any(done and done <= day for _, _, done, _ in mine):
            continue
        posts = {post for *_, post in mine if post}
        posts = posts or {i.owner for i in one.indicators.values() if i.point == point and i.owner}
        posts = posts or ({"p0"} if one.points[point][0] else set())
        found |= {(name, post) for post in posts}
    return found


def goal_met(one: World, day: Day) -> set[Pair]:
    def under(goal: str) -> list[Task]:
        below = [child for child, above in one.parents.items() if above == goal]
        return [t for t in one.tasks.values() if t.goal == goal] + [t for c in below for t in under(c)]

    return {
        (goal, "standing-met")
        for goal in one.parents
        if under(goal) and all(t.done and t.done <= day for t in under(goal))
    }


def _due(one: World, day: Day) -> Iterator[tuple[str, Day]]:
    for name, task in one.tasks.items():
        if task.due and not task.recurs and not (task.done and task.done <= day):
            yield name, task.due
    for name, (_, due, done, _) in one.improvements.items():
        if due and not (done and done <= day):
            yield name, due


def overdue(one: World, day: Day) -> set[Pair]:
    return {(name, "standing-overdue") for name, due in _due(one, day) if due < day}


def due_soon(one: World, day: Day) -> set[Pair]:
    return {(n, "standing-due-soon") for n, due in _due(one, day) if 0 <= (due - day).days <= 30}


def indicator_failing(one: World, day: Day) -> set[Pair]:
    found = set()
    for name, indicator in one.indicators.items():
        seen, bound = indicator.upto(day), indicator.bound()
        if seen and bound is not None and indicator.worse(seen[-1][1], bound):
            found.add((name, "standing-failing"))
    return found


def indicator_worsening(one: World, day: Day) -> set[Pair]:
    found = set()
    for name, indicator in one.indicators.items():
        last = [value for _, value in indicator.upto(day)][-3:]
        if len(last) == 3 and all(indicator.worse(b, a) for a, b in itertools.pairwise(last)):
            found.add((name, "standing-worsening"))
    return found


def early_warning(one: World, day: Day) -> set[Pair]:
    found = set()
    for name, indicator in one.indicators.items():
        last, bound = [value for _, value in indicator.upto(day)][-2:], indicator.bound()
        if len(last) < 2 or bound is None or indicator.worse(last[1], bound):
            continue
        if indicator.worse(last[1] + (last[1] - last[0]), bound):
            found.add((name, "standing-at-risk"))
    return found


def reading_missing(one: World, day: Day) -> set[Pair]:
    found = set()
    for name, indicator in one.indicators.items():
        days = [on for on, _ in indicator.upto(day)]
        late = len(days) > 1 and days[-1] + (days[-1] - days[-2]) + dt.timedelta(days=30) < day
        if not days or late:
            found.add((name, "standing-reading-missing"))
    return found


def doing_and_supervising(one: World, day: Day) -> set[Pair]:
    return {
        (name, "standing-supervised-by-itself")
        for name, (doing, supervising) in one.works.items()
        if _held(one, doing, day) & _held(one, supervising, day)
    }


def review_past(one: World, day: Day) -> set[Pair]:
    return {
        (name, "standing-review-past")
        for name, (review, start, end, superseded) in one.rules.items()
        if review < day and not superseded and not (start and start > day) and not (end and end < day)
    }


def improvement_proven(one: World, day: Day) -> set[Pair]:
    return {
        (name, "standing-proven")
        for name, (finding, _, done, _) in one.improvements.items()
        if done and done <= day and _proven(one, one.findings[finding][0], done, day)
    }


def _proven(one: World, point: str, done: Day, day: Day) -> bool:
    indicators = [i for i in one.indicators.values() if i.point == point]
    for run, (where, again) in one.runs.items():
        fresh = {f for f, (_, by) in one.findings.items() if by == run}
        next_run = where == point and done < again <= day
        if next_run and not fresh and indicators and all(_meets(i, done, again) for i in indicators):
            return True
    return False


def _meets(indicator: Indicator, done: Day, again: Day) -> bool:
    since = [(on, value) for on, value in indicator.upto(again) if on > done]
    if not since:
        return False
    on, value = since[-1]
    demanded = [d for start, end, d in indicator.demands if start <= on and (end is None or end >= on)]
    bounds = demanded or [b for b in (indicator.bound(),) if b is not None]
    return not any(indicator.worse(value, bound) for bound in bounds)


def loop(one: World, day: Day) -> set[Pair]:
    return {(point, f"standing-{_stage(one, point, day)}") for point in one.points}


def _stage(one: World, point: str, day: Day) -> str:
    examines, standard = one.points[point]
    if not examines:
        return "stuck-at-goal"
    if not standard:
        return "stuck-at-standard"
    if not any(i.upto(day) for i in one.indicators.values() if i.point == point):
        return "stuck-at-operation"
    if not any(where == point and when <= day for where, when in one.runs.values()):
        return "stuck-at-diagnosis"
    found = [n for n, (where, run) in one.findings.items() if where == point and one.runs[run][1] <= day]
    mended = {m for m, _, done, _ in one.improvements.values() if done and done <= day}
    return "closed" if set(found) <= mended else "stuck-at-improvement"


EXPECTED = {
    "head-answers": head_answers,
    "acting-holder": acting_holder,
    "must-act": must_act,
    "goal-met": goal_met,
    "overdue": overdue,
    "due-soon": due_soon,
    "indicator-failing": indicator_failing,
    "indicator-worsening": indicator_worsening,
    "early-warning": early_warning,
    "reading-missing": reading_missing,
    "doing-and-supervising": doing_and_supervising,
    "review-past": review_past,
    "improvement-proven": improvement_proven,
    "loop": loop,
}
