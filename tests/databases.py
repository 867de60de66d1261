"""A pytest plugin: a PostgreSQL server of the tests' own, and places for registries on both databases.

The cluster lives in a temporary folder and listens on loopback; ``initdb`` and ``pg_ctl`` come from the
Debian package ``postgresql``. Both refuse to run as root, so root runs them as another user.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.missing import missing
from tests.ports import free_port

PASSWORD = "p@ss/word:示例"  # awkward on purpose: it must never be shown, however it is written
DATABASES = ["sqlite", "postgresql"]


@dataclass
class Server:
    """A running cluster."""

    programs: Path
    folder: Path
    port: int
    user: dict[str, Any]

    def url(self, database: str, *, user: str = "tester", password: str = PASSWORD, host: str = "127.0.0.1",
            port: int | None = None) -> str:  # fmt: skip
        """An address of a database, as a person would write it."""
        import urllib.parse

        secret = urllib.parse.quote(password, safe="")
        return f"postgresql://{user}:{secret}@{host}:{port or self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = "r" + secrets.token_hex(6)
        with self.admin() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def admin(self) -> psycopg.Connection[Any]:
        """A connection of the superuser."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="tester", password=PASSWORD, dbname="postgres",
            autocommit=True,
        )  # fmt: skip

    def control(self, *arguments: str) -> None:
        """Run ``pg_ctl`` on the cluster."""
        command: list[str | Path] = [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120, cwd="/", **self.user)

    def start(self) -> None:
        """Start the server. What is written to disk need not outlive a power cut here."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} "
            "-c fsync=off -c max_connections=200 -c log_min_messages=fatal"
        )
        self.control("start", "-l", str(self.folder / "log"), "-o", options)


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    if found and shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    return next((path for path in reversed(folders) if (path / "initdb").exists()), None)


def _unprivileged() -> dict[str, Any]:
    """How to run a program as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.fail("no user that PostgreSQL could run as")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for this session. In CI its absence is a failure, elsewhere a skip."""
    programs = _programs()
    if programs is None:
        missing("PostgreSQL is not installed (Debian package postgresql)")
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="qt-pg-"))
    server = Server(programs, folder, free_port(), _unprivileged())
    if server.user:
        os.chown(folder, server.user["user"], server.user["group"])
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    try:
        subprocess.run(
            [
                programs / "initdb", "-D", folder / "data", "-U", "tester", "--pwfile", secret, "--no-sync",
                "--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256",
            ],
            check=True, stdout=subprocess.DEVNULL, timeout=120, cwd="/", **server.user,
        )  # fmt: skip
        server.start()
        yield server
        server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=DATABASES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a registry can be made: on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "r.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()
