"""A server to soak: ``qualitrace serve``, and the memory of all its processes (floor 5)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from qualitrace.errors import UnavailableError
from qualitrace.text import Text

_WAIT, _STOP = 1800.0, 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Soaked:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def logged(self) -> list[str]:
        """Return what it logged: warnings and errors."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def memory(self) -> int:
        """Return the resident bytes of the server and its workers together; 0 where nobody tells."""
        return sum(_resident(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    def stop(self) -> int:
        """Have it stop; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP)


@contextmanager
def soaked(location: Path, profile: Path, workers: int, settings: Mapping[str, str]) -> Iterator[Soaked]:
    """Start a server and wait until it is ready; it is gone at the end. Raises UnavailableError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ("--registry", str(location), "--profile", str(profile), "--port", str(port))
    environ = {
        **os.environ,
        "QUALITRACE_LOG_LEVEL": "warning",
        # Clients here ask as often as they can: it is not the limits that are measured.
        "QUALITRACE_LIMITS_PER_MINUTE": "1000000000",
        **settings,
    }
    command = [sys.executable, "-m", "qualitrace.cli", "serve", *options, "--workers", str(workers)]
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=environ)
        try:
            server = Soaked(port, process, Path(log.name))
            _wait(server)
            yield server
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _wait(server: Soaked) -> None:
    until = time.perf_counter() + _WAIT
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=10).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if server.process.poll() is not None or time.perf_counter() > until:
            raise UnavailableError(
                Text(zh="测量用的服务没有启动。", en="The server to soak did not start."),
                where=" ".join(server.logged()[-10:]),
            )
        time.sleep(0.2)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    try:
        found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []
    return found + [deeper for one in found for deeper in _children(one)]
