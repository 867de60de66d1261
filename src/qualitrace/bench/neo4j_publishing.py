"""Publishing to Neo4j, and the same facts by other ways: each in a server that has just started (floor 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qualitrace.bench import neo4j_rivals
from qualitrace.bench.commits import small_changes
from qualitrace.bench.measuring import TookTooLongError, in_child, quantile, timed
from qualitrace.bench.neo4j_home import Home, temporary
from qualitrace.errors import ConflictError, NotConformingError, QualitraceError
from qualitrace.exporting.importing import ARGUMENTS
from qualitrace.exporting.neo4j_admin import neo4j_admin
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j import Neo4jEngine

NAME = "bench"
SYNCS = 24  # changesets of one fact at each size
PATIENCE, SHORTEST = 4.0, 300.0  # how long a rival may take: times ours, and seconds at least
_EVERY = 15.0  # seconds between two lines about what goes on

Say = Callable[[str], None]


@dataclass(slots=True)
class Published:
    """One size: facts, seconds of the first publication, and milliseconds of publishing one changeset.

    ``rdflib``: seconds of rdflib-neo4j, or at which it was ``stopped``; ``csv``: seconds of our export and of
    neo4j-admin's import. None: not measured.
    """

    facts: int
    seconds: float
    sync: float
    sync_p95: float
    size: int  # bytes of the database
    memory: int  # resident bytes of Neo4j
    rdflib: float | None = None
    stopped: bool = False
    csv: tuple[float, float] | None = None


class Steps:
    """Says how far something is, now and then."""

    def __init__(self, name: str, say: Say) -> None:
        self._name, self._say = name, say
        self._next = time.monotonic() + _EVERY

    def __call__(self, done: int, total: int) -> None:
        """Take what is done, of how much."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            self._say(f"  {self._name}: {done:,} of about {total:,}")


def published(registry: Registry, engine: Neo4jEngine, server: Home, say: Say) -> Published:
    """Publish a registry to an empty database, then changesets of one fact."""
    facts = registry.engine.count(STATED) + registry.engine.count(INFERRED)
    seconds, _ = timed(lambda: publish(registry, engine, progress=Steps("published", say)))
    say(f"{facts:,}: published in {seconds:.1f} s, {facts / seconds:,.0f} facts/s")
    took = [one * 1000 for one in _syncs(registry, engine)]
    median = quantile(took, 0.5)
    say(f"{facts:,}: one changeset {median:.1f} ms")
    return Published(facts, seconds, median, quantile(took, 0.95), server.size(), server.memory())


def _syncs(registry: Registry, engine: Neo4jEngine) -> list[float]:
    """Commit changesets of one fact, and publish each; returns the seconds of publishing."""
    took: list[float] = []
    for change in small_changes(registry):
        if len(took) == SYNCS + SYNCS // 2:
            break
        try:
            registry.commit(change, author="bench", message="one fact")
        except (NotConformingError, ConflictError):
            continue  # a rule forbids it
        took.append(timed(lambda: publish(registry, engine))[0])
    return took[SYNCS // 2 :]  # the first ones warm the server's plans


def by_rdflib(registry: Registry, ours: Published, jars: Path, folder: Path, limit: float, say: Say) -> str:
    """Bring the same facts into a server by rdflib-neo4j; returns why not, where that failed.

    It is stopped after ``limit`` seconds; 0: after some times what ours took.
    """
    if not neo4j_rivals.has_rdflib_neo4j():
        return "not installed (it is in the extra bench)"
    facts = folder / "facts.nt"
    neo4j_rivals.write_facts(registry, facts)
    longest = limit or max(SHORTEST, PATIENCE * ours.seconds)
    say(f"{ours.facts:,}: rdflib-neo4j, for {longest:,.0f} s at most")
    try:
        with temporary(jars) as server, server.running():
            given = (server.uri, server.password, str(facts))
            done = in_child(neo4j_rivals.LOADING, *given, timeout=longest)
        ours.rdflib = float(done.answer["seconds"])
    except TookTooLongError:
        ours.rdflib, ours.stopped = longest, True
    except QualitraceError as error:
        return str(error)
    finally:
        facts.unlink()
    say(f"{ours.facts:,}: rdflib-neo4j {told(ours)}")
    return ""


def by_import(registry: Registry, ours: Published, jars: Path, folder: Path, say: Say) -> str:
    """Export the same facts as files and import those; returns why not, where that failed."""
    files = folder / f"csv-{ours.facts}"
    try:
        with temporary(jars) as server:
            steps = Steps("exported", say)
            written, _ = timed(lambda: neo4j_admin(registry, files, name=NAME, progress=steps))
            imported = server.load(files, ARGUMENTS)["seconds"]
    except QualitraceError as error:
        return str(error)
    ours.csv = written, imported
    say(f"{ours.facts:,}: export neo4j-admin {written:.1f} s, neo4j-admin import {imported:.1f} s")
    return ""


def told(one: Published) -> str:
    """Return what rdflib-neo4j took, or that it was stopped, in words."""
    if one.rdflib is None:
        return ""
    if one.stopped:
        return f"stopped after {one.rdflib / 60:.1f} min, at most {one.facts / one.rdflib:,.0f} facts/s"
    return f"{one.rdflib:,.1f} s"
