"""The whole journal as lines of JSON, out of one database and into another (floor 0).

Each line is an object with one key, in canonical form (keys sorted, no spaces), UTF-8:

- ``journal``: format and settings; the first line;
- ``changeset``, followed by its ``document``, ``change`` and ``record`` rows, in order;
- ``event``;
- ``end``: how many there are, the head, and the SHA-256 of all bytes before this line; the last line.

Rows are as in the tables, numbers and seals included, so that an export of an import is the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal import tables
from qualitrace.journal.database import connect
from qualitrace.journal.failures import shown, translated
from qualitrace.journal.files import file_refused, replaced
from qualitrace.journal.journal import Journal
from qualitrace.journal.rows import read_groups
from qualitrace.journal.sealing import settings_seal, unpacked
from qualitrace.journal.verifying import faults_in
from qualitrace.text import Text

Progress = Callable[[int, int], None]
_BATCH = 2_000
_ROWS = ("changeset", "document", "change", "record", "event")


@dataclass(frozen=True, slots=True)
class Moved:
    """What an export or an import held."""

    changesets: int
    events: int
    head: str


def export_journal(journal: Journal, target: Path, *, progress: Progress | None = None) -> Moved:
    """Write the journal to a file, as it stands when this begins; ``.gz`` is compressed.

    The file appears whole or not at all. Raises RegistryError, also when the file is there already.
    """
    with replaced(target) as draft, _opened(draft, target, "wb") as out, journal.snapshot() as connection:
        digest = hashlib.sha256()
        moved = Moved(0, 0, "")
        for line, reached in _lines(connection, progress):
            digest.update(line)
            out.write(line)
            moved = reached
        end = {"changesets": moved.changesets, "events": moved.events, "head": moved.head}
        out.write(_line("end", {**end, "sha256": digest.hexdigest()}))
    return moved


def import_journal(source: Path, location: str | Path, *, progress: Progress | None = None) -> Moved:
    """Make a new journal from an export: all of it and proven, or nothing.

    Raises RegistryError when there is a journal already, when the file is not a whole export, or when
    its chain is broken.
    """
    engine = connect(location, create=True)
    try:
        with translated(engine), engine.connect().execution_options(writes=True) as connection:
            if sa.inspect(connection).has_table("meta"):
                raise _refused(
                    shown(engine.url), Text(zh="这里已有登记库。", en="There is a registry here already.")
                )
            moved = _read_into(connection, source, progress)
            found = next(faults_in(connection), None)
            if found is not None:
                raise _refused(
                    f"{source}: {found.place()}: {found.what.best('en')}",
                    Text(
                        zh="导出文件的记录链不完整,没有导入。",
                        en="The chain is broken; nothing was imported.",
                    ),
                )
            connection.commit()
    except BaseException:
        engine.dispose()
        if engine.dialect.name == "sqlite" and engine.url.database:
            for suffix in ("", "-wal", "-shm"):
                Path(engine.url.database + suffix).unlink(missing_ok=True)
        raise
    engine.dispose()
    return moved


def _lines(connection: sa.Connection, progress: Progress | None) -> Iterator[tuple[bytes, Moved]]:
    meta = connection.execute(sa.select(tables.meta)).all()
    settings = {row.key: row.value for row in meta if row.key not in {"format", "seal"}}
    yield _line("journal", {"format": tables.FORMAT, "settings": settings}), Moved(0, 0, "")
    total = connection.execute(sa.select(sa.func.count()).select_from(tables.changeset)).scalar_one()
    count, head = 0, ""
    for group in read_groups(connection):
        count, head = count + 1, str(group.head["id"])
        moved = Moved(count, 0, head)
        yield _line("changeset", group.head), moved
        for name in ("document", "change", "record"):
            for row in group.rows[name]:
                yield _line(name, {**row, "body": unpacked(row["body"])} if name == "record" else row), moved
        if progress:
            progress(count, total)
    table = tables.event
    rows = connection.execute(sa.select(table).order_by(table.c.position)).mappings()
    for number, event in enumerate(rows, start=1):
        yield _line("event", dict(event)), Moved(count, number, head)


def _line(name: str, value: Mapping[str, Any]) -> bytes:
    plain = {key: int(one) if isinstance(one, bool) else one for key, one in value.items()}
    text = json.dumps({name: plain}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def _read_into(connection: sa.Connection, source: Path, progress: Progress | None) -> Moved:
    writer = _Writer(connection)
    digest, end, count = hashlib.sha256(), None, 0
    with _opened(source, source, "rb") as stream:
        for line in stream:
            if end is not None:
                raise _damaged(source, "after the end")
            name, value = _parsed(line, source)
            if name == "end":
                end = value
                break
            digest.update(line)
            writer.write(name, value, source)
            count += name == "changeset"
            if progress and name == "changeset":
                progress(count, 0)
        trailing = stream.read(1)
    writer.flush()
    if end is None or trailing or end.get("sha256") != digest.hexdigest() or end.get("changesets") != count:
        raise _damaged(source, "end")
    return Moved(count, int(end.get("events") or 0), str(end.get("head") or ""))


class _Writer:
    """Writes rows in batches, of one table at a time: a changeset goes before what belongs to it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._rows: list[dict[str, Any]] = []
        self._table = ""

    def write(self, name: str, value: dict[str, Any], source: Path) -> None:
        if not self._table:
            self._begin(name, value, source)
            return
        if name not in _ROWS:
            raise _damaged(source, name)
        if name != self._table or len(self._rows) >= _BATCH:
            self.flush()
        self._table = name
        if "effective" in value:
            value["effective"] = bool(value["effective"])
        self._rows.append(value)

    def flush(self) -> None:
        if self._rows:
            self._connection.execute(sa.insert(tables.metadata.tables[self._table]), self._rows)
            self._rows = []

    def _begin(self, name: str, value: dict[str, Any], source: Path) -> None:
        settings = value.get("settings")
        if name != "journal" or not isinstance(settings, dict):
            raise _damaged(source, "line 1")
        if value.get("format") != tables.FORMAT:
            raise _refused(
                f"{source}: {value.get('format')}",
                Text(
                    zh=f"导出文件的格式不是 {tables.FORMAT}。",
                    en=f"The export does not have format {tables.FORMAT}.",
                ),
            )
        tables.metadata.create_all(self._connection)
        kept = {**settings, "format": tables.FORMAT, "seal": settings_seal(settings)}
        self._rows = [{"key": key, "value": one} for key, one in kept.items()]
        self._table = "meta"
        self.flush()
        self._connection.execute(sa.insert(tables.version).values(version_num=tables.FORMAT))


def _parsed(line: bytes, source: Path) -> tuple[str, dict[str, Any]]:
    try:
        ((name, value),) = json.loads(line).items()
    except (ValueError, AttributeError) as error:
        raise _damaged(source, line[:80].decode("utf-8", "replace")) from error
    if not isinstance(value, dict):
        raise _damaged(source, str(name))
    return name, value


@contextmanager
def _opened(path: Path, named: Path, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, compressed when its name says so."""
    try:
        with path.open(mode) as raw:
            if named.suffix != ".gz":
                yield raw
                return
            with gzip.GzipFile(filename="", fileobj=raw, mode=mode, mtime=0) as packed:
                yield packed  # type: ignore[misc]
    except (OSError, EOFError) as error:
        raise file_refused(named, error) from error


def _damaged(source: Path, what: str) -> RegistryError:
    return _refused(
        f"{source}: {what}",
        Text(zh="这不是完整的导出文件,没有导入。", en="This is not a whole export; nothing was imported."),
    )


def _refused(where: str, what: Text) -> RegistryError:
    return RegistryError(
        what,
        where=where,
        hint=Text(
            zh="请用另一份导出或备份,并换一个空的位置。",
            en="Use another export or backup, and an empty place.",
        ),
    )
