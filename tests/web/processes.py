"""A server in a process of its own, as anybody starts it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


class Connection(http.client.HTTPConnection):
    """A connection of somebody who has a token."""

    token = ""


def token(location: str, *roles: Role, name: str = "示例") -> str:
    """Make a token for a registry."""
    with contextlib.closing(AccessBook.open(location)) as book:
        return book.tokens.make(name, list(roles), expires=None, by="示例")[1]


class Served:
    """``qualitrace serve``, with settings as environment variables (``server_port=8000``).

    It is asked with a token of ``role``; None: there is none, and nobody may ask. ``source`` is where its
    program is.
    """

    def __init__(
        self,
        location: str,
        profile: Path,
        folder: Path,
        role: Role | None = Role.OFFICE,
        *,
        source: Path = ROOT / "src",
        **settings: object,
    ) -> None:
        self.port = free_port()
        self.token = "" if role is None else token(location, role)
        given = {f"QUALITRACE_{name.upper()}": str(value) for name, value in settings.items()}
        environ = {name: text for name, text in os.environ.items() if not name.startswith("QUALITRACE_")}
        self.log = folder / f"log-{self.port}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "qualitrace.cli", "serve", "--registry", location, "--profile",
                    str(profile), "--port", str(self.port),
                ],
                env={**environ, "PYTHONPATH": str(source), "PYTHONWARNINGS": "ignore", **given},
                stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> Connection:
        made = Connection("127.0.0.1", self.port, timeout=120)
        made.token = self.token
        return made

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 240
        while True:
            try:
                assert ask(self.connect(), "/healthz")[0] == 200
            except OSError:
                assert self.process.poll() is None, self.log.read_text("utf-8")
                assert time.monotonic() < until
                time.sleep(0.1)
            else:
                return

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """What it has logged so far."""
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.endswith("}")]
        return [line for line in lines if name in ("", line["event"])]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a name were logged."""
        until = time.monotonic() + 240
        while len(found := self.events(name)) < count:
            assert time.monotonic() < until, self.log.read_text("utf-8")
            time.sleep(0.05)
        return found

    def tell(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait until it has ended; returns the exit code."""
        return self.process.wait(timeout=120)


@contextlib.contextmanager
def serving(location: str, profile: Path, folder: Path, **settings: object) -> Iterator[Served]:
    """A server that answers; it is gone at the end."""
    server = Served(location, profile, folder, **settings)
    try:
        server.wait()
        yield server
    finally:
        if server.process.poll() is None:
            server.tell(signal.SIGTERM)
            try:
                server.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.process.kill()
                server.process.wait()


def ask(
    connection: Connection, path: str, body: Any = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask once on a connection, which stays open if the server lets it."""
    data = None if body is None else json.dumps(body).encode()
    held = {"Content-Type": "application/json"}
    if connection.token:
        held["Authorization"] = f"Bearer {connection.token}"
    connection.request("GET" if data is None else "POST", path, data, {**held, **headers})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()
