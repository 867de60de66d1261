"""What every command shares: options, consoles, opening, and errors as what / where / hint (floor 5)."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from qualitrace.errors import NotConformingError, QualitraceError, QueryError
from qualitrace.profile.cached import cached_profile
from qualitrace.registry import Registry
from qualitrace.registry.past import Past
from qualitrace.text import Text
from qualitrace.validation.model import Finding

EXIT_OK, EXIT_NOT_CONFORMING, EXIT_FAILED = 0, 1, 2

RegistryOption = Annotated[
    str,
    typer.Option(
        "--registry",
        envvar="QUALITRACE_REGISTRY",
        help="登记库:SQLite 文件或 postgresql:// 地址 / the registry: a SQLite file or a database address",
    ),
]
ProfileOption = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        envvar="QUALITRACE_PROFILE",
        help="配置目录(默认为随附配置) / profile directory (default: the one shipped)",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="以 JSON 输出 / answer as JSON")]
LanguageOption = Annotated[
    str, typer.Option("--language", envvar="QUALITRACE_LANGUAGE", help="zh 或 en / zh or en")
]
AsOfOption = Annotated[
    str, typer.Option("--as-of", help="哪一天(YYYY-MM-DD,默认今天) / on which date (default: today)")
]
ExistingOption = Annotated[
    str,
    typer.Option("--as-of", help="只看在这一天存在的(YYYY-MM-DD) / only what exists on this date"),
]
KnownAtOption = Annotated[
    str,
    typer.Option(
        "--known-at",
        help="登记库当时所知:日期、时刻、变更序号或标识 / what the registry knew then: a date, a time, "
        "a changeset's number or identifier",
    ),
]
AuthorOption = Annotated[
    str, typer.Option("--author", envvar="QUALITRACE_AUTHOR", help="谁在改 / who makes the change")
]
RoleOption = Annotated[
    str,
    typer.Option(
        "--role",
        envvar="QUALITRACE_ROLE",
        help="以何角色:steward、system、office(默认)、auditor / in which role (default: office)",
    ),
]
DEFAULT_REGISTRY = "registry.db"


def out() -> Console:
    """The console for answers (stdout)."""
    return Console(soft_wrap=False)


def err() -> Console:
    """The console for errors and progress (stderr). Paths are not broken, so that they can be copied."""
    return Console(stderr=True, soft_wrap=True)


def open_registry(location: str, profile: Path | None) -> Registry:
    """Open a registry with a profile. Raises RegistryError, ProfileError."""
    return Registry.open(location, cached_profile(profile))


def open_at(location: str, profile: Path | None, known_at: str, as_of: str = "") -> Registry | Past:
    """Open a registry, as it is or as it was known in a moment of recorded time. Raises QueryError.

    ``as_of``: a date of valid time, with the nodes alone that exist on it.
    """
    opened = open_registry(location, profile)
    state = opened.at(known_at) if known_at else opened
    return state.on(day(as_of)) if as_of else state


def default_author(author: str) -> str:
    """Return the author given, else the name of the user who runs the program."""
    if author:
        return author
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return os.environ.get("USER", "unknown")


def day(text: str, option: str = "--as-of") -> dt.date:
    """Read a date argument; empty means today. Raises QueryError, naming the option."""
    if not text:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(
            Text(zh=f"“{text}”不是日期。", en=f"“{text}” is not a date."),
            where=option,
            hint=Text(zh="请写成 2025-03-01 这样。", en="Write it like 2025-03-01."),
        ) from error


def print_json(value: Any) -> None:
    """Write a value to stdout as indented JSON."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    typer.echo(text)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr while work is done; the value takes (done, total)."""
    console = err()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_error(error: QualitraceError) -> None:
    """Write an error to stderr as what / where / hint, in Chinese and English."""
    console = err()
    console.print(f"[bold red]错误 error[/] [{error.code}]", highlight=False)
    for language in ("zh", "en"):
        if text := error.what.get(language, ""):
            console.print("  " + escape(text), highlight=False)
    if error.where:
        console.print("  在 where: " + escape(error.where), highlight=False)
    if hint := error.hint.both():
        console.print("  办法 hint: " + escape(hint), highlight=False)
    if isinstance(error, NotConformingError):
        for finding in error.findings:
            if isinstance(finding, Finding):
                show_finding(finding, console)


def show_finding(finding: Finding, console: Console) -> None:
    """Write one finding: message, place, unit, fix."""
    name = finding.focus_label.best("zh") or finding.focus
    console.print(f"  • {escape(name)}: {escape(finding.message.both())}", highlight=False)
    for source in finding.sources:
        console.print(f"      在 where: {escape(source.place())}", highlight=False)
    if finding.fix:
        console.print(f"      办法 hint: {escape(finding.fix.both())}", highlight=False)


def guarded(action: Callable[[], int | None]) -> None:
    """Run a command's action and leave with its exit code; a QualitraceError leaves with 1 or 2."""
    try:
        code = action()
    except NotConformingError as error:
        show_error(error)
        raise typer.Exit(EXIT_NOT_CONFORMING) from None
    except QualitraceError as error:
        show_error(error)
        raise typer.Exit(EXIT_FAILED) from None
    raise typer.Exit(code or EXIT_OK)
