"""Who answers before a change, and who after it, for whatever must be answered for (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qualitrace.registry.differing import State
from qualitrace.registry.speaking import Speaker, listed
from qualitrace.text import Text
from qualitrace.tracing.answering import Answered, Answering
from qualitrace.tracing.model import Node

_NAMED = 3  # people named in a sentence
_RANK = {Answered.NAMED: 0, Answered.INHERITED: 1, Answered.NOBODY: 2}


@dataclass(frozen=True, slots=True)
class AnsweringChange:
    """A node for which somebody else answers in a weaker or stronger way; ``unit`` (IRI) must act for it.

    ``had`` answered before, ``has`` answer now: those who were, or are, named; else those who inherit it.
    """

    node: Node
    unit: str
    before: Answered
    after: Answered
    had: tuple[Node, ...]
    has: tuple[Node, ...]
    sentence: Text

    @property
    def worse(self) -> bool:
        """True when it is answered for in a weaker way than before."""
        return _RANK[self.after] > _RANK[self.before]


def answering_changes(
    before: State, after: State, day: dt.date, speaker: Speaker
) -> Iterator[AnsweringChange]:
    """Compare who answers on a day.

    A node that is new counts when nobody answers for it; one that is gone does not count.
    """
    old, new = (Answering(state._projection.index, day) for state in (before, after))
    had, has = old.nodes(), new.nodes()
    found = []
    for name, how in has.items():
        then = had.get(name, Answered.NAMED if how is Answered.NOBODY else how)
        if how is then:
            continue
        answered = [speaker.node(one) for one in old.who(name, then)]
        answers = [speaker.node(one) for one in new.who(name, how)]
        found.append(
            AnsweringChange(
                speaker.node(name),
                speaker.unit(name),
                then,
                how,
                tuple(answered),
                tuple(answers),
                _sentence(speaker.called(name), then, how, answered, answers),
            )
        )
    yield from sorted(found, key=lambda one: (one.node.classes, one.node.code, one.node.iri))


def _sentence(called: Text, then: Answered, how: Answered, had: Sequence[Node], has: Sequence[Node]) -> Text:
    said: dict[str, str] = {}
    for language in ("zh", "en"):
        before, now = _people(had, language), _people(has, language)
        one = called[language]
        if language == "zh":
            was = f"（原由{before}负责）" if before else ""
            said[language] = {
                Answered.NOBODY: f"{one}没有人负责了{was}",
                Answered.INHERITED: f"{one}没有指名的人负责了{was}，由{now}代为承担"
                if then is Answered.NAMED
                else f"{one}有人代为承担了：{now}",
                Answered.NAMED: f"{one}有人负责了：{now}",
            }[how]
        else:
            was = f" (it was {before})" if before else ""
            said[language] = {
                Answered.NOBODY: f"nobody answers for {one} any longer{was}",
                Answered.INHERITED: f"nobody is named for {one} any longer{was}; {now} inherits it"
                if then is Answered.NAMED
                else f"{one} is answered for by inheritance: {now}",
                Answered.NAMED: f"{one} is answered for: {now}",
            }[how]
    return Text(said)


def _people(nodes: Iterable[Node], language: str) -> str:
    names = [node.label for node in nodes]
    some = listed(names[:_NAMED], language)
    if len(names) <= _NAMED:
        return some
    return f"{some}等 {len(names)} 人" if language == "zh" else f"{some} and {len(names) - _NAMED} more"
