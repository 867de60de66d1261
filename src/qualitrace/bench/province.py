"""Many colleges in one Neo4j: loading, size, memory, and whether questions stay as quick (floor 5)."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from qualitrace.bench import colleges as making
from qualitrace.bench.measuring import in_child, quantile, show, timed
from qualitrace.bench.neo4j_home import Home, jars, size_of
from qualitrace.bench.province_questions import latencies
from qualitrace.exporting.importing import Imported
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.terms import RDFS_LABEL, Fact, literal

CHANGES = 10  # changesets published one by one into the largest database
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be measured: how many colleges of how many facts, and with which memory (Neo4j's sizes)."""

    colleges: int
    facts: int
    heap: str
    cache: str
    neo4j: str = ""
    work: str = ""

    def steps(self) -> list[int]:
        """With how many colleges questions are asked."""
        return sorted({number for number in (1, 10, 100, self.colleges) if number <= self.colleges})


def run(wanted: Wanted, console: Console, profile: Path | None = None) -> dict[str, Any]:
    """Measure, print tables, and return all figures. Raises UnavailableError where there is no Neo4j."""
    place = jars(wanted.neo4j)
    answer: dict[str, Any] = {"machine": _machine(), "neo4j": _version(place), "wanted": vars(wanted)}
    with _folder(wanted.work) as work:
        files = work / "files"
        location = str(work / "first.db")
        answer["first"] = _first(wanted, work, files, location, console, profile)
        alone = answer["first"].get("alone")
        with _shown(console, "colleges") as step:
            seconds, found = timed(lambda: making.multiply(files, wanted.colleges, step, alone))
        answer["files"] = {"bytes": size_of(files), "renaming": seconds}
        answer["rows"] = []
        for count in reversed(wanted.steps()):  # the largest first: who interrupts the rest has that
            last = count == wanted.colleges
            row = _Measuring(wanted, place, work, files, profile, console).of(found[:count], location, last)
            answer["rows"].insert(0, row)
            making.written(work / "province.json", answer)
    tabulate(answer, console)
    return answer


def _first(
    wanted: Wanted, work: Path, files: Path, location: str, console: Console, profile: Path | None
) -> dict[str, Any]:
    """Make the first college, or find the one that was made before in a folder that stays."""
    told = work / "first.json"
    if not told.exists():
        with _shown(console, "first college"):
            place = str(profile) if profile else None
            made = in_child(f"{making.__name__}:first_college", location, wanted.facts, str(files), place)
        making.written(told, made.answer | {"memory": made.peak})
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class _Measuring:
    wanted: Wanted
    jars: Path
    work: Path
    files: Path
    profile: Path | None
    console: Console

    def of(self, found: list[Imported], location: str, last: bool) -> dict[str, Any]:
        """Import some colleges into a database of their own and ask; with the last, publish beside it."""
        profile = load_profile(self.profile)
        folder = self.work / f"neo4j-{len(found)}"
        home = Home(self.jars, folder, self.wanted.heap, self.wanted.cache)
        row: dict[str, Any] = {"colleges": len(found)} | making.about(found)
        with _shown(self.console, f"import {len(found)}") as step:
            row["import"] = home.load(self.files, making.some(self.files, found))
            step(1, 1)
        row["store"] = home.size()
        with _shown(self.console, f"ask {len(found)}") as step, home.running() as server:
            engine = Neo4jEngine.of(server, profile, found[0].name)
            row["indexes"] = timed(engine.prepare)[0]
            row["asked"] = latencies(server, profile, found, step)
            row["memory"] = home.memory()
            making.written(self.work / f"asked-{len(found)}.json", row)
            if last:
                row["sync"] = _published(server, profile, location, found[0])
            row["memory"] = home.memory()
            row["with indexes"] = home.size()
        shutil.rmtree(folder, ignore_errors=True)
        return row


def _published(server: Server, profile: Profile, location: str, first: Imported) -> dict[str, float]:
    """Publish one college anew beside the others, and then small changesets of it one by one."""
    registry = Registry.open(location, profile)
    try:
        engine = Neo4jEngine.of(server, profile, f"{first.name}-published")
        seconds, done = timed(lambda: publish(registry, engine))
        small = []
        for change in _changes(registry):
            registry.commit(change, author="bench", message="one fact")
            small.append(timed(lambda: publish(registry, engine))[0])
        facts = done.after.stated + done.after.inferred
        return {
            "seconds": seconds,
            "facts": facts,
            "one p50": quantile(small, 0.5),
            "one p95": quantile(small, 0.95),
        }
    finally:
        registry.close()


def _changes(registry: Registry) -> list[Change]:
    """Small changes: one more name of a node."""
    named = registry.engine.facts(predicate=RDFS_LABEL)
    subject = next(fact.subject for fact in named if fact.subject.startswith(registry.base))
    facts = [Fact(subject, registry.profile.expand("qt:alias"), literal(f"{n}")) for n in range(CHANGES)]
    return [Change((), (SourcedFact(fact, Source("bench", row=row)),), ()) for row, fact in enumerate(facts)]


def tabulate(answer: dict[str, Any], console: Console) -> None:
    """Print what :func:`run` returned."""
    rows = answer["rows"]
    show(
        f"Neo4j {answer['neo4j']}, {answer['machine']['cpus']} CPU, heap {answer['wanted']['heap']},"
        f" page cache {answer['wanted']['cache']}",
        ("colleges", "facts", "nodes", "links", "import s", "importer MB", "indexes s", "MB", "server MB"),
        [
            (
                str(row["colleges"]),
                *(f"{row[name]:,}" for name in ("facts", "nodes", "links")),
                f"{row['import']['seconds']:.1f}",
                f"{row['import']['peak'] / 1e6:,.0f}",
                f"{row['indexes']:.1f}",
                f"{row['with indexes'] / 1e6:,.0f}",
                f"{row['memory'] / 1e6:,.0f}",
            )
            for row in rows
        ],
        console,
    )
    show(
        "p50 / p95, ms",
        ("question", *(f"{row['colleges']} colleges" for row in rows)),
        [(name, *(_both(row["asked"].get(name)) for row in rows)) for name in rows[-1]["asked"]],
        console,
    )
    _beside(answer, rows[-1], console)


def _beside(answer: dict[str, Any], row: dict[str, Any], console: Console) -> None:
    """Print what publishing one college takes beside importing it."""
    sync, loaded = row["sync"], row["import"]
    each = loaded["seconds"] / row["colleges"]
    ratio = (sync["seconds"] / sync["facts"]) / (loaded["seconds"] / row["facts"])
    console.print(
        f"one college: sync {sync['seconds']:.1f} s, {sync['facts'] / sync['seconds']:,.0f} facts/s; import"
        f" {each:.2f} s, {row['facts'] / loaded['seconds']:,.0f} facts/s; × {ratio:.1f} a fact."
        f" One changeset: {1000 * sync['one p50']:.0f} / {1000 * sync['one p95']:.0f} ms",
        highlight=False,
    )
    first = answer["first"]
    console.print(
        f"at home: journal {first['journal']:.1f} s, opening {first['opening']:.1f} s,"
        f" export {first['export']:.1f} s",
        highlight=False,
    )


def _both(told: dict[str, float] | None) -> str:
    return f"{told['p50']:,.1f} / {told['p95']:,.1f}" if told else ""


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpus": os.cpu_count(), "memory": memory, "system": platform.platform(terse=True)}


def _version(place: Path) -> str:
    found: Sequence[Path] = sorted(place.glob("neo4j-server-*.jar"))
    return found[-1].stem.removeprefix("neo4j-server-")


@contextmanager
def _folder(named: str) -> Iterator[Path]:
    """A folder to work in: one named, which stays, or one that goes."""
    if named:
        Path(named).mkdir(parents=True, exist_ok=True)
        yield Path(named)
        return
    with tempfile.TemporaryDirectory(prefix="qualitrace-province-") as folder:
        yield Path(folder)


@contextmanager
def _shown(console: Console, label: str) -> Iterator[Step]:
    """A progress bar for a part of the measurement."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
