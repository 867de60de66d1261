"""A pytest plugin: a Neo4j server of the tests' own, Community Edition, from Maven Central.

The jars are fetched once into a cache outside the repository (``QUALITRACE_NEO4J`` names another place).
Each process that runs tests has a server of its own, which it may stop, kill and start again; tests use
a registry name of their own in it. It listens on loopback; Java 17 or later and Maven must be there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import neo4j as driver
import pytest
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from qualitrace.store.neo4j import Account, Server
from tests.missing import missing
from tests.ports import free_port as free_port

VERSION = "5.26.30"
PASSWORD = "p@ss/word:示例"  # awkward on purpose: it must never be shown, however it is written
PAUSES = (10, 30, 60, 120)  # seconds between attempts to fetch; the registry may ask for patience
STARTS_WITHIN = 240  # seconds; a busy machine takes long

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tests</groupId><artifactId>neo4j</artifactId><version>1</version><dependencies><dependency>
<groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version>
</dependency></dependencies></project>
"""
_SETTINGS = """server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=64m
server.directories.import={home}
db.tx_log.rotation.retention_policy=keep_none
dbms.security.auth_max_failed_attempts=0
dbms.usage_report.enabled=false
"""


@dataclass
class Neo4jServer:
    """A server with one database, ``neo4j``."""

    jars: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def uri(self) -> str:
        """Its address."""
        return f"bolt://127.0.0.1:{self.port}"

    def account(self, *, uri: str = "", password: str = PASSWORD, database: str = "neo4j") -> Account:
        """Whom the tests ask as."""
        return Account(uri or self.uri, "neo4j", password, database, patience=60)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self._java("org.neo4j.server.CommunityEntryPoint"),
                    f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}", "--console-mode",
                ],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder,
            )  # fmt: skip
        self._wait()

    def admin(self, *arguments: str, folder: Path) -> str:
        """Run neo4j-admin in a folder; returns what it said. Raises CalledProcessError when it fails."""
        done = subprocess.run(
            [*self._java("org.neo4j.cli.AdminTool"), *arguments],
            capture_output=True, text=True, cwd=folder, check=True, stdin=subprocess.DEVNULL,
            env=os.environ | {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")},
        )  # fmt: skip
        return done.stdout + done.stderr

    def _java(self, main: str) -> list[str]:
        opened = [f"java.base/{name}=ALL-UNNAMED" for name in ("java.nio", "java.io", "sun.nio.ch")]
        return [
            "java", "-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-Dlog4j2.disable.jmx=true",
            *(part for name in opened for part in ("--add-opens", name)), "-cp", f"{self.jars}/*", main,
        ]  # fmt: skip

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while True:
            with contextlib.suppress(OSError, DriverError, Neo4jError):
                self._greet()
                return
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"Neo4j did not start:\n{(self.folder / 'log').read_text()[-4000:]}")
            time.sleep(0.3)

    def _greet(self) -> None:
        try:
            self._ask(PASSWORD, "RETURN 1", "neo4j")
        except AuthError:  # it was never started before
            self._ask("neo4j", "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", "system", new=PASSWORD)
            self._ask(PASSWORD, "RETURN 1", "neo4j")

    def _ask(self, password: str, statement: str, database: str, **given: str) -> None:
        with (
            driver.GraphDatabase.driver(self.uri, auth=("neo4j", password), connection_timeout=10) as one,
            one.session(database=database) as session,
        ):
            session.run(statement, given).consume()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def _cache() -> Path:
    named = os.environ.get("QUALITRACE_NEO4J")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else home / "qualitrace" / f"neo4j-{VERSION}"


def jars() -> Path:
    """Return the folder of the jars, fetched when they are not there. Raises OSError, RuntimeError."""
    folder = _cache()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process fetches, the others wait for it
        if not any(folder.glob("neo4j-server-*.jar")):
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    said = ""
    for pause in (*PAUSES, None):
        with tempfile.TemporaryDirectory() as place:
            pom, draft = Path(place) / "pom.xml", folder.with_name(f"{folder.name}.part")
            pom.write_text(_POM.format(version=VERSION), encoding="utf-8")
            shutil.rmtree(draft, ignore_errors=True)
            done = subprocess.run(
                [
                    "mvn", "-B", "-q", "-f", str(pom), "-DincludeScope=runtime",
                    f"-DoutputDirectory={draft}", "dependency:copy-dependencies",
                ],
                capture_output=True, text=True, timeout=900, check=False,
            )  # fmt: skip
        if done.returncode == 0 and any(draft.glob("neo4j-server-*.jar")):
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
            return
        said = (done.stdout + done.stderr)[-2000:]
        if pause is not None:
            time.sleep(pause)
    raise RuntimeError(f"Maven could not fetch Neo4j {VERSION}:\n{said}")


def server_in(folder: Path, place: Path, port: int) -> Neo4jServer:
    """Return a server that keeps its database in a folder, with the jars of a place; it is not started."""
    (folder / "conf").mkdir(parents=True)
    settings = _SETTINGS.format(port=port, home=folder)
    (folder / "conf" / "neo4j.conf").write_text(settings, encoding="utf-8")
    return Neo4jServer(place, folder, port)


@pytest.fixture(scope="session")
def neo4j() -> Iterator[Neo4jServer]:
    """A Neo4j server for the tests of this process. In CI its absence is a failure, elsewhere a skip."""
    if shutil.which("java") is None:
        missing("Neo4j needs Java 17 (Debian package default-jre-headless)")
    cached = any(_cache().glob("neo4j-server-*.jar"))
    if not cached and shutil.which("mvn") is None:
        missing("Neo4j is fetched with Maven, which is not here (Debian package maven)")
    try:
        place = jars()
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        missing(str(error))
    folder = Path(tempfile.mkdtemp(prefix="qt-neo4j-"))
    server = server_in(folder, place, free_port())
    try:
        server.start()
        yield server
    finally:
        if server.process is not None:
            server.kill()  # nothing of it is kept
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def neo4j_database(neo4j: Neo4jServer) -> Iterator[Server]:
    """The server, as engines use it."""
    with Server(neo4j.account()) as server:
        yield server


@pytest.fixture
def neo4j_registry() -> str:
    """The name of a registry that no other test uses."""
    return f"test-{secrets.token_hex(6)}"
