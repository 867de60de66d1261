"""A served registry in a process of its own, and those who ask it."""

from __future__ import annotations

import datetime as dt
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from qualitrace.access import Role
from qualitrace.access.book import AccessBook
from tests.access.identity_provider import AUDIENCE, IdentityProvider
from tests.ports import free_port

SECONDS = 4.0  # the time budget of one request
SMALL = 0.05  # of a reader's share: a steward's, who uses it up however little time the machine has for that
GROWTH = (
    300 * 2**20
)  # bytes that an attack may make the server grow by, and by which all of them together may
NORMAL = "query Normal { diagnosisPoints(first: 5) { totalCount nodes { id code label } } }"


@dataclass
class Served:
    """A running server: its address, its process, and who may ask it."""

    url: str
    port: int
    process: psutil.Process
    book: AccessBook
    provider: IdentityProvider
    baseline: float = 0.0  # seconds that the idle server works on a normal answer
    expected: Any = None
    resting: int = 0  # bytes of memory after the first answers
    secrets: dict[str, str] = field(default_factory=dict)

    def token(self, *roles: Role, name: str = "示例") -> str:
        """Make a token: each has a share of its own."""
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        units = ["https://college.example/id/unit/示例"] if Role.STEWARD in roles else []
        chosen = roles or (Role.READER,)
        _, secret = self.book.tokens.make(name, chosen, units=units, expires=until, by="test")
        return secret

    def client(self, *roles: Role, timeout: float = 240) -> httpx.Client:
        """Make a client with a token of its own."""
        headers = {"authorization": f"Bearer {self.token(*roles)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=timeout)

    def stranger(self, address: str) -> httpx.Client:
        """Make a client of another address of this machine, without a token."""
        transport = httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=self.url, transport=transport, timeout=240)

    def memory(self) -> int:
        """Bytes that the server holds; queries in SPARQL run elsewhere, within limits of theirs."""
        return int(self.process.memory_info().rss)

    def worked(self) -> float:
        """Seconds that the server has worked.

        This is the clock of these tests: it stands still while the machine works for others, so that what a
        request took on it says whether the server is to blame.
        """
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @contextmanager
    def raw(self, timeout: float = 240) -> Iterator[socket.socket]:
        """Open a connection that anything can be sent on."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as opened:
            yield opened


@dataclass
class Bystander:
    """Somebody who asks a normal question again and again while others attack."""

    served: Served
    waits: list[float] = field(default_factory=list)  # seconds that the server worked until it answered
    failures: list[str] = field(default_factory=list)
    peak: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._client = self.served.client(Role.SYSTEM)
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        while True:
            last = self._stop.is_set()  # once more after the attack
            begun = self.served.worked()
            try:
                answer = self._client.post("/graphql", json={"query": NORMAL})
                if answer.status_code != 200 or answer.json().get("data") != self.served.expected:
                    self.failures.append(f"{answer.status_code} {answer.text[:300]}")
            except (httpx.HTTPError, ValueError) as error:
                self.failures.append(repr(error))
            self.waits.append(self.served.worked() - begun)
            self.peak = max(self.peak, self.served.memory())
            if last:
                return
            self._stop.wait(0.05)

    def check(self) -> None:
        """Every question was answered, well within a request's own budget, and memory did not run away."""
        assert not self.failures, self.failures[:3]
        assert self.waits
        allowed = max(SECONDS, 200 * self.served.baseline)
        assert max(self.waits) < allowed, (max(self.waits), allowed)
        assert self.peak < self.served.resting + GROWTH, (self.peak, self.served.resting)


def settings_text(registry: Path, port: int, provider: IdentityProvider) -> str:
    """Return the settings of the server, as a TOML file."""
    given: dict[str, dict[str, Any]] = {
        "registry": {"location": str(registry)},
        "server": {"port": port},
        "log": {"level": "error"},
        "limits": {
            "seconds": SECONDS,
            "attempts": 60,
            "factor_steward": SMALL,
            "body_seconds": 2.0,
            "head_seconds": 2.0,
            "stalled_seconds": 4.0,
        },
        "sparql": {"seconds": 3.0},
        "oidc": {
            "issuer": provider.issuer,
            "audience": [AUDIENCE],
            "roles": [f"{role.value} = {role.value}" for role in Role],
        },
    }
    lines = []
    for section, values in given.items():
        lines += [f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


@contextmanager
def serving(registry: Path, provider: IdentityProvider, folder: Path) -> Iterator[Served]:
    """Serve a registry in a process of its own, with access configured."""
    book = AccessBook.open(registry)
    book.tokens.make("示例", [Role.READER], expires=None, by="test")
    port = free_port()
    settings = folder / "settings.toml"
    settings.write_text(settings_text(registry, port, provider), encoding="utf-8")
    command = [sys.executable, "-m", "qualitrace.cli", "serve", "--settings", str(settings)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, url, folder / "log")
        served = Served(url, port, psutil.Process(process.pid), book, provider)
        _settle(served)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        book.close()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def _settle(served: Served) -> None:
    """Have every role's schema and view made, then see how long a normal answer takes."""
    for role in Role:
        with served.client(role, timeout=120) as client:
            answer = client.post("/graphql", json={"query": NORMAL})
            assert answer.status_code == 200, answer.text
    waits = []
    with served.client(Role.SYSTEM) as client:
        for _ in range(30):
            begun = served.worked()
            answer = client.post("/graphql", json={"query": NORMAL})
            waits.append(served.worked() - begun)
            served.expected = answer.json()["data"]
    served.baseline = sum(waits) / len(waits)  # the clock ticks in hundredths of a second
    served.resting = served.memory()
