"""The command that shows and checks how a profile reasons: reason (floor 5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    JsonOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    err,
    guarded,
    open_registry,
    out,
    print_json,
)
from qualitrace.profile.cached import cached_profile
from qualitrace.registry.records import text_json
from qualitrace.text import Text


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(reason)


def reason(
    check: Annotated[
        bool, typer.Option("--check", help="由 HermiT 检查有无矛盾 / have HermiT look for contradictions")
    ] = False,
    data: Annotated[
        int,
        typer.Option("--data", metavar="N", min=0, help="连同登记库里 N 个对象 / with N nodes"),
    ] = 0,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """列出公理和规则,或检查本体有无矛盾 / list axioms and rules, or check the ontology for contradictions."""

    def action() -> int | None:
        if check:
            return _check(registry, profile, data, as_json=as_json, language=language)
        _list(profile, as_json=as_json, language=language)
        return None

    guarded(action)


def _list(profile: Path | None, *, as_json: bool, language: str) -> None:
    # Imported where needed, here and below: what reasons would slow every other command down.
    from qualitrace.registry.reasoned import steps

    found = steps(cached_profile(profile))
    if as_json:
        rows = [
            {"stratum": o.stratum, "name": o.name, "dated": o.dated, "says": text_json(o.says)} for o in found
        ]
        print_json(rows)
        return
    for one in found:
        mark = "日期 dated" if one.dated else f"{one.stratum}"
        out().print(f"{mark}  {escape(one.says.best(language))}  [dim]{escape(one.name)}[/]", highlight=False)


def _check(registry: str, profile: Path | None, data: int, *, as_json: bool, language: str) -> int | None:
    from qualitrace.registry.reasoned import Checked, checked

    opened = open_registry(registry, profile) if data else None
    read = opened.profile if opened is not None else cached_profile(profile)
    with err().status("HermiT …") as status:
        found: Checked = checked(read, opened, data, progress=_counting(status.update))
    if as_json:
        print_json(_checked_json(found))
    else:
        _show(found, language, out())
    return EXIT_NOT_CONFORMING if found.contradictions else None


def _counting(show: Callable[[str], None]) -> Callable[[int, int], None]:
    return lambda asked, _total: show(f"HermiT … {asked}")


def _show(found: Any, language: str, console: Console) -> None:
    for text in found.scope:
        console.print(escape(text.best(language)), highlight=False)
    for one in found.contradictions:
        console.print(f"[red]✗ {escape(one.what.best(language))}[/]", highlight=False)
        for text in one.because:
            console.print(f"    • {escape(text.best(language))}", highlight=False)
    if not found.contradictions:
        said = "✓ 没有矛盾,每个类都可以有成员 / consistent, every class can have members"
        console.print(said, highlight=False)
    for text in found.classified:
        console.print(f"  {escape(text.best(language))}", highlight=False)


def _checked_json(found: Any) -> dict[str, Any]:
    def texts(several: tuple[Text, ...]) -> list[dict[str, str]]:
        return [text_json(one) for one in several]

    return {
        "consistent": not found.contradictions,
        "scope": texts(found.scope),
        "contradictions": [
            {"term": one.term, "what": text_json(one.what), "because": texts(one.because)}
            for one in found.contradictions
        ],
        "classified": texts(found.classified),
    }
