"""The tools of Neo4j's own world on the same facts: ``@neo4j/graphql`` and ``rdflib-neo4j`` (floor 5)."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import httpx

from qualitrace.bench.neo4j_home import Home, free_port
from qualitrace.bench.servers import Server
from qualitrace.errors import UnavailableError
from qualitrace.registry import Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import iri
from qualitrace.text import Text

LOADING = "qualitrace.bench.neo4j_rivals:load_by_rdflib"  # what loads facts, in a child process
_FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
_WAIT = 120.0  # seconds


def installed(folder: Path) -> Path:
    """Install ``@neo4j/graphql`` as locked into a folder, unless it is there. Raises UnavailableError."""
    folder.mkdir(parents=True, exist_ok=True)
    place = files("qualitrace.bench") / "neo4j_graphql"
    lock = (place / "package-lock.json").read_text(encoding="utf-8")
    known = folder / "package-lock.json"
    there = (folder / "node_modules" / "@neo4j" / "graphql").is_dir()
    fresh = there and known.is_file() and known.read_text(encoding="utf-8") == lock
    for name in _FILES:
        (folder / name).write_text((place / name).read_text(encoding="utf-8"), encoding="utf-8")
    if fresh:
        return folder
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise _no_rival("node, npm")
    done = subprocess.run(["npm", "ci"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise _no_rival(done.stderr.strip()[-300:])
    return folder


@contextmanager
def neo4j_graphql(folder: Path, types: str, server: Home) -> Iterator[Server]:
    """Serve type definitions from a database; it is stopped at the end. Raises UnavailableError."""
    (folder / "types.graphql").write_text(types, encoding="utf-8")
    port, begun = free_port(), time.perf_counter()
    command = ["node", "server.mjs", str(port), server.uri, "types.graphql"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "PASSWORD": server.password}
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() > begun + _WAIT:
                raise _no_rival((folder / "log").read_text(errors="replace").strip()[-300:])
            time.sleep(0.2)
        yield Server(port, process.pid, time.perf_counter() - begun)
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    body = {"query": "{ __typename }"}
    try:
        return httpx.post(f"http://127.0.0.1:{port}/graphql", json=body, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def write_facts(registry: Registry, path: Path) -> int:
    """Write what is stated and what follows as N-Triples, by subject; returns how many facts."""
    own = {fact for graph in (STATED, INFERRED) for fact in registry.engine.facts(graph)}
    with path.open("w", encoding="utf-8") as out:
        for fact in sorted(own):
            out.write(f"{iri(fact.subject)} {iri(fact.predicate)} {fact.object} .\n")
    return len(own)


def has_rdflib_neo4j() -> bool:
    """Tell whether rdflib-neo4j is installed (it is in the extra ``bench``)."""
    return importlib.util.find_spec("rdflib_neo4j") is not None


def load_by_rdflib(uri: str, password: str, path: str) -> dict[str, Any]:
    """Load N-Triples by rdflib-neo4j, in its batches; needs no plugin in the server.

    Returns what it said, and ``seconds``, without the import of its packages.
    """
    from rdflib import Graph
    from rdflib_neo4j import HANDLE_VOCAB_URI_STRATEGY, Neo4jStore, Neo4jStoreConfig

    config = Neo4jStoreConfig(
        auth_data={"uri": uri, "database": "neo4j", "user": "neo4j", "pwd": password},
        handle_vocab_uri_strategy=HANDLE_VOCAB_URI_STRATEGY.IGNORE,
        batching=True,
    )
    said, begun = StringIO(), time.perf_counter()  # it prints
    with redirect_stdout(said):
        graph = Graph(store=Neo4jStore(config=config))
        graph.parse(path, format="nt")
        graph.close(commit_pending_transaction=True)
    return {"seconds": time.perf_counter() - begun, "said": said.getvalue().strip().splitlines()[-1:]}


def _no_rival(where: str) -> UnavailableError:
    return UnavailableError(
        Text(zh="不能运行 @neo4j/graphql。", en="@neo4j/graphql cannot be run."),
        where=where,
        hint=Text(zh="需要 node 和 npm。", en="It needs node and npm."),
    )
