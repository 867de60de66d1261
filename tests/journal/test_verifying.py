"""Whatever byte of the journal is changed, the check finds it and says where."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.errors import RegistryError
from qualitrace.journal import Journal, tables
from qualitrace.journal.sealing import packed
from qualitrace.journal.verifying import Fault, faults, faults_in
from tests.journal.histories import everything

WRITTEN = [name for name in tables.metadata.tables if name != "alembic_version"]


@pytest.fixture
def journal(location: str) -> Iterator[Journal]:
    made = everything(location)
    yield made
    made.close()


def keys(name: str) -> list[str]:
    return [column.name for column in tables.metadata.tables[name].primary_key.columns]


def rows(journal: Journal, name: str) -> list[dict[str, Any]]:
    table = tables.metadata.tables[name]
    with journal.snapshot() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*keys(name))).mappings()]


def write(journal: Journal, name: str, row: dict[str, Any], column: str, value: object) -> None:
    """Write past every guard that the database has."""
    table = tables.metadata.tables[name]
    with journal.database.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        lite = connection.dialect.name == "sqlite"
        if lite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            if not lite:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            condition = sa.and_(*(table.c[key] == row[key] for key in keys(name)))
            connection.execute(sa.update(table).where(condition).values({column: value}))
            connection.commit()
        finally:
            connection.rollback()
            if lite:
                raw.execute("PRAGMA foreign_keys=ON")


def test_an_untouched_journal_has_no_fault(journal: Journal) -> None:
    assert list(faults(journal)) == []


def altered(draw: Callable[..., Any], value: object) -> object:
    """Another value of the same kind: one bit of a number, one character of a text."""
    if value is None:
        return draw(st.integers(1, 100))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << draw(st.integers(0, 20)))
    assert isinstance(value, str)
    if not value:
        return "x"
    at = draw(st.integers(0, len(value) - 1))
    other = draw(st.sampled_from("0a~值").filter(lambda character: character != value[at]))
    return value[:at] + other + value[at + 1 :]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_altered_value_is_found_and_located(journal: Journal, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITTEN))
    row = data.draw(st.sampled_from(rows(journal, name)))
    column = data.draw(st.sampled_from(sorted(row)))
    value = altered(data.draw, row[column])
    try:
        write(journal, name, row, column, value)
    except sa.exc.DBAPIError:
        return  # the database itself refuses: too long a value, a key that is there already
    found = list(faults(journal))
    write(journal, name, {**row, column: value}, column, row[column])
    assert found
    assert_located(found, name, row, column)
    assert list(faults(journal)) == []


def assert_located(found: list[Fault], name: str, row: dict[str, Any], column: str) -> None:
    """A row of a changeset is named itself, everything else by its table and position."""
    places = [fault.place() for fault in found]
    if name == "meta":
        assert {fault.table for fault in found} & {"meta", "alembic_version"}
    elif column in {"position", "changeset"}:  # the row is now elsewhere: there, or missing here
        assert {fault.table for fault in found} & {name, "changeset"}
    elif name in {"changeset", "event"}:
        assert any(fault.table == name and fault.position == row["position"] for fault in found), places
    elif name == "document" and column == "name":
        assert any(fault.table == "document" and fault.position == row["changeset"] for fault in found)
    else:
        key = f"name {row['name']}" if name == "document" else f"id {row['id']}"
        if column != "id":
            assert any(key in fault.row and fault.table == name for fault in found), places
        assert any(fault.position == row["changeset"] for fault in found), places


@pytest.mark.parametrize("name", ["document", "change", "record", "changeset", "event"])
def test_a_deleted_row_is_missed(journal: Journal, name: str) -> None:
    for row in rows(journal, name)[:-1]:
        table = tables.metadata.tables[name]
        with journal.database.connect() as connection, connection.begin() as transaction:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                if name == "changeset":
                    continue
            elif name == "changeset":
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            condition = sa.and_(*(table.c[key] == row[key] for key in keys(name)))
            connection.execute(sa.delete(table).where(condition))
            found = list(faults_in(connection))
            transaction.rollback()
        assert found, row
    assert list(faults(journal)) == []


def test_the_changed_character_is_named(journal: Journal) -> None:
    row = next(one for one in rows(journal, "change") if one["subject"].endswith("一"))
    write(journal, "change", row, "object", row["object"].replace('"值"', '"好"'))
    (fault,) = faults(journal)
    assert (fault.position, fault.row) == (1, f"id {row['id']}")  # more than one byte: no guess
    write(journal, "change", row, "object", row["object"])
    write(journal, "change", row, "predicate", row["predicate"].replace("example", "exbmple"))
    (fault,) = faults(journal)
    at = row["predicate"].index("example") + 3
    assert fault.row == f"id {row['id']} › predicate › character {at}: was b'a'"


def test_what_was_packed_is_what_it_was(journal: Journal) -> None:
    long = max(rows(journal, "record"), key=lambda row: len(row["body"]))
    short = packed(long["body"])
    assert len(short) < len(long["body"])
    write(journal, "record", long, "body", short)
    assert list(faults(journal)) == []
    assert [body for _, body in journal.recorded("validation", after=0, upto=4)] == [
        {"findings": [["r", "n"]] * 30}
    ]
    write(journal, "record", long, "body", short[:20] + ("A" if short[20] != "A" else "B") + short[21:])
    assert any(fault.table == "record" and f"id {long['id']}" in fault.row for fault in faults(journal))


def contents(path: Path) -> object:
    """Every value of every table, or why it cannot be read."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return {
                name: connection.execute(f'SELECT *, typeof(rowid) FROM "{name}" ORDER BY 1, 2').fetchall()
                for name in tables.metadata.tables
            }
        finally:
            connection.close()
    except sqlite3.Error as error:
        return error


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.floats(0, 1, exclude_max=True), used=st.booleans(), bit=st.integers(0, 7))
def test_every_flipped_bit_of_the_file_that_matters_is_found(
    tmp_path_factory: pytest.TempPathFactory, at: float, used: bool, bit: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "flips"
    original = folder / "original.db"
    if not original.exists():
        folder.mkdir(exist_ok=True)
        everything(str(original)).close()
    place = folder / "r.db"
    for old in folder.glob("r.db*"):
        old.unlink()
    shutil.copyfile(original, place)
    content = bytearray(place.read_bytes())
    bytes_there = [number for number, byte in enumerate(content) if byte or not used]
    content[bytes_there[int(at * len(bytes_there))]] ^= 1 << bit
    place.write_bytes(content)
    try:
        opened = Journal.open(place)
        found = list(faults(opened))
        opened.close()
    except RegistryError:
        return
    if not found:  # then no value is other than it was: the byte was unused
        assert contents(place) == contents(original)


@pytest.mark.parametrize(("name", "other"), [("position", "id"), ("id", "position"), ("at", "author")])
def test_columns_that_changed_places_are_found(tmp_path: Path, name: str, other: str) -> None:
    """Only the layout says which value is which: one where two columns have changed names."""
    place = tmp_path / "r.db"
    everything(str(place)).close()
    with sqlite3.connect(place) as database:
        (layout,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'changeset'").fetchone()
        changed = (
            layout.replace(f"\t{name} ", "\tx ")
            .replace(f"\t{other} ", f"\t{name} ")
            .replace("\tx ", f"\t{other} ")
        )
        assert changed != layout
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'changeset'", (changed,))
    try:
        opened = Journal.open(place)
    except RegistryError:
        return
    try:
        assert list(faults(opened))
    finally:
        opened.close()
