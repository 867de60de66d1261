"""What a question about the past costs: cold, warm, and beside the present (floor 5)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.bench.measuring import in_child, quantile, show, timed
from qualitrace.graphql import build_schema, execute
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri_of, literal

CHANGES = 40  # small commits after the large ones: the past that is asked about
REPEATS = 7
Row = dict[str, Any]


def run(sizes: Sequence[int], console: Console, directory: Path | None = None) -> list[Row]:
    """Measure each size in a process of its own and print the table; returns its rows.

    Raises ProfileError when the profile has no demonstration to generate from.
    """
    rows: list[Row] = []
    for size in sizes:
        place = str(directory) if directory else None
        with tempfile.TemporaryDirectory() as folder, console.status(f"{size:,}"):
            rows += in_child(f"{__name__}:recall", folder, size, place).answer
    show(
        "登记时间 / recorded time (seconds)",
        ("facts", "question", "present", "past, first time", "past, warm", "warm / present"),
        [
            (
                f"{row['facts']:,}",
                row["question"],
                f"{row['present']:.4f}",
                f"{row['cold']:.3f}",
                f"{row['warm']:.4f}",
                f"{row['warm'] / row['present']:.2f}",
            )
            for row in rows
        ],
        console,
    )
    return rows


def recall(folder: str, size: int, directory: str | None) -> list[Row]:
    """Ask a registry of about ``size`` facts about now and about half-way through its small commits."""
    profile = load_profile(Path(directory) if directory else None)
    demo = read_demonstration(profile)
    location = Path(folder) / "r.db"
    write_journal(demo, size, location, profile)
    registry = Registry.open(location, profile)
    _commit_a_few(registry)
    moment = registry.position - CHANGES // 2
    chained = next(model for model in profile.classes.values() if model.chains and not model.abstract)
    node = next(
        fact.subject
        for fact in registry.engine.facts(predicate=RDF_TYPE)
        if iri_of(fact.object) == chained.iri
    )
    ends = sorted(profile.trace.properties)
    target = next(m.iri for m in profile.classes.values() if not m.abstract and not m.chains and ends)
    schema = build_schema(registry)
    listing = "query($at: Moment) { findings(knownAt: $at, first: 20) { totalCount } }"
    questions: dict[str, Callable[[Any], Any]] = {
        "trace": lambda state: state.trace(node, target),
        "coverage": lambda state: state.coverage(chained.iri),
        "findings (GraphQL)": lambda state: execute(
            schema, listing, {"at": None if state is registry else str(moment)}
        ),
    }
    rows = []
    making, past = timed(lambda: registry.at(moment))
    for name, ask in questions.items():
        ask(registry)
        first, _ = timed(partial(ask, past))
        present, warm = (
            quantile([timed(partial(ask, state))[0] for _ in range(REPEATS)], 0.5)
            for state in (registry, registry.at(moment))
        )
        rows.append(
            {
                "facts": len(registry.engine.store),
                "question": name,
                "present": present,
                "cold": making + first,
                "warm": warm,
            }
        )
    registry.close()
    return rows


def _commit_a_few(registry: Registry) -> None:
    """Small commits, so that the past differs from the present."""
    names = [fact for fact in registry.engine.facts(predicate=RDFS_LABEL) if fact.object.startswith('"')]
    subject = next(fact.subject for fact in names if fact.subject.startswith(registry.base))
    for number in range(CHANGES):
        fact = Fact(subject, registry.profile.expand("qt:alias"), literal(f"alias {number}"))
        change = Change((), (SourcedFact(fact, Source("bench", row=number)),), ())
        registry.commit(change, author="bench", message=str(number))
