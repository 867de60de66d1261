"""Checkpoints: what a registry's projections held at a position, beside the journal (floor 3).

A checkpoint spares replaying the journal and inferring when a registry is opened again. It is a folder that
is written once and never changed, named by the position; it is used only when the journal still has the
same changeset at that position (its identifier covers all that came before) and when profile and program
are those that made it. Else it is passed over, and another one is made. Checkpoints can be deleted at any
time. Several processes may use one at a time: each goes on with a copy of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import qualitrace
from qualitrace.journal import Journal
from qualitrace.journal.lookup import count_between
from qualitrace.profile.cached import cache_folder
from qualitrace.profile.model import Profile
from qualitrace.store import OxigraphEngine
from qualitrace.store import saved as stores

# A checkpoint is made when opening had to replay so many changesets, or so many statements.
MANY_CHANGESETS = 200
MANY_FACTS = 50_000
_KEPT = 2  # checkpoints kept, newest first: another process may be copying the one before
_MANIFEST = "checkpoint.json"
_INDEX = "index.bin"


@dataclass(frozen=True, slots=True)
class Restored:
    """What an engine was restored from."""

    position: int
    head: str
    quads: int
    folder: Path

    def index(self) -> bytes:
        """Read the trace index of that position. Raises OSError when it is not there."""
        return (self.folder / _INDEX).read_bytes()


class Checkpoints:
    """The checkpoints of one registry. Failing to write one is no error: the next opening takes longer."""

    def __init__(self, journal: Journal, profile: Profile) -> None:
        self._journal = journal
        self._folder = place(journal)
        self._made_by = fingerprint(profile)
        self._discard: Callable[[], object] = lambda: None
        self.used: Restored | None = None  # what this registry was opened from

    def restore(self, engine: OxigraphEngine) -> Restored | None:
        """Let an engine go on from the newest checkpoint that fits; None when there is none."""
        found = self._restored(engine)
        if found is None:
            return None
        self.used, self._discard = found
        return self.used

    def copied(self) -> OxigraphEngine | None:
        """Return another engine that holds the newest checkpoint that fits; None when there is none.

        Large ones are links to files, in a folder that goes when the engine does.
        """
        engine = OxigraphEngine()
        return None if self._restored(engine) is None else engine

    def _restored(self, engine: OxigraphEngine) -> tuple[Restored, Callable[[], object]] | None:
        """Restore the newest checkpoint that fits; also returns what removes the engine's own copy of it."""
        for folder in self._newest_first():
            try:
                made = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
                position, head = int(made["position"]), str(made["head"])
                if made["by"] != self._made_by or not head or self._journal.id_at(position) != head:
                    continue
                _sweep(folder.parent)
                work = folder.with_name(f"work-{os.getpid()}-{os.urandom(4).hex()}")
                quads = int(made["quads"])
                discard = weakref.finalize(engine, shutil.rmtree, work, ignore_errors=True)
                stores.restore(engine, folder / "store", work, quads, made["forms"], made.get("counts"))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # half-deleted, damaged or of another time: it is worth nothing, and costs nothing
            engine.mark(position)
            return Restored(position, head, quads, folder), discard
        return None

    def keep(self, engine: OxigraphEngine, head: str, replayed: int, index: Callable[[], bytes]) -> bool:
        """Write a checkpoint, with the trace index, if opening was long without one; tells whether it did."""
        if self._folder is None or not head or not replayed:
            return False
        since = self.used.position if self.used else 0
        if replayed < MANY_CHANGESETS and count_between(self._journal, since, engine.position) < MANY_FACTS:
            return False
        return self.write(engine, head, index)

    def write(self, engine: OxigraphEngine, head: str, index: Callable[[], bytes]) -> bool:
        """Write a checkpoint of facts as the changeset ``head`` left them; tells whether it could."""
        if self._folder is None or not head:
            return False
        with contextlib.suppress(OSError):
            self._write(engine, head, self._folder, index())
            return True
        return False

    def close(self) -> None:
        """Remove this process's own copy."""
        self._discard()

    def _write(self, engine: OxigraphEngine, head: str, folder: Path, index: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        target = folder / f"{engine.position:012}-{self._made_by[:12]}"
        draft = folder / f"work-{os.getpid()}-{os.urandom(4).hex()}"
        draft.mkdir()
        try:
            forms = stores.save(engine, draft / "store")
            made: dict[str, Any] = {
                "position": engine.position,
                "head": head,
                "by": self._made_by,
                "quads": engine.size,
                "counts": stores.counts(engine),
                "forms": forms,
            }
            (draft / _INDEX).write_bytes(index)
            (draft / _MANIFEST).write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)  # one that did not fit
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for old in list(self._newest_first())[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def _newest_first(self) -> Iterator[Path]:
        if self._folder is None or not self._folder.is_dir():
            return iter(())
        found = (path for path in self._folder.iterdir() if path.name[:12].isdecimal())
        return iter(sorted(found, key=lambda path: path.name, reverse=True))


def place(journal: Journal) -> Path | None:
    """Return where checkpoints of a journal lie: beside a file, else in the user's cache folder."""
    url = journal.database.url
    if url.get_backend_name() == "sqlite":
        return Path(f"{url.database}.checkpoints") if url.database and url.database != ":memory:" else None
    folder = cache_folder()
    name = hashlib.sha256(journal.where.encode()).hexdigest()[:16]
    return None if folder is None else folder / "checkpoints" / name


def fingerprint(profile: Profile, *more: str) -> str:
    """Return what the contents of a checkpoint depend on besides the journal, as a hash.

    ``more`` are further packages of the program that they depend on.
    """
    digest = hashlib.sha256()
    for version in (qualitrace.__version__, ox.__version__, profile.iri):
        digest.update(version.encode() + b"\n")
    package = Path(qualitrace.__file__).parent
    for root, names in (
        (package, ("reasoning", "store", "tracing", *more)),
        (profile.directory, ("ontology", "reasoning", "shapes")),
    ):
        for name in names:
            for path in sorted((root / name).rglob("*")):
                if path.suffix in {".py", ".ttl", ".rq"}:
                    digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def _sweep(folder: Path) -> None:
    """Remove copies of processes that are gone."""
    for path in folder.glob("work-*"):
        pid = path.name.split("-")[1]
        if pid.isdecimal() and not _alive(int(pid)):
            shutil.rmtree(path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
