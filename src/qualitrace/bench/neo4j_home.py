"""A Neo4j Community server of a measurement's own: imported into, started, measured, stopped (floor 5)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from qualitrace.errors import QualitraceError, UnavailableError
from qualitrace.store.neo4j import Account, Server
from qualitrace.text import Text

_STARTS_WITHIN = 600  # seconds
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SETTINGS = """server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={cache}
db.tx_log.rotation.retention_policy=keep_none
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
"""


def jars(given: str) -> Path:
    """Return the folder of a Neo4j's jars: one named, or of an installation, or what tests have fetched.

    ``QUALITRACE_NEO4J`` names one too. Raises UnavailableError where there are none.
    """
    given = given or os.environ.get("QUALITRACE_NEO4J", "")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qualitrace"
    places = [Path(given), Path(given) / "lib"] if given else sorted(cache.glob("neo4j-*"), reverse=True)
    for place in places:
        if any(place.glob("neo4j-server-*.jar")) and shutil.which("java"):
            return place
    raise UnavailableError(
        Text(zh="没有可用的 Neo4j。", en="There is no Neo4j that could be started."),
        where=given or str(cache),
        hint=Text(
            zh="请安装 Java 17，并指出 Neo4j 的安装目录或其 lib（--neo4j 或 --neo4j-home）。",
            en="Install Java 17, and name a Neo4j's folder, or its lib (--neo4j or --neo4j-home).",
        ),
    )


@dataclass
class Home:
    """A folder with a server's database. ``heap`` and ``cache`` (page cache) as Neo4j writes sizes."""

    jars: Path
    folder: Path
    heap: str
    cache: str
    port: int = 0
    password: str = field(default_factory=lambda: secrets.token_hex(4), repr=False)  # any will do
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.port = free_port()
        (self.folder / "conf").mkdir(parents=True)
        settings = _SETTINGS.format(port=self.port, cache=self.cache)
        (self.folder / "conf" / "neo4j.conf").write_text(settings, encoding="utf-8")

    @property
    def uri(self) -> str:
        """Its address."""
        return f"bolt://127.0.0.1:{self.port}"

    def load(self, directory: Path, arguments: str) -> dict[str, float]:
        """Import files; returns seconds, and the largest memory in bytes. Raises UnavailableError."""
        command = [*self._java("org.neo4j.cli.AdminTool", self.heap), "database", "import", "full", "neo4j"]
        place = {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}
        log = self.folder / "import.log"
        with log.open("wb") as said:
            begun = time.perf_counter()
            process = subprocess.Popen(
                [*command, f"@{arguments}"],
                cwd=directory,
                env=os.environ | place,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise _failed("import", log)
        return {
            "seconds": time.perf_counter() - begun,
            "importer": lasted(log.read_text(encoding="utf-8")),
            "peak": float(used.ru_maxrss * 1024),
        }

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Start the server, wait until it answers, and stop it at the end. Raises UnavailableError."""
        log = self.folder / "server.log"
        command = self._java("org.neo4j.server.CommunityEntryPoint", self.heap)
        command += [f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}", "--console-mode"]
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
            )
        account = Account(self.uri, "neo4j", self.password, patience=60)
        try:
            with Server(account) as server:
                self._wait(server, log)
                yield server
        finally:
            self.process.terminate()
            self.process.wait()

    def _wait(self, server: Server, log: Path) -> None:
        assert self.process is not None
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            with (
                suppress(OSError, QualitraceError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1),
            ):
                server.check()
                return
            time.sleep(0.2)
        raise _failed("start", log)

    def memory(self) -> int:
        """Return the resident size of the running server in bytes; 0 where the system does not tell."""
        assert self.process is not None
        with suppress(OSError):
            lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
            return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)
        return 0

    def size(self) -> int:
        """Return how many bytes the database takes on disk, without its log of transactions."""
        return size_of(self.folder / "data" / "databases" / "neo4j")

    def _java(self, main: str, heap: str) -> list[str]:
        opened = [f"java.base/{name}=ALL-UNNAMED" for name in ("java.nio", "java.io", "sun.nio.ch")]
        given = [part for name in opened for part in ("--add-opens", name)]
        return ["java", f"-Xmx{heap}", "-Dlog4j2.disable.jmx=true", *given, "-cp", f"{self.jars}/*", main]


@contextmanager
def temporary(place: Path, heap: str = "2g", cache: str = "512m") -> Iterator[Home]:
    """A server with an empty database that is not started yet; its folder is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="qualitrace-bench-neo4j-", ignore_cleanup_errors=True) as folder:
        yield Home(place, Path(folder), heap, cache)


def lasted(said: str) -> float:
    """Return how many seconds an import says that it took; 0 when it does not."""
    found = re.search(r"IMPORT DONE in((?: \d+(?:ms|[dhms]))+)", said)
    parts = re.findall(r"(\d+)(ms|[dhms])", found[1]) if found else ()
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def size_of(folder: Path) -> int:
    """Return how many bytes the files below a folder take on disk."""
    return sum(one.stat().st_blocks * 512 for one in folder.rglob("*") if one.is_file())


def _failed(what: str, log: Path) -> UnavailableError:
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return UnavailableError(
        Text(zh="Neo4j 没有成功。", en="Neo4j did not succeed."), where=f"{what}: {' '.join(last)}"
    )
