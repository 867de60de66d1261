"""Commands that keep a registry: verify, backup, restore, compact, journal (floor 5)."""

from __future__ import annotations

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
    guarded,
    out,
    print_json,
    progress,
)
from qualitrace.journal import Journal, keeping, location_shown
from qualitrace.journal.moving import Moved, export_journal, import_journal
from qualitrace.journal.verifying import Fault, faults
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.verifying import Compared, Verified, verify


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("verify")(verify_command)
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("compact")(compact_command)
    app.add_typer(_journal)


_journal = typer.Typer(
    name="journal", help="整个记录的导出与导入 / the whole journal, out and in", no_args_is_help=True
)
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="写入哪个文件 / the file to write")]


def backup_command(
    output: OutputOption, registry: RegistryOption = DEFAULT_REGISTRY, as_json: JsonOption = False
) -> None:
    """备份正在使用的登记库 / copy a registry that is in use."""

    def action() -> None:
        journal = Journal.open(registry)
        try:
            with progress("备份 copying") as step:
                _moved(keeping.backup(journal, output, progress=step), str(output), as_json)
        finally:
            journal.close()

    guarded(action)


def restore_command(
    source: Annotated[Path, typer.Argument(help="备份或导出的文件 / a backup or an export")],
    registry: RegistryOption = DEFAULT_REGISTRY,
    as_json: JsonOption = False,
) -> None:
    """由备份建立登记库,先核对 / make a registry from a backup, checked first."""

    def action() -> None:
        with progress("恢复 restoring") as step:
            moved = keeping.restore(source, registry, progress=step)
        _moved(moved, location_shown(registry), as_json)

    guarded(action)


def compact_command(registry: RegistryOption = DEFAULT_REGISTRY, as_json: JsonOption = False) -> None:
    """压缩登记库,内容和校验值不变 / make a registry smaller; contents and hashes stay."""

    def action() -> None:
        journal = Journal.open(registry)
        try:
            with progress("压缩 compacting") as step:
                done = keeping.compact(journal, progress=step)
        finally:
            journal.close()
        if as_json:
            print_json({"before": done.before, "after": done.after, "records": done.records})
            return
        out().print(f"{done.before:,} → {done.after:,} bytes ({done.records} records)", highlight=False)

    guarded(action)


@_journal.command("export")
def export_command(
    output: OutputOption, registry: RegistryOption = DEFAULT_REGISTRY, as_json: JsonOption = False
) -> None:
    """导出全部记录(JSON Lines,.gz 则压缩) / the whole journal as JSON Lines; .gz is compressed."""

    def action() -> None:
        journal = Journal.open(registry)
        try:
            with progress("导出 exporting") as step:
                _moved(export_journal(journal, output, progress=step), str(output), as_json)
        finally:
            journal.close()

    guarded(action)


@_journal.command("import")
def import_command(
    source: Annotated[Path, typer.Argument(help="导出的文件 / an export")],
    registry: RegistryOption = DEFAULT_REGISTRY,
    as_json: JsonOption = False,
) -> None:
    """由导出建立登记库:链完整才导入 / make a registry from an export, when its chain is whole."""

    def action() -> None:
        with progress("导入 importing") as step:
            moved = import_journal(source, registry, progress=step)
        _moved(moved, location_shown(registry), as_json)

    guarded(action)


def _moved(moved: Moved, where: str, as_json: bool) -> None:
    if as_json:
        print_json({"changesets": moved.changesets, "events": moved.events, "head": moved.head})
        return
    out().print(
        f"{escape(where)}: {moved.changesets} changesets, {moved.events} events › {moved.head[:12]}",
        highlight=False,
    )


def verify_command(
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    head: Annotated[
        str,
        typer.Option(
            "--head", help="以前记下的变更标识,须仍在链中 / an identifier noted earlier, to be there"
        ),
    ] = "",
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """核对记录链和各个投影:未被改动、没有缺失 / prove that nothing in the registry was altered or lost."""

    def action() -> int | None:
        verified = _verified(registry, profile)
        known = not head or _holds(registry, head)
        if as_json:
            print_json(_json(verified) | ({"headFound": known} if head else {}))
        else:
            _show(verified, out(), language)
            if not known:
                out().print(
                    f"✗ 链中没有 {escape(head)} / {escape(head)} is not in the chain", highlight=False
                )
        return None if verified.sound and known else EXIT_NOT_CONFORMING

    guarded(action)


def _verified(location: str, profile: Any) -> Verified:
    """Check the journal before anything is built from it: what was tampered with may not open."""
    journal = Journal.open(location)
    try:
        with progress("核对 verifying") as step:
            found = tuple(faults(journal, progress=step))
        if found:
            return Verified(*journal.head(), found, ())
    finally:
        journal.close()
    opened = Registry.open(location, load_profile(profile))
    try:
        with progress("重算 replaying"):
            return verify(opened)
    finally:
        opened.close()


def _holds(location: str, head: str) -> bool:
    journal = Journal.open(location)
    try:
        return any(one.id.startswith(head) for one in journal.changesets(changes=False))
    finally:
        journal.close()


def _json(verified: Verified) -> dict[str, Any]:
    return {
        "sound": verified.sound,
        "position": verified.position,
        "head": verified.head,
        "faults": [_fault_json(fault) for fault in verified.faults],
        "projections": [_compared_json(one) for one in verified.projections],
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "table": fault.table,
        "position": fault.position,
        "row": fault.row,
        "what": dict(fault.what),
    }


def _compared_json(one: Compared) -> dict[str, Any]:
    return {
        "name": one.name,
        "equal": one.equal,
        "held": one.held,
        "replayed": one.replayed,
        "missing": [fact.ntriples() for fact in one.missing],
        "surplus": [fact.ntriples() for fact in one.surplus],
    }


def _show(verified: Verified, console: Console, language: str) -> None:
    for fault in verified.faults:
        console.print(f"✗ {escape(fault.place())}: {escape(fault.what.best(language))}", highlight=False)
    for one in verified.projections:
        mark = "✓" if one.equal else "✗"
        console.print(f"{mark} {one.name}: {one.held} = {one.replayed}", highlight=False)
        for sign, facts in (("-", one.missing), ("+", one.surplus)):
            for fact in facts:
                console.print(f"    {sign} {escape(fact.ntriples())}", highlight=False)
    if not verified.faults:
        console.print(f"✓ 链 chain: {verified.position} › {verified.head}", highlight=False)
    elif not verified.projections:
        console.print("投影未核对 / projections were not looked at", highlight=False)
