"""The command that asks about the network of links: network (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

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
from qualitrace.cli.files import write_bytes, write_text
from qualitrace.errors import QueryError
from qualitrace.profile.cached import cached_profile
from qualitrace.profile.model import NetworkModel, Profile
from qualitrace.registry.networking import NetworkAnswer
from qualitrace.registry.records import text_json
from qualitrace.text import Text

FORMS = (".svg", ".png", ".mmd", ".html")
_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(network)


def network(
    question: Annotated[
        str,
        typer.Argument(
            metavar="[QUESTION]", help="问题名称;不写则列出 / which question (default: list them)"
        ),
    ] = "",
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="写入文件:.svg、.png、.mmd、.html / write a picture or page: .svg, .png, .mmd, .html",
        ),
    ] = None,
    language: LanguageOption = "zh",
) -> None:
    """网络问题:成环、孤岛、要害、负荷、兼任、集中 / cycles, islands, points of failure, load, conflicts."""

    def action() -> None:
        if not question:
            _list(cached_profile(profile).networks, language, as_json=as_json)
            return
        _check_form(output)
        # Imported where needed: networkx and what draws would slow every other command down.
        from qualitrace.registry.networking import network as ask

        state = open_at(registry, profile, known_at)
        found = ask(state, question, as_of=day(as_of))
        if output is not None:
            _write(found, state.profile, output, language)
        if as_json:
            print_json(network_json(found))
        else:
            _show(found, language, out())

    guarded(action)


def _check_form(output: Path | None) -> None:
    if output is not None and output.suffix.lower() not in FORMS:
        raise QueryError(
            Text(zh=f"不能写成“{output.suffix}”文件。", en=f"A file “{output.suffix}” cannot be written."),
            where=str(output),
            hint=Text(zh="请用 .svg、.png、.mmd 或 .html。", en="Use .svg, .png, .mmd or .html."),
        )


def _write(found: NetworkAnswer, profile: Profile, output: Path, language: str) -> None:
    from qualitrace.exporting import network as drawing

    suffix = output.suffix.lower()
    if suffix == ".png":
        write_bytes(drawing.network_png(found, profile, language), output)
        return
    draw = {
        ".svg": drawing.network_svg,
        ".mmd": drawing.network_mermaid,
        ".html": drawing.network_html,
    }[suffix]
    write_text(draw(found, profile, language), output)


def _list(questions: Iterable[NetworkModel], language: str, *, as_json: bool) -> None:
    if as_json:
        print_json([question_json(one) for one in questions])
        return
    console = out()
    for one in questions:
        console.print(f"[bold]{one.name}[/]  {escape(one.titles.best(language))}", highlight=False)
        if one.says:
            console.print(f"  [dim]{escape(one.says.best(language))}[/]", highlight=False)


def _show(found: NetworkAnswer, language: str, console: Console) -> None:
    console.print(
        f"[bold]{escape(found.titles.best(language))}[/] ({found.question}, {found.as_of}): "
        f"{len(found.findings)}",
        highlight=False,
    )
    console.print(f"  [dim]{escape(found.says.best(language))}[/]", highlight=False)
    console.print("  " + escape(found.summary.best(language)), highlight=False)
    if found.figures:
        from qualitrace.registry.network_words import FIGURES

        said = (f"{FIGURES[name].best(language)} {number:g}" for name, number in found.figures.items())
        console.print("  " + escape(" · ".join(said)), highlight=False)
    for one in found.findings:
        console.print("  • " + escape(one.sentence.best(language)), highlight=False)
    if found.findings and found.remedy:
        console.print(f"  → {escape(found.remedy.best(language))}", highlight=False)
    if found.ranking:
        table = Table("", "", show_header=False)
        for node, number in found.ranking[:_SHOWN]:
            home = found.homes.get(node.iri, Text()).best(language)
            named = " ".join(bit for bit in (node.code, node.label.best(language)) if bit)
            table.add_row(escape(f"{home}/{named}" if home else named), f"{number:g}")
        console.print(table)


def question_json(one: NetworkModel) -> dict[str, Any]:
    """Write a question as JSON."""
    return {
        "question": one.name,
        "title": text_json(one.titles),
        "says": text_json(one.says),
        "remedy": text_json(one.remedy),
        "kind": one.kind,
        "settings": dict(one.settings),
    }


def network_json(found: NetworkAnswer) -> dict[str, Any]:
    """Write what a question found as JSON."""
    return {
        "question": found.question,
        "title": text_json(found.titles),
        "says": text_json(found.says),
        "remedy": text_json(found.remedy),
        "kind": found.kind,
        "asOf": found.as_of,
        "summary": text_json(found.summary),
        "checked": found.checked,
        "links": found.links,
        "withheld": found.withheld,
        "figures": dict(found.figures),
        "findings": [
            {
                "sentence": text_json(one.sentence),
                "figures": dict(one.figures),
                "nodes": {role: [node_json(node) for node in nodes] for role, nodes in one.nodes.items()},
                "links": [{"source": k.source, "target": k.target, "by": k.by} for k in one.links],
                "unit": one.unit,
            }
            for one in found.findings
        ],
        "ranking": [{"node": node_json(node), "number": number} for node, number in found.ranking],
    }
