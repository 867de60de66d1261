"""What if: what a scenario, or more rules, would break and mend. Nothing is committed (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qualitrace.budget import look
from qualitrace.errors import QueryError
from qualitrace.profile.added import with_rules
from qualitrace.registry.adding_rules import by_rules
from qualitrace.registry.answering import AnsweringChange, answering_changes
from qualitrace.registry.concluding import Conclusion, conclude
from qualitrace.registry.differing import Difference, State, difference
from qualitrace.registry.glimpsing import glimpsed
from qualitrace.registry.model import Change
from qualitrace.registry.registry import Registry
from qualitrace.registry.scenarios import Asked
from qualitrace.registry.seen import Seen
from qualitrace.registry.speaking import Speaker
from qualitrace.registry.trying import rejected, trial
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.tracing.model import Node
from qualitrace.validation.model import Finding

MOST_FOLLOWING = 500  # facts that follow newly, or no longer, in one answer
NOTHING = Change((), (), ())


@dataclass(frozen=True, slots=True)
class ConclusionChange:
    """What a rule concludes newly, or no longer, on the day."""

    rule: str
    title: Text
    new: bool
    conclusion: Conclusion


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be different if a scenario became true, and rules (file names) were added.

    ``as_of`` is the day that verdicts, answers and conclusions are compared on. ``following`` are facts
    that added rules newly conclude for good (``more`` of them are left out). ``rejected`` are findings that
    would keep the change from being committed.
    """

    asked: Asked | None
    rules: tuple[str, ...]
    as_of: str
    change: Change
    difference: Difference
    answering: tuple[AnsweringChange, ...]
    concluded: tuple[ConclusionChange, ...]
    following: tuple[Conclusion, ...]
    more: int
    rejected: tuple[Finding, ...]
    units: dict[str, Node]  # every unit named in it

    @property
    def broken(self) -> int:
        """How many nodes break newly."""
        return sum(change.broken for change in self.difference.verdicts)

    @property
    def whole(self) -> int:
        """How many nodes are whole again."""
        return len(self.difference.verdicts) - self.broken


def what_if(
    registry: Registry,
    asked: Asked | None,
    change: Change = NOTHING,
    *,
    as_of: dt.date | None = None,
    rules: Sequence[Path] = (),
    seen: Seen | None = None,
) -> WhatIf:
    """Try out the ``change`` that a scenario makes, and say what is different.

    ``seen``: to whom not everything is shown; what they do not see takes no part in it.

    Without ``as_of``: on the first day on which it holds. It is tried on a copy of what is known; registry
    and journal stay as they are, and readers go on. Raises QueryError, ConflictError, ProfileError,
    TimeUpError.
    """
    if asked is None and not rules:
        raise QueryError(
            Text(zh="请写一个情景，或用 --rule 给出规则。", en="Name a scenario, or rules with --rule.")
        )
    day = as_of or (asked.since if asked else dt.date.today())
    before, tried = (registry, trial(registry, change)) if seen is None else glimpsed(registry, seen, change)
    look("whatIf")
    came: list[Fact] = []
    went: list[Fact] = []
    if rules:
        tried, came, went = by_rules(registry, tried, with_rules(registry.profile, rules))
        look("whatIf")
    with registry.reading():
        if seen is None and registry.position != tried.position:  # others committed meanwhile
            before = registry.at(tried.position)
        speaker = Speaker(tried.profile, tried.base, tried.engine, before.engine)
        found = difference(before, tried, as_of=day)
        look("whatIf")
        answering = tuple(answering_changes(before, tried, day, speaker))
        concluded = tuple(_concluded(before, tried, day))
        following = [_worded(fact, speaker) for fact in came + went]
        named = {one.unit for one in answering} | {one.conclusion.unit for one in concluded}
        named = (named | {one.unit for one in following[:MOST_FOLLOWING]}) - {""}
        return WhatIf(
            asked=asked,
            rules=tuple(path.name for path in rules),
            as_of=day.isoformat(),
            change=change,
            difference=found,
            answering=answering,
            concluded=concluded,
            following=tuple(following[:MOST_FOLLOWING]),
            more=max(0, len(following) - MOST_FOLLOWING),
            rejected=rejected(registry, tried) if seen is None else (),
            units=dict(sorted({**found.units, **{unit: speaker.node(unit) for unit in named}}.items())),
        )


def _concluded(before: State, after: State, day: dt.date) -> Iterator[ConclusionChange]:
    had = {one.rule: one for one in conclude(before, as_of=day)}
    for has in conclude(after, as_of=day):
        look("whatIf")
        earlier = had.get(has.rule)
        old = {one.fact for one in earlier.conclusions} if earlier else set()
        new = {one.fact for one in has.conclusions}
        for one in has.conclusions:
            if one.fact not in old:
                yield ConclusionChange(has.rule, has.titles, True, one)
        for one in earlier.conclusions if earlier else ():
            if one.fact not in new:
                yield ConclusionChange(has.rule, has.titles, False, one)


def _worded(fact: Fact, speaker: Speaker) -> Conclusion:
    return Conclusion(
        fact,
        speaker.node(fact.subject),
        speaker.property(fact.predicate),
        speaker.value(fact.object),
        speaker.unit(fact.subject),
    )
