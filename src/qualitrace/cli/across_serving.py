"""The command that serves questions across registries: across serve (floor 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from qualitrace.cli.context import guarded
from qualitrace.cli.neo4j_options import (
    GivenDatabaseOption,
    GivenNeo4jOption,
    GivenUserOption,
    PasswordOption,
    password,
)
from qualitrace.cli.serving import (
    HostOption,
    OwnProfileOption,
    PortOption,
    SettingsOption,
    WorkersOption,
    read_effective,
    run_work,
)

OnlyOption = Annotated[
    str | None,
    typer.Option("--only", help="只回答名称以此开头的登记库 / only registries whose names begin so"),
]
BookOption = Annotated[
    str | None,
    typer.Option(
        "--registry",
        help="令牌和查阅记录存在哪里(该处不必有登记库) / where tokens and notes of reads are kept; there "
        "need be no registry",
    ),
]


def register(across: typer.Typer) -> None:
    """Add the command to those about all registries."""
    across.command("serve")(serve)


def serve(
    neo4j: GivenNeo4jOption = None,
    user: GivenUserOption = None,
    password_file: PasswordOption = None,
    database: GivenDatabaseOption = None,
    only: OnlyOption = None,
    registry: BookOption = None,
    profile: OwnProfileOption = None,
    host: HostOption = None,
    port: PortOption = None,
    workers: WorkersOption = None,
    settings: SettingsOption = None,
) -> None:
    """跨库 GraphQL 服务,自己不必有登记库 / serve questions across registries over GraphQL."""

    def action() -> int:
        from qualitrace.web.opening import Work
        from qualitrace.web.settings_reading import settings_file

        options: Mapping[tuple[str, str], Any] = {
            ("across", "answers"): True,
            ("across", "only"): only,
            ("neo4j", "uri"): neo4j,
            ("neo4j", "user"): user,
            ("neo4j", "password"): None if password_file is None else password(password_file),
            ("neo4j", "database"): database,
            ("registry", "location"): registry,
            ("registry", "profile"): profile,
            ("server", "host"): host,
            ("server", "port"): port,
            ("server", "workers"): workers,
        }
        return run_work(Work.of(read_effective(settings_file(settings), options).settings))

    guarded(action)
