"""Why a fact holds, as boxes and arrows (floor 4)."""

from __future__ import annotations

from qualitrace.exporting.diagram import Arrow, Box, Diagram
from qualitrace.exporting.mermaid import diagram_mermaid
from qualitrace.exporting.svg import diagram_svg
from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.registry.explained_words import BY_RULE, SAID_BY_ONTOLOGY, because_lines, grounds
from qualitrace.registry.explaining import Because, Ground, Why
from qualitrace.text import Text

__all__ = ["because_lines", "grounds", "why_diagram", "why_mermaid", "why_svg"]

_WHY = Text(zh="为什么：", en="Why: ")


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
        notes = [BY_RULE.best(language, "en").format(one.rule.best(language) or one.step)]
    return Box(
        key=key,
        role="start" if top else last,
        title=printable(one.sentence.best(language)),
        kind=printable(SAID_BY_ONTOLOGY.best(language, "en")) if one.ground is Ground.PROFILE else "",
        note=printable("; ".join(notes)),
    )


def why_svg(found: Why, profile: Profile, language: str = "zh") -> str:
    """Return explanations as a picture. Raises ProfileError when the profile's template cannot be used."""
    return diagram_svg(why_diagram(found, language), profile, language)


def why_mermaid(found: Why, language: str = "zh") -> str:
    """Return explanations as Mermaid flowchart text."""
    return diagram_mermaid(why_diagram(found, language), language)
