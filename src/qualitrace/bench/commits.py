"""What a small commit costs on registries of different sizes, phase by phase (floor 5).

The commits are of four kinds, in turn: a value goes and comes back, a link goes and comes back, a label
changes, something with a beginning gets its end. They pass through :meth:`Registry.commit` with a journal
on disk: applied, inferred, validated, journalled.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.bench.measuring import in_child, quantile, show, timed
from qualitrace.errors import ConflictError, NotConformingError
from qualitrace.journal import SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, XSD, Fact, is_iri, lit_of, literal

COMMITS = 48
PHASES = ("prepare", "apply", "infer", "validate", "journal", "project")
_SEED = 20250101
_LATER = literal("2099-12-31", datatype=XSD + "date")
Report = Callable[[str], None]


def run(
    sizes: list[int], console: Console, directory: Path | None = None, commits: int = COMMITS
) -> list[dict[str, Any]]:
    """Measure each size in a process of its own and print the table; returns its rows.

    Raises ProfileError when the profile has no demonstration to generate from.
    """
    profile = load_profile(directory)
    demo = read_demonstration(profile)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            location = Path(folder) / f"{size}.db"
            with console.status(f"{size:,}"):
                write_journal(demo, size, location, profile)
                place = str(directory) if directory else None
                rows.append(in_child(f"{__name__}:measure", str(location), commits, place).answer)
            location.unlink()
    first = rows[0]["median"]
    show(
        f"提交一项事实,毫秒 / one-fact commits, milliseconds (median of {commits})",
        ("facts", "median", "p95", "× smallest", *PHASES, "open s", "first commit"),
        [
            (
                f"{row['facts']:,}",
                f"{row['median']:.1f}",
                f"{row['p95']:.1f}",
                f"{row['median'] / first:.2f}",
                *(f"{row['phases'].get(name, 0):.2f}" for name in PHASES),
                f"{row['open']:.1f}",
                f"{row['first']:.0f}",
            )
            for row in rows
        ],
        console,
    )
    return rows


def measure(location: str, commits: int, directory: str | None = None) -> dict[str, Any]:
    """Open a registry and make small commits; milliseconds, but for ``open`` (seconds)."""
    profile = load_profile(Path(directory) if directory else None)
    opening, registry = timed(lambda: Registry.open(location, profile))
    assert isinstance(registry, Registry)
    changes = small_changes(registry)
    took: list[float] = []
    phases: dict[str, list[float]] = {}
    first = 0.0
    for change in changes:
        if len(took) == commits:
            break
        begun = time.perf_counter()
        try:
            done = registry.commit(change, author="bench", message="one fact")
        except (NotConformingError, ConflictError):
            continue  # a rule forbids it; then what should have gone cannot come back either
        seconds = time.perf_counter() - begun
        if not first:
            first = seconds * 1000
            registry.warm()
            continue
        took.append(seconds * 1000)
        for name, part in done.took.items():
            phases.setdefault(name, []).append(part * 1000)
    facts = registry.engine.count(STATED) + registry.engine.count(INFERRED)
    registry.close()
    return {
        "facts": facts,
        "open": opening,
        "first": first,
        "median": quantile(took, 0.5),
        "p95": quantile(took, 0.95),
        "phases": {name: quantile(parts, 0.5) for name, parts in phases.items()},
    }


def small_changes(registry: Registry, seed: int = _SEED) -> Iterator[Change]:
    """Changes of one fact (of a label: one out, one in), of the four kinds in turn, over and over."""
    chance = random.Random(seed)
    documents = [document.name for document in registry.journal.documents()]
    chance.shuffle(documents)
    kinds = [
        _there_and_back(_statements(registry, documents, _is_value)),
        _there_and_back(_statements(registry, documents, _is_link(registry.profile))),
        _renamed(_statements(registry, documents, lambda fact: fact.predicate == RDFS_LABEL)),
        _ended(registry, _statements(registry, documents, _begins(registry.profile))),
    ]
    return _in_turn(kinds)


def _in_turn(kinds: Iterable[Iterator[Change]]) -> Iterator[Change]:
    """One of each, again and again; a kind of which there are no more is passed over."""
    left = deque(kinds)
    while left:
        kind = left.popleft()
        change = next(kind, None)
        if change is not None:
            left.append(kind)
            yield change


def _is_value(fact: Fact) -> bool:
    return not is_iri(fact.object) and lit_of(fact.object).datatype == XSD + "decimal"


def _is_link(profile: Profile) -> Callable[[Fact], bool]:
    return lambda fact: fact.predicate in profile.trace.properties


def _begins(profile: Profile) -> Callable[[Fact], bool]:
    return lambda fact: fact.predicate in profile.trace.valid_from


def _statements(
    registry: Registry, documents: list[str], wanted: Callable[[Fact], bool]
) -> Iterator[SourcedFact]:
    """Statements of one kind, a few of each document."""
    chance = random.Random(_SEED)
    for name in documents:
        found = [entry for entry in registry.journal.statements(name) if wanted(entry.fact)]
        yield from chance.sample(found, min(len(found), 8))


def _there_and_back(entries: Iterator[SourcedFact]) -> Iterator[Change]:
    for entry in entries:
        yield Change((), (), (entry,))
        yield Change((), (entry,), ())


def _renamed(entries: Iterator[SourcedFact]) -> Iterator[Change]:
    for entry in entries:
        old = lit_of(entry.fact.object)
        text = literal(old.value + " 改", language=old.language)
        other = replace(entry, fact=entry.fact._replace(object=text))
        yield Change((), (other,), (entry,))
        yield Change((), (entry,), (other,))


def _ended(registry: Registry, entries: Iterator[SourcedFact]) -> Iterator[Change]:
    """Something that begins gets an end, by the property that such a thing has for it."""
    ends = registry.profile.trace.valid_to
    kinds: dict[str, str] = {}
    for entry in entries:
        subject = entry.fact.subject
        said = [fact for fact in registry.engine.facts(STATED, subject=subject) if fact.predicate in ends]
        kind = _kind(registry, subject)
        if said:
            kinds.setdefault(kind, said[0].predicate)
        elif kind in kinds:
            end = replace(entry, fact=Fact(subject, kinds[kind], _LATER))
            yield Change((), (end,), ())
            yield Change((), (), (end,))


def _kind(registry: Registry, subject: str) -> str:
    return min((f.object for f in registry.engine.facts(subject=subject, predicate=RDF_TYPE)), default="")
