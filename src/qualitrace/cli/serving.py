"""Commands that serve: serve, demo (floor 5)."""

from __future__ import annotations

import ipaddress
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    ProfileOption,
    RegistryOption,
    guarded,
    open_registry,
    out,
    progress,
)
from qualitrace.errors import UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.text import Text

HostOption = Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")]
PortOption = Annotated[int, typer.Option("--port", help="端口 / port", min=0, max=65535)]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(serve)
    app.command()(demo)


def serve(
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
) -> None:
    """启动 GraphQL 与网页服务 / serve GraphQL and the start page."""

    def action() -> None:
        check_loopback(host)
        check_port(host, port)
        _run(open_registry(registry, profile), host, port)

    guarded(action)


def demo(
    profile: ProfileOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="只自查,不启动服务 / check the demonstration, do not serve")
    ] = False,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
) -> None:
    """装入示例并启动服务 / load the demonstration and serve it."""

    def action() -> int | None:
        from qualitrace import demonstration

        check_loopback(host)
        if not check:
            check_port(host, port)
        read = load_profile(profile)
        folder = Path(tempfile.mkdtemp(prefix="qualitrace-demo-"))
        try:
            with progress("装入示例 loading the demonstration") as step:
                registry = demonstration.build(read, folder / "demo.db", progress=step)
            console = out()
            console.print(escape(demonstration.titles(read).both()), highlight=False)
            if check:
                problems = demonstration.check(registry)
                for problem in problems:
                    console.print("✗ " + escape(problem.both()), highlight=False)
                if not problems:
                    console.print("示例自查通过 / the demonstration is as it should be", highlight=False)
                return EXIT_NOT_CONFORMING if problems else None
            _run(registry, host, port, demonstration.titles(read))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return None

    guarded(action)


def check_loopback(host: str) -> None:
    """Refuse to listen beyond this machine while nothing guards who may ask.

    Raises UnavailableError.
    """
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise UnavailableError(
            Text(
                zh="还没有设置谁可以访问,不能在本机以外监听。",
                en="Who may ask has not been configured, so it does not listen beyond this machine.",
            ),
            where=f"--host {host}",
            hint=Text(zh="请使用 127.0.0.1。", en="Use 127.0.0.1."),
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that another program listens on. Raises UnavailableError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                Text(zh="这个地址和端口不能使用。", en="This address and port cannot be used."),
                where=f"{host}:{port}: {error.strerror}",
                hint=Text(
                    zh="可能已有程序在使用;请用 --port 换一个端口。",
                    en="Another program may be using it; choose another with --port.",
                ),
            ) from error


def _run(registry: Registry, host: str, port: int, title: Text | None = None) -> None:
    # Imported where needed: the web libraries would slow every other command down.
    import uvicorn

    from qualitrace.web import create_app

    console = out()
    shown = f"[{host}]" if ":" in host else host
    console.print(f"\n  http://{shown}:{port}/\n", style="bold", highlight=False)
    samples = [operation for operation in registry.profile.operations if operation.sample]
    if samples:
        console.print("可以先问 / three questions to try:", highlight=False)
    for number, operation in enumerate(samples, start=1):
        console.print(f"  {number}. {escape(operation.titles.both())}", highlight=False, soft_wrap=True)
    uvicorn.run(create_app(registry, title=title), host=host, port=port, log_level="warning")
