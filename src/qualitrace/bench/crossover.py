"""From how large a change on checking everything is quicker than checking what it touched (floor 5)."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rich.console import Console

from qualitrace.bench.generated import read_demonstration, write_ntriples
from qualitrace.bench.measuring import in_child, show, timed
from qualitrace.profile import load_profile
from qualitrace.store import fact_of
from qualitrace.validation import compile_shapes, validate_store
from qualitrace.validation.data import Data
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.incremental import Change, extent, revalidated
from qualitrace.validation.run import Runner

CHANGES = (300, 1_000, 3_000, 10_000, 30_000)
_SEED = 20250101


def run(sizes: Sequence[int], console: Console, directory: Path | None = None) -> list[dict[str, Any]]:
    """Measure each size in a process of its own and print the table; returns its rows.

    Raises ProfileError when the profile has no demonstration to generate from.
    """
    demo = read_demonstration(load_profile(directory))
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            data = Path(folder) / f"{size}.nt"
            with console.status(f"{size:,}"):
                write_ntriples(demo, size, data)
                place = str(directory) if directory else None
                rows += in_child(f"{__name__}:measure", str(data), demo.base, place).answer
            data.unlink()
    show(
        "多大的变更值得全部校验 / when checking everything is quicker",
        ("facts", "changes", "share of checks", "everything s", "what it touched s", "ratio"),
        [
            (
                f"{row['facts']:,}",
                f"{row['changes']:,}",
                f"{row['changes'] / row['extent']:.1%}",
                f"{row['full']:.2f}",
                f"{row['part']:.2f}",
                f"{row['part'] / row['full']:.2f}",
            )
            for row in rows
        ],
        console,
    )
    return rows


def measure(data: str, base: str, directory: str | None = None) -> list[dict[str, Any]]:
    """Remove more and more facts about the registry's own nodes, and validate both ways."""
    profile = load_profile(Path(directory) if directory else None)
    compiled = compile_shapes(profile.shapes)
    store = ox.Store()
    store.bulk_load(path=data, format=ox.RdfFormat.N_TRIPLES)
    own = [quad for quad in store if str(quad.subject).startswith(f"<{base}")]
    facts = len(own)
    chance = random.Random(_SEED)
    rows = []
    before = validate_store(store, compiled)
    for changes in CHANGES:
        if changes > facts // 4:
            break
        removed = chance.sample(own, changes)
        for quad in removed:
            store.remove(quad)
        full, _ = timed(lambda: validate_store(store, compiled))

        def in_part(gone: list[ox.Quad] = removed) -> object:
            runner = Runner(compiled, Data(store))
            change = Change(runner, (), [fact_of(quad) for quad in gone])
            return revalidated(change, before, Enricher(runner, profile.steward))

        part, _ = timed(in_part)
        store.extend(removed)
        rows.append(
            {"facts": facts, "changes": changes, "extent": extent(before), "full": full, "part": part}
        )
        if part > 2 * full:
            break
    return rows
