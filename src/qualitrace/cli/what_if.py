"""The command that tries a scenario out: what-if (floor 5)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from qualitrace.cli.as_json import node_json
from qualitrace.cli.concluding import conclusion_json
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
    AuthorOption,
    JsonOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    RoleOption,
    day,
    default_author,
    guarded,
    open_registry,
    out,
    print_json,
)
from qualitrace.cli.files import write_text
from qualitrace.cli.history import difference_json
from qualitrace.errors import QueryError
from qualitrace.profile.model import Profile, ScenarioModel
from qualitrace.registry import Registry
from qualitrace.registry.records import finding_json, text_json
from qualitrace.text import Text

if TYPE_CHECKING:
    from qualitrace.registry.answering import AnsweringChange
    from qualitrace.registry.what_if import WhatIf

_STYLES = {
    "broken": "red", "weaker": "red", "found": "red", "refused": "bold red",
    "whole": "green", "stronger": "green", "gone": "green",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(name="what-if")(what_if)


def what_if(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="情景;不写则列出 / the scenario; none: list them")
    ] = "",
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NODE…]", help="参数,依次或 名称=对象 / in order, or name=node"),
    ] = None,
    since: Annotated[str, typer.Option("--from", help="从哪天起(默认今天) / from which day on")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="在哪天比较(默认 --from) / compared on")] = "",
    rule: Annotated[
        list[Path] | None,
        typer.Option("--rule", help="试加的规则:.rq 推理、.ttl 校验,可重复 / rules to be added, .rq or .ttl"),
    ] = None,
    propose: Annotated[
        str, typer.Option("--propose", metavar="MESSAGE", help="留作提议 / keep it as a proposal")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", help="写入 .html、.svg、.mmd 或 .json / write to a file")
    ] = None,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """如果这样改,会断什么、补齐什么;只试算 / what a change would break and mend.

    A dry run: nothing is changed. --propose keeps it as a proposal that somebody else approves.
    """

    def action() -> int:
        # Imported where needed: what reasons and draws would slow every other command down.
        from qualitrace.registry.scenarios import asked, change_of
        from qualitrace.registry.what_if import NOTHING
        from qualitrace.registry.what_if import what_if as try_out

        opened = open_registry(registry, profile)
        rules = tuple(rule or ())
        if not scenario and not rules:
            _list(opened.profile, as_json, language)
            return EXIT_OK
        if propose and rules:
            raise _rules_are_files()
        one = asked(opened, scenario, nodes or (), day(since, "--from")) if scenario else None
        change = change_of(opened, one) if one else NOTHING
        found = try_out(opened, one, change, as_of=day(as_of) if as_of else None, rules=rules)
        number = _kept(opened, found, propose, author, role) if propose else None
        _answer(found, opened, output, language, as_json=as_json, number=number)
        return EXIT_NOT_CONFORMING if found.rejected else EXIT_OK

    guarded(action)


def _rules_are_files() -> QueryError:
    return QueryError(
        Text(zh="规则不能留作提议。", en="A rule cannot be kept as a proposal."),
        where="--propose --rule",
        hint=Text(
            zh="规则是配置里的文件：请把它放进 reasoning/ 或 shapes/。",
            en="A rule is a file of the profile: put it into reasoning/ or shapes/.",
        ),
    )


def _kept(opened: Registry, found: WhatIf, title: str, author: str, role: str) -> int:
    from qualitrace.registry import proposing
    from qualitrace.registry.proposals import Actor

    person = Actor(default_author(author), role)
    return proposing.propose(opened, found.change, title, person).proposal.number


def _list(profile: Profile, as_json: bool, language: str) -> None:
    if as_json:
        print_json([scenario_json(one) for one in profile.scenarios])
        return
    console = out()
    if not profile.scenarios:
        console.print("没有情景 / no scenarios (reasoning/what-if/*.ru)", highlight=False)
    for one in profile.scenarios:
        given = " ".join(parameter.name.upper() for parameter in one.parameters)
        dated = " [dim][--from DATE][/]" if one.day else ""
        console.print(f"[bold]{one.name}[/] {escape(given)}{dated}", highlight=False)
        console.print(f"  {escape(one.titles.best(language))}", highlight=False)
        if one.says:
            console.print(f"  [dim]{escape(one.says.best(language))}[/]", highlight=False)
        for parameter in one.parameters:
            of = profile.classes[parameter.of].labels.best(language)
            said = f"{parameter.name.upper()}: {parameter.labels.best(language)} ({of})"
            console.print(f"  {escape(said)}", highlight=False)


def _answer(
    found: WhatIf,
    opened: Registry,
    output: Path | None,
    language: str,
    *,
    as_json: bool,
    number: int | None,
) -> None:
    from qualitrace.exporting import what_if as drawing

    suffix = output.suffix.lower() if output else ""
    stands_at = f"#{found.difference.before}"
    if suffix in (".html", ".htm"):
        write_text(drawing.what_if_html(found, opened.profile, language, stands_at=stands_at), output)
    elif suffix == ".svg":
        write_text(drawing.what_if_svg(found, opened.profile, language), output)
    elif suffix in (".mmd", ".mermaid"):
        write_text(drawing.what_if_mermaid(found, opened.profile, language), output)
    elif suffix == ".json":
        import orjson

        text = orjson.dumps({**what_if_json(found), "proposal": number}, option=orjson.OPT_INDENT_2)
        write_text(text.decode(), output)
    elif output is not None:
        raise QueryError(
            Text(zh=f"不会写“{suffix}”文件。", en=f"“{suffix}” is no form of this answer."),
            where=str(output),
            hint=Text(zh="可用 .html、.svg、.mmd、.json。", en="There are .html, .svg, .mmd and .json."),
        )
    if as_json:
        print_json({**what_if_json(found), "proposal": number})
    elif output is None:
        _show(found, language, out())
    if number is not None and not as_json:
        out().print(f"已留作提议 kept as proposal: {number}", highlight=False)


def _show(found: WhatIf, language: str, console: Console) -> None:
    from qualitrace.registry.what_if_words import TITLES, counts, headline, sections

    console.print(f"[bold]{escape(headline(found, language))}[/]", highlight=False)
    if found.asked:
        console.print(f"[dim]{escape(found.asked.scenario.says.best(language))}[/]", highlight=False)
    for section in sections(found, language):
        console.print(f"[bold]{escape(section.title)}[/]", highlight=False)
        for line in section.lines:
            style = _STYLES.get(line.kind, "blue")
            title = TITLES[line.kind].best(language)
            console.print(f"  [{style}]{title}[/] {escape(line.text)}", highlight=False)
            for below in line.below:
                console.print(f"     [dim]{escape(below)}[/]", highlight=False)
    told = [f"{TITLES[kind].best(language)} {number}" for kind, number in counts(found).items() if number]
    console.print(f"{found.as_of}: " + (", ".join(told) or "没有不同 / no difference"), highlight=False)


def scenario_json(one: ScenarioModel) -> dict[str, Any]:
    """Write a scenario as JSON."""
    return {
        "name": one.name,
        "title": text_json(one.titles),
        "says": text_json(one.says),
        "dated": bool(one.day),
        "parameters": [
            {"name": parameter.name, "class": parameter.of, "label": text_json(parameter.labels)}
            for parameter in one.parameters
        ],
    }


def what_if_json(found: WhatIf) -> dict[str, Any]:
    """Write what a scenario would do as JSON."""
    return {
        "scenario": found.asked.scenario.name if found.asked else None,
        "title": text_json(found.asked.title) if found.asked else None,
        "nodes": {one.parameter.name: node_json(one.node) for one in found.asked.given}
        if found.asked
        else {},
        "from": found.asked.since.isoformat() if found.asked and found.asked.scenario.day else None,
        "rules": list(found.rules),
        "asOf": found.as_of,
        "added": len(found.change.added),
        "removed": len(found.change.removed),
        "difference": difference_json(found.difference),
        "answering": [_answering_json(one) for one in found.answering],
        "concluded": [
            {
                "rule": one.rule,
                "title": text_json(one.title),
                "new": one.new,
                **conclusion_json(one.conclusion),
            }
            for one in found.concluded
        ],
        "following": [conclusion_json(one) for one in found.following],
        "more": found.more,
        "rejected": [finding_json(one) for one in found.rejected],
        "units": {name: node_json(unit) for name, unit in found.units.items()},
    }


def _answering_json(one: AnsweringChange) -> dict[str, Any]:
    return {
        "node": node_json(one.node),
        "unit": one.unit,
        "before": one.before.value,
        "after": one.after.value,
        "had": [node_json(node) for node in one.had],
        "has": [node_json(node) for node in one.has],
        "sentence": text_json(one.sentence),
    }
