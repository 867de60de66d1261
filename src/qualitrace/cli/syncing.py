"""The command that publishes a registry elsewhere: sync neo4j (floor 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_FAILED,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
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
from qualitrace.cli.neo4j_options import DatabaseOption, PasswordOption, ToOption, UserOption, account
from qualitrace.errors import ConflictError, RegistryError, UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.verifying import Compared
from qualitrace.text import Text

if TYPE_CHECKING:  # the driver takes a while to import: only who publishes waits for it
    from qualitrace.registry.publishing import Published
    from qualitrace.registry.publishing_checks import Beside
    from qualitrace.store.neo4j import Mark, Neo4jEngine

_BESIDE = {
    "nodes": "节点的名称、日期、谁能看 names, days and who sees nodes",
    "faces": "代替节点示人的内容 what is seen instead of a node",
    "links": "谁能看关系 who sees relationships",
    "stamp": "按哪个配置定谁能看什么 by which profile it is known who sees what",
}
_MEND = (
    "办法 hint: 用 --rebuild 全部重新发布;此前不要让 Neo4j 给只可看一部分的人作答 / "
    "publish it anew with --rebuild; until then, let Neo4j answer nobody who may not see everything"
)
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
    to: ToOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    user: UserOption = "neo4j",
    password_file: PasswordOption = None,
    database: DatabaseOption = "neo4j",
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
    index_wait: Annotated[
        float,
        typer.Option(
            "--index-wait", help="最多等索引建立几分钟 / minutes that indexes are waited for at most", min=0
        ),
    ] = 720.0,
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
        from qualitrace.store.neo4j import Neo4jEngine, Server

        asking = account(to, user, password_file, database, "--to")
        opened = open_registry(registry, profile)
        try:
            with Server(asking) as server:
                engine = Neo4jEngine.of(server, opened.profile, registry_name(opened, name))
                if check:
                    server.check()
                    return _checked(opened, engine, as_json=as_json)
                work = _publication(opened, engine, rebuild=rebuild, seconds=60 * index_wait, as_json=as_json)
                if follow:
                    return _follow(opened, work, as_json=as_json)
                work()
        finally:
            opened.close()
        return None

    guarded(action)


def _publication(
    registry: Registry, engine: Neo4jEngine, *, rebuild: bool, seconds: float, as_json: bool
) -> Callable[[], None]:
    """Return what publishes what there is to publish; called again it goes on, also with a rebuild."""
    from qualitrace.registry.publishing import publish
    from qualitrace.store.neo4j.indexing import Waiting

    begun = engine.writes

    def told(index: str, percent: float) -> None:
        said = f"建立索引 filling the index {index}: {percent:.0f}%"
        err().print(said, highlight=False, markup=False)

    def work() -> None:
        engine.server.check()
        anew, waiting = rebuild and engine.writes == begun, Waiting(told, seconds)
        with progress("发布 publishing") as step:
            done = publish(registry, engine, rebuild=anew, progress=step, waiting=waiting)
        _show(done, engine, as_json=as_json)

    return work


def _follow(registry: Registry, work: Callable[[], None], *, as_json: bool) -> int:
    """Publish what there is, then what comes, within seconds; returns how the program ends.

    While Neo4j is away, from the beginning or later, or somebody else publishes, it tries again.
    """
    if not as_json:
        err().print("跟随中,按 Ctrl+C 结束 / following; Ctrl+C ends it", highlight=False)
    pause, whole = 0.0, False
    try:
        while True:
            whole = False
            pause = _turn(registry, work, pause)
            whole = pause == _EVERY
            time.sleep(pause)
    except KeyboardInterrupt:
        if whole:
            return EXIT_OK
        said = "还没有全部发布,下次从这里接着做 / not all of it was published; the next run goes on from here"
        err().print(said, highlight=False)
        return EXIT_FAILED


def _turn(registry: Registry, work: Callable[[], None], pause: float) -> float:
    """Look for news once; returns how long to wait before the next look. ``pause``: how long it was."""
    try:
        if registry.refresh() or pause != _EVERY:
            work()
    except (UnavailableError, ConflictError) as error:
        show_error(error)
        pause = min(2 * max(pause, _EVERY), _LONGEST)
        err().print(f"{pause:.0f} 秒后再试 / trying again in {pause:.0f} s", highlight=False)
        return pause
    return _EVERY


def _checked(registry: Registry, engine: Neo4jEngine, *, as_json: bool) -> int | None:
    from qualitrace.registry.publishing_checks import difference, seen_difference

    with progress("核对 comparing"):
        mark, found = difference(registry, engine)
        beside = seen_difference(registry, engine)
    behind = registry.position - mark.position
    equal = all(one.equal for one in found) and all(one.equal for one in beside)
    if as_json:
        compared = [_compared_json(one) for one in found]
        told = {"behind": behind, "equal": equal, "graphs": compared, "seen": list(map(_beside_json, beside))}
        print_json(_mark_json(mark, engine) | told)
        return None if equal else EXIT_NOT_CONFORMING
    for one in found:
        sign = "✓" if one.equal else "✗"
        out().print(f"{sign} {one.name}: {one.held:,} = {one.replayed:,}", highlight=False)
        for mark_, facts in (("-", one.missing), ("+", one.surplus)):
            for fact in facts:
                out().print(f"    {mark_} {escape(fact.ntriples())}", highlight=False)
    for kind in beside:
        sign, name = "✓" if kind.equal else "✗", _BESIDE[kind.name]
        out().print(f"{sign} {name}: {kind.held:,} = {kind.expected:,}", highlight=False)
        for node in kind.differing:
            out().print(f"    ≠ {escape(node)}", highlight=False)
    if behind:
        out().print(f"还差 {behind} 号变更没有发布 / {behind} changes are not published yet", highlight=False)
    if not equal:
        out().print(_MEND, highlight=False)
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


def _beside_json(one: Beside) -> dict[str, Any]:
    return {
        "name": one.name,
        "equal": one.equal,
        "held": one.held,
        "expected": one.expected,
        "wrong": one.wrong,
        "differing": one.differing,
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
