"""What a scenario would do, in words: what changes, then what it breaks and mends by unit (floor 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qualitrace.registry.concluding import Conclusion
from qualitrace.registry.what_if import WhatIf
from qualitrace.text import Text
from qualitrace.tracing.model import Node
from qualitrace.validation.model import Finding

MOST_CHANGES = 40  # nodes whose changes are spelled out


class Kind(StrEnum):
    """What a line says."""

    CHANGED = "changed"
    BROKEN = "broken"  # a chain newly breaks
    WHOLE = "whole"  # a chain is newly whole
    WEAKER = "weaker"  # answered for in a weaker way, or by nobody
    STRONGER = "stronger"
    FOUND = "found"  # a new finding
    GONE = "gone"  # a finding that is gone
    CONCLUDED = "concluded"  # a rule concludes it newly
    ENDED = "ended"  # a rule concludes it no longer
    REFUSED = "refused"  # it would keep the change from being committed


TITLES = {
    Kind.CHANGED: Text(zh="改动", en="changed"),
    Kind.BROKEN: Text(zh="断开", en="broken"),
    Kind.WHOLE: Text(zh="补齐", en="whole again"),
    Kind.WEAKER: Text(zh="负责人减弱", en="weaker answer"),
    Kind.STRONGER: Text(zh="负责人增强", en="stronger answer"),
    Kind.FOUND: Text(zh="新问题", en="new findings"),
    Kind.GONE: Text(zh="已消除的问题", en="findings gone"),
    Kind.CONCLUDED: Text(zh="新结论", en="newly concluded"),
    Kind.ENDED: Text(zh="不再成立", en="no longer concluded"),
    Kind.REFUSED: Text(zh="不能提交", en="would be refused"),
}
_CHANGES = Text(zh="会改变什么", en="What changes")
_REFUSED = Text(zh="这样不能提交", en="It would be refused")
_NO_UNIT = Text(zh="未定责任单位", en="No unit")
_RULES = Text(zh="增加规则 {}", en="with the rule {}")
_MORE = Text(zh="另有 {} 处", en="{} more")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is different. ``below`` are its details."""

    kind: Kind
    text: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines about one unit, or about the change itself."""

    title: str
    lines: tuple[Line, ...]

    @property
    def counts(self) -> tuple[tuple[Kind, int], ...]:
        """How many lines of each kind there are; no zeros."""
        return tuple((kind, sum(line.kind is kind for line in self.lines)) for kind in self.kinds)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of its lines, in order."""
        return tuple(kind for kind in Kind if any(line.kind is kind for line in self.lines))


def sections(found: WhatIf, language: str) -> tuple[Passage, ...]:
    """Return all that is different: the change, what would refuse it, then unit by unit."""
    made = [Passage(_CHANGES.best(language), tuple(_changes(found, language)))]
    if found.rejected:
        lines = tuple(_finding(Kind.REFUSED, one, language) for one in found.rejected)
        made.append(Passage(_REFUSED.best(language), lines))
    for unit in ("", *found.units):
        lines = tuple(_of_unit(found, unit, language))
        if lines:
            title = found.units[unit].label if unit else _NO_UNIT
            made.append(Passage(title.best(language), lines))
    return tuple(section for section in made if section.lines)


def counts(found: WhatIf) -> dict[Kind, int]:
    """Return how many things of each kind there are, zeros included."""
    weaker = sum(one.worse for one in found.answering)
    new = sum(one.new for one in found.concluded) + len(found.following) + found.more
    return {
        Kind.CHANGED: len(found.difference.nodes),
        Kind.BROKEN: found.broken,
        Kind.WHOLE: found.whole,
        Kind.WEAKER: weaker,
        Kind.STRONGER: len(found.answering) - weaker,
        Kind.FOUND: len(found.difference.appeared),
        Kind.GONE: len(found.difference.gone),
        Kind.CONCLUDED: new,
        Kind.ENDED: sum(not one.new for one in found.concluded),
        Kind.REFUSED: len(found.rejected),
    }


def _changes(found: WhatIf, language: str) -> Iterator[Line]:
    for change in found.difference.nodes[:MOST_CHANGES]:
        below = tuple(value.sentence.best(language) for value in change.values)
        yield Line(Kind.CHANGED, change.sentence.best(language), below)
    if len(found.difference.nodes) > MOST_CHANGES:
        left = len(found.difference.nodes) - MOST_CHANGES
        yield Line(Kind.CHANGED, _MORE.best(language).format(left))


def _of_unit(found: WhatIf, unit: str, language: str) -> Iterator[Line]:
    for verdict in found.difference.verdicts:
        if verdict.unit == unit:
            kind = Kind.BROKEN if verdict.broken else Kind.WHOLE
            yield Line(kind, verdict.sentence.best(language))
    for one in found.answering:
        if one.unit == unit:
            yield Line(Kind.WEAKER if one.worse else Kind.STRONGER, one.sentence.best(language))
    for kind, findings in ((Kind.FOUND, found.difference.appeared), (Kind.GONE, found.difference.gone)):
        yield from (_finding(kind, one, language) for one in findings if one.unit == unit)
    for change in found.concluded:
        if change.conclusion.unit == unit:
            said = conclusion_words(change.conclusion, language)
            title = change.title.best(language) or change.rule
            yield Line(Kind.CONCLUDED if change.new else Kind.ENDED, f"{title}: {said}")
    for following in found.following:
        if following.unit == unit:
            yield Line(Kind.CONCLUDED, conclusion_words(following, language))


def _finding(kind: Kind, one: Finding, language: str) -> Line:
    name = one.focus_label.best(language) or one.focus
    return Line(kind, f"{name}: {one.message.best(language)}")


def conclusion_words(one: Conclusion, language: str) -> str:
    """Return a conclusion on one line."""
    return f"{_name(one.node, language)} · {one.property.best(language)}: {one.value.best(language)}"


def _name(node: Node, language: str) -> str:
    return " ".join(bit for bit in (node.code, node.label.best(language)) if bit)


def headline(found: WhatIf, language: str) -> str:
    """Return what was asked, on one line."""
    said = [found.asked.title.best(language)] if found.asked else []
    if found.rules:
        said.append(_RULES.best(language).format(", ".join(found.rules)))
    return " + ".join(said)
