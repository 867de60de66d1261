"""Listing suspect links with what a person needs to judge them, and confirming them (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.errors import QueryError
from qualitrace.journal.model import Note
from qualitrace.registry.past import Past
from qualitrace.registry.proposals import Actor
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker, listed
from qualitrace.registry.suspecting import CONFIRMED, STREAM, Suspect, Suspicions
from qualitrace.terms import iri_of
from qualitrace.text import Text
from qualitrace.tracing.model import Node


@dataclass(frozen=True, slots=True)
class ListedSuspect:
    """A suspect link in words. ``unit`` is who must look at it: that of the node at its other end."""

    suspect: Suspect
    node: Node
    other: Node
    property: Text
    unit: str
    unit_label: Text
    sentence: Text


def suspects(state: Registry | Past) -> list[ListedSuspect]:
    """List every suspect link, by unit."""
    speaker = Speaker(state.profile, state.base, state.engine)
    with state.reading():
        found = Suspicions(state.journal, state.profile).all(state.engine)
        shown = [_listed(one, speaker) for one in found]
    return sorted(shown, key=lambda one: (one.unit, one.node.iri, one.suspect.link))


def _listed(one: Suspect, speaker: Speaker) -> ListedSuspect:
    ends = {one.link.subject, iri_of(one.link.object)} - {one.node}
    other = min(ends, default=one.node)
    unit = speaker.unit(other) or speaker.unit(one.node)
    link = speaker.property(one.link.predicate)
    before, now = (
        [speaker.value(term) for _, term in sorted(values - common)]
        for values, common in ((one.before, one.now), (one.now, one.before))
    )
    called, end = speaker.called(one.node), speaker.called(other)
    who = f"{one.changed.author}, {one.changed.at[:10]}, #{one.changed.position}"
    return ListedSuspect(
        suspect=one,
        node=speaker.node(one.node),
        other=speaker.node(other),
        property=link,
        unit=unit,
        unit_label=speaker.node(unit).label if unit else Text(),
        sentence=Text(
            zh=f"{called['zh']}由{listed(before, 'zh')}改为{listed(now, 'zh')}({who}),"
            f"请确认它与{end['zh']}的关系“{link.best('zh')}”",
            en=f"{called['en']} was {listed(before, 'en')}, is {listed(now, 'en')} ({who}); does the link "
            f"“{link.best('en')}” with {end['en']} still hold?",
        ),
    )


def confirm(registry: Registry, links: Iterable[str], person: Actor, reason: str = "") -> list[ListedSuspect]:
    """Write down that suspect links still hold; returns those. A link is named as :attr:`Suspect.id`.

    The name of a node stands for all suspect links to and from it. Raises QueryError when nothing
    suspect is called so, or nobody is named.
    """
    person = person.checked()
    registry.refresh()
    waiting, chosen = suspects(registry), dict[str, ListedSuspect]()
    for name in links:
        named = [one for one in waiting if one.suspect.id.startswith(name.lower()) and len(name) >= 4]
        named = named or [one for one in waiting if name in _names(one, registry.base)]
        if not named:
            raise QueryError(
                Text(zh=f"没有待确认的关系“{name}”。", en=f"No link called “{name}” waits to be confirmed."),
                hint=Text(zh="qualitrace suspect 列出全部。", en="qualitrace suspect lists them all."),
            )
        chosen |= {one.suspect.id: one for one in named}
    at = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    registry.journal.note(
        *(
            Note.of(
                STREAM + one.suspect.id,
                CONFIRMED,
                {
                    "link": list(one.suspect.link),
                    "position": registry.position,
                    "reason": reason,
                    "role": person.role,
                },
                author=person.name,
                at=at,
            )
            for one in chosen.values()
        )
    )
    return list(chosen.values())


def _names(one: ListedSuspect, base: str) -> set[str]:
    names: set[str] = set()
    for node in (one.node, one.other):
        names |= {node.iri, node.iri.removeprefix(base), node.code, *node.label.values()}
    return names - {""}
