"""From changesets and notes to rows (floor 0). The caller holds the write lock (exclude_writers)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from qualitrace.errors import ConflictError
from qualitrace.journal import reading, tables
from qualitrace.journal.failures import lost_race
from qualitrace.journal.model import Changeset, Event, Note, SourcedFact
from qualitrace.journal.sealing import checksum, seal, settings_seal
from qualitrace.terms import Fact
from qualitrace.text import Text

Row = dict[str, Any]
_CHUNK = 400


def make_tables(connection: sa.Connection, settings: Mapping[str, str]) -> None:
    """Make the tables of a new journal, and write its settings."""
    tables.metadata.create_all(connection)
    kept = {**settings, "format": tables.FORMAT, "seal": settings_seal(settings)}
    connection.execute(sa.insert(tables.meta), [{"key": key, "value": value} for key, value in kept.items()])
    connection.execute(sa.insert(tables.version).values(version_num=tables.FORMAT))


def insert_changeset(
    connection: sa.Connection, changeset: Changeset, records: Sequence[tuple[str, Any]]
) -> None:
    """Write a changeset with its records, and seal it. Raises ConflictError."""
    if reading.head(connection) != (changeset.position - 1, changeset.parent):
        raise lost_race()
    head = _head_row(changeset)
    rows = {
        "document": _document_rows(changeset),
        "change": _change_rows(connection, changeset),
        "record": _record_rows(connection, changeset, records),
    }
    in_order = [("changeset", head), *((table, row) for table, some in rows.items() for row in some)]
    head["seal"] = seal(last_seal(connection), in_order)
    connection.execute(sa.insert(tables.changeset).values(head))
    for table, some in rows.items():
        if some:
            sealed = [{**row, "checksum": checksum(table, row)} for row in some]
            connection.execute(sa.insert(tables.metadata.tables[table]), sealed)


def insert_notes(connection: sa.Connection, notes: Iterable[Note]) -> tuple[Event, ...]:
    """Write notes after the newest event. Raises ConflictError for a stream that has gone on."""
    table = tables.event
    last = connection.execute(
        sa.select(table.c.position, table.c.id).order_by(table.c.position.desc()).limit(1)
    ).first()
    position, parent = (0, "") if last is None else (last.position, last.id)
    head = reading.head(connection)[1]
    made = []
    for note in notes:
        _expect(connection, note)
        position += 1
        draft = Event(position, parent, head, note.stream, note.kind, note.author, note.at, note.body)
        parent = draft.digest()
        row = {name: getattr(draft, name) for name in Event.__slots__}
        connection.execute(sa.insert(table).values({**row, "id": parent}))
        made.append(Event(**{**row, "id": parent}))
    return tuple(made)


def last_seal(connection: sa.Connection) -> str:
    """Return the newest changeset's seal, else that of the settings."""
    table = tables.changeset
    query = sa.select(table.c.seal).order_by(table.c.position.desc()).limit(1)
    found = connection.execute(query).scalar()
    if found is None:
        query = sa.select(tables.meta.c.value).where(tables.meta.c.key == "seal")
        found = connection.execute(query).scalar()
    return found or ""


def _expect(connection: sa.Connection, note: Note) -> None:
    if note.expect is None:
        return
    query = sa.select(sa.func.max(tables.event.c.position)).where(tables.event.c.stream == note.stream)
    if (connection.execute(query).scalar() or 0) != note.expect:
        raise ConflictError(
            Text(zh="别人刚刚先处理了这一项。", en="Somebody else has dealt with this meanwhile."),
            where=note.stream,
            hint=Text(zh="请重新查看后再决定。", en="Look at it again, then decide."),
        )


def _head_row(changeset: Changeset) -> Row:
    names = ("position", "id", "parent", "author", "at", "message")
    return {name: getattr(changeset, name) for name in names}


def _document_rows(changeset: Changeset) -> list[Row]:
    return [
        {"changeset": changeset.position, "name": document.name, "sha256": document.sha256}
        for document in sorted(changeset.documents, key=lambda one: one.name)
    ]


def _change_rows(connection: sa.Connection, changeset: Changeset) -> list[Row]:
    in_force = _in_force(connection, (*changeset.added, *changeset.removed))
    removed = set(changeset.removed)
    if missing := removed - in_force.keys():
        raise _gone({entry.fact for entry in missing}, len(missing))
    if there := set(changeset.added) & in_force.keys() - removed:
        raise _there_already({entry.fact for entry in there}, len(there))
    came, went = set(changeset.facts_added), set(changeset.facts_removed)
    rows = [_row(entry, None, entry.fact in came) for entry in dict.fromkeys(changeset.added)]
    rows += [_row(entry, in_force[entry], entry.fact in went) for entry in dict.fromkeys(changeset.removed)]
    return _numbered(connection, tables.change, changeset.position, rows)


def _record_rows(
    connection: sa.Connection, changeset: Changeset, records: Sequence[tuple[str, Any]]
) -> list[Row]:
    texts = [(record.kind.value, record.body) for record in changeset.records]
    texts += [(kind, json.dumps(body, ensure_ascii=False)) for kind, body in records]
    rows = [{"kind": kind, "body": body} for kind, body in texts]
    return _numbered(connection, tables.record, changeset.position, rows)


def _numbered(connection: sa.Connection, table: sa.Table, position: int, rows: list[Row]) -> list[Row]:
    """Number rows on from the last: without gaps, the same in every database."""
    if not rows:
        return []
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    return [{"id": last + number, "changeset": position, **row} for number, row in enumerate(rows, start=1)]


def _row(entry: SourcedFact, removes: int | None, effective: bool) -> Row:
    fact, source = entry.fact, entry.source
    return {
        "removes": removes,
        "effective": effective,
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object,
        "document": source.document,
        "part": source.part,
        "row": source.row,
        "cell": source.cell,
        "basis": source.basis.value,
    }


def _in_force(connection: sa.Connection, entries: Iterable[SourcedFact]) -> dict[SourcedFact, int]:
    """Find the statements in force about the subjects of others, each with its row."""
    change, ends = tables.change, tables.change.alias("ends")
    found: dict[SourcedFact, int] = {}
    subjects = sorted({entry.fact.subject for entry in entries})
    for start in range(0, len(subjects), _CHUNK):
        query = (
            sa.select(change)
            .outerjoin(ends, ends.c.removes == change.c.id)
            .where(
                change.c.subject.in_(subjects[start : start + _CHUNK]),
                change.c.removes.is_(None),
                ends.c.id.is_(None),
            )
        )
        found |= {reading.sourced(row): row.id for row in connection.execute(query)}
    return found


def _gone(facts: set[Fact], count: int) -> ConflictError:
    return ConflictError(
        Text(
            zh=f"要删除的 {count} 条陈述已不在登记库中。",
            en=f"{count} statements to be removed are no longer in the registry.",
        ),
        where=min(facts).ntriples(),
        hint=Text(zh="请重新执行。", en="Run it again."),
    )


def _there_already(facts: set[Fact], count: int) -> ConflictError:
    return ConflictError(
        Text(
            zh=f"要增加的 {count} 条陈述已在登记库中。",
            en=f"{count} statements to be added are in the registry already.",
        ),
        where=min(facts).ntriples(),
        hint=Text(zh="请重新执行。", en="Run it again."),
    )
