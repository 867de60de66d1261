"""Questions about the network of a registry, in words (floor 3).

A view is answered from its own facts. Where what is hidden from it could change the answer rather than only
shorten it, it is not answered at all (decision 9).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qualitrace.errors import QueryError
from qualitrace.networks import Analysis, Finding, Link, analyse
from qualitrace.profile.model import NetworkModel, Profile
from qualitrace.profile.networks import on_day
from qualitrace.reasoning.model import meet
from qualitrace.reasoning.rules import prologue
from qualitrace.reasoning.selecting import asked_after
from qualitrace.registry.network_words import finding_sentence, summary
from qualitrace.registry.private import private_facts
from qualitrace.registry.seen import Seen
from qualitrace.registry.speaking import Speaker
from qualitrace.registry.telling import Asked
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text
from qualitrace.tracing.model import Node

RANKED = 20  # how many of a ranking are told
NAMED = 500  # of how many nodes the unit is looked up
# What is found by one row more stays true when there are rows that are not seen.
_STEADY = frozenset({"cycles", "conflicts"})


@dataclass(frozen=True, slots=True)
class NetworkFinding:
    """One thing that was found: nodes by role, numbers, a sentence. ``unit`` (IRI) must act, or is ``""``."""

    sentence: Text
    nodes: Mapping[str, tuple[Node, ...]]
    figures: Mapping[str, float]
    links: tuple[Link, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What a question found on a day; nothing at all is an answer, too.

    ``checked`` counts the nodes that were looked at: with none the question checked nothing. ``withheld``: it
    is not told here, as it depends on what is hidden from who asks. ``names`` calls the ends of the links,
    ``properties`` what makes them.
    """

    question: str
    titles: Text
    says: Text
    remedy: Text
    kind: str
    as_of: str
    summary: Text
    findings: tuple[NetworkFinding, ...] = ()
    checked: int = 0
    links: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    ranking: tuple[tuple[Node, float], ...] = ()
    names: Mapping[str, Node] = field(default_factory=dict)
    properties: Mapping[str, Text] = field(default_factory=dict)
    homes: Mapping[str, Text] = field(
        default_factory=dict
    )  # of nodes without a code: what their unit is called
    withheld: bool = False


def network(state: Asked, name: str, *, as_of: dt.date | None = None) -> NetworkAnswer:
    """Answer a question (file name or title) on a day.

    Raises QueryError for an unknown question, ProfileError, TimeUpError.
    """
    question = named_question(state.profile, name)
    day = as_of or dt.date.today()
    declared = prologue(state.profile.prefixes.items())
    with state.reading():
        if _depends_on_hidden(state, question, declared, day):
            return _answer(
                question, day, summary=summary(question.kind, Analysis(), withheld=True), withheld=True
            )
        found = analyse(state.engine, question, day, declared)
        found = _shown(state, found)
        return _told(question, day, found, Speaker(state.profile, state.base, state.engine))


def named_question(profile: Profile, name: str) -> NetworkModel:
    """Return a question by its file name or a title. Raises QueryError, naming what there is."""
    for question in profile.networks:
        if name in (question.name, *question.titles.values()):
            return question
    listed = [one.name for one in profile.networks]
    raise QueryError(
        Text(
            zh=f"没有名为“{name}”的网络问题。", en=f"There is no question about the network called “{name}”."
        ),
        hint=Text(
            zh="可用的问题：" + ("、".join(listed) or "无"), en="There are: " + (", ".join(listed) or "none")
        ),
    )


def _depends_on_hidden(state: Asked, question: NetworkModel, declared: str, day: dt.date) -> bool:
    if not isinstance(state, Seen):
        return False
    hidden = state.derivations.tainted
    reads, settled = asked_after(declared + on_day(question, day.isoformat()))
    return meet(settled if question.kind in _STEADY else reads, hidden)


def _shown(state: Asked, found: Analysis) -> Analysis:
    """Leave out what names a node about which nothing may be shown to anybody."""
    private = private_facts(state)
    if not private:
        return found
    said = {fact.subject for fact in private} | {iri_of(f.object) for f in private if is_iri(f.object)}
    secret = {
        name for name in said if not any(fact not in private for fact in state.engine.facts(subject=name))
    }
    if not secret:
        return found
    kept = tuple(one for one in found.findings if not any(secret & {*nodes} for nodes in one.nodes.values()))
    ranking = tuple(pair for pair in found.ranking if pair[0] not in secret)
    return Analysis(kept, found.checked, found.links, found.figures, ranking)


def _told(question: NetworkModel, day: dt.date, found: Analysis, speaker: Speaker) -> NetworkAnswer:
    told = tuple(_finding(question.kind, one, speaker) for one in found.findings)
    ends = {end for one in found.findings for link in one.links for end in (link.source, link.target)}
    named = sorted(ends) + [name for name, _ in found.ranking[:RANKED]]
    codeless = [name for name in named if not speaker.node(name).code][:NAMED]
    homes = {end: unit for end in codeless if (unit := speaker.unit(end)) not in ("", end)}
    by = {link.by for one in found.findings for link in one.links if link.by}
    return _answer(
        question,
        day,
        summary=summary(question.kind, found),
        findings=told,
        checked=found.checked,
        links=found.links,
        figures=found.figures,
        ranking=tuple((speaker.node(name), number) for name, number in found.ranking[:RANKED]),
        names={end: speaker.node(end) for end in sorted(ends)},
        properties={name: speaker.property(name) for name in sorted(by)},
        homes={end: speaker.node(unit).label for end, unit in homes.items()},
    )


def _finding(kind: str, one: Finding, speaker: Speaker) -> NetworkFinding:
    nodes = {role: tuple(speaker.node(name) for name in names) for role, names in one.nodes.items()}
    called = {role: tuple(_apart(node, speaker) for node in some) for role, some in nodes.items()}
    first = next((names[0] for names in one.nodes.values() if names), "")
    return NetworkFinding(
        finding_sentence(kind, called, one.figures), nodes, one.figures, one.links, speaker.unit(first)
    )


def _apart(node: Node, speaker: Speaker) -> Node:
    """Call a node without a code by its unit, too: many have one name."""
    unit = "" if node.code else speaker.unit(node.iri)
    if unit in ("", node.iri):
        return node
    home = speaker.node(unit).label
    languages = sorted({*home, *node.label})
    return replace(node, label=Text({one: f"{home.best(one)}/{node.label.best(one)}" for one in languages}))


def _answer(question: NetworkModel, day: dt.date, **rest: object) -> NetworkAnswer:
    return NetworkAnswer(
        question=question.name,
        titles=question.titles,
        says=question.says,
        remedy=question.remedy,
        kind=question.kind,
        as_of=day.isoformat(),
        **rest,  # type: ignore[arg-type]
    )
