"""The command that says why a fact holds: why (floor 5)."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    day,
    guarded,
    open_at,
    out,
    print_json,
)
from qualitrace.cli.files import write_text
from qualitrace.registry.explaining import Because, Why
from qualitrace.registry.records import source_json, text_json


class WhyFormat(enum.StrEnum):
    """How an explanation is shown."""

    TREE = "tree"
    TEXT = "text"
    JSON = "json"
    SVG = "svg"
    MERMAID = "mermaid"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(why)


def why(
    node: Annotated[str, typer.Argument(help="标识、编码或名称 / identifier, code or name")],
    property: Annotated[
        str,
        typer.Argument(metavar="[PROPERTY]", help="属性;不写则解释推出的一切 / else all that follows"),
    ] = "",
    value: Annotated[
        str, typer.Argument(metavar="[VALUE]", help="值或另一对象 / a value, or another node")
    ] = "",
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    form: Annotated[WhyFormat, typer.Option("--format", help="输出形式 / form of the answer")] = (
        WhyFormat.TREE
    ),
    output: Annotated[Path | None, typer.Option("--output", help="写入文件 / write to a file")] = None,
    language: LanguageOption = "zh",
) -> None:
    """一条事实为什么成立:规则、依据、直到单元格 / why a fact holds: rule, grounds, down to the cell."""

    def action() -> None:
        # Imported where needed: what reasons and draws would slow every other command down.
        from qualitrace.exporting import why as drawing
        from qualitrace.registry.explaining import why as explain

        state = open_at(registry, profile, known_at)
        found = explain(state, node, property, value, as_of=day(as_of))
        if as_json or form is WhyFormat.JSON:
            print_json(why_json(found))
        elif form is WhyFormat.SVG:
            write_text(drawing.why_svg(found, state.profile, language), output)
        elif form is WhyFormat.MERMAID:
            write_text(drawing.why_mermaid(found, language), output)
        elif form is WhyFormat.TEXT:
            lines = [line for one in found.facts for line in drawing.because_lines(one, language)]
            write_text("\n".join([*lines, *_more(found)]) + "\n", output)
        else:
            _show(found, language, out())

    guarded(action)


def _show(found: Why, language: str, console: Console) -> None:
    for one in found.facts:
        console.print(_tree(one, language))
    for line in _more(found):
        console.print(line, highlight=False)


def _more(found: Why) -> list[str]:
    return [f"另有 {found.more} 条未列出 / {found.more} more are not shown"] if found.more else []


def _tree(one: Because, language: str) -> Tree:
    from qualitrace.exporting.why import grounds

    said = [escape(one.sentence.best(language))]
    tree = Tree("\n".join([*said, *(f"[dim]{escape(line)}[/]" for line in grounds(one, language))]))
    for part in one.parts:
        tree.add(_tree(part, language))
    return tree


def why_json(found: Why) -> dict[str, Any]:
    """Write explanations as JSON."""
    return {"facts": [because_json(one) for one in found.facts], "more": found.more}


def because_json(one: Because) -> dict[str, Any]:
    """Write a fact and what it rests on as JSON."""
    return {
        "subject": one.fact.subject,
        "predicate": one.fact.predicate,
        "object": one.fact.object,
        "sentence": text_json(one.sentence),
        "ground": one.ground.value,
        "step": one.step,
        "rule": text_json(one.rule),
        "says": text_json(one.says),
        "sources": [source_json(source) for source in one.sources],
        "because": [because_json(part) for part in one.parts],
    }
