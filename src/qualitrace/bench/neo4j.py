"""``qualitrace bench neo4j``: publishing to Neo4j and asking it, beside others on the same facts (floor 5).

Each size has a Neo4j server of its own, started from jars. Questions are asked over HTTP of the largest: of
our server on Neo4j, our server on Oxigraph, and ``@neo4j/graphql`` on the same Neo4j, in one run, after their
answers were compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from qualitrace.bench import generated
from qualitrace.bench.measuring import show
from qualitrace.bench.neo4j_asked import read_wanted
from qualitrace.bench.neo4j_home import Home, jars, temporary
from qualitrace.bench.neo4j_latencies import BY_HAND, NEO4J, Latency, measure
from qualitrace.bench.neo4j_publishing import (
    NAME,
    Published,
    Say,
    Steps,
    by_import,
    by_rdflib,
    published,
    told,
)
from qualitrace.errors import QualitraceError
from qualitrace.profile import Profile, load_profile
from qualitrace.registry import Registry
from qualitrace.store.neo4j import Neo4jEngine

GROWS = 1.5  # times: what one changeset may cost at the largest size, beside the smallest


@dataclass(slots=True)
class Measured:
    """All figures of one run, and what was left out, with the reason."""

    published: list[Published] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wished:
    """What is measured, and with what."""

    sizes: Sequence[int]
    seconds: float  # for each measurement of latency
    jars: Path
    packages: Path | None  # where @neo4j/graphql is installed; None: in a folder of its own
    profile: Profile
    folder: Path
    limit: float  # seconds after which a rival is stopped; 0: after some times what ours took
    say: Say
    output: Path | None  # where figures are written as they come


def run(
    sizes: Sequence[int],
    seconds: float,
    console: Console,
    directory: Path | None = None,
    *,
    home: Path | None = None,
    packages: Path | None = None,
    limit: float = 0.0,
    output: Path | None = None,
) -> Measured:
    """Measure and print the figures. ``home``: where Neo4j is; ``packages``: where npm packages are kept.

    What is known is written to ``output`` (:func:`as_json`) whenever more is. A rival is stopped after
    ``limit`` seconds; 0: after some times what ours took.

    Raises UnavailableError when something does not run or answers differ, ProfileError when the profile
    does not say what to ask.
    """
    profile = load_profile(directory)
    read_wanted(profile)
    measured = Measured()

    def say(text: str) -> None:
        console.print(text, highlight=False)

    with tempfile.TemporaryDirectory() as folder:
        place = jars(str(home or ""))
        wished = Wished(sorted(sizes), seconds, place, packages, profile, Path(folder), limit, say, output)
        demo = generated.read_demonstration(profile)
        for size in wished.sizes:
            _one_size(wished, demo, size, measured)
    report(measured, console)
    return measured


def _one_size(wished: Wished, demo: generated.Demonstration, size: int, measured: Measured) -> None:
    location = wished.folder / f"{size}.db"
    wished.say(f"{size:,}: making a registry")
    steps = Steps("made", wished.say)
    generated.write_journal(demo, size, location, wished.profile, progress=steps)
    registry = Registry.open(location, wished.profile)
    failed: QualitraceError | None = None
    try:
        with temporary(wished.jars) as server, server.running() as database:
            engine = Neo4jEngine.of(database, wished.profile, NAME)
            ours = published(registry, engine, server, wished.say)
            _known(wished, measured, ours)
            if size == wished.sizes[-1]:
                registry.close()  # servers open it
                failed = _asked(wished, server, location, registry.base, demo.copies(size), measured)
                registry = Registry.open(location, wished.profile)
        _beside(wished, registry, ours, measured)
    finally:
        registry.close()
    location.unlink()
    if failed is not None:
        raise failed


def _asked(
    wished: Wished, server: Home, location: Path, base: str, copies: int, measured: Measured
) -> QualitraceError | None:
    """Ask the largest; returns what went wrong, for the end: what else is measured is not lost by it."""
    wished.say("questions over HTTP")
    try:
        asked = measure(wished, server, location, NAME, base, copies)
    except QualitraceError as error:
        measured.left_out["questions"] = str(error)
        _known(wished, measured)
        return error
    measured.latencies = asked[0]
    measured.left_out.update(asked[1])
    _known(wished, measured)
    return None


def _beside(wished: Wished, registry: Registry, ours: Published, measured: Measured) -> None:
    """Bring the same facts into servers of their own by other ways."""
    ways: dict[str, Callable[[], str]] = {
        "rdflib-neo4j": lambda: by_rdflib(
            registry, ours, wished.jars, wished.folder, wished.limit, wished.say
        ),
        "neo4j-admin": lambda: by_import(registry, ours, wished.jars, wished.folder, wished.say),
    }
    for name, bring in ways.items():
        why = bring()
        if why:
            measured.left_out[f"{name}, {ours.facts:,} facts"] = why
            wished.say(f"{name}: {why}")
        _known(wished, measured)


def _known(wished: Wished, measured: Measured, new: Published | None = None) -> None:
    """Write what is known by now."""
    if new is not None:
        measured.published.append(new)
    if wished.output is not None:
        draft = wished.output.with_name(wished.output.name + ".part")
        draft.write_bytes(orjson.dumps(as_json(measured), option=orjson.OPT_INDENT_2))
        draft.replace(wished.output)


def report(measured: Measured, console: Console) -> None:
    """Print the figures."""
    first = measured.published[0]
    show(
        "publishing",
        ["facts", "first, s", "facts/s", "one change, ms", "p95", "× smallest", "on disk, MB", "Neo4j, MB"],
        [
            [
                f"{one.facts:,}", f"{one.seconds:,.1f}", f"{one.facts / one.seconds:,.0f}", f"{one.sync:.1f}",
                f"{one.sync_p95:.1f}", f"{one.sync / first.sync:.2f}", f"{one.size / 1e6:,.0f}",
                f"{one.memory / 1e6:,.0f}",
            ]
            for one in measured.published
        ],
        console,
    )  # fmt: skip
    show(
        "all facts, each time into a server that has just started",
        ["facts", "ours, s", "rdflib-neo4j", "× ours", "export + import, s", "import, s", "× ours"],
        [
            [
                f"{one.facts:,}", f"{one.seconds:,.1f}", told(one),
                _times(one, one.rdflib, stopped=one.stopped),
                *((f"{sum(one.csv):,.1f}", f"{one.csv[1]:,.1f}") if one.csv is not None else ("", "")),
                _times(one, sum(one.csv) if one.csv is not None else None),
            ]
            for one in measured.published
        ],
        console,
    )  # fmt: skip
    show(
        "questions over HTTP, ms",
        ["question", "clients", "server", "p50", "p95", "answers/s", "× ours on Neo4j"],
        [
            [
                one.question, str(one.clients), one.server, f"{one.p50:,.1f}", f"{one.p95:,.1f}",
                f"{one.rate:,.0f}", f"{one.p50 / ours.p50:.2f}" if ours is not one else "",
            ]
            for one in measured.latencies
            if (ours := _ours(measured, one)) is not None
        ],
        console,
    )  # fmt: skip
    for name, why in measured.left_out.items():
        console.print(f"{name}: {why}", highlight=False)


def _times(ours: Published, other: float | None, *, stopped: bool = False) -> str:
    return "" if other is None else f"{'over ' if stopped else ''}{other / ours.seconds:.2f}"


def _ours(measured: Measured, other: Latency) -> Latency | None:
    wanted = (NEO4J, other.question, other.clients)
    return next((x for x in measured.latencies if (x.server, x.question, x.clients) == wanted), None)


def broken(measured: Measured) -> list[str]:
    """Say which bounds do not hold: the trace, the growth of a sync, and publishing beside rdflib-neo4j."""
    found = []
    for ours in measured.latencies:
        if (ours.server, ours.question) != (NEO4J, "trace"):
            continue
        others = [
            one.p50
            for one in measured.latencies
            if one.question == "trace" and one.clients == ours.clients and one.server.startswith(BY_HAND)
        ]
        if not others or ours.p50 > min(others):
            best = f"{min(others):.1f} ms" if others else "none"
            found.append(f"trace, {ours.clients} clients: {ours.p50:.1f} ms, by hand {best}")
    compared = {one.question for one in measured.latencies if one.server.startswith(BY_HAND)}
    found += [
        f"{question}: {BY_HAND} never gave the same answer"
        for question in dict.fromkeys(one.question for one in measured.latencies)
        if question not in compared and question != "trace"
    ]
    first, last = measured.published[0], measured.published[-1]
    if last.sync > GROWS * first.sync:
        found.append(
            f"one changeset: {last.sync:.1f} ms at {last.facts:,}, {first.sync:.1f} at {first.facts:,}"
        )
    found += [
        f"publishing {one.facts:,}: {one.seconds:.1f} s, rdflib-neo4j {told(one)}"
        for one in measured.published
        if one.rdflib is not None and one.seconds > one.rdflib
    ]
    return found


def as_json(measured: Measured) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {**asdict(measured), "broken": broken(measured)}
