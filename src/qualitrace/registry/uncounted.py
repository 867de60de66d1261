"""Why a node does not count on a date: by its state, or by its dates (floor 3)."""

from __future__ import annotations

import datetime as dt

from qualitrace.profile.dates import FIRST_DAY, NEVER, iso
from qualitrace.profile.model import Profile
from qualitrace.profile.standing import days_of_node
from qualitrace.store import Engine
from qualitrace.terms import RDFS_LABEL, SKOS, iri_of, is_iri, language_text
from qualitrace.text import Text


def why_uncounted(node: str, day: dt.date, engine: Engine, profile: Profile) -> Text:
    """Say why a node (IRI) does not count on a date, by what the profile declares; no text when it does."""
    days = days_of_node(profile.trace, lambda predicate: _values(engine, node, predicate))
    if days is None or days[0] <= day.toordinal() <= days[1]:
        return Text()
    states = _states(node, engine, profile)
    if days == NEVER:
        zh, en = "缺少有关日期,哪一天都不起作用", "it counts on no day, as a date is missing"
    elif days[0] > days[1]:
        zh, en = "起止日期相互矛盾,哪一天都不起作用", "it counts on no day: it ends before it begins"
    elif day.toordinal() < days[0]:
        zh, en = f"自 {iso(days[0])} 起才起作用", f"it counts from {iso(days[0])}"
    else:
        zh, en = f"到 {iso(days[1])} 为止起作用", f"it counted until {iso(days[1])}"
        if days[0] > FIRST_DAY:
            zh, en = f"自 {iso(days[0])} {zh}", f"it counted from {iso(days[0])} until {iso(days[1])}"
    if states:
        zh = f"{'、'.join(state.best('zh') for state in states)}:{zh}"
        en = f"{', '.join(state.best('en') for state in states)}: {en}"
    return Text(zh=zh, en=en)


def _states(node: str, engine: Engine, profile: Profile) -> list[Text]:
    """What the states of a node are called that decide when it counts."""
    trace = profile.trace
    values = {value for predicate in trace.lifecycle for value in _values(engine, node, predicate)}
    names = sorted(iri_of(value) for value in values if is_iri(value))
    return [_label(engine, name) for name in names if name in trace.counts_with]


def _label(engine: Engine, name: str) -> Text:
    found = _values(engine, name, RDFS_LABEL) or _values(engine, name, SKOS + "prefLabel")
    return language_text(found) or Text({"": name})


def _values(engine: Engine, node: str, predicate: str) -> list[str]:
    return [fact.object for fact in engine.facts(subject=node, predicate=predicate)]
