"""An engine's contents in a folder, and back (floor 1).

The folder is written once and never changed; any number of processes may read it at a time. Whoever goes on
from it works on a copy of its own: RocksDB never changes its table files, so the copy is made of links to
them, and costs milliseconds however large the store is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from qualitrace.store.contents import Contents
from qualitrace.store.engine import INFERRED, PROFILE, STATED
from qualitrace.store.oxigraph import OxigraphEngine

SMALL = 50_000  # quads; so many are copied into memory faster than a store on disk is opened
_LINKED = {".sst", ".blob"}
Forms = list[tuple[str, list[str]]]


def save(engine: OxigraphEngine, folder: Path) -> Forms:
    """Write the store into a new folder; returns the notes that belong to it, for :func:`restore`."""
    store = ox.Store(str(folder))
    store.bulk_extend(engine.store)
    store.flush()
    del store
    forms = engine._contents._forms
    return [(str(quad), sorted(map(str, written))) for quad, written in forms.items()]


def counts(engine: OxigraphEngine) -> dict[str, int]:
    """Return how many quads each graph holds, for :func:`restore`."""
    for graph in (STATED, INFERRED, PROFILE):
        engine.count(graph)
    return dict(engine._contents._counts)


def restore(
    engine: OxigraphEngine,
    folder: Path,
    work: Path,
    quads: int,
    forms: Forms,
    counted: Mapping[str, int] | None = None,
) -> None:
    """Let an engine go on from a saved store. ``work`` is a new folder for its own copy, if it needs one.

    Raises OSError or ValueError when the saved store cannot be read; the engine is then as it was.
    """
    try:
        if quads <= SMALL:
            store = ox.Store()
            store.bulk_extend(ox.Store.read_only(str(folder)))
        else:
            copy(folder, work)
            store = ox.Store(str(work))
    except RuntimeError as error:  # what RocksDB says of damage
        raise OSError(str(error)) from error
    contents = Contents(store)
    for quad, written in _parsed(forms).items():
        contents._note(quad, written)
    contents.note_counts(counted or {})
    engine.store, engine._contents, engine.on_disk = store, contents, quads > SMALL
    engine.folder = work if quads > SMALL else None


def copy(folder: Path, target: Path) -> None:
    """Copy a store that nobody writes to: links to what never changes, copies of the rest."""
    target.mkdir()
    for path in folder.iterdir():
        if path.name == "LOCK":
            continue
        if path.suffix in _LINKED:
            try:
                os.link(path, target / path.name)
                continue
            except OSError:
                pass  # another file system: copy
        shutil.copy2(path, target / path.name)


def _parsed(forms: Forms) -> dict[ox.Quad, frozenset[ox.Literal]]:
    found: dict[ox.Quad, frozenset[ox.Literal]] = {}
    for text, written in forms:
        (quad,) = ox.parse(text.encode() + b" .\n", format=ox.RdfFormat.N_QUADS)
        found[quad] = frozenset(_literal(one) for one in written)
    return found


def _literal(text: str) -> Any:
    (triple,) = ox.parse(f"<a:a> <a:a> {text} .\n".encode(), format=ox.RdfFormat.N_TRIPLES)
    return triple.object


def into_memory(engine: OxigraphEngine) -> None:
    """Let an engine go on in memory where a saved store was opened on disk. Takes seconds for a million."""
    if engine.on_disk:
        made = engine.in_memory()
        engine.store, engine._contents = made.store, made._contents
        engine.on_disk, engine.folder = False, None
