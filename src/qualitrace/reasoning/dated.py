"""Rules whose conclusions hold on a date: worked out when asked, never stored (floor 2).

Whether something is overdue, or a post is held by somebody acting, depends on the day. Such a rule names a
variable (``# dated: ?day``) that stands for the date asked about (``xsd:date``). It reads what is stated and
what follows; no rule reads its conclusions.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from qualitrace.errors import ProfileError, QueryError
from qualitrace.profile.model import Profile, RuleModel
from qualitrace.reasoning.failing import failed
from qualitrace.reasoning.model import Step
from qualitrace.reasoning.rules import place, rule_step
from qualitrace.store import SparqlEngine
from qualitrace.terms import XSD, Fact, literal
from qualitrace.text import Text

_SOME_DAY = dt.date(2000, 1, 1)
_MARK = dt.date.min  # stands for the day in what is kept
_MOST = 500  # rules kept: those of a profile, and those that somebody tries out

# What may hold a variable's name without meaning it: addresses, texts, comments.
_NOISE = "|".join(
    (
        r"""<[^<>"{}|^`\\\x00-\x20]*>""",
        r"""'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""",
        r"""\#[^\n]*""",
    )
)


def dated_rules(profile: Profile) -> tuple[RuleModel, ...]:
    """Return the rules of a profile that hold on a date."""
    return tuple(rule for rule in profile.rules if rule.day)


def on_day(rule: RuleModel, profile: Profile, day: dt.date) -> Step:
    """Compile a dated rule for one date. Raises ProfileError when it is none, or gives the date a value."""
    value = _term(day)
    variable = re.compile(rf"({_NOISE})|[?$]{rule.day}\b", re.DOTALL)
    query = variable.sub(lambda found: found[1] or value, rule.query)
    try:
        return rule_step(replace(rule, query=query), profile)
    except ProfileError as error:
        raise ProfileError(
            error.what,
            where=error.where or place(rule, profile),
            hint=Text(
                zh=f"{error.hint.best('zh')} ?{rule.day} 代表所问的日期，规则不能另给它值。".strip(),
                en=f"{error.hint.best('en')} ?{rule.day} stands for the date asked about: the rule may not"
                " give it another value.".strip(),
            ),
        ) from error


class DatedRules:
    """Keeps dated rules compiled, for any day: compiling takes longer than asking.

    They are kept by what they say, so that nothing has to be forgotten when a profile changes.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], Step | None] = {}  # None: has to be compiled for each day

    def on(self, rule: RuleModel, profile: Profile, day: dt.date) -> Step:
        """Return what :func:`on_day` does."""
        prefixes = "".join(f"{name}:{namespace} " for name, namespace in sorted(profile.prefixes.items()))
        key = rule.name, str(rule.path), rule.day, rule.query, str(profile.directory), prefixes
        if key not in self._kept:
            kept = on_day(rule, profile, _MARK)
            mark = _MARK.isoformat()
            clear = mark not in rule.query and kept.query.count(mark) == kept.query.count(_term(_MARK))
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = kept if clear else None
        found = self._kept.get(key)
        if found is None:
            return on_day(rule, profile, day)
        return replace(found, query=found.query.replace(_term(_MARK), _term(day)))


def _term(day: dt.date) -> str:
    return literal(day.isoformat(), datatype=XSD + "date")


def conclusions(engine: SparqlEngine, step: Step) -> list[Fact]:
    """Return what a rule concludes on its date, in order. Raises ProfileError when it cannot be run."""
    try:
        return sorted(set(engine.construct(step.query)))
    except QueryError as error:
        raise failed(step, error) from error


def dated_steps(profile: Profile) -> list[Step]:
    """Compile each dated rule for some date: it must be possible, and tells what it reads."""
    return [on_day(rule, profile, _SOME_DAY) for rule in dated_rules(profile)]
