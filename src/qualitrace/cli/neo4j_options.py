"""The options of every command that asks a Neo4j, and what they mean (floor 6)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualitrace.errors import RegistryError
from qualitrace.text import Text

if TYPE_CHECKING:  # the driver takes a while to import: only who asks waits for it
    from qualitrace.store.neo4j import Account

PASSWORD = "QUALITRACE_NEO4J_PASSWORD"
URI, USER = "QUALITRACE_NEO4J_URI", "QUALITRACE_NEO4J_USER"
_ADDRESS = "bolt:// 或 neo4j:// 地址 / the address"
_USER = "Neo4j 的用户 / the account of Neo4j"
_DATABASE = "哪个数据库 / which database"

ToOption = Annotated[str, typer.Option("--to", envvar=URI, help=_ADDRESS)]
Neo4jOption = Annotated[str, typer.Option("--neo4j", envvar=URI, help=_ADDRESS)]
UserOption = Annotated[str, typer.Option("--user", envvar=USER, help=_USER)]
DatabaseOption = Annotated[str, typer.Option("--database", help=_DATABASE)]
PasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help=f"写有密码的文件（或用环境变量 {PASSWORD}） / a file with the password (or {PASSWORD})",
    ),
]
# Where these are settings too, their variables are read with the others, and None is what was not given.
GivenNeo4jOption = Annotated[str | None, typer.Option("--neo4j", help=_ADDRESS)]
GivenUserOption = Annotated[str | None, typer.Option("--user", help=_USER)]
GivenDatabaseOption = Annotated[str | None, typer.Option("--database", help=_DATABASE)]


def account(uri: str, user: str, file: Path | None, database: str, option: str = "--neo4j") -> Account:
    """Return who asks, and where, from these options; ``option`` is the address's.

    Raises RegistryError for what was not given or cannot be read.
    """
    from qualitrace.store.neo4j import Account

    return Account(address(uri, option), user, password(file), database)


def address(to: str, option: str = "--to") -> str:
    """Return the address of Neo4j. Raises RegistryError when none was given."""
    if not to:
        raise RegistryError(
            Text(zh="没有说 Neo4j 在哪里。", en="It was not said where Neo4j is."),
            where=option,
            hint=Text(
                zh=f"请写 {option} bolt://主机:7687，或 neo4j://主机:7687（集群）。",
                en=f"Write {option} bolt://HOST:7687, or neo4j://HOST:7687 for a cluster.",
            ),
        )
    return to


def password(file: Path | None) -> str:
    """Return the password of Neo4j, from a file or the environment. Raises RegistryError."""
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
