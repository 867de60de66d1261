"""What it costs that not everybody sees everything: beside the same registry without views (floor 5)."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.access import PUBLIC, Audience
from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.bench.measuring import in_child, quantile, show, timed
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.seen import Seen
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri_of, literal

REPEATS = 15
STEWARDS = 10
Row = dict[str, Any]


def run(sizes: Sequence[int], console: Console, directory: Path | None = None) -> list[Row]:
    """Measure each size in a process of its own and print the table; returns its rows.

    Raises ProfileError when the profile has no demonstration to generate from.
    """
    rows: list[Row] = []
    for size in sizes:
        place = str(directory) if directory else None
        with tempfile.TemporaryDirectory() as folder, console.status(f"{size:,}"):
            rows += in_child(f"{__name__}:look", folder, size, place).answer
    show(
        "各人所见 / what each sees (seconds; MB)",
        ("facts", "what", "whole", "seen", "seen / whole"),
        [
            (f"{row['facts']:,}", row["what"], *(f"{row[side]:.4g}" for side in ("whole", "seen", "ratio")))
            for row in rows
        ],
        console,
    )
    return rows


def look(folder: str, size: int, directory: str | None) -> list[Row]:
    """Ask, commit and count memory in a registry of about ``size`` facts, with and without views."""
    profile = load_profile(Path(directory) if directory else None)
    demo = read_demonstration(profile)
    location = Path(folder) / "r.db"
    write_journal(demo, size, location, profile)
    before_all = _megabytes()
    registry = Registry.open(location, profile)
    registry.warm()
    rows: list[Row] = []

    def add(what: str, whole: float, seen: float) -> None:
        facts = registry.engine.size
        rows.append({"facts": facts, "what": what, "whole": whole, "seen": seen, "ratio": seen / whole})

    changes = _Changes(registry)
    alone = [changes.take(lambda: None) for _ in range(REPEATS)]
    held = _megabytes() - before_all
    begun = _megabytes()
    making, public = timed(lambda: _asked(registry, PUBLIC))
    add("first question of the public, beside opening; memory in MB", held, _megabytes() - begun)
    add("first question of the public (s)", 1, making)
    everyday = [changes.take(lambda: public.engine) for _ in range(REPEATS)]
    add("commit of one fact, followed", quantile(alone, 0.5), quantile(everyday, 0.5))
    begun = _megabytes()
    audiences = _stewards(registry)
    took = [timed(partial(_asked, registry, one))[0] for one in audiences]
    add("first question of a steward (s)", 1, quantile(took, 0.5))
    add(f"{len(audiences)} stewards; memory in MB", held, _megabytes() - begun)
    stewards = [_asked(registry, one) for one in audiences]
    followed = [changes.take(lambda: [one.engine for one in stewards]) for _ in range(REPEATS)]
    add(
        f"commit of one fact, followed for {len(audiences)} stewards",
        quantile(alone, 0.5),
        quantile(followed, 0.5),
    )
    for what, ask in _questions(registry).items():
        whole, seen = (
            quantile([timed(partial(ask, state))[0] for _ in range(REPEATS)], 0.5)
            for state in (registry, public)
        )
        add(what, whole, seen)
    registry.close()
    return rows


def _asked(registry: Registry, audience: Audience) -> Seen:
    seen = registry.seen_by(audience)
    assert isinstance(seen, Seen)
    _ = seen.engine
    return seen


def _stewards(registry: Registry) -> list[Audience]:
    veil, found = registry.views.veil(), dict[str, None]()
    for node in sorted(veil.by_node):
        units = registry.views.units(node)
        found |= dict.fromkeys(units)
        if len(found) >= STEWARDS:
            break
    return [Audience(units=frozenset({unit})) for unit in list(found)[:STEWARDS]]


def _questions(registry: Registry) -> dict[str, Callable[[Any], Any]]:
    profile = registry.profile
    chained = next(model for model in profile.classes.values() if model.chains and not model.abstract)
    node = next(
        fact.subject
        for fact in registry.engine.facts(predicate=RDF_TYPE)
        if iri_of(fact.object) == chained.iri
    )
    listing = f"SELECT ?n ?l {{ ?n a <{chained.iri}> ; <{RDFS_LABEL}> ?l }}"
    return {
        "trace to everything": lambda state: state.trace(node),
        "coverage": lambda state: state.coverage(chained.iri),
        "list with labels (SPARQL)": lambda state: state.engine.select(listing),
        "a node by its code or name": lambda state: state.resolve(node),
    }


class _Changes:
    """Commits of one fact each, about any node and about a node of which something is hidden in turn."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        nodes = sorted(registry.views.veil().by_node)[:1]
        names = registry.engine.facts(predicate=RDFS_LABEL)
        other = next(fact.subject for fact in names if fact.subject.startswith(registry.base))
        self._nodes = [other, *nodes]
        self._number = 0

    def take(self, then: Callable[[], object]) -> float:
        """Commit, let views follow; returns seconds for both."""
        self._number += 1
        node = self._nodes[self._number % len(self._nodes)]
        fact = Fact(node, self._registry.profile.expand("qt:alias"), literal(f"alias {self._number}"))
        change = Change((), (SourcedFact(fact, Source("bench", row=self._number)),), ())

        def work() -> None:
            self._registry.commit(change, author="bench", message="one fact")
            then()

        return timed(work)[0]


def _megabytes() -> float:
    """Resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
