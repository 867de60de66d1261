"""The journal: commits a second, opening, growth with history, questions about the past (floor 5)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from qualitrace import demonstration
from qualitrace.bench import history
from qualitrace.bench.generated import Demonstration, read_demonstration, write_journal
from qualitrace.bench.growing import ALLOWED, flat, growing
from qualitrace.bench.measuring import in_child, quantile, show
from qualitrace.errors import UnavailableError
from qualitrace.journal import Changeset, Journal, Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri_of, is_iri, literal
from qualitrace.text import Text

COMMITS = 200
SOON = 1.0  # seconds from the start of the program to its first answer, once it was opened before
_FIRST = "import time; begun = time.time(); from qualitrace.bench.opening import first; first(begun)"
_AT = "2025-01-01T00:00:00.000000Z"
Row = dict[str, Any]


def run(size: int, changesets: int, console: Console, directory: Path | None = None) -> dict[str, Any]:
    """Measure everything and print the tables; returns the rows of each.

    ``size`` is how many facts the large registry holds, ``changesets`` how many the long one has. Raises
    ProfileError when the profile has no demonstration to generate from.
    """
    profile = load_profile(directory)
    demo = read_demonstration(profile)
    place = str(directory) if directory else None
    with tempfile.TemporaryDirectory() as folder, console.status("…"):
        commits = in_child(f"{__name__}:commit_rates", folder, COMMITS, place).answer
        opening = openings(Path(folder) / "large.db", size, demo, profile, place)
        node = profile.base + "n0"
        in_child(f"{history.__name__}:change", str(Path(folder) / "large.db"), place)
        past = history.asked(str(Path(folder) / "large.db"), place)
        growth = growing(Path(folder), changesets, profile, lambda at: _first_answer(at, place, node, ""))
    _show(commits, opening, growth, console)
    history.tabulate(past, console)
    return {"commits": commits, "opening": opening, "growth": growth, "past": past}


def met(measured: dict[str, Any]) -> bool:
    """Tell whether a registry opened before answers within a second, whatever the length of its history.

    And whether a question about the past costs at most twice one about the present, once warm.
    """
    again = [row["total"] for row in measured["opening"][1:]]
    return min(again) <= SOON and flat(measured["growth"]) and history.met(measured["past"])


def commit_rates(folder: str, count: int, directory: str | None) -> list[Row]:
    """Commits a second of one statement each: the journal alone, then a whole registry."""
    profile = load_profile(Path(directory) if directory else None)
    journal = Journal.create(Path(folder) / "alone.db", {"base": profile.base, "profile": profile.iri})
    alone = [_timed_append(journal, number) for number in range(count)]
    journal.close()
    registry = demonstration.build(profile, Path(folder) / "whole.db")
    registry.warm()
    whole = []
    for number in range(count):
        change = Change((), (_statement(profile.base, number),), ())
        begun = time.perf_counter()
        registry.commit(change, author="bench", message="one statement")
        whole.append(time.perf_counter() - begun)
    registry.close()
    return [_rate("journal alone", alone), _rate("registry (demonstration)", whole)]


def openings(
    location: Path, size: int, demo: Demonstration, profile: Profile, place: str | None
) -> list[Row]:
    """From the start of a process to its first answer: never opened before, then opened before."""
    write_journal(demo, size, location, profile)
    node, target = _question(demo, profile)
    rows = []
    for name in ("never opened before", "opened before", "opened before, again"):
        rows.append({"opening": name, **_first_answer(location, place, node, target)})
    return rows


def _first_answer(location: Path, place: str | None, node: str, target: str) -> Row:
    request = orjson.dumps([str(location), place, node, target])
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _FIRST], input=request, capture_output=True, check=False, env=_compiled()
    )
    if done.returncode:
        raise UnavailableError(
            Text(zh="测量没有完成。", en="The measurement did not finish."),
            where=(done.stderr.decode(errors="replace").strip().splitlines() or [""])[-1],
        )
    parts: Row = orjson.loads(done.stdout)
    return {**parts, "total": parts["at"] - begun}


def _compiled() -> dict[str, str]:
    """The environment of an installed program: its modules are compiled once, not at every start."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "qualitrace-bench-modules")}


def _question(demo: Demonstration, profile: Profile) -> tuple[str, str]:
    """A node and a class that it leads to, of the demonstration's own."""
    types = {e.fact.subject: iri_of(e.fact.object) for e in demo.stated if e.fact.predicate == RDF_TYPE}
    for entry in demo.stated:
        fact = entry.fact
        if fact.predicate in profile.trace.properties and is_iri(fact.object):
            target = types.get(iri_of(fact.object))
            if target and fact.subject.startswith(demo.base):
                return fact.subject, target
    return demo.stated[0].fact.subject, ""


def _statement(base: str, number: int) -> SourcedFact:
    fact = Fact(f"{base}n{number % 1000}", RDFS_LABEL, literal(f"示例{number}"))
    return SourcedFact(fact, Source("bench.csv", row=number))


def _changeset(base: str, number: int, parent: str) -> Changeset:
    entry = _statement(base, number)
    draft = Changeset(number + 1, parent, "bench", _AT, "one statement", (), (entry,), (), (entry.fact,), ())
    return replace(draft, id=draft.digest())


def _timed_append(journal: Journal, number: int) -> float:
    changeset = _changeset("https://bench.example/", number, journal.head()[1])
    begun = time.perf_counter()
    journal.append(changeset)
    return time.perf_counter() - begun


def _rate(name: str, seconds: list[float]) -> Row:
    return {
        "what": name,
        "per second": len(seconds) / sum(seconds),
        "median ms": quantile(seconds, 0.5) * 1000,
        "p95 ms": quantile(seconds, 0.95) * 1000,
    }


def _show(commits: list[Row], opening: list[Row], growth: list[Row], console: Console) -> None:
    show(
        "每秒提交 / commits a second (one statement each, on disk)",
        ("what", "per second", "median ms", "p95 ms"),
        [
            (r["what"], f"{r['per second']:.0f}", f"{r['median ms']:.2f}", f"{r['p95 ms']:.2f}")
            for r in commits
        ],
        console,
    )
    parts = ("import", "profile", "open", "node", "trace")
    show(
        "从启动到第一个答案,秒 / from start to first answer (a node with its sources), seconds",
        ("registry", "first answer", *parts),
        [(r["opening"], f"{r['total']:.2f}", *(f"{r[part]:.2f}" for part in parts)) for r in opening],
        console,
    )
    shortest = growth[0]["opened"]
    show(
        f"历史长短与打开 / opening the same contents after a longer history (at most {ALLOWED} ×)",
        ("changesets", "first time s", "later s", "× shorter", "MB"),
        [
            (
                f"{r['changesets']:,}",
                f"{r['replayed']:.2f}",
                f"{r['opened']:.3f}",
                f"{r['opened'] / shortest:.2f}",
                f"{r['bytes'] / 1e6:.1f}",
            )
            for r in growth
        ],
        console,
    )
