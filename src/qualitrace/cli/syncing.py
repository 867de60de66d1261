"""The command that publishes a registry elsewhere: sync neo4j (floor 5)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
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
    progress,
    show_error,
)
from qualitrace.errors import ConflictError, RegistryError, UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.verifying import Compared
from qualitrace.text import Text

if TYPE_CHECKING:  # the driver takes a while to import: only who publishes waits for it
    from qualitrace.registry.publishing import Published
    from qualitrace.store.neo4j import Mark, Neo4jEngine

PASSWORD = "QUALITRACE_NEO4J_PASSWORD"
_EVERY = 1.0  # seconds between looks for news
_LONGEST = 30.0  # seconds between attempts while Neo4j is away

_sync = typer.Typer(name="sync", help="发布到别处 / publish the registry elsewhere", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_sync)


@_sync.callback()
def _root() -> None:
    """What all kinds of publishing share: nothing yet."""


@_sync.command("neo4j")
def neo4j_command(
    to: Annotated[
        str,
        typer.Option("--to", envvar="QUALITRACE_NEO4J_URI", help="bolt:// 或 neo4j:// 地址 / the address"),
    ] = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    user: Annotated[
        str, typer.Option("--user", envvar="QUALITRACE_NEO4J_USER", help="用户 / the account")
    ] = "neo4j",
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            help=f"写有密码的文件(或用环境变量 {PASSWORD}) / a file with the password (or {PASSWORD})",
        ),
    ] = None,
    database: Annotated[str, typer.Option("--database", help="哪个数据库 / which database")] = "neo4j",
    name: Annotated[
        str,
        typer.Option(
            "--name",
            help="登记库在 Neo4j 里的名称(默认取自标识符前缀) / what the registry is called there",
        ),
    ] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="全部重新发布 / write all of it anew")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="一直跟随,直到中断 / keep following until interrupted")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="只逐条核对,不发布 / only compare, fact by fact")
    ] = False,
    describe: Annotated[
        bool, typer.Option("--describe", help="只写数据模型说明(Markdown) / only describe the data model")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="说明写入哪个文件 / where the description goes")
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """发布到 Neo4j:从那里记着的位置接着做 / publish to Neo4j, going on from its own mark."""

    def action() -> int | None:
        if describe:
            _described(profile, output, language)
            return None
        from qualitrace.registry.publishing import registry_name
        from qualitrace.store.neo4j import Account, Neo4jEngine, Server

        account = Account(_address(to), user, _password(password_file), database)
        opened = open_registry(registry, profile)
        try:
            with Server(account) as server:
                server.check()
                engine = Neo4jEngine.of(server, opened.profile, registry_name(opened, name))
                if check:
                    return _checked(opened, engine, as_json=as_json)
                _publish(opened, engine, rebuild=rebuild, as_json=as_json)
                if follow:
                    _follow(opened, engine, as_json=as_json)
        finally:
            opened.close()
        return None

    guarded(action)


def _address(to: str) -> str:
    if not to:
        raise RegistryError(
            Text(zh="没有说发布到哪里。", en="It was not said where to publish."),
            where="--to",
            hint=Text(
                zh="请写 --to bolt://主机:7687，或 neo4j://主机:7687（集群）。",
                en="Write --to bolt://HOST:7687, or neo4j://HOST:7687 for a cluster.",
            ),
        )
    return to


def _password(file: Path | None) -> str:
    if file is None:
        found = os.environ.get(PASSWORD, "")
    else:
        try:
            found = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise RegistryError(
                Text(zh="读不出密码文件。", en="The file with the password cannot be read."),
                where=str(file),
                hint=Text(zh="请检查路径和权限。", en="Check its path and permissions."),
            ) from error
    if not found:
        raise RegistryError(
            Text(zh="没有给出 Neo4j 的密码。", en="The password of Neo4j was not given."),
            hint=Text(
                zh=f"请用 --password-file 指出写有密码的文件，或设环境变量 {PASSWORD}。",
                en=f"Name a file that holds it with --password-file, or set {PASSWORD}.",
            ),
        )
    return found


def _publish(registry: Registry, engine: Neo4jEngine, *, rebuild: bool, as_json: bool) -> None:
    from qualitrace.registry.publishing import publish

    with progress("发布 publishing") as step:
        done = publish(registry, engine, rebuild=rebuild, progress=step)
    _show(done, engine, as_json=as_json)


def _follow(registry: Registry, engine: Neo4jEngine, *, as_json: bool) -> None:
    """Publish what comes, within seconds. While Neo4j is away, or somebody else publishes, try again."""
    pause = _EVERY
    if not as_json:
        err().print("跟随中,按 Ctrl+C 结束 / following; Ctrl+C ends it", highlight=False)
    try:
        while True:
            time.sleep(pause)
            pause = _turn(registry, engine, pause, lambda done: _show(done, engine, as_json=as_json))
    except KeyboardInterrupt:
        return


def _turn(registry: Registry, engine: Neo4jEngine, pause: float, show: Callable[[Published], None]) -> float:
    """Look for news once; returns how long to wait before the next look."""
    from qualitrace.registry.publishing import publish

    try:
        if registry.refresh() or pause > _EVERY:
            show(publish(registry, engine))
    except (UnavailableError, ConflictError) as error:
        show_error(error)
        return min(2 * pause, _LONGEST)
    return _EVERY


def _checked(registry: Registry, engine: Neo4jEngine, *, as_json: bool) -> int | None:
    from qualitrace.registry.publishing import difference

    with progress("核对 comparing"):
        mark, found = difference(registry, engine)
    behind = registry.position - mark.position
    equal = all(one.equal for one in found)
    if as_json:
        compared = [_compared_json(one) for one in found]
        print_json(_mark_json(mark, engine) | {"behind": behind, "equal": equal, "graphs": compared})
        return None if equal else EXIT_NOT_CONFORMING
    for one in found:
        sign = "✓" if one.equal else "✗"
        out().print(f"{sign} {one.name}: {one.held:,} = {one.replayed:,}", highlight=False)
        for mark_, facts in (("-", one.missing), ("+", one.surplus)):
            for fact in facts:
                out().print(f"    {mark_} {escape(fact.ntriples())}", highlight=False)
    if behind:
        out().print(f"还差 {behind} 号变更没有发布 / {behind} changes are not published yet", highlight=False)
    return None if equal else EXIT_NOT_CONFORMING


def _show(done: Published, engine: Neo4jEngine, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"from": done.before.position, "whole": done.whole, "resumed": done.resumed}
        print_json(_mark_json(done.after, engine) | told | {"added": done.added, "removed": done.removed})
        return
    if done.after == done.before:
        said = f"已是最新:第 {done.after.position} 号 / up to date: change {done.after.position}"
    else:
        kind = "全部发布 all of it" if done.whole else f"{done.before.position} → {done.after.position}"
        kind += "(接着上次 resumed)" if done.resumed else ""
        said = (
            f"{kind}: +{done.added:,} −{done.removed:,};"
            f" 第 {done.after.position} 号 change {done.after.position},"
            f" {done.after.stated:,} + {done.after.inferred:,} (推得 inferred)"
        )
    out().print(f"{escape(engine.server.where)} {escape(engine.registry)}: {said}", highlight=False)


def _mark_json(mark: Mark, engine: Neo4jEngine) -> dict[str, Any]:
    return {
        "to": engine.server.where,
        "name": engine.registry,
        "position": mark.position,
        "changeset": mark.changeset,
        "at": mark.at,
        "stated": mark.stated,
        "inferred": mark.inferred,
    }


def _compared_json(one: Compared) -> dict[str, Any]:
    return {
        "name": one.name,
        "equal": one.equal,
        "held": one.held,
        "expected": one.replayed,
        "missing": [fact.ntriples() for fact in one.missing],
        "surplus": [fact.ntriples() for fact in one.surplus],
    }


def _described(profile: Path | None, output: Path | None, language: str) -> None:
    from qualitrace.exporting.data_model import data_model
    from qualitrace.store.neo4j.naming import Naming

    loaded = load_profile(profile)
    text = data_model(loaded, Naming.of(loaded), language)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RegistryError(
            Text(zh="写不进这个文件。", en="This file cannot be written."), where=str(output)
        ) from error
    out().print(escape(str(output)), highlight=False)
