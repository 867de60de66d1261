"""How long questions take over HTTP, on servers with the same facts (floor 5)."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from qualitrace.bench.http_load import bodies
from qualitrace.bench.measuring import in_child
from qualitrace.bench.neo4j_asked import Asked, Pair, Wanted, pairs, read_wanted
from qualitrace.bench.neo4j_home import Home
from qualitrace.bench.neo4j_rivals import installed, neo4j_graphql
from qualitrace.bench.neo4j_types import type_definitions
from qualitrace.bench.servers import OURS, Server, running
from qualitrace.errors import UnavailableError
from qualitrace.profile.model import Profile
from qualitrace.text import Text

NEO4J, OXIGRAPH, BY_HAND = "qualitrace on Neo4j", "qualitrace on Oxigraph", "@neo4j/graphql"
ANEW = f"{NEO4J}, nothing kept"  # as every question is answered the first time
CLIENTS = (1, 8)
_KEEPS_NOTHING = {"QUALITRACE_NEO4J_KEPT": "0"}
_WARM = 3.0  # seconds at most; how long the servers are asked before anything counts
_ROUNDS = 3  # every server is measured so often, in turn: what else runs on the machine meets all alike


class Planned(Protocol):
    """What of a bench's plan is needed here."""

    @property
    def seconds(self) -> float:
        """Seconds of each measurement."""

    @property
    def profile(self) -> Profile:
        """What is asked about."""

    @property
    def packages(self) -> Path | None:
        """Where npm packages are kept; None: in ``folder``."""

    @property
    def folder(self) -> Path:
        """What is gone at the end."""


@dataclass(frozen=True, slots=True)
class Latency:
    """One server asked one question by so many clients; milliseconds, of the median round.

    ``cpu`` and ``cpu_neo4j``: processor time of an answer in the server and in Neo4j, which other work on the
    machine changes less than it does the rest. ``first``: the first answer to this question, with nothing
    planned or kept.
    """

    server: str
    question: str
    clients: int
    p50: float
    p95: float
    rate: float  # answers a second
    p99: float = 0.0
    cpu: float = 0.0
    cpu_neo4j: float = 0.0
    first: float = 0.0


@dataclass(frozen=True, slots=True)
class _Way:
    """Who is asked, what, and how long the first answer took (milliseconds)."""

    server: Server
    written: list[str]
    first: float


def measure(
    plan: Planned, server: Home, location: Path, name: str, base: str, copies: int
) -> tuple[list[Latency], dict[str, str]]:
    """Ask all servers everything about a registry (``name`` in Neo4j).

    Returns figures, and which ways of others were left out, and why.

    Raises UnavailableError when answers differ where they must not.
    """
    wanted = read_wanted(plan.profile)
    own = {
        "QUALITRACE_NEO4J_ANSWERS": "true",
        "QUALITRACE_NEO4J_URI": server.uri,
        "QUALITRACE_NEO4J_PASSWORD": server.password,
        "QUALITRACE_NEO4J_NAME": name,
    }
    directory = plan.profile.directory
    with ExitStack() as opened:
        servers = {
            NEO4J: opened.enter_context(running(OURS, location, directory, environ=own)),
            ANEW: opened.enter_context(running(OURS, location, directory, environ=own | _KEEPS_NOTHING)),
            OXIGRAPH: opened.enter_context(running(OURS, location, directory)),
            BY_HAND: opened.enter_context(_rival(plan, wanted, server)),
        }
        found: list[Latency] = []
        left: dict[str, str] = {}
        for pair in pairs(wanted, base, name, copies):
            ways = _alike(pair, servers, left)
            for clients in CLIENTS:
                found += _rounds(pair.name, ways, clients, plan.seconds, _process(server))
        return found, left


def _rival(plan: Planned, wanted: Wanted, server: Home) -> Any:
    folder = installed(plan.packages or plan.folder / "npm")
    types = type_definitions(plan.profile, wanted.to, wanted.covered)
    return neo4j_graphql(folder, types, server)


def _process(home: Home) -> Server:
    """Neo4j's process, to see what it uses."""
    return Server(home.port, 0 if home.process is None else home.process.pid, 0.0)


def _alike(pair: Pair, servers: dict[str, Server], left: dict[str, str]) -> dict[str, _Way]:
    """Return who is asked what, where the answers are the same; by name.

    Raises UnavailableError when our own servers differ, or find nothing."""
    expected, own = _answers(servers[NEO4J], pair.ours)
    ways = {NEO4J: _Way(servers[NEO4J], bodies(pair.ours.document, pair.ours.variables), own)}
    for name in (ANEW, OXIGRAPH):
        answers, first = _answers(servers[name], pair.ours)
        if answers != expected:
            raise _differs(f"{pair.name}: {name}")
        ways[name] = _Way(servers[name], ways[NEO4J].written, first)
    if not any(expected):
        raise _differs(f"{pair.name}: no rows")
    for way, asked in pair.theirs.items():
        name = f"{BY_HAND}, {way}"
        answers, first = _answers(servers[BY_HAND], asked)
        if answers == expected:
            ways[name] = _Way(servers[BY_HAND], bodies(asked.document, asked.variables), first)
        else:
            left[f"{pair.name}: {name}"] = (
                f"another answer: {_counted(answers)}, ours {_counted(expected)} rows"
            )
    return ways


def _answers(server: Server, asked: Asked) -> tuple[list[Any], float]:
    """Return the rows of all answers, and the milliseconds that the first took."""
    begun = time.perf_counter()
    found = [server.ask(asked.document, asked.variables[0])]
    first = (time.perf_counter() - begun) * 1000
    found += [server.ask(asked.document, one) for one in asked.variables[1:]]
    return [asked.rows(one) for one in found], first


def _counted(answers: list[Any]) -> int:
    return sum(len(rows) for rows in answers)


def _rounds(
    question: str, ways: dict[str, _Way], clients: int, seconds: float, neo4j: Server
) -> list[Latency]:
    for way in ways.values():
        _load(way, clients, min(_WARM, seconds))
    rounds: dict[str, list[Latency]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            before = way.server.cpu(), neo4j.cpu()
            one = _load(way, clients, seconds / _ROUNDS)
            used = (way.server.cpu() - before[0], neo4j.cpu() - before[1])
            rounds[name].append(
                Latency(
                    name,
                    question,
                    clients,
                    p50=one["p50"],
                    p95=one["p95"],
                    rate=one["answers"] / one["seconds"],
                    p99=one["p99"],
                    cpu=used[0] / one["answers"] * 1000,
                    cpu_neo4j=used[1] / one["answers"] * 1000,
                    first=way.first,
                )
            )
    return [sorted(some, key=lambda one: one.p50)[_ROUNDS // 2] for some in rounds.values()]


def _load(way: _Way, clients: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = in_child(
        "qualitrace.bench.http_load:load", way.server.port, way.written, clients, seconds
    ).answer
    if found["failures"]:
        raise UnavailableError(
            Text(zh="测量中有请求失败。", en="Requests failed during the measurement."),
            where=str(found["failures"][0]),
        )
    return found


def _differs(where: str) -> UnavailableError:
    return UnavailableError(Text(zh="各服务的答案不同。", en="The servers answer differently."), where=where)
