"""The journal: the registry itself, of which everything else is a projection (floor 0)."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qualitrace.errors import ConflictError, RegistryError
from qualitrace.journal import tables
from qualitrace.journal.database import connect, not_a_registry, translated
from qualitrace.journal.model import Basis, Changeset, Decision, Document, Record, Source, SourcedFact
from qualitrace.terms import Fact
from qualitrace.text import Text

_CHUNK = 400


class Journal:
    """An append-only sequence of changesets in one database.

    Every method may raise RegistryError when the database fails.
    """

    def __init__(self, engine: sa.Engine, *, upto: int | None = None) -> None:
        self._engine = engine
        self._upto = upto  # the last position that is read; None: whatever there is

    def at(self, position: int) -> Journal:
        """Return the journal as it was at a position, for reading: what came later is not there."""
        return Journal(self._engine, upto=position)

    @classmethod
    def create(cls, location: str | Path, settings: Mapping[str, str]) -> Journal:
        """Make a new journal with its settings. Raises RegistryError when one is there already."""
        engine = connect(location, create=True)
        with translated(engine), engine.begin() as connection:
            if sa.inspect(connection).has_table("meta"):
                raise RegistryError(
                    Text(zh="这里已有登记库。", en="There is a registry here already."),
                    where=engine.url.render_as_string(hide_password=True),
                    hint=Text(zh="请换一个位置,或直接使用它。", en="Choose another place, or use it."),
                )
            tables.metadata.create_all(connection)
            rows = [{"key": k, "value": v} for k, v in {**settings, "format": tables.FORMAT}.items()]
            connection.execute(sa.insert(tables.meta), rows)
        return cls(engine)

    @classmethod
    def open(cls, location: str | Path) -> Journal:
        """Open an existing journal. Raises RegistryError when there is none."""
        engine = connect(location, create=False)
        where = engine.url.render_as_string(hide_password=True)
        with translated(engine):
            if not sa.inspect(engine).has_table("meta"):
                raise not_a_registry(where)
        journal = cls(engine)
        found = journal.settings().get("format", "")
        if found != tables.FORMAT:
            raise RegistryError(
                Text(
                    zh=f"登记库格式为 {found},本程序只读格式 {tables.FORMAT}。",
                    en=f"The registry has format {found}; this program reads format {tables.FORMAT}.",
                ),
                where=where,
                hint=Text(zh="请使用相应版本的程序。", en="Use the matching version of the program."),
            )
        return journal

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def settings(self) -> dict[str, str]:
        """Return what was set when the registry was made."""
        with translated(self._engine), self._engine.connect() as connection:
            rows = connection.execute(sa.select(tables.meta.c.key, tables.meta.c.value))
            return {row.key: row.value for row in rows}

    def head(self) -> tuple[int, str]:
        """Return position and identifier of the newest changeset; ``(0, "")`` when empty."""
        with translated(self._engine), self._engine.connect() as connection:
            return _head(connection, self._upto)

    def append(self, changeset: Changeset, records: Sequence[tuple[str, Any]] = ()) -> None:
        """Append a changeset with its records (kind, JSON-able body), all or nothing.

        Raises ConflictError when its parent is no longer the head.
        """
        with translated(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if _head(connection) != (changeset.position - 1, changeset.parent):
                    raise ConflictError(
                        Text(zh="别人刚刚先提交了变更。", en="Somebody else committed first."),
                        hint=Text(zh="请重新执行。", en="Run it again."),
                    )
                _insert(connection, changeset)
                texts = [(record.kind.value, record.body) for record in changeset.records]
                texts += [(kind, json.dumps(body, ensure_ascii=False)) for kind, body in records]
                for kind, text in texts:
                    row = {"changeset": changeset.position, "kind": kind, "body": text}
                    connection.execute(sa.insert(tables.record).values(row))

    def changesets(self, after: int = 0, *, changes: bool = True) -> Iterator[Changeset]:
        """Read the changesets after a position, oldest first; without ``changes`` only who and when."""
        table = tables.changeset
        with translated(self._engine), self._engine.connect() as connection:
            heads = connection.execute(
                sa.select(table)
                .where(table.c.position > after, _within(table.c.position, self._upto))
                .order_by(table.c.position)
            ).all()
            for head in heads:
                yield _read(connection, head, changes=changes)

    def recorded(self, kind: str, *, after: int, upto: int) -> Generator[tuple[str, Any], None, None]:
        """Read the records of one kind after a position and up to another, newest first.

        Each comes with when its changeset was made. Rows are fetched as they are asked for.
        """
        head, kept = tables.changeset, tables.record
        query = sa.select(head.c.at, kept.c.body).join_from(head, kept).where(kept.c.kind == kind)
        query = query.where(head.c.position > after, head.c.position <= upto)
        query = query.order_by(kept.c.id.desc()).execution_options(yield_per=8)
        with translated(self._engine), self._engine.connect() as connection:
            for row in connection.execute(query):
                yield row.at, json.loads(row.body)

    def knows(self, sha256: str) -> Document | None:
        """Return the current document with these bytes, or None when none of it is in force."""
        latest = self.documents()
        return next((document for document in latest if document.sha256 == sha256), None)

    def documents(self) -> list[Document]:
        """Return the newest version of every document, by name."""
        table = tables.document
        with translated(self._engine), self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(table).where(_within(table.c.changeset, self._upto)).order_by(table.c.changeset)
            )
            newest = {row.name: Document(row.name, row.sha256) for row in rows}
        return [newest[name] for name in sorted(newest)]

    def statements(self, document: str) -> list[SourcedFact]:
        """Return the statements in force that were read from a document."""
        return self._active(tables.change.c.document == document)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return, for each fact in force, the places that state it. Unknown facts are left out."""
        wanted = set(facts)
        found: dict[Fact, list[Source]] = {}
        for entry in self.about({fact.subject for fact in wanted}):
            if entry.fact in wanted:
                found.setdefault(entry.fact, []).append(entry.source)
        return {fact: tuple(places) for fact, places in found.items()}

    def about(self, subjects: Iterable[str]) -> Iterator[SourcedFact]:
        """Iterate over the statements in force about nodes (IRIs)."""
        wanted = sorted(set(subjects))
        for start in range(0, len(wanted), _CHUNK):
            yield from self._active(tables.change.c.subject.in_(wanted[start : start + _CHUNK]))

    def _active(self, condition: sa.ColumnElement[bool]) -> list[SourcedFact]:
        change, ends = tables.change, tables.change.alias("ends")
        query = (
            sa.select(change)
            .outerjoin(ends, sa.and_(ends.c.removes == change.c.id, _within(ends.c.changeset, self._upto)))
            .where(condition, change.c.removes.is_(None), ends.c.id.is_(None))
            .where(_within(change.c.changeset, self._upto))
            .order_by(change.c.id)
        )
        with translated(self._engine), self._engine.connect() as connection:
            return [_sourced(row) for row in connection.execute(query)]


def _within(column: sa.Column[int], upto: int | None) -> sa.ColumnElement[bool]:
    """The condition that a position is not beyond a bound, if there is one."""
    return sa.true() if upto is None else column <= upto


def _head(connection: sa.Connection, upto: int | None = None) -> tuple[int, str]:
    table = tables.changeset
    query = sa.select(table.c.position, table.c.id).where(_within(table.c.position, upto))
    row = connection.execute(query.order_by(table.c.position.desc()).limit(1)).first()
    return (0, "") if row is None else (row.position, row.id)


def _insert(connection: sa.Connection, changeset: Changeset) -> None:
    connection.execute(
        sa.insert(tables.changeset).values(
            position=changeset.position,
            id=changeset.id,
            parent=changeset.parent,
            author=changeset.author,
            at=changeset.at,
            message=changeset.message,
        )
    )
    if changeset.documents:
        connection.execute(
            sa.insert(tables.document),
            [
                {"changeset": changeset.position, "name": document.name, "sha256": document.sha256}
                for document in changeset.documents
            ],
        )
    ended = _ids(connection, changeset.removed)
    net_added, net_removed = set(changeset.facts_added), set(changeset.facts_removed)
    rows = [_row(changeset.position, entry, None, entry.fact in net_added) for entry in changeset.added] + [
        _row(changeset.position, entry, ended[entry], entry.fact in net_removed)
        for entry in changeset.removed
    ]
    if rows:
        connection.execute(sa.insert(tables.change), rows)


def _ids(connection: sa.Connection, removed: Iterable[SourcedFact]) -> dict[SourcedFact, int]:
    """Find the journal rows that the removals end. Raises ConflictError when one is gone."""
    wanted = set(removed)
    change, ends = tables.change, tables.change.alias("ends")
    found: dict[SourcedFact, int] = {}
    subjects = sorted({entry.fact.subject for entry in wanted})
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
        found |= {_sourced(row): row.id for row in connection.execute(query)}
    missing = wanted - found.keys()
    if missing:
        raise ConflictError(
            Text(
                zh=f"要删除的 {len(missing)} 条陈述已不在登记库中。",
                en=f"{len(missing)} statements to be removed are no longer in the registry.",
            ),
            hint=Text(zh="请重新执行。", en="Run it again."),
        )
    return found


def _row(position: int, entry: SourcedFact, removes: int | None, effective: bool) -> dict[str, Any]:
    fact, source = entry.fact, entry.source
    return {
        "changeset": position,
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


def _sourced(row: Any) -> SourcedFact:
    return SourcedFact(
        Fact(row.subject, row.predicate, row.object),
        Source(row.document, row.part, row.row, row.cell, Basis(row.basis)),
    )


def _read(connection: sa.Connection, head: Any, *, changes: bool) -> Changeset:
    table = tables.change
    documents = connection.execute(
        sa.select(tables.document).where(tables.document.c.changeset == head.position)
    )
    kept = tables.record
    decisions = connection.execute(
        sa.select(kept)
        .where(kept.c.changeset == head.position, kept.c.kind.in_([kind.value for kind in Decision]))
        .order_by(kept.c.id)
    )
    rows = (
        connection.execute(
            sa.select(table).where(table.c.changeset == head.position).order_by(table.c.id)
        ).all()
        if changes
        else []
    )
    added = [row for row in rows if row.removes is None]
    removed = [row for row in rows if row.removes is not None]
    return Changeset(
        position=head.position,
        parent=head.parent,
        author=head.author,
        at=head.at,
        message=head.message,
        documents=tuple(Document(row.name, row.sha256) for row in documents),
        added=tuple(_sourced(row) for row in added),
        removed=tuple(_sourced(row) for row in removed),
        facts_added=_effective(added),
        facts_removed=_effective(removed),
        id=head.id,
        records=tuple(Record(Decision(row.kind), row.body) for row in decisions),
    )


def _effective(rows: list[Any]) -> tuple[Fact, ...]:
    facts = (Fact(row.subject, row.predicate, row.object) for row in rows if row.effective)
    return tuple(dict.fromkeys(facts))
