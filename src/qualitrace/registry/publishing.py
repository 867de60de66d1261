"""Publishing a registry to Neo4j: replaying the journal from Neo4j's own mark (floor 3).

A change is one transaction, mark and all. A large one (a first publication above all) goes in several, node
by node in order; the mark then says where it leads and how far it is, so that whoever is killed anywhere
goes on from there. Whatever is written twice is there once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from qualitrace.errors import RegistryError
from qualitrace.profile.model import Profile
from qualitrace.registry.projection import Delta
from qualitrace.registry.registry import Registry
from qualitrace.registry.stepping import all_at, change_between
from qualitrace.registry.verifying import Compared, compare
from qualitrace.store import INFERRED, STATED
from qualitrace.store.neo4j import Changes, Mark, Neo4jEngine
from qualitrace.terms import Fact
from qualitrace.text import Text

Progress = Callable[[int, int], None]

FORMAT = 1  # how facts are held in Neo4j; another number means that all of it must be written anew
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
) -> Published:
    """Bring Neo4j to where the registry stands. ``rebuild``: write all of it anew.

    Raises RegistryError when Neo4j follows another journal or was written with another profile,
    ConflictError when somebody else publishes at the same time, UnavailableError when Neo4j is away.
    """
    before = engine.at
    if rebuild:
        engine.clear()
        at = Mark()
    else:
        at = before
        check_mark(registry, at)
    done = Published(before, at, resumed=at.toward >= 0)
    if at.position == 0 and at.toward < 0:
        engine.prepare()
        engine.clear()  # what a rebuilding left that was killed before its first transaction
    while at.toward >= 0 or at.position < registry.position:
        end = at.toward if at.toward >= 0 else registry.position
        whole = at.position == 0
        changes = _grouped(
            _from_nothing(registry, end) if whole else change_between(registry, at.position, end)
        )
        at, added, removed = _Sending(registry, engine, end, batch, progress).send(at, changes)
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


def difference(registry: Registry, engine: Neo4jEngine) -> tuple[Mark, tuple[Compared, ...]]:
    """Compare Neo4j, fact by fact, with what the journal says at Neo4j's mark. Raises RegistryError."""
    mark = engine.at
    check_mark(registry, mark)
    if mark.toward >= 0:
        raise RegistryError(
            Text(
                zh="上次发布没有做完，Neo4j 里只有一部分内容。",
                en="A publication broke off: only a part of it is in Neo4j.",
            ),
            hint=Text(zh="请先再运行一次 sync neo4j。", en="Run sync neo4j again first."),
        )
    whole = all_at(registry, mark.position)
    found = (
        compare("stated", lambda: engine.facts(STATED), lambda: whole.stated),
        compare("inferred", lambda: engine.facts(INFERRED), lambda: whole.inferred),
    )
    counted = tuple(
        replace(one, held=number) if one.held != number else one
        for one, number in zip(found, (mark.stated, mark.inferred), strict=True)
    )
    return mark, counted


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
        zh="请加 --rebuild 重新发布；期间在 Neo4j 里看不全。",
        en="Publish it anew with --rebuild; Neo4j shows only a part meanwhile.",
    )


def _from_nothing(registry: Registry, position: int) -> Delta:
    whole = all_at(registry, position)
    return Delta(whole.stated, (), whole.inferred, ())


Parts = tuple[list[Fact], list[Fact], list[Fact], list[Fact]]


def _grouped(delta: Delta) -> dict[str, Parts]:
    """Gather changed facts by their subject, in order."""
    found: dict[str, Parts] = {}
    sides = (delta.stated_added, delta.stated_removed, delta.inferred_added, delta.inferred_removed)
    for side, facts in enumerate(sides):
        for fact in facts:
            found.setdefault(fact.subject, ([], [], [], []))[side].append(fact)
    return dict(sorted(found.items()))


class _Sending:
    """Sends the change that leads to a position, in as many transactions as it takes."""

    def __init__(
        self, registry: Registry, engine: Neo4jEngine, end: int, batch: int, progress: Progress | None
    ) -> None:
        self._engine = engine
        self._end = end
        self._changeset = registry.journal.id_at(end)
        self._profile = fingerprint(registry.profile)
        self._batch = batch
        self._progress = progress or (lambda done, total: None)

    def send(self, at: Mark, changes: dict[str, Parts]) -> tuple[Mark, int, int]:
        """Write what is not written yet; returns the mark, and how many facts came and went."""
        total = sum(_size(parts) for parts in changes.values())
        left = [node for node in changes if at.toward < 0 or node > at.through]
        done = total - sum(_size(changes[node]) for node in left)
        added = removed = 0
        batches = list(self._batches(left, changes))
        for number, group in enumerate(batches, start=1):
            parts = Changes(*([fact for node in group for fact in changes[node][side]] for side in range(4)))
            first = at.position == 0 and at.toward < 0
            marked = self._marked(group[-1] if group else "", last=number == len(batches))
            at = self._engine.put(parts, marked, expecting=at, concepts=first)
            added += len(parts.stated_added) + len(parts.inferred_added)
            removed += len(parts.stated_removed) + len(parts.inferred_removed)
            done += len(parts)
            self._progress(done, total)
        return at, added, removed

    def _marked(self, through: str, *, last: bool) -> Callable[[Mark], Mark]:
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if last:
            return lambda mark: replace(
                mark,
                position=self._end,
                changeset=self._changeset,
                profile=self._profile,
                at=at,
                toward=-1,
                toward_changeset="",
                through="",
            )
        return lambda mark: replace(
            mark,
            profile=self._profile,
            at=at,
            toward=self._end,
            toward_changeset=self._changeset,
            through=through,
        )

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


def _size(parts: Parts) -> int:
    return sum(map(len, parts))
