"""The command that says what dated rules conclude: conclude (floor 5)."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from qualitrace.cli.as_json import node_json
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
from qualitrace.registry.concluding import Concluded, Conclusion
from qualitrace.registry.records import text_json


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(conclude)


def conclude(
    rules: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE…]", help="规则名称,默认全部 / rules (default: all)")
    ] = None,
    node: Annotated[str, typer.Option("--node", help="只看这个对象 / only about this node")] = "",
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """某一天的状态:逾期、预警、应由谁处理 / what rules conclude on a day: overdue, at risk, whose turn."""

    def action() -> None:
        # Imported where needed: what reasons would slow every other command down.
        from qualitrace.registry.concluding import conclude as ask

        found = ask(open_at(registry, profile, known_at), tuple(rules or ()), as_of=day(as_of), node=node)
        if as_json:
            print_json([concluded_json(one) for one in found])
        else:
            for one in found:
                _show(one, language, out())

    guarded(action)


def _show(one: Concluded, language: str, console: Console) -> None:
    title = one.titles.best(language) or one.rule
    console.print(
        f"[bold]{escape(title)}[/] ({one.rule}, {one.as_of}): {len(one.conclusions)}", highlight=False
    )
    if one.says:
        console.print(f"  [dim]{escape(one.says.best(language))}[/]", highlight=False)
    if not one.conclusions:
        console.print("  没有 / none", highlight=False)
    for conclusion in one.conclusions:
        console.print("  • " + escape(_sentence(conclusion, language)), highlight=False)


def _sentence(one: Conclusion, language: str) -> str:
    name = " ".join(bit for bit in (one.node.code, one.node.label.best(language)) if bit)
    return f"{name} · {one.property.best(language)}: {one.value.best(language)}"


def concluded_json(one: Concluded) -> dict[str, Any]:
    """Write what a rule concludes as JSON."""
    return {
        "rule": one.rule,
        "title": text_json(one.titles),
        "says": text_json(one.says),
        "asOf": one.as_of,
        "conclusions": [conclusion_json(conclusion) for conclusion in one.conclusions],
    }


def conclusion_json(one: Conclusion) -> dict[str, Any]:
    """Write a conclusion as JSON."""
    return {
        "node": node_json(one.node),
        "property": one.fact.predicate,
        "label": text_json(one.property),
        "object": one.fact.object,
        "value": text_json(one.value),
        "unit": one.unit,
    }
