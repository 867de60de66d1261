"""What the databases refuse comes out as what / where / hint, and never with a password."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

import pytest

from qualitrace.errors import ConflictError, RegistryError
from qualitrace.journal import Journal, Note, location_shown
from tests.databases import PASSWORD, Server
from tests.ports import free_port

SETTINGS = {"base": "https://example.org/id/", "profile": "https://example.org/profile"}
WRITTEN = [PASSWORD, urllib.parse.quote(PASSWORD, safe=""), urllib.parse.quote(PASSWORD)]


def refused(address: str) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        Journal.open(address)
    error = caught.value
    assert error.what["zh"] and error.what["en"] and error.where and error.hint["zh"] and error.hint["en"]
    for written in WRITTEN:
        assert written not in str(error)
    return error


def test_a_server_that_is_not_there(postgresql: Server) -> None:
    error = refused(postgresql.url("r", port=free_port()))
    assert "cannot be reached" in error.what["en"]
    assert "cannot be reached" in refused(postgresql.url("r", host="no-such-host.invalid")).what["en"]


def test_a_wrong_password(postgresql: Server) -> None:
    error = refused(postgresql.url("postgres", password=PASSWORD + "x"))
    assert "user name or password" in error.what["en"]
    # PostgreSQL does not tell whether it was the name or the password.
    assert "user name or password" in refused(postgresql.url("postgres", user="nobody_here")).what["en"]


def test_a_missing_database(postgresql: Server) -> None:
    error = refused(postgresql.url("no_such_database"))
    assert "no such database" in error.what["en"]
    assert "no_such_database" in error.where


def test_a_database_without_a_registry(postgresql: Server) -> None:
    assert "not a registry" in refused(postgresql.new_database()).what["en"]


def test_a_database_that_may_not_be_read(postgresql: Server) -> None:
    address = postgresql.new_database()
    Journal.create(address, SETTINGS).close()
    with postgresql.admin() as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'other'")
    error = refused(postgresql.url(address.rsplit("/", 1)[1], user="stranger", password="other"))
    assert "may not be read" in error.what["en"]


def test_a_server_that_goes_and_comes_back(postgresql: Server) -> None:
    journal = Journal.create(postgresql.new_database(), SETTINGS)
    postgresql.control("stop", "-m", "immediate")
    with pytest.raises(RegistryError) as caught:
        journal.head()
    assert "cannot be reached" in caught.value.what["en"]
    postgresql.start()
    assert journal.head() == (0, "")
    journal.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:{}@host:99999999/db",
        "postgresql://u:{}@host/db?sslmode=nonsense",
        "mysql://u:{}@host/db",
        "postgresql://u@host/db?password={}",
    ],
)
def test_no_password_is_shown(address: str) -> None:
    secret = "sEcret42"
    with pytest.raises(RegistryError) as caught:
        Journal.open(address.format(secret))
    assert secret not in str(caught.value)
    assert secret not in location_shown(address.format(secret))


def test_an_address_is_taken_as_people_write_it(postgresql: Server) -> None:
    address = postgresql.new_database()
    Journal.create(address, SETTINGS).close()
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        journal = Journal.open(address.replace("postgresql", scheme, 1))
        assert journal.head() == (0, "")
        assert journal.where.startswith("postgresql://tester:***@")
        journal.close()


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    place = tmp_path / "r.db"
    Journal.create(place, SETTINGS).close()
    content = bytearray(place.read_bytes())
    content[100:200] = bytes(100)
    place.write_bytes(content)
    assert "damaged" in refused(str(place)).what["en"]


def test_events_are_a_chain_and_a_stream_that_went_on_is_a_conflict(location: str) -> None:
    journal = Journal.create(location, SETTINGS)

    def note(stream: str, kind: str, expect: int | None = None) -> Note:
        body = {"b": 1, "a": "值"}
        at = "2025-03-01T00:00:00.000000Z"
        return Note.of(stream, kind, body, author="示例", at=at, expect=expect)

    (first,) = journal.note(note("proposal/1", "proposed", 0))
    (second, third) = journal.note(note("proposal/2", "proposed", 0), note("proposal/1", "comment", 1))
    with pytest.raises(ConflictError):
        journal.note(note("proposal/9", "proposed"), note("proposal/1", "approved", 1))
    assert list(journal.events()) == [first, second, third]
    assert list(journal.events("proposal/1")) == [first, third]
    assert list(journal.events(kind="proposed", after=1)) == [second]
    assert [one.digest() for one in (first, second, third)] == [one.id for one in (first, second, third)]
    assert (first.parent, second.parent, third.parent) == ("", first.id, second.id)
    assert first.body == '{"a":"值","b":1}'
    journal.close()
