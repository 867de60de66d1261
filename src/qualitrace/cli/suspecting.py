"""Commands about links that have gone stale: suspect, confirm (floor 5)."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from qualitrace.cli.as_json import node_json
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AuthorOption,
    ExistingOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    RoleOption,
    default_author,
    guarded,
    open_at,
    open_registry,
    out,
    print_json,
)
from qualitrace.cli.history import signature_json
from qualitrace.registry import confirming
from qualitrace.registry.confirming import ListedSuspect
from qualitrace.registry.proposals import Actor
from qualitrace.registry.records import text_json


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(suspect)
    app.command()(confirm)


def suspect(
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """原文改动之后、尚待确认的关系 / links whose text has changed since, waiting to be confirmed."""

    def action() -> None:
        found = confirming.suspects(open_at(registry, profile, known_at, as_of))
        if as_json:
            print_json([suspect_json(one) for one in found])
        else:
            _show(found, language, out())

    guarded(action)


def confirm(
    links: Annotated[
        list[str],
        typer.Argument(metavar="LINK…", help="关系的编号,或对象的名称 / a link's number, or a node's name"),
    ],
    reason: Annotated[str, typer.Option("--reason", "-m", help="说明 / why")] = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
) -> None:
    """确认关系仍然成立 / confirm that links still hold."""

    def action() -> None:
        opened = open_registry(registry, profile)
        done = confirming.confirm(opened, links, Actor(default_author(author), role), reason)
        left = len(confirming.suspects(opened))
        out().print(f"已确认 confirmed: {len(done)}; 待确认 left: {left}", highlight=False)

    guarded(action)


def suspect_json(one: ListedSuspect) -> dict[str, Any]:
    """Write a suspect link as JSON."""
    found = one.suspect
    return {
        "id": found.id,
        "link": list(found.link),
        "node": node_json(one.node),
        "other": node_json(one.other),
        "property": text_json(one.property),
        "before": sorted(term for _, term in found.before),
        "now": sorted(term for _, term in found.now),
        "changed": signature_json(found.changed),
        "unit": one.unit,
        "unitLabel": text_json(one.unit_label),
        "sentence": text_json(one.sentence),
    }


def _show(found: list[ListedSuspect], language: str, console: Console) -> None:
    unit = None
    for one in found:
        if one.unit != unit:
            unit = one.unit
            named = one.unit_label.best(language) if unit else "未定责任单位 / no unit"
            console.print(f"[bold]{escape(named)}[/]", highlight=False)
        console.print(f"  [yellow]{one.suspect.id}[/] {escape(one.sentence.best(language))}", highlight=False)
    console.print(f"待确认 waiting: {len(found)} (qualitrace confirm …)", highlight=False)
