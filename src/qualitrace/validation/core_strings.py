"""Constraints on the text of each value: length, pattern, language (SHACL 4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pyoxigraph as ox
from rdflib.term import Node

from qualitrace.text import Text
from qualitrace.validation.constraint import (
    Constraint,
    Search,
    UnsupportedError,
    ValueTest,
    component,
)
from qualitrace.validation.core_values import shown
from qualitrace.validation.expressions import (
    Condition,
    Writer,
    all_of,
    any_of,
    reach,
    safe_test,
    test,
)
from qualitrace.validation.reads import path_reads
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH, is_true, ntriples

_LENGTHS = (("minLength", ">=", "不少于", "at least"), ("maxLength", "<=", "不超过", "at most"))


def length_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:minLength``, ``sh:maxLength``: the text of each value (SHACL 4.4.1, 4.4.2)."""
    for name, operator, zh, en in _LENGTHS:
        limit = shapes.whole_number(shape, SH[name])
        if limit is None or (name == "minLength" and limit == 0):
            continue
        yield Constraint(
            component(name[0].upper() + name[1:]),
            name,
            ValueTest(partial(_on_text, f"STRLEN(STR({{}})) {operator} {limit}")),
            Text(
                zh=f"「{{path}}」的值“{{value}}”应{zh} {limit} 个字符。",
                en=f"The value “{{value}}” of {{path}} must have {en} {limit} characters.",
            ),
        )


def _on_text(expression: str, writer: Writer, variable: str) -> Condition:
    """A condition on ``STR`` of a value, which blank nodes never meet."""
    return all_of([~test(f"isBlank({variable})"), test(expression.format(variable))])


def pattern_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:pattern`` with ``sh:flags`` (SHACL 4.4.3)."""
    flags = shapes.one(shape, SH.flags)
    for pattern in shapes.values(shape, SH.pattern):
        arguments = ", ".join(ntriples(part) for part in (pattern, flags) if part is not None)
        _check_pattern(arguments, pattern)
        text = arguments.replace("{", "{{").replace("}", "}}")
        yield Constraint(
            component("Pattern"),
            "pattern",
            ValueTest(partial(_on_text, f"REGEX(STR({{}}), {text})")),
            Text(
                zh=f"「{{path}}」的值“{{value}}”不符合格式 {_literal(pattern)}。",
                en=f"The value “{{value}}” of {{path}} does not match the pattern {_literal(pattern)}.",
            ),
        )


def _literal(pattern: Node) -> str:
    """Keep braces of a pattern from being taken for a placeholder."""
    return shown(pattern).replace("{", "{{").replace("}", "}}")


def _check_pattern(arguments: str, pattern: Node) -> None:
    solutions = ox.Store().query(f'SELECT (REGEX("", {arguments}) AS ?known) WHERE {{}}')
    assert isinstance(solutions, ox.QuerySolutions)
    if next(solutions)["known"] is None:
        raise UnsupportedError(
            Text(
                zh=f"正则表达式 {pattern} 超出查询引擎的能力",
                en=f"the pattern {pattern} is beyond the engine",
            )
        )


def language_in_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:languageIn``: each value has one of the languages (SHACL 4.4.4)."""
    for head in shapes.values(shape, SH.languageIn):
        languages = [str(node) for node in shapes.listed(head)]
        yield Constraint(
            component("LanguageIn"),
            "languageIn",
            ValueTest(partial(_has_language, languages)),
            Text(
                zh=f"「{{path}}」的值“{{value}}”应标明语言:{'、'.join(languages)}。",
                en=f"The language of “{{value}}” ({{path}}) must be one of: {', '.join(languages)}.",
            ),
        )


def _has_language(tags: list[str], writer: Writer, variable: str) -> Condition:
    # The empty range is no well-formed language tag: what has no language matches none.
    matches = [safe_test(f'langMatches(LANG({variable}), "{tag}")') for tag in tags if tag]
    return all_of([test(f"isLiteral({variable})"), any_of(matches)])


def unique_language_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:uniqueLang true``: no two values in one language; a result per language (SHACL 4.4.5)."""
    if shape.path is None or not any(is_true(value) for value in shapes.values(shape, SH.uniqueLang)):
        return

    def pattern(writer: Writer, focus: str, names: Sequence[str]) -> str:
        one, other = writer.fresh("one"), writer.fresh("other")
        return "\n".join(
            (
                reach(writer, focus, shape.path, one),
                f'FILTER (isLiteral({one}) && LANG({one}) != "")',
                reach(writer, focus, shape.path, other),
                f"FILTER (isLiteral({other}) && LANG({other}) = LANG({one}) && !sameTerm({one}, {other}))",
                f"BIND (LANG({one}) AS {names[0]})",
            )
        )

    yield Constraint(
        component("UniqueLang"),
        "uniqueLang",
        Search(pattern, ("language",), tuple(path_reads(shape.path))),
        Text(
            zh="「{path}」在同一种语言({?language})下有不止一个值。",
            en="{path} has more than one value in the language {?language}.",
        ),
    )
