"""What the profile's dated rules conclude on a day: overdue, at risk, to be done by whom (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualitrace.errors import QueryError
from qualitrace.profile.model import Profile, RuleModel
from qualitrace.reasoning import dated_rules
from qualitrace.registry.speaking import Speaker
from qualitrace.registry.telling import Asked, Telling
from qualitrace.terms import Fact, iri
from qualitrace.text import Text
from qualitrace.tracing.model import Node


@dataclass(frozen=True, slots=True)
class Conclusion:
    """That something holds of a node on the day. ``unit`` (IRI) must act on it, or is ``""``."""

    fact: Fact
    node: Node
    property: Text
    value: Text
    unit: str


@dataclass(frozen=True, slots=True)
class Concluded:
    """What one rule concludes on a day; nothing at all is an answer, too.

    ``withheld``: it is not told here, as the rule asks after what is hidden from who asks.
    """

    rule: str
    titles: Text
    says: Text
    as_of: str
    conclusions: tuple[Conclusion, ...]
    withheld: bool = False


def conclude(
    state: Asked, rules: Sequence[str] = (), *, as_of: dt.date | None = None, node: str = ""
) -> tuple[Concluded, ...]:
    """Work out what dated rules conclude on a day: all of them, or those named (file name or title).

    With ``node`` (any name that ``resolve`` takes) only what is about it, or names it. Raises
    QueryError for an unknown rule, UnknownNodeError, ProfileError.
    """
    with state.reading():
        telling = Telling(state, as_of or dt.date.today())
        wanted = state.resolve(node) if node else ""
        speaker = Speaker(state.profile, state.base, state.engine)
        return tuple(_concluded(telling, rule, wanted, speaker) for rule in named_rules(state.profile, rules))


def named_rules(profile: Profile, names: Iterable[str]) -> tuple[RuleModel, ...]:
    """Return the dated rules of these names, or all. Raises QueryError, naming what there is."""
    known = dated_rules(profile)
    found = []
    for name in names:
        rule = next((one for one in known if name in (one.name, *one.titles.values())), None)
        if rule is None:
            listed = [one.name for one in known]
            raise QueryError(
                Text(zh=f"没有名为“{name}”的规则。", en=f"There is no rule called “{name}”."),
                hint=Text(zh="可用的规则：" + "、".join(listed), en="There are: " + ", ".join(listed)),
            )
        found.append(rule)
    return tuple(found) or known


def _concluded(telling: Telling, rule: RuleModel, wanted: str, speaker: Speaker) -> Concluded:
    day, step = telling.day.isoformat(), telling.step(rule)
    if step is None:
        return Concluded(rule.name, rule.titles, rule.says, day, (), withheld=True)
    facts = telling.concluded(step)
    if wanted:
        facts = [fact for fact in facts if wanted == fact.subject or fact.object == iri(wanted)]
    told = (
        Conclusion(
            fact,
            speaker.node(fact.subject),
            speaker.property(fact.predicate),
            speaker.value(fact.object),
            speaker.unit(fact.subject),
        )
        for fact in facts
    )
    return Concluded(rule.name, rule.titles, rule.says, day, tuple(told))
