"""Servers to measure, each in a process of its own (floor 5)."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from qualitrace.errors import UnavailableError
from qualitrace.text import Text

OURS = "qualitrace"
_RUN = "from qualitrace.bench.servers import serve; serve()"
# As the demonstration is served: nobody is asked who they are, as no other server here asks either.
_RUN_OURS = """
import os
import sys
from qualitrace.web.opening import Work
from qualitrace.web.running import bound
from qualitrace.web.settings_reading import read_settings
from qualitrace.web.supervising import serve

location, profile, port = sys.argv[1:]
environ = {name: value for name, value in os.environ.items() if name.startswith("QUALITRACE_NEO4J_")}
environ["QUALITRACE_LOG_LEVEL"] = "error"
given = {("registry", "location"): location, ("registry", "profile"): profile, ("server", "port"): int(port)}
work = Work.of(read_settings(None, environ, given).settings, unguarded=True)
with bound(work.settings.server) as listening:
    serve(work, listening, lambda: None)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its process, and how long it took to be ready."""

    port: int
    pid: int
    started: float

    def ask(self, document: str, variables: dict[str, Any], *, timeout: float = 600) -> dict[str, Any]:
        """Ask once. Raises UnavailableError when the answer has errors."""
        body = {"query": document, "variables": variables}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/graphql", json=body, timeout=timeout).json()
        if "errors" in answer:
            raise UnavailableError(
                Text(zh="测量用的问题出错。", en="A measured question failed."),
                where=str(answer["errors"][0].get("message")),
            )
        data: dict[str, Any] = answer["data"]
        return data

    def cpu(self) -> float:
        """Return the processor seconds used so far; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the resident size in bytes; 0 where the system does not tell."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


@contextmanager
def running(
    kind: str, data: Path, profile: Path, *, wait: float = 1800, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server and wait until it answers; it is stopped at the end.

    ``data`` is a journal for ours, N-Triples for the others; ``environ`` holds settings for ours. Raises
    UnavailableError.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if kind == OURS:
        command = [sys.executable, "-c", _RUN_OURS, str(data), str(profile), str(port)]
    else:
        command = [sys.executable, "-c", _RUN, kind, str(data), str(profile), str(port)]
    begun = time.perf_counter()
    own = {name: value for name, value in os.environ.items() if not name.startswith("QUALITRACE_NEO4J_")}
    held = {**own, **(environ or {})}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=held)
    try:
        _wait(process, port, begun + wait)
        yield Server(port, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, until: float) -> None:
    while True:
        if process.poll() is not None:
            assert process.stderr is not None
            last = process.stderr.read().decode(errors="replace").strip().splitlines()[-1:]
            raise UnavailableError(
                Text(zh="测量用的服务没有启动。", en="A server to measure did not start."),
                where=" ".join(last),
            )
        try:
            httpx.get(f"http://127.0.0.1:{port}/graphql", timeout=2)
            return
        except httpx.HTTPError as error:
            if time.perf_counter() > until:
                raise UnavailableError(
                    Text(zh="测量用的服务没有及时应答。", en="A server to measure did not answer in time."),
                    where=str(error),
                ) from error
            time.sleep(0.2)


def serve() -> None:
    """Serve what the arguments say (the other side of :func:`running`)."""
    import uvicorn

    kind, data, profile, port = sys.argv[1:]
    uvicorn.run(_plain(kind, data, profile), host="127.0.0.1", port=int(port), log_level="error")


def _plain(kind: str, data: str, profile: str) -> Any:
    from strawberry.asgi import GraphQL

    from qualitrace.bench.plain import Loads, plain_schema
    from qualitrace.bench.questions import read_questions, wanted
    from qualitrace.bench.stores import STORES
    from qualitrace.profile import load_profile

    read = load_profile(Path(profile))
    store = STORES[kind](Path(data))

    class Plainly(GraphQL):
        async def get_context(self, request: Any, response: Any = None) -> Any:
            return Loads(store, read.base)

    gc.collect()
    gc.freeze()  # as ours does: what is held need not be walked during requests
    return Plainly(plain_schema(read, [wanted(one) for one in read_questions(read)]), graphql_ide=None)
