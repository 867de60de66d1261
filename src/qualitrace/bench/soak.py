"""``qualitrace bench soak``: a server asked for a long time while others commit (floor 5).

As anybody runs it: ``qualitrace serve`` on a generated registry, tokens of several roles, clients in one
process, commits in another. What may grow is the journal on disk; the server's memory may not.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from qualitrace.access.book import AccessBook
from qualitrace.access.model import RIGHTS, Right, Role
from qualitrace.bench import generated
from qualitrace.bench.commits import small_changes
from qualitrace.bench.measuring import in_child, show
from qualitrace.bench.questions import read_questions
from qualitrace.bench.soak_server import Soaked, soaked
from qualitrace.errors import ConflictError, NotConformingError
from qualitrace.graphql import ClassSummary, overview
from qualitrace.profile import Profile, load_profile
from qualitrace.registry import Change, Registry

MOST_GROWTH = 5.0  # percent, of the server's memory after it has warmed up
WARMING = 0.25  # of the time: what is kept between requests fills up
_EVERY = 2.0  # seconds between two looks at the memory
_ROLES = (Role.READER, Role.SYSTEM, Role.AUDITOR, Role.OFFICE, Role.STEWARD)
_PAST, _SCHEMA = "the past", "/schema.graphql"
_NEEDED = {_PAST: Right.HISTORY, _SCHEMA: Right.EXPLORE}  # what not everybody may ask
Sample = tuple[float, int]  # seconds since the beginning, bytes


def run(
    size: int,
    minutes: float,
    clients: int,
    console: Console,
    directory: Path | None = None,
    *,
    workers: int = 1,
    pause: float = 0.05,
    commit_every: float = 1.5,
    settings: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Soak a server of about ``size`` facts, and print what came of it; returns that.

    ``pause``: mean seconds that a client waits between two requests. ``settings`` are environment variables
    for the server. Raises UnavailableError when something does not run at all.
    """
    profile = load_profile(directory)
    seconds = minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        location = Path(folder) / "registry.db"
        console.print(f"making a registry of {size:,} facts", highlight=False)
        demo = generated.read_demonstration(profile)
        generated.write_journal(demo, size, location, profile)
        unit, classes, facts = _looked(location, profile)
        requests = _requests(profile, classes, demo.copies(size))
        heads = _heads(location, clients, unit)
        with soaked(location, profile.directory, workers, settings or {}) as server:
            console.print(f"{facts:,} facts, {clients} clients, {minutes:g} minutes", highlight=False)
            answers, committed, samples = _work(
                server, location, directory, requests, heads, seconds, pause, commit_every, console
            )
            left = server.stop()
            logged = server.logged()
        after = _looked(location, profile)[2]
    result = _result(answers, committed, samples, seconds)
    result |= {
        "facts": facts,
        "facts after": after,
        "clients": clients,
        "minutes": minutes,
        "workers": workers,
        "stopped": left,
        "logged": logged,
    }
    report(result, console)
    return result


def met(result: Mapping[str, Any]) -> bool:
    """Tell whether every bound was kept: no error, commits all along, no growth, a stop in good order."""
    return (
        not result["errors"]
        and not result["refused"]
        and result["commits"] > 0
        and result["told"] > 0
        and result["stopped"] == 0
        and result["growth"] <= MOST_GROWTH
    )


def _looked(location: Path, profile: Profile) -> tuple[str, tuple[ClassSummary, ...], int]:
    """Open the registry once, which leaves the checkpoint: a unit, the classes that have nodes, its size."""
    with contextlib.closing(Registry.open(location, profile)) as registry:
        unit = next((one.unit for one in registry.validate().findings if one.unit), registry.base)
        classes = tuple(one for one in overview(registry) if one.count and not one.abstract)
        facts = len(registry.engine.store)
    return unit, classes, facts


def _requests(
    profile: Profile, classes: Sequence[ClassSummary], copies: int
) -> dict[str, list[tuple[str, str]]]:
    """What is asked: the trusted operations, lists, coverage, findings, the past, the plain addresses."""

    def asked(document: str, variables: Mapping[str, Any]) -> tuple[str, str]:
        return "/graphql", orjson.dumps({"query": document, "variables": variables}).decode()

    found = {one.name: [asked(one.document, one.variables)] for one in profile.operations}
    for question in read_questions(profile):
        found[f"bench {question.name}"] = [asked(question.document, one) for one in question.requests(copies)]
    for one in classes[:6]:
        page = f"{{ {one.root}(first: 50) {{ totalCount nodes {{ id label }} pageInfo {{ hasNextPage }} }} }}"
        found[f"list {one.root}"] = [asked(page, {})]
    for one in [one for one in classes if one.judged][:2]:
        judged = f"{{ coverage(of: {one.name}) {{ total complete broken }} }}"
        found[f"coverage {one.name}"] = [asked(judged, {})]
    findings = "{ findings(first: 50) { totalCount nodes { message node { id } } } }"
    found["findings"] = [asked(findings, {})]
    past = "query($at: Moment) { findings(first: 10, knownAt: $at) { totalCount } }"
    found[_PAST] = [asked(past, {"at": str(at)}) for at in range(1, min(copies, 3) + 1)]
    return found | {path: [(path, "")] for path in ("/", "/readyz", _SCHEMA, "/metrics")}


def _heads(location: Path, clients: int, unit: str) -> list[tuple[str, tuple[str, ...]]]:
    """Make a token for each client, of the roles in turn; every second one says what it asks for.

    With each comes what its role may not ask.
    """
    heads: list[tuple[str, tuple[str, ...]]] = []
    with contextlib.closing(AccessBook.open(location)) as book:
        roles = [Role.OFFICE, *(_ROLES[number % len(_ROLES)] for number in range(clients))]
        for number, role in enumerate(roles):
            units = [unit] if role is Role.STEWARD else []
            secret = book.tokens.make(f"示例 {number}", [role], units=units, expires=None, by="bench")[1]
            purpose = "Qualitrace-Purpose: soak\r\n" if number % 2 else ""
            closed = tuple(name for name, right in _NEEDED.items() if right not in RIGHTS[role])
            heads.append((f"Authorization: Bearer {secret}\r\n{purpose}", closed))
    return heads


def _work(
    server: Soaked,
    location: Path,
    directory: Path | None,
    requests: Mapping[str, Any],
    heads: Sequence[tuple[str, tuple[str, ...]]],
    seconds: float,
    pause: float,
    commit_every: float,
    console: Console,
) -> tuple[dict[str, Any], dict[str, Any], list[Sample]]:
    """Ask and commit, and look at the server's memory meanwhile."""
    place = str(directory) if directory else None
    kinds = heads[: len(_ROLES) + 1]  # each role
    in_child("qualitrace.bench.soak_clients:warm", server.port, requests, kinds)
    with ThreadPoolExecutor(2) as threads:
        begun = time.perf_counter()
        jobs: list[Future[Any]] = [
            threads.submit(
                in_child, "qualitrace.bench.soak_clients:load", server.port, requests, heads, seconds, pause
            ),
            threads.submit(in_child, f"{__name__}:commit", str(location), place, seconds, commit_every),
        ]
        samples = list(_samples(server, begun, lambda: any(not one.done() for one in jobs), console))
        answers, committed = (one.result().answer for one in jobs)
    return answers, committed, samples


def _samples(
    server: Soaked, begun: float, going_on: Callable[[], bool], console: Console
) -> Iterator[Sample]:
    told = 0.0
    while going_on():
        at, memory = time.perf_counter() - begun, server.memory()
        if memory:
            yield at, memory
        if at - told >= 30:
            told = at
            console.print(f"  {at:5.0f} s: {memory / 1e6:,.0f} MB", highlight=False)
        time.sleep(_EVERY if at > 30 else _EVERY / 4)


def commit(
    location: str, directory: str | None, seconds: float, every: float, most: int | None = None
) -> dict[str, Any]:
    """Commit small changes for so many seconds (in a process of its own).

    A change that a rule forbids is turned down, as it should be; it is not there then to be taken back.
    """
    profile = load_profile(Path(directory) if directory else None)
    done = refused = forbidden = 0
    never: set[tuple[Any, Any]] = set()  # what takes back a change that was not made
    with contextlib.closing(Registry.open(location, profile)) as registry:
        until = time.perf_counter() + seconds
        for change in _endless(registry):
            left = until - time.perf_counter()
            if left <= 0 or done + refused + forbidden == most:
                break
            if (change.added, change.removed) in never:
                never.discard((change.added, change.removed))
                continue
            try:
                registry.commit(change, author="bench", message=f"soak {dt.datetime.now(dt.UTC):%H:%M:%S}")
                done += 1
            except NotConformingError:
                forbidden += 1
                never.add((change.removed, change.added))
            except ConflictError:
                refused += 1
            time.sleep(min(every, left))
    return {"commits": done, "refused": refused, "forbidden": forbidden}


def _endless(registry: Registry) -> Iterator[Change]:
    """Small changes, from the beginning again when all were made: each takes back the one before."""
    more = True
    while more:
        more = False
        for change in small_changes(registry):
            more = True
            yield change


def growth(samples: Sequence[Sample], seconds: float) -> float:
    """Return by how many percent the memory grew after warming up, along the line that fits best."""
    later = [(at, size) for at, size in samples if WARMING * seconds <= at <= seconds]
    if len(later) < 2:
        return 0.0
    mean_at = sum(at for at, _ in later) / len(later)
    mean_size = sum(size for _, size in later) / len(later)
    spread = sum((at - mean_at) ** 2 for at, _ in later)
    slope = sum((at - mean_at) * (size - mean_size) for at, size in later) / spread
    first = mean_size + slope * (later[0][0] - mean_at)
    return 100 * slope * (later[-1][0] - later[0][0]) / first


def _result(
    answers: Mapping[str, Any], committed: Mapping[str, Any], samples: Sequence[Sample], seconds: float
) -> dict[str, Any]:
    operations = answers["operations"]
    later = [size for at, size in samples if at >= WARMING * seconds]
    return {
        **answers,
        **committed,
        "requests": sum(one["requests"] for one in operations.values()),
        "p99": max((one["p99"] for one in operations.values()), default=0.0),
        "growth": growth(samples, seconds),
        "memory": {"first": later[0] if later else 0, "last": later[-1] if later else 0},
        "samples": list(samples),
    }


def report(result: Mapping[str, Any], console: Console) -> None:
    """Print what came of it."""
    size, clients, minutes = (result[name] for name in ("facts", "clients", "minutes"))
    show(
        f"{size:,} facts, {clients} clients, {minutes:g} minutes; milliseconds",
        ("operation", "requests", "errors", "p50", "p99", "most"),
        [
            (
                name,
                f"{one['requests']:,}",
                str(result["errors"].get(name, 0)),
                *(f"{one[key]:,.1f}" for key in ("p50", "p99", "most")),
            )
            for name, one in result["operations"].items()
        ],
        console,
    )
    memory = result["memory"]
    for line in (
        f"requests {result['requests']:,}, errors {sum(result['errors'].values())}, "
        f"commits {result['commits']} (refused {result['refused']}; beside them {result['forbidden']} that a "
        f"rule forbids), changes told {result['told']}",
        f"facts {size:,} → {result['facts after']:,}",
        f"memory {memory['first'] / 1e6:,.0f} → {memory['last'] / 1e6:,.0f} MB, growth "
        f"{result['growth']:.1f} % (at most {MOST_GROWTH:g}), exit code {result['stopped']}",
        *result["problems"],
        *result["logged"][:20],
    ):
        console.print(line, highlight=False, markup=False)
