"""A registry as files for ``neo4j-admin database import full`` of Neo4j 5.26 (floor 4).

The graph is the one that publishing writes, mark and all, so that ``sync neo4j`` goes on from it: nodes,
links and what is seen of them come from the same code (:mod:`qualitrace.registry.filling`). Several
registries go into one directory and are imported together.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from qualitrace.errors import RegistryError
from qualitrace.exporting.import_tables import Table, UncarriedError, joined
from qualitrace.exporting.importing import Imported, check_directory, describe, draft
from qualitrace.registry import Registry
from qualitrace.registry.filling import Filler, Part
from qualitrace.registry.publishing import BATCH, fingerprint, registry_name
from qualitrace.registry.publishing_veils import veiled_whole
from qualitrace.store.neo4j import Account, Mark, Neo4jEngine, Server
from qualitrace.store.neo4j.naming import REGISTRY, RESOURCE
from qualitrace.store.neo4j.seeing import FACE
from qualitrace.store.neo4j.veils import Faces
from qualitrace.store.neo4j.writing import Counted
from qualitrace.text import Text

Progress = Callable[[int, int], None]

_NOWHERE = Account("bolt://127.0.0.1:7687")  # an engine asks for a server; nobody connects to it


def neo4j_admin(
    registry: Registry, directory: Path, *, name: str = "", progress: Progress | None = None
) -> Imported:
    """Write a registry into a directory, beside others that were written there; returns what it holds.

    ``name`` is what the registry is called in Neo4j, as :func:`registry_name` takes it. Nodes are read some
    at a time: of the registry, a name for each node and a few bytes for each link are held.

    Raises RegistryError for a directory of something else, a registry of that name that is there already,
    or a value that these files cannot carry; OSError when something cannot be written.
    """
    called = registry_name(registry, name)
    check_directory(directory, called)
    directory.mkdir(parents=True, exist_ok=True)
    part = draft(directory, called)
    shutil.rmtree(part, ignore_errors=True)  # of somebody who was interrupted
    part.mkdir()
    try:
        with Server(_NOWHERE) as server:
            engine = Neo4jEngine.of(server, registry.profile, called)
            done = _Writing(registry, engine, part, progress or (lambda done, total: None)).write()
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    done.save(part)
    part.rename(directory / called)
    describe(directory)
    return done


@dataclass
class _Writing:
    """Writes one registry into a folder."""

    registry: Registry
    engine: Neo4jEngine
    folder: Path
    progress: Progress

    def write(self) -> Imported:
        """Write all of it."""
        position = self.registry.position
        stamp = fingerprint(self.registry.profile)
        seen = veiled_whole(self.registry, position)
        filler = Filler(self.registry, self.engine, position, stamp, seen, by_name=True)
        group = f"({self.engine.registry})"
        with ExitStack() as opened:
            nodes, faces, links, marks = (
                opened.enter_context(Table(self.folder, name, lead))
                for name, lead in (
                    ("nodes", (f":ID{group}", ":LABEL")),
                    ("faces", (":LABEL",)),
                    ("links", (f":START_ID{group}", f":END_ID{group}", ":TYPE")),
                    ("marks", (":LABEL",)),
                )
            )
            counted = Counted()
            self._nodes(filler, nodes, faces, counted)
            self._links(filler, links, counted)
            mark = self._mark(position, stamp, counted)
            said = {"name": self.engine.registry, **asdict(mark), "veils": stamp}
            marks.row([REGISTRY], said)
        tables = [table for table in (nodes, faces, links, marks) if table.rows]
        return Imported(
            name=self.engine.registry,
            base=self.registry.base,
            position=position,
            changeset=mark.changeset,
            stated=mark.stated,
            inferred=mark.inferred,
            tables={table.name: table.rows for table in tables},
            multiline=[table.name for table in tables if table.multiline],
            longest=max((table.longest for table in tables), default=0),
        )

    def _nodes(self, filler: Filler, table: Table, faces: Table, counted: Counted) -> None:
        shown = Faces(self.engine.naming, self.engine.said_of)
        for part in filler.nodes(BATCH):
            for number, (labels, said) in zip(part.numbers, part.filling.nodes, strict=True):
                veil = part.veiled.get(said["iri"])
                marks = shown.marks(said["iri"], veil) if veil is not None else {}
                first = {key: said[key] for key in ("registry", "iri", "name")}
                kept = {key: value for key, value in marks.items() if value is not None}
                with _told(said["iri"]):
                    table.row([str(number), joined([RESOURCE, *labels])], {**first, **said, **kept})
            for node, veil in part.veiled.items():
                for row in shown.rows(node, veil):
                    own = {"registry": self.engine.registry, "iri": node, "_own": row["own"]}
                    with _told(node):
                        faces.row([FACE], {**own, **row["said"], "_labels": row["labels"]})
            part.filling.made = [str(number) for number in part.numbers]
            filler.sent(part)
            self._count(part, counted, filler.total)

    def _links(self, filler: Filler, table: Table, counted: Counted) -> None:
        for part in filler.links(BATCH):
            for start, end, kind, said in part.filling.links:
                table.row([start, end, kind], said)
            self._count(part, counted, filler.total)

    def _count(self, part: Part, counted: Counted, total: int) -> None:
        counted.stated += part.filling.counted.stated
        counted.inferred += part.filling.counted.inferred
        self.progress(counted.stated + counted.inferred, total)

    def _mark(self, position: int, stamp: str, counted: Counted) -> Mark:
        return replace(
            Mark(),
            position=position,
            changeset=self.registry.journal.id_at(position) if position else "",
            profile=stamp,
            at=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            stated=counted.stated,
            inferred=counted.inferred,
        )


@contextmanager
def _told(node: str) -> Iterator[None]:
    """Say of which node (IRI) a value cannot be carried."""
    try:
        yield
    except UncarriedError as error:
        raise RegistryError(
            Text(
                zh="有一个取值不能写进导入文件（只含一个空文本的列表，或含有 U+001F 的文本）。",
                en="A value cannot be written into files for import"
                " (a list of one empty text, or a text with U+001F in it).",
            ),
            where=f"{node}: {error}",
            hint=Text(
                zh="请改正这个取值，或用 qualitrace sync neo4j 发布。",
                en="Correct it, or publish the registry with qualitrace sync neo4j.",
            ),
        ) from error
