"""Publishing a registry to Neo4j: replaying the journal from Neo4j's own mark (floor 3).

A change is one transaction, mark and all. A large one (a first publication above all) goes in several, node
by node in order; the mark then says where it leads and how far it is, so that whoever is killed anywhere
goes on from there. Whatever is written twice is there once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from qualitrace.errors import RegistryError
from qualitrace.profile.model import Profile
from qualitrace.registry.filling import LINKS, NODES, Filler, Part
from qualitrace.registry.publishing_veils import veiled_change, veiled_whole
from qualitrace.registry.registry import Registry
from qualitrace.store.neo4j import Changes, Mark, Neo4jEngine
from qualitrace.store.neo4j.filling import held
from qualitrace.store.neo4j.indexing import Waiting
from qualitrace.store.neo4j.veils import Faces
from qualitrace.terms import Fact
from qualitrace.text import Text

Progress = Callable[[int, int], None]

FORMAT = 2  # how facts are held in Neo4j; another number means that all of it must be written anew
BATCH = 20_000  # facts of one transaction
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Published:
    """What one publication did: the mark before and after, and the facts that it added and removed.

    ``whole``: all of the registry was written; ``resumed``: it went on from one that had broken off.
    """

    before: Mark
    after: Mark
    added: int = 0
    removed: int = 0
    whole: bool = False
    resumed: bool = False


def publish(
    registry: Registry,
    engine: Neo4jEngine,
    *,
    rebuild: bool = False,
    batch: int = BATCH,
    progress: Progress | None = None,
    waiting: Waiting | None = None,
) -> Published:
    """Bring Neo4j to where the registry stands. ``rebuild``: write all of it anew.

    ``waiting`` is for constraints and indexes.

    Raises RegistryError when Neo4j follows another journal or was written with another profile,
    ConflictError when somebody else publishes at the same time, UnavailableError when Neo4j is away.
    """
    before, waiting = engine.at, waiting or Waiting()
    if not rebuild:
        check_mark(registry, before)
        if before.position > 0:
            # It was imported, perhaps: that makes neither constraints nor indexes.
            waiting.indexing(engine.server, engine.naming).make()
    done = Published(before, before, resumed=not rebuild and before.toward >= 0)
    at, anew = before, rebuild
    while anew or at.toward >= 0 or at.position < registry.position:
        whole = anew or at.position == 0
        sending = _Sending(registry, engine, batch, progress, waiting)
        at, added, removed = sending.anew(at, anew=anew) if whole else sending.change(at)
        anew = False
        done = replace(
            done,
            after=at,
            added=done.added + added,
            removed=done.removed + removed,
            whole=done.whole or whole,
        )
    return replace(done, after=at)


def check_mark(registry: Registry, mark: Mark) -> None:
    """Make sure that a mark is of this registry's journal and profile. Raises RegistryError."""
    if mark.profile and mark.profile != fingerprint(registry.profile):
        raise RegistryError(
            Text(
                zh="Neo4j 里的内容是按另一个（版本的）配置写的。",
                en="What is in Neo4j was written with another profile, or another version of it.",
            ),
            hint=_rebuild_hint(),
        )
    for position, changeset in ((mark.position, mark.changeset), (mark.toward, mark.toward_changeset)):
        if position > 0 and registry.journal.id_at(position) != changeset:
            raise RegistryError(
                Text(
                    zh=f"Neo4j 里的内容跟随的是另一本记录：这里没有它的第 {position} 号变更"
                    f"（{changeset[:12]}）。",
                    en=f"Neo4j follows another journal: its change {position} ({changeset[:12]}) is not"
                    " in this one.",
                ),
                hint=Text(
                    zh="请检查 --registry 和 --name；若登记库由较早的备份恢复，请加 --rebuild 重新发布。",
                    en="Check --registry and --name; if the registry was restored from an older backup,"
                    " publish it anew with --rebuild.",
                ),
            )


def registry_name(registry: Registry, name: str = "") -> str:
    """Return what a registry is called in Neo4j: the name given, else one made of its base.

    Raises RegistryError for what is no name.
    """
    if not name:
        words = re.sub(r"^\w+://", "", registry.base)
        name = re.sub(r"[^A-Za-z0-9.]+", "-", words).strip("-.") or "registry"
    if _NAME.fullmatch(name) is None:
        raise RegistryError(
            Text(zh=f"“{name}”不能作登记库在 Neo4j 里的名称。", en=f"“{name}” cannot name a registry."),
            where="--name",
            hint=Text(
                zh="请用字母、数字、点、横线或下划线，最多 100 个字符。",
                en="Use letters, digits, dots, dashes or underscores, 100 characters at most.",
            ),
        )
    return name


def fingerprint(profile: Profile) -> str:
    """Return what the facts in Neo4j depend on besides the journal, as a hash."""
    digest = hashlib.sha256(f"{FORMAT}\n{profile.iri}\n".encode())
    for name in ("ontology", "reasoning", "shapes"):
        for path in sorted((profile.directory / name).rglob("*")):
            if path.suffix in {".ttl", ".rq"}:
                digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()[:32]


def _rebuild_hint() -> Text:
    return Text(
        zh="请加 --rebuild 重新发布；期间不由 Neo4j 作答。",
        en="Publish it anew with --rebuild; meanwhile nothing is answered from Neo4j.",
    )


Parts = tuple[list[Fact], list[Fact], list[Fact], list[Fact]]


def _grouped(sides: Iterable[Iterable[Fact]]) -> dict[str, Parts]:
    """Gather changed facts by their subject, in order."""
    found: dict[str, Parts] = {}
    for side, facts in enumerate(sides):
        for fact in facts:
            found.setdefault(fact.subject, ([], [], [], []))[side].append(fact)
    return dict(sorted(found.items()))


class _Sending:
    """Sends what leads to a position, in as many transactions as it takes."""

    def __init__(
        self,
        registry: Registry,
        engine: Neo4jEngine,
        batch: int,
        progress: Progress | None,
        waiting: Waiting,
    ) -> None:
        self._waiting = waiting
        self._registry = registry
        self._engine = engine
        self._profile = fingerprint(registry.profile)
        self._batch = batch
        self._progress = progress or (lambda done, total: None)

    def anew(self, at: Mark, *, anew: bool) -> tuple[Mark, int, int]:
        """Write all there is, or go on with that (unless ``anew``); as :meth:`change`."""
        end = at.toward if at.toward >= 0 and not anew else self._registry.position
        indexing = self._waiting.indexing(self._engine.server, self._engine.naming)
        with (
            ThreadPoolExecutor(2) as pool,
            closing(indexing),
        ):  # what is at home is read while the server gets ready
            coming = pool.submit(self._filler, end)
            indexing.constraints()
            filler = coming.result()  # what cannot be published is refused before anything is taken away
            at = self._begun(at, end, anew=anew)
            indexed = pool.submit(indexing.indexes)  # while facts are written
            faces = Faces(self._engine.naming, self._engine.said_of)
            done = 0
            for stage, parts in ((NODES, filler.nodes), (LINKS, filler.links)):
                through = at.through if at.stage == stage else filler.all if at.stage > stage else ""
                made = (part.shown(faces, self._engine.registry) for part in parts(self._batch, through))
                for part in _ahead(made):
                    if part.last:
                        indexed.result()
                    marked = self._marked(end, part.through, last=part.last, stage=stage)
                    at = self._engine.put(part.filling, marked, expecting=at, seen=part.seen)
                    filler.sent(part)
                    done += len(part.filling)
                    self._progress(at.stated + at.inferred, filler.total)
        return at, done, 0

    def _begun(self, at: Mark, end: int, *, anew: bool) -> Mark:
        """Say that all there is comes, and take away what was there; returns the mark."""
        if anew or at.toward < 0:
            if at == Mark() and not held(self._engine.server, self._engine.registry):
                return at
            beginning = self._marked(end, last=False)
            read = at.position > 0
            at = self._engine.put(Changes(), lambda _: beginning(Mark()), expecting=at)
            time.sleep(self._engine.grace if read else 0)
        if at.stage == 0:
            self._engine.empty()
        return at

    def _filler(self, end: int) -> Filler:
        seen = veiled_whole(self._registry, end)
        return Filler(self._registry, self._engine, end, self._profile, seen)

    def change(self, at: Mark) -> tuple[Mark, int, int]:
        """Write what is not written yet; returns the mark, and how many facts came and went."""
        end = at.toward if at.toward >= 0 else self._registry.position
        delta, seen = veiled_change(self._registry, at.position, end)
        sides = (delta.stated_added, delta.stated_removed, delta.inferred_added, delta.inferred_removed)
        Changes(*sides).check()  # before the first of several transactions
        changes = _grouped(sides)
        total = sum(_size(parts) for parts in changes.values())
        left = [node for node in changes if at.toward < 0 or node > at.through]
        done = total - sum(_size(changes[node]) for node in left)
        added = removed = 0
        batches = list(self._batches(left, changes))
        if at.toward < 0 and len(batches) > 1:
            at = self._engine.put(Changes(), self._marked(end, last=False), expecting=at)
            time.sleep(self._engine.grace)
        for number, group in enumerate(batches, start=1):
            parts = Changes(*([fact for node in group for fact in changes[node][side]] for side in range(4)))
            last = number == len(batches)
            marked = self._marked(end, group[-1] if group else "", last=last)
            veils = seen.part(self._profile, group, changes if last else None)
            at = self._engine.put(parts, marked, expecting=at, seen=veils)
            added += len(parts.stated_added) + len(parts.inferred_added)
            removed += len(parts.stated_removed) + len(parts.inferred_removed)
            done += len(parts)
            self._progress(done, total)
        return at, added, removed

    def _marked(self, end: int, through: str = "", *, last: bool, stage: int = 0) -> Callable[[Mark], Mark]:
        """Return what becomes of the mark with a transaction on the way to a position."""
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said: dict[str, Any] = {"profile": self._profile, "at": at, "through": "" if last else through}
        changeset = self._registry.journal.id_at(end)
        if last:
            said |= {"position": end, "changeset": changeset, "toward": -1, "toward_changeset": ""}
        else:
            said |= {"toward": end, "toward_changeset": changeset}
        said["stage"] = 0 if last else stage
        return lambda mark: replace(mark, **said)

    def _batches(self, nodes: Iterable[str], changes: dict[str, Parts]) -> Iterator[list[str]]:
        """Cut nodes into groups; one group at least, since the mark moves even when no fact does."""
        group, size = list[str](), 0
        for node in nodes:
            group.append(node)
            size += _size(changes[node])
            if size >= self._batch:
                yield group
                group, size = [], 0
        yield group


def _ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """Make each part while the one before is sent."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = pool.submit(next, parts, None)
            yield part


def _size(parts: Parts) -> int:
    return sum(map(len, parts))
