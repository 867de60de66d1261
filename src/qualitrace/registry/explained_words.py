"""Explanations in words (floor 3)."""

from __future__ import annotations

from collections.abc import Iterator

from qualitrace.registry.explaining import Because, Ground
from qualitrace.text import Text

SAID_BY_ONTOLOGY = Text(zh="本体规定", en="said by the ontology")
BY_RULE = Text(zh="据规则“{}”", en="by the rule “{}”")
_STATED = Text(zh="记载", en="stated")
_FROM = Text(zh="出自 {}", en="from {}")


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
    if one.ground is Ground.HIDDEN:
        return []
    if one.ground is Ground.INFERRED:
        rule = BY_RULE.best(language, "en").format(one.rule.best(language) or one.step)
        return [rule, one.says.best(language)] if one.says else [rule]
    if one.ground is Ground.PROFILE:
        return [SAID_BY_ONTOLOGY.best(language, "en")]
    places = [_FROM.best(language, "en").format(source.place()) for source in one.sources]
    return places or [_STATED.best(language, "en")]
