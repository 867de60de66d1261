"""Two servers and a command beside them on one registry: what one commits, the others show at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qualitrace import demonstration
from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from tests.ports import free_port
from tests.registry.worker import increment


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


class Served:
    """A server in a process of its own."""

    def __init__(self, location: str, profile: Profile, root: Path) -> None:
        with closing(AccessBook.open(location)) as book:
            self.token = book.tokens.make("示例", [Role.READER], expires=None, by="示例")[1]
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "qualitrace.cli", "serve", "--registry", location,
                "--profile", str(profile.directory), "--port", str(self.port),
            ],
            env={**os.environ, "PYTHONPATH": str(root / "src")}, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def get(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 120
        while True:
            try:
                self.get("/readyz")
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, "the server stopped"
                assert time.monotonic() < until
                time.sleep(0.1)
            else:
                return


@pytest.fixture
def servers(location: str, kitchen: Profile, repo_root: Path) -> Iterator[list[Served]]:
    demonstration.build(kitchen, location).close()
    started = [Served(location, kitchen, repo_root) for _ in range(2)]
    try:
        for server in started:
            server.wait()
        yield started
    finally:
        for server in started:
            server.process.terminate()
            server.process.wait(timeout=60)


def test_every_server_shows_at_once_what_another_process_commits(
    servers: list[Served], location: str, kitchen: Profile, repo_root: Path
) -> None:
    registry = Registry.open(location, kitchen)
    for _ in range(3):
        head = increment(registry)
        for server in servers:  # the first request after the commit
            shown = server.get("/readyz")
            assert (shown["position"], shown["head"]) == (registry.position, head)
    registry.close()
    command = [
        sys.executable, "-m", "qualitrace.cli", "verify", "--json", "--registry", location,
        "--profile", str(kitchen.directory),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(repo_root / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    verified = json.loads(done.stdout)
    assert verified["sound"] is True
    assert verified["head"] == head
