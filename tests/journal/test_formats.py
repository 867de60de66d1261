"""Journals of every earlier format are brought up to date when they are opened, on both databases.

``formats/<n>.<database>.sql`` are the tables as that version made them, ``formats/<n>.data.sql`` what it
wrote.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qualitrace.errors import RegistryError
from qualitrace.journal import Decision, Document, Journal, tables
from qualitrace.journal.database import database_url
from qualitrace.journal.sealing import checksum, line, seal, settings_seal

FORMATS = Path(__file__).parent / "formats"
EARLIER = [str(number) for number in range(1, int(tables.FORMAT))]


def make_earlier(location: str, number: str) -> None:
    """Make a journal as an earlier version did."""
    kind = "postgresql" if "://" in location else "sqlite"
    text = "\n".join(
        (FORMATS / f"{number}.{name}.sql").read_text(encoding="utf-8") for name in (kind, "data")
    )
    if kind == "sqlite":
        with sqlite3.connect(location) as connection:
            connection.executescript(text)
        connection.close()
        return
    with sa.create_engine(database_url(location), poolclass=sa.NullPool).begin() as connection:
        for statement in text.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))


def described(journal: Journal) -> dict[str, Any]:
    """The tables as the database describes them."""
    looked = sa.inspect(journal.database)
    return {
        name: {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(name)),
            "indexes": sorted(
                (i["name"], tuple(i["column_names"])) for i in looked.get_indexes(name) if not i["unique"]
            ),
            "unique": sorted(tuple(u["column_names"]) for u in looked.get_unique_constraints(name)),
            "key": looked.get_pk_constraint(name)["constrained_columns"],
        }
        for name in sorted(looked.get_table_names())
    }


def test_every_earlier_format_has_its_files() -> None:
    assert EARLIER
    for number in EARLIER:
        for name in ("sqlite", "postgresql", "data"):
            assert (FORMATS / f"{number}.{name}.sql").is_file()


@pytest.mark.parametrize("number", EARLIER)
def test_an_earlier_journal_is_brought_up_to_date(location: str, number: str, tmp_path: Path) -> None:
    make_earlier(location, number)
    journal = Journal.open(location)
    changesets = list(journal.changesets())
    assert [one.position for one in changesets] == [1, 2, 3, 4]
    assert all(one.digest() == one.id for one in changesets)
    assert [record.kind for one in changesets for record in one.records] == [Decision.EXCEPTION]
    assert journal.settings()["format"] == tables.FORMAT
    assert journal.documents() == [Document("a.csv", "2" * 64), Document("b.csv", "3" * 64)]
    assert sorted(entry.fact.subject[-1] for entry in journal.statements("a.csv")) == ["c", "d", "一"]
    check_seals(journal)
    assert list(journal.events()) == []
    journal.close()
    Journal.open(location).close()  # and stays as it is


def check_seals(journal: Journal) -> None:
    """Work every seal and checksum out from the rows."""
    with journal.snapshot() as connection:
        last = settings_seal(journal.settings())
        for head in connection.execute(sa.select(tables.changeset).order_by(tables.changeset.c.position)):
            rows = [("changeset", head._mapping)]
            for table, order in (
                (tables.document, tables.document.c.name),
                (tables.change, tables.change.c.id),
                (tables.record, tables.record.c.id),
            ):
                query = sa.select(table).where(table.c.changeset == head.position).order_by(order)
                found = [(table.name, row._mapping) for row in connection.execute(query)]
                assert all(row["checksum"] == checksum(name, row) for name, row in found)
                rows += found
            last = seal(last, rows)
            assert head.seal == last
            assert len(b"".join(line(name, row) for name, row in rows)) > 0


@pytest.mark.parametrize("number", EARLIER)
def test_what_was_brought_up_to_date_has_the_tables_of_today(
    location: str, number: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    make_earlier(location, number)
    fresh = request.getfixturevalue("postgresql").new_database() if "://" in location else tmp_path / "f.db"
    made, brought = Journal.create(fresh, {"base": "b", "profile": "p"}), Journal.open(location)
    assert described(brought) == described(made)
    made.close()
    brought.close()


@pytest.mark.parametrize("number", EARLIER)
def test_a_file_is_copied_before_it_is_changed(tmp_path: Path, number: str) -> None:
    place = tmp_path / "r.db"
    make_earlier(str(place), number)
    Journal.open(place).close()
    copy = sqlite3.connect(tmp_path / f"r.db.format-{number}.backup")
    assert copy.execute("select value from meta where key = 'format'").fetchall() == [(number,)]
    assert copy.execute("select count(*) from changeset").fetchall() == [(4,)]


def test_a_journal_that_was_tampered_with_is_not_sealed(location: str) -> None:
    make_earlier(location, "1")
    with sa.create_engine(database_url(location), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("update change set object = '\"x\"' where id = 6")
    with pytest.raises(RegistryError) as caught:
        Journal.open(location)
    assert "changeset 4" in caught.value.where
    with sa.create_engine(database_url(location), poolclass=sa.NullPool).begin() as connection:
        found = connection.exec_driver_sql("select value from meta where key = 'format'").scalar()
        assert (found, sa.inspect(connection).has_table("event")) == ("1", False)


def test_a_newer_format_is_refused(location: str) -> None:
    Journal.create(location, {"base": "b", "profile": "p"}).close()
    newer = str(int(tables.FORMAT) + 1)
    with sa.create_engine(database_url(location), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(f"update meta set value = '{newer}' where key = 'format'")
    with pytest.raises(RegistryError) as caught:
        Journal.open(location)
    assert newer in caught.value.what["en"]
    assert "Use a newer version" in caught.value.hint["en"]
