"""Proves that the journal is as it was written, to the last byte, or says where it is not (floor 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from qualitrace.journal import tables
from qualitrace.journal.failures import UNREADABLE, told
from qualitrace.journal.journal import Journal
from qualitrace.journal.model import Basis, Changeset, Decision, Document, Event, Record, Source, SourcedFact
from qualitrace.journal.rows import Group, orphans, read_groups
from qualitrace.journal.sealing import checksum, seal, settings_seal, unpacked
from qualitrace.journal.touched import touched_part
from qualitrace.terms import Fact
from qualitrace.text import Text

Row = Mapping[str, Any]
Progress = Callable[[int, int], None]
_CHILDREN = ("document", "change", "record")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the journal is not as it was written.

    ``table`` is ``file`` for the database file itself. ``position`` is that of the changeset or event
    (None: neither), ``row`` tells the row within its table as far as it is known.
    """

    table: str
    position: int | None
    row: str
    what: Text

    def place(self) -> str:
        """Return the place as one line: ``change › changeset 7 › id 1234``."""
        named = "" if self.position is None else f"{'event' if self.table == 'event' else 'changeset'} "
        at = "" if self.position is None else named + str(self.position)
        return " › ".join(bit for bit in (self.table, at, self.row) if bit)


def faults(journal: Journal, *, progress: Progress | None = None) -> Iterator[Fault]:
    """Check the whole journal: file, settings, every changeset and row, every event.

    Raises RegistryError when the database cannot be read at all.
    """
    with journal.snapshot() as connection:
        yield from faults_in(connection, progress)


def faults_in(connection: sa.Connection, progress: Progress | None = None) -> Iterator[Fault]:
    """Check the journal that a connection sees, as :func:`faults` does."""
    yield from _file_faults(connection)
    yield from _settings_faults(connection)
    yield from _legible("changeset", _Chain(connection, progress).faults())
    yield from _legible("event", _event_faults(connection))


def _legible(table: str, found: Iterator[Fault]) -> Iterator[Fault]:
    """A value of another kind than its column's: the layout of the tables itself was altered."""
    try:
        yield from found
    except (*UNREADABLE, ValueError, TypeError, KeyError) as error:
        yield Fault(table, None, str(error), _ILLEGIBLE)


def _file_faults(connection: sa.Connection) -> Iterator[Fault]:
    """What SQLite says about its own file. PostgreSQL has no such question."""
    if connection.dialect.name != "sqlite":
        return
    try:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    except UNREADABLE as error:
        found = [told(error)]
    for said in found:
        if said != "ok":
            yield Fault("file", None, said, Text(zh="数据库文件已损坏。", en="The database file is damaged."))


def _settings_faults(connection: sa.Connection) -> Iterator[Fault]:
    try:
        found = {row.key: row.value for row in connection.execute(sa.select(tables.meta))}
        versions = list(connection.execute(sa.select(tables.version.c.version_num)).scalars())
    except UNREADABLE as error:
        yield Fault("meta", None, told(error), _ILLEGIBLE)
        return
    if found.get("format") != tables.FORMAT or versions != [tables.FORMAT]:
        yield Fault("alembic_version", None, ", ".join(map(str, versions)), _SETTINGS)
    try:
        expected = settings_seal(found)
    except (TypeError, ValueError):
        expected = ""
    if found.get("seal") != expected:
        yield Fault("meta", None, "", _SETTINGS)


class _Chain:
    """Walks along the changesets, with what holds at each."""

    def __init__(self, connection: sa.Connection, progress: Progress | None) -> None:
        self._connection = connection
        self._progress = progress
        self._parent = ""
        self._seals: tuple[Any, ...] = ()  # what the seal before may be: as stored, as worked out
        self._places: dict[int, int] = {}  # fact (its hash) -> how many places state it
        self._sound = True
        self._active: dict[int, int] = {}  # row of a statement in force -> the statement (its hash)

    def faults(self) -> Iterator[Fault]:
        meta = tables.meta
        stored = self._connection.execute(sa.select(meta.c.value).where(meta.c.key == "seal")).scalar()
        self._seals = (stored or "",)
        total = self._connection.execute(
            sa.select(sa.func.count()).select_from(tables.changeset)
        ).scalar_one()
        expected = 1
        for group in read_groups(self._connection):
            yield from (Fault(table, group.position, row, _ILLEGIBLE) for table, row in group.unreadable)
            if group.position != expected:
                yield Fault("changeset", group.position, f"expected {expected}", _MISSING)
            expected = group.position + 1
            yield from self._changeset(group)
            if self._progress:
                self._progress(expected - 1, total)
        for table, row in orphans(self._connection):
            yield Fault(table, None, row, _ORPHAN)

    def _changeset(self, group: Group) -> Iterator[Fault]:
        head = group.head
        found = [*self._row_faults(group)]
        if head["parent"] != self._parent:
            found.append(Fault("changeset", group.position, "parent", _PARENT))
        self._parent = head["id"]
        try:
            made = content(head, group.rows)
            fits = made.digest() == head["id"]
        except (TypeError, ValueError):
            fits = False
        worked_out = [_sealed(before, group) for before in self._seals]
        sealed = head["seal"] in worked_out
        if not found and not group.unreadable:
            if not fits:
                found.append(Fault("changeset", group.position, "", _CONTENT))
            elif not sealed:
                found.append(Fault("changeset", group.position, "seal", _SEAL))
        effects = [*self._effects(group)]
        self._sound = self._sound and not found
        if self._sound:  # one altered row would come back at every row that builds on it
            found += effects
        self._seals = (head["seal"],) if sealed else (head["seal"], *worked_out)
        yield from found

    def _row_faults(self, group: Group) -> Iterator[Fault]:
        for table in _CHILDREN:
            for row in group.rows[table]:
                try:
                    fits = checksum(table, row) == row["checksum"]
                except ValueError:
                    fits = False
                if not fits:
                    name = f"name {row['name']}" if table == "document" else f"id {row['id']}"
                    part = touched_part(table, row)
                    yield Fault(table, group.position, f"{name} › {part}" if part else name, _ROW)

    def _effects(self, group: Group) -> Iterator[Fault]:
        """Whether each removal ends a statement in force, and each statement changed what it says it did."""
        before: dict[int, int] = {}
        rows = group.rows["change"]
        for row in rows:
            fact = hash((row["subject"], row["predicate"], row["object"]))
            before.setdefault(fact, self._places.get(fact, 0))
            if row["removes"] is None:
                self._active[row["id"]] = _statement(row)
                self._places[fact] = self._places.get(fact, 0) + 1
            elif self._active.pop(row["removes"], None) != _statement(row):
                yield Fault("change", group.position, f"id {row['id']} › removes", _ROW)
            else:
                self._places[fact] -= 1
                if not self._places[fact]:
                    del self._places[fact]
        for row in rows:
            fact = hash((row["subject"], row["predicate"], row["object"]))
            held, holds = bool(before[fact]), bool(self._places.get(fact))
            changed = (not held and holds) if row["removes"] is None else (held and not holds)
            if bool(row["effective"]) != changed:
                yield Fault("change", group.position, f"id {row['id']} › effective", _ROW)


def content(head: Row, rows: Mapping[str, Sequence[Row]]) -> Changeset:
    """Make the changeset that rows describe. Raises TypeError or ValueError when they describe none."""
    decisions = {kind.value for kind in Decision}
    statements = [
        (
            row["removes"] is None,
            SourcedFact(
                Fact(row["subject"], row["predicate"], row["object"]),
                Source(row["document"], row["part"], row["row"], row["cell"], Basis(row["basis"])),
            ),
        )
        for row in rows["change"]
    ]
    return Changeset(
        position=head["position"],
        parent=head["parent"],
        author=head["author"],
        at=head["at"],
        message=head["message"],
        documents=tuple(Document(row["name"], row["sha256"]) for row in rows["document"]),
        added=tuple(entry for added, entry in statements if added),
        removed=tuple(entry for added, entry in statements if not added),
        id=head["id"],
        records=tuple(
            Record(Decision(row["kind"]), unpacked(row["body"]))
            for row in rows["record"]
            if row["kind"] in decisions
        ),
    )


def _sealed(before: Any, group: Group) -> str | None:
    rows = [(table, row) for table in _CHILDREN for row in group.rows[table]]
    try:
        return seal(before, [("changeset", group.head), *rows])
    except (AttributeError, TypeError, ValueError):
        return None


def _statement(row: Row) -> int:
    names = ("subject", "predicate", "object", "document", "part", "row", "cell", "basis")
    return hash(tuple(row[name] for name in names))


def _event_faults(connection: sa.Connection) -> Iterator[Fault]:
    table, parent, expected = tables.event, "", 1
    heads = {""} | set(connection.execute(sa.select(tables.changeset.c.id)).scalars())
    try:
        for row in connection.execute(sa.select(table).order_by(table.c.position)):
            made = Event(**row._mapping)
            if row.position != expected:
                yield Fault("event", row.position, f"expected {expected}", _MISSING)
            if row.parent != parent:
                yield Fault("event", row.position, "parent", _PARENT)
            elif not _fits(made):
                yield Fault("event", row.position, "", _CONTENT)
            elif row.head not in heads:
                yield Fault("event", row.position, f"head {row.head}", _MISSING)
            parent, expected = row.id, row.position + 1
    except UNREADABLE as error:
        yield Fault("event", expected, told(error), _ILLEGIBLE)


def _fits(event: Event) -> bool:
    try:
        return replace(event, id="").digest() == event.id
    except TypeError:
        return False


_ILLEGIBLE = Text(zh="这一行无法读取。", en="This cannot be read.")
_SETTINGS = Text(zh="登记库的设置与其封印不符。", en="The settings do not fit their seal.")
_MISSING = Text(zh="缺少记录。", en="Something is missing.")
_ORPHAN = Text(zh="这一行不属于任何变更。", en="This row belongs to no changeset.")
_PARENT = Text(zh="与前一条记录接不上。", en="It does not follow the one before.")
_CONTENT = Text(
    zh="内容与标识符(校验值)不符:记录本身被改动,或有行被增删。",
    en="The content does not fit the identifier: it was altered, or rows were added or deleted.",
)
_SEAL = Text(
    zh="内容与封印不符:封印被改动,或有行被增删。",
    en="The content does not fit the seal: the seal was altered, or rows were added or deleted.",
)
_ROW = Text(zh="这一行被改动过。", en="This row was altered.")
