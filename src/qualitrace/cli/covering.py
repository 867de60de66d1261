"""The command that counts: coverage, by whatever nodes lead to, and since a date (floor 5)."""

from __future__ import annotations

from typing import Annotated

import typer

from qualitrace.cli import coverage_tables
from qualitrace.cli.as_json import table_json
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
    open_registry,
    out,
    print_json,
)
from qualitrace.tracing import compared


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(coverage)


def coverage(
    of: Annotated[str, typer.Argument(help="哪一类对象 / which class")],
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            help="按什么分组:类、概念表、字段(多级用点连接)或 steward(责任单位);给出几个则交叉 / "
            "grouped by a class, a scheme, fields joined by dots, or steward; several make a cross table",
        ),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", help="与哪一天比较(YYYY-MM-DD) / compare with this date")
    ] = "",
    since_known: Annotated[
        str,
        typer.Option(
            "--since-known",
            help="与登记库当时所知比较:日期、时刻、变更序号或标识 / compare with what the registry knew then",
        ),
    ] = "",
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    nodes: Annotated[
        bool, typer.Option("--nodes", help="列出每组断开的对象 / list the broken nodes of each group")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="也列出完整的 / list complete ones too")] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """每个对象的链条是否完整,第一处断在哪里 / whether every chain is whole, else where it breaks.

    可分组、交叉、与某日比较 / can be grouped, crossed, and compared with an earlier date.
    """

    def action() -> None:
        whole = open_registry(registry, profile)
        opened = whole.at(known_at) if known_at else whole
        on, earlier = day(as_of), day(since, "--since") if since else None
        if since_known:
            then = whole.at(since_known).coverage_by(of, by or (), as_of=earlier or on)
            answer = compared(opened.coverage_by(of, by or (), as_of=on), then, since_known)
        else:
            answer = opened.coverage_by(of, by or (), as_of=on, since=earlier)
        if as_json:
            print_json(table_json(answer))
        else:
            shown = coverage_tables.CoverageTables(opened.profile, language, out())
            shown.show(answer, nodes=nodes, everything=everything)

    guarded(action)
