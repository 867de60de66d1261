"""Why a fact holds, as text and as boxes and arrows (floor 4)."""

from __future__ import annotations

from collections.abc import Iterator

from qualitrace.exporting.diagram import Arrow, Box, Diagram
from qualitrace.exporting.mermaid import diagram_mermaid
from qualitrace.exporting.svg import diagram_svg
from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.registry.explaining import Because, Ground, Why
from qualitrace.text import Text

_STATED = Text(zh="记载", en="stated")
_PROFILE = Text(zh="本体规定", en="said by the ontology")
_BY = Text(zh="据规则“{}”", en="by the rule “{}”")
_FROM = Text(zh="出自 {}", en="from {}")
_WHY = Text(zh="为什么：", en="Why: ")


def because_lines(one: Because, language: str, depth: int = 0) -> Iterator[str]:
    """Yield an explanation as indented lines: the fact, the rule in a sentence, then what it used."""
    indent = "  " * depth
    yield f"{indent}{'• ' if depth else ''}{one.sentence.best(language)}"
    for line in grounds(one, language):
        yield f"{indent}    {line}"
    for part in one.parts:
        yield from because_lines(part, language, depth + 1)


def grounds(one: Because, language: str) -> list[str]:
    """Say what a fact rests on: the rule and its sentence, or the documents and cells."""
    if one.ground is Ground.INFERRED:
        rule = _BY.best(language, "en").format(one.rule.best(language) or one.step)
        return [rule, one.says.best(language)] if one.says else [rule]
    if one.ground is Ground.PROFILE:
        return [_PROFILE.best(language, "en")]
    places = [_FROM.best(language, "en").format(source.place()) for source in one.sources]
    return places or [_STATED.best(language, "en")]


def why_diagram(found: Why, language: str) -> Diagram:
    """Draw up the facts that were explained, and below each the facts that it used."""
    boxes: dict[str, Box] = {}
    arrows: dict[tuple[str, str], Arrow] = {}

    def add(one: Because, top: bool) -> str:
        key = one.fact.ntriples()
        if key not in boxes:
            boxes[key] = _box(one, key, language, top=top)
            for part in one.parts:
                below = add(part, False)
                arrows[key, below] = Arrow(key, below, "inferred")
        return key

    for one in found.facts:
        add(one, True)
    start = found.facts[0].sentence.best(language) if found.facts else ""
    return Diagram(
        start=_WHY.best(language, "en") + printable(start) + (" …" if len(found.facts) > 1 else ""),
        to="",
        as_of="",
        boxes=tuple(boxes.values()),
        arrows=tuple(arrows.values()),
        hidden=found.more,
    )


def _box(one: Because, key: str, language: str, *, top: bool) -> Box:
    last = "reached" if one.ground is Ground.STATED else "through"
    notes = [source.place() for source in one.sources]
    if one.ground is Ground.INFERRED:  # once, and not at each arrow
        notes = [_BY.best(language, "en").format(one.rule.best(language) or one.step)]
    return Box(
        key=key,
        role="start" if top else last,
        title=printable(one.sentence.best(language)),
        kind=printable(_PROFILE.best(language, "en")) if one.ground is Ground.PROFILE else "",
        note=printable("; ".join(notes)),
    )


def why_svg(found: Why, profile: Profile, language: str = "zh") -> str:
    """Return explanations as a picture. Raises ProfileError when the profile's template cannot be used."""
    return diagram_svg(why_diagram(found, language), profile, language)


def why_mermaid(found: Why, language: str = "zh") -> str:
    """Return explanations as Mermaid flowchart text."""
    return diagram_mermaid(why_diagram(found, language), language)
