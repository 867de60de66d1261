"""Commands that change a registry: init, load (floor 5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from qualitrace.cli import tables
from qualitrace.cli.as_json import change_json
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_FAILED,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
    AuthorOption,
    JsonOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    RoleOption,
    default_author,
    err,
    guarded,
    open_registry,
    out,
    print_json,
    progress,
)
from qualitrace.cli.waiting import show_waiting
from qualitrace.journal import location_shown
from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry, proposing
from qualitrace.registry.proposals import Actor
from qualitrace.registry.proposing import Review
from qualitrace.text import readable


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(init)
    app.command()(load)


def init(
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    base: Annotated[
        str, typer.Option("--base", help="标识符前缀(默认由配置给出) / base of identifiers")
    ] = "",
) -> None:
    """建立空登记库 / make an empty registry."""

    def action() -> None:
        made = Registry.create(registry, load_profile(profile), base=base)
        out().print(f"已建立 made: {location_shown(registry)} ({made.base})", highlight=False)

    guarded(action)


def load(
    files: Annotated[
        list[Path], typer.Argument(help="Word、Excel、CSV 或文本文件 / Word, Excel, CSV or text files")
    ],
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
    message: Annotated[str, typer.Option("--message", "-m", help="为何改 / why")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="同意更改或删除原有的值 / agree that values are changed or removed")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--propose", help="作为提议,由别人批准 / as a proposal that somebody approves")
    ] = False,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """装入文件:全部成功或什么都不改 / load documents: all of it, or nothing.

    会删除整个对象的,作为提议等待批准 / what takes whole nodes away waits as a proposal.
    """

    def action() -> int | None:
        with _opened(registry, profile) as opened:
            with progress("装入 loading") as step:
                change = opened.prepare(files, progress=step)
            direct = not wait and not proposing.vanishing(opened, change)
            if direct and change.removed and not _agreed(change, yes):
                return EXIT_FAILED
            text = message or "load " + ", ".join(readable(path.name) for path in files)
            person = Actor(default_author(author), role)
            with progress("校验 checking"):
                committed = proposing.submit(opened, change, text, person, wait=wait)
            if isinstance(committed, Review):
                show_waiting(committed, change, opened, language, as_json=as_json)
                return EXIT_OK if wait else EXIT_NOT_CONFORMING
            if as_json:
                answer = change_json(change, opened.profile)
                answer["changeset"] = committed.changeset.id if committed.changeset else None
                answer["findings"] = len(committed.report.findings)
                print_json(answer)
                return None
            console = out()
            for loaded in change.loaded:
                tables.show_loaded(loaded, opened.profile, language, console)
            for document in change.unchanged:
                console.print(f"没有变化 unchanged: {document.name}", highlight=False)
            console.print(
                f"新增 added {len(change.added)}, 删除 removed {len(change.removed)}; "
                f"校验发现 findings {len(committed.report.findings)} (qualitrace validate)",
                highlight=False,
            )
            return None

    guarded(action)


@contextmanager
def _opened(location: str, profile: Path | None) -> Iterator[Registry]:
    """Open the registry; a SQLite file that is missing is made, and unmade when nothing came of it."""
    path = None if "://" in location else Path(location)
    if path is None or path.exists():
        yield open_registry(location, profile)
        return
    made = Registry.create(location, load_profile(profile))
    try:
        yield made
    finally:
        position = made.position
        made.close()
        if position == 0:
            for suffix in ("", "-wal", "-shm"):
                Path(location + suffix).unlink(missing_ok=True)
        else:
            err().print(f"已建立登记库 made the registry: {location_shown(location)}", highlight=False)


def _agreed(change: Change, yes: bool) -> bool:
    """Ask before removals. Without a terminal, only --yes agrees."""
    if yes:
        return True
    console = err()
    console.print(
        f"新版本将删除 {len(change.removed)} 条原有陈述 / the new version removes {len(change.removed)} "
        "statements:",
        style="yellow",
        highlight=False,
    )
    for entry in change.removed[:20]:
        console.print(f"  - {entry.fact.ntriples()}  ({entry.source.place()})", markup=False, highlight=False)
    if len(change.removed) > 20:
        console.print(f"  … {len(change.removed) - 20}", highlight=False)
    if sys.stdin.isatty():
        return typer.confirm("继续吗? Go on?", err=True)
    console.print("没有改动;同意请加 --yes / nothing was changed; agree with --yes", highlight=False)
    return False
