"""Commands about what changed and who changed it: diff, blame, changes (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.cli.as_json import node_json, verdict_json
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AsOfOption,
    ExistingOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    day,
    guarded,
    open_at,
    open_registry,
    out,
    print_json,
)
from qualitrace.journal.lookup import Signature, find_changes
from qualitrace.registry import Registry
from qualitrace.registry.blaming import Blamed
from qualitrace.registry.blaming import blame as find_blame
from qualitrace.registry.differing import Difference, State, difference
from qualitrace.registry.moments import first_instant, last_instant
from qualitrace.registry.records import finding_json, source_json, text_json
from qualitrace.registry.trying import trial

NOW = "now"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (diff, blame, changes):
        app.command()(command)


def diff(
    before: Annotated[
        str, typer.Argument(metavar="A", help="登记时间,或 now / a moment of recorded time, or now")
    ],
    after: Annotated[
        list[str] | None,
        typer.Argument(metavar="[B…]", help="登记时间,或待装入的文件 / a moment, or documents to be loaded"),
    ] = None,
    as_of: AsOfOption = "",
    group_by: Annotated[
        str, typer.Option("--group-by", help="unit:按责任单位归组;none:不归组 / grouped by unit, or none")
    ] = "unit",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """两个时刻之间,或装入文件之后,有什么不同 / what is different between two moments, or once loaded."""

    def action() -> None:
        opened = open_registry(registry, profile)
        first = opened if before == NOW else opened.at(before)
        found = difference(first, _second(opened, after or [NOW]), as_of=day(as_of))
        if as_json:
            print_json(difference_json(found))
        else:
            show_difference(found, language, out(), by_unit=group_by == "unit")

    guarded(action)


def _second(opened: Registry, named: list[str]) -> State:
    if len(named) == 1 and not Path(named[0]).is_file():
        return opened if named[0] == NOW else opened.at(named[0])
    return trial(opened, opened.prepare([Path(name) for name in named]))


def difference_json(found: Difference) -> dict[str, Any]:
    """Write a difference as JSON."""
    return {
        "before": found.before,
        "after": found.after,
        "asOf": found.as_of,
        "nodes": [
            {
                "node": node_json(change.node),
                "fate": change.fate.value,
                "unit": change.unit,
                "sentence": text_json(change.sentence),
                "values": [
                    {
                        "property": value.property,
                        "label": text_json(value.label),
                        "added": list(value.added),
                        "removed": list(value.removed),
                        "sentence": text_json(value.sentence),
                    }
                    for value in change.values
                ],
            }
            for change in found.nodes
        ],
        "verdicts": [
            {
                "node": node_json(change.node),
                "unit": change.unit,
                "broken": change.broken,
                "before": change.before and verdict_json(change.before),
                "after": change.after and verdict_json(change.after),
                "lost": list(change.lost),
                "sentence": text_json(change.sentence),
            }
            for change in found.verdicts
        ],
        "findings": {
            "appeared": [finding_json(finding) for finding in found.appeared],
            "gone": [finding_json(finding) for finding in found.gone],
        },
        "units": {name: node_json(unit) for name, unit in found.units.items()},
    }


def show_difference(found: Difference, language: str, console: Console, *, by_unit: bool = True) -> None:
    """Show a difference, a unit after the other: what broke, what changed, what is found now."""
    groups = ["", *found.units] if by_unit else [None]
    for unit in groups:
        lines = list(_lines(found, unit, language))
        if not lines:
            continue
        if by_unit:
            named = found.units[unit].label.best(language) if unit else "未定责任单位 / no unit"
            console.print(f"[bold]{escape(named)}[/]", highlight=False)
        for line in lines:
            console.print(line, highlight=False)
    broken = sum(change.broken for change in found.verdicts)
    console.print(
        f"#{found.before} → #{found.after}: 改动 changed {len(found.nodes)}, "
        f"断 broken {broken}, 补齐 whole {len(found.verdicts) - broken}, "
        f"新问题 findings +{len(found.appeared)} −{len(found.gone)}",
        highlight=False,
    )


def _lines(found: Difference, unit: str | None, language: str) -> Iterable[str]:
    for verdict in found.verdicts:
        if unit in (None, verdict.unit):
            style = "red" if verdict.broken else "green"
            yield f"  [{style}]{escape(verdict.sentence.best(language))}[/]"
    for change in found.nodes:
        if unit in (None, change.unit):
            yield f"  {escape(change.sentence.best(language))}"
            for value in change.values:
                yield f"     {escape(value.sentence.best(language))}"
    for style, sign, findings in (("red", "+", found.appeared), ("green", "−", found.gone)):
        for finding in findings:
            if unit in (None, finding.unit):
                name = finding.focus_label.best(language) or finding.focus
                message = f"{name}: {finding.message.best(language)}"
                yield f"  [{style}]{sign}[/] {escape(message)}"


def blame(
    node: Annotated[str, typer.Argument(help="标识、编码或名称 / identifier, code or name")],
    everything: Annotated[
        bool, typer.Option("--all", help="也列出已删除的及删除者 / also what was removed, and by whom")
    ] = False,
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """每条事实由谁、何时、据哪个单元格说的 / who stated each fact, when, from which cell."""

    def action() -> None:
        found = find_blame(open_at(registry, profile, known_at, as_of), node, everything=everything)
        if as_json:
            print_json([blamed_json(one) for one in found])
        else:
            _show_blame(found, language, out())

    guarded(action)


def blamed_json(one: Blamed) -> dict[str, Any]:
    """Write who stated a fact as JSON."""
    fact = one.entry.fact
    return {
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object,
        "property": text_json(one.property),
        "value": text_json(one.value),
        "incoming": one.incoming,
        "source": source_json(one.entry.source),
        "stated": signature_json(one.stated),
        "removed": one.removed and signature_json(one.removed),
    }


def signature_json(one: Signature) -> dict[str, Any]:
    """Write who made a changeset, when and why as JSON."""
    return {
        "position": one.position,
        "id": one.id,
        "author": one.author,
        "at": one.at,
        "message": one.message,
    }


def _show_blame(found: list[Blamed], language: str, console: Console) -> None:
    table = Table()
    for heading in ("属性 property", "值 value", "谁 who", "何时 at", "#", "出处 from", "删除 removed"):
        table.add_column(heading, overflow="fold")
    for one in found:
        gone = f"{one.removed.author} {one.removed.at[:10]} #{one.removed.position}" if one.removed else ""
        table.add_row(
            escape(("← " if one.incoming else "") + one.property.best(language)),
            escape(one.value.best(language)),
            escape(one.stated.author),
            one.stated.at[:19],
            str(one.stated.position),
            escape(one.entry.source.place()),
            escape(gone),
            style="dim" if one.removed else None,
        )
    console.print(table)


def changes(
    node: Annotated[str, typer.Option("--node", help="只看这个对象 / only those about a node")] = "",
    author: Annotated[str, typer.Option("--by", help="只看此人所做 / only those by an author")] = "",
    since: Annotated[str, typer.Option("--since", help="从何时起 / from when on")] = "",
    until: Annotated[str, typer.Option("--until", help="到何时止 / until when")] = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """查变更:关于某对象、由某人、某段时间 / find changesets by node, author and time."""

    def action() -> None:
        state = open_at(registry, profile, known_at)
        found = find_changes(
            state.journal,
            subject=state.resolve(node) if node else "",
            author=author,
            since=first_instant(since) if since else "",
            until=last_instant(until) if until else "",
        )
        if as_json:
            print_json([{**signature_json(o), "added": o.added, "removed": o.removed} for o in found])
            return
        table = Table()
        for heading in ("#", "何时 at", "谁 who", "说明 message", "+", "−", "id"):
            table.add_column(heading, overflow="fold")
        for one in found:
            counts = str(one.added), str(one.removed)
            table.add_row(
                str(one.position), one.at, escape(one.author), escape(one.message), *counts, one.id[:12]
            )
        out().print(table)

    guarded(action)
