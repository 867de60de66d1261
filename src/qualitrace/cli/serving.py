"""Commands that serve: serve, demo, settings (floor 5)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from qualitrace.cli.context import (
    EXIT_NOT_CONFORMING,
    JsonOption,
    ProfileOption,
    guarded,
    out,
    print_json,
    progress,
)
from qualitrace.errors import SettingsError
from qualitrace.profile import load_profile
from qualitrace.profile.cached import cached_profile
from qualitrace.text import Text

# The web libraries are imported where they are needed: they would slow every other command down.
if TYPE_CHECKING:
    from qualitrace.web.opening import Work
    from qualitrace.web.settings_reading import Effective

SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar="QUALITRACE_SETTINGS",
        help="设置文件(TOML);默认 /etc/qualitrace/settings.toml,如果有 / settings file (TOML)",
    ),
]
# These are also settings, so their variables are read with the others.
RegistryOption = Annotated[
    str | None,
    typer.Option(
        "--registry",
        help="登记库:SQLite 文件或 postgresql:// 地址 / the registry: a SQLite file or a database address",
    ),
]
OwnProfileOption = Annotated[
    str | None, typer.Option("--profile", help="配置目录 / profile directory (default: the one shipped)")
]
HostOption = Annotated[str | None, typer.Option("--host", help="监听地址 / address to listen on")]
PortOption = Annotated[int | None, typer.Option("--port", help="端口 / port")]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="由谁回答 GraphQL:oxigraph(本进程)或 neo4j / what answers GraphQL: oxigraph (in this process) "
        "or neo4j",
    ),
]
GraphsOption = Annotated[
    str | None,
    typer.Option(
        "--neo4j", help="Neo4j 的地址,如 neo4j://主机:7687 / the address of Neo4j, such as neo4j://HOST:7687"
    ),
]
WorkersOption = Annotated[int | None, typer.Option("--workers", help="几个进程 / how many processes")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(serve)
    app.command()(demo)
    app.command("settings")(show_settings)


def serve(
    registry: RegistryOption = None,
    profile: OwnProfileOption = None,
    host: HostOption = None,
    port: PortOption = None,
    workers: WorkersOption = None,
    settings: SettingsOption = None,
    engine: EngineOption = None,
    neo4j: GraphsOption = None,
) -> None:
    """启动 GraphQL 与网页服务 / serve GraphQL and the start page."""

    def action() -> int:
        from qualitrace.web.opening import Work
        from qualitrace.web.settings_reading import settings_file

        options = {**_options(registry, profile, host, port, workers), **_answering(engine, neo4j)}
        return run_work(Work.of(read_effective(settings_file(settings), options).settings))

    guarded(action)


def demo(
    profile: ProfileOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="只自查,不启动服务 / check the demonstration, do not serve")
    ] = False,
    host: HostOption = None,
    port: PortOption = None,
    target: Annotated[
        Path | None,
        typer.Option(
            "--registry", help="只写成这个登记库文件,不启动服务 / only make this registry file, do not serve"
        ),
    ] = None,
) -> None:
    """装入示例并启动服务 / load the demonstration and serve it."""

    def action() -> int | None:
        from qualitrace import demonstration

        folder = Path(tempfile.mkdtemp(prefix="qualitrace-demo-"))
        try:
            location = target or folder / "demo.db"
            work = None if check or target else _demonstration(location, profile, host, port)
            read = load_profile(profile)
            with progress("装入示例 loading the demonstration") as step:
                registry = demonstration.build(read, location, progress=step)
            console = out()
            console.print(escape(demonstration.titles(read).both()), highlight=False)
            if check:
                problems = demonstration.check(registry)
                for problem in problems:
                    console.print("✗ " + escape(problem.both()), highlight=False)
                if not problems:
                    console.print("示例自查通过 / the demonstration is as it should be", highlight=False)
                return EXIT_NOT_CONFORMING if problems else None
            registry.close()
            return run_work(work) if work is not None else None
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    guarded(action)


def show_settings(
    registry: RegistryOption = None,
    profile: OwnProfileOption = None,
    host: HostOption = None,
    port: PortOption = None,
    workers: WorkersOption = None,
    settings: SettingsOption = None,
    example: Annotated[
        bool, typer.Option("--example", help="打印带说明的设置文件 / print a commented settings file")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="打印手册中的表 / print the manual's table (Markdown)")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """检查服务的设置,说明各取自何处 / check a server's settings, and say where each comes from."""

    def action() -> None:
        from qualitrace.web import settings_shown
        from qualitrace.web.settings_reading import settings_file

        if example or table:
            typer.echo(settings_shown.example() if example else settings_shown.table(), nl=False)
            return
        effective = read_effective(settings_file(settings), _options(registry, profile, host, port, workers))
        rows = list(settings_shown.rows(effective))
        if as_json:
            print_json(rows)
            return
        shown = Table("设置 setting", "值 value", "取自 from", box=None)
        for row in rows:
            shown.add_row(row["setting"], escape(_text(row["value"])), escape(row["from"]))
        out().print(shown)

    guarded(action)


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _options(
    registry: str | None, profile: str | None, host: str | None, port: int | None, workers: int | None
) -> Mapping[tuple[str, str], Any]:
    return {
        ("registry", "location"): registry,
        ("registry", "profile"): profile,
        ("server", "host"): host,
        ("server", "port"): port,
        ("server", "workers"): workers,
    }


def _answering(engine: str | None, neo4j: str | None) -> Mapping[tuple[str, str], Any]:
    """What is said of the engine. Raises SettingsError for one that there is not."""
    if engine not in (None, "oxigraph", "neo4j"):
        raise SettingsError(
            Text(zh=f"没有引擎“{engine}”。", en=f"There is no engine “{engine}”."),
            where="--engine",
            hint=Text(zh="可用 oxigraph 或 neo4j。", en="Give oxigraph or neo4j."),
        )
    return {("neo4j", "answers"): None if engine is None else engine == "neo4j", ("neo4j", "uri"): neo4j}


def read_effective(file: Path | None, options: Mapping[tuple[str, str], Any]) -> Effective:
    """Read settings. Raises SettingsError."""
    from qualitrace.web.settings_reading import read_settings

    return read_settings(file, os.environ, options)


def _demonstration(location: Path, profile: Path | None, host: str | None, port: int | None) -> Work:
    """What is served of the demonstration: on this machine, whatever the settings of a server say.

    Raises SettingsError, and UnavailableError for a host elsewhere or a port that is taken.
    """
    from qualitrace import demonstration
    from qualitrace.web.opening import Work, check_local
    from qualitrace.web.running import bound
    from qualitrace.web.settings_reading import read_settings

    # The log of a demonstration is read by people who look on: what goes wrong is enough.
    options = _options(str(location), str(profile) if profile else None, host, port, None)
    environ = {"QUALITRACE_LOG_LEVEL": os.environ.get("QUALITRACE_LOG_LEVEL", "warning")}
    settings = read_settings(None, environ, options).settings
    check_local(settings)
    bound(settings.server).close()  # better told now than after the demonstration was made
    return Work.of(settings, demonstration.titles(load_profile(profile)), unguarded=True)


def run_work(work: Work) -> int:
    """Serve until told to stop; returns the exit code."""
    from qualitrace.web.log_lines import configure
    from qualitrace.web.running import bound
    from qualitrace.web.supervising import serve

    configure(work.settings.log)
    with bound(work.settings.server) as listening:
        address = listening.getsockname()
        return serve(work, listening, lambda: _announce(work, address))


def _announce(work: Work, address: tuple[Any, ...]) -> None:
    """Say where it answers, and what could be asked."""
    console = out()
    host, port = address[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if work.settings.server.tls_certificate else "http"
    console.print(f"\n  {scheme}://{shown}:{port}/\n", style="bold", highlight=False)
    if work.settings.across.answers:
        return
    operations = cached_profile(work.directory).operations
    samples = [operation for operation in operations if operation.sample]
    if samples:
        console.print("可以先问 / three questions to try:", highlight=False)
    for number, operation in enumerate(samples, start=1):
        console.print(f"  {number}. {escape(operation.titles.both())}", highlight=False, soft_wrap=True)
