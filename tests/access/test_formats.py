"""What earlier versions kept of access is brought up to date when it is opened, whole, on both databases.

``formats/<n>.<database>.sql`` are the tables as that version made them, ``formats/<n>.data.sql`` what it
wrote: tokens in every role and state, notes of reads (some forgotten), webhooks (one given up, one whose
secret is being changed), and who serves them. The credential of each token is ``earlier NAME``.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.access.book import AccessBook
from qualitrace.access.database import SUFFIX, open_database
from qualitrace.access.model import EVERYTHING, PUBLIC, RIGHTS, Audience, Caller, Role
from qualitrace.access.reads import Asked
from qualitrace.across import sees
from qualitrace.errors import RegistryError, UnknownCallerError
from qualitrace.journal.database import database_url

FORMATS = Path(__file__).parent / "formats"
EARLIER = [str(number) for number in range(1, tables.FORMAT)]
NAMES = [table.name for table in tables.metadata.sorted_tables]
UNITS = {f"https://college.example/id/unit/{name}" for name in ("教务处", "学生处")}
ROLES = {
    "reader": {Role.READER},
    "auditor": {Role.AUDITOR},
    "steward": {Role.STEWARD, Role.READER},
    "office": {Role.OFFICE},
    "system": {Role.SYSTEM},
}
# Opens what is kept of access, and is killed when the last of the steps is done but not yet committed.
KILLED = """
import os, signal, sys
from qualitrace.access import database, tables
from qualitrace.access.book import AccessBook

last = tables.FORMAT - 1
step = database._STEPS[last]

def killed(connection):
    step(connection)
    os.kill(os.getpid(), signal.SIGKILL)

database._STEPS = {**database._STEPS, last: killed}
AccessBook.open(sys.argv[1])
"""
Rows = dict[str, list[dict[str, Any]]]


def bare(place: str) -> sa.Engine:
    """A connection to where access is kept, which brings nothing up to date."""
    url = database_url(place)
    if url.get_backend_name() == "sqlite":
        url = url.set(database=f"{url.database}{SUFFIX}")
    return sa.create_engine(url, poolclass=sa.NullPool)


def make_earlier(place: str, number: str) -> None:
    """Keep of access what an earlier version did."""
    if "://" not in place:
        with closing(sqlite3.connect(f"{place}{SUFFIX}")) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            for name in ("sqlite", "data"):
                connection.executescript((FORMATS / f"{number}.{name}.sql").read_text(encoding="utf-8"))
        return
    with bare(place).begin() as connection:
        for name in ("postgresql", "data"):
            for statement in (FORMATS / f"{number}.{name}.sql").read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        for table in ("access_read", "access_node"):  # as the version that wrote them left it
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )


def kept(place: str) -> Rows:
    """Every row there is, whatever the columns."""
    with bare(place).connect() as connection:
        return {
            name: sorted(
                (dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()), key=str
            )
            for name in NAMES
        }


def described(place: str) -> dict[str, Any]:
    """The tables as the database describes them."""
    looked = sa.inspect(bare(place))
    return {
        name: {
            "columns": sorted(
                (one["name"], str(one["type"]), one["nullable"], str(one["default"]))
                for one in looked.get_columns(name)
            ),
            "indexes": sorted(
                (one["name"] or "", one["column_names"])
                for one in looked.get_indexes(name)
                if not one["unique"]
            ),
            "unique": sorted(one["column_names"] for one in looked.get_unique_constraints(name)),
            "key": looked.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(
                (one["constrained_columns"], one["referred_table"]) for one in looked.get_foreign_keys(name)
            ),
        }
        for name in NAMES
    }


@pytest.fixture(params=EARLIER)
def earlier(request: pytest.FixtureRequest, place: str) -> str:
    """Where there is a registry, and beside it what each earlier version kept of access."""
    make_earlier(place, request.param)
    return place


def test_every_earlier_format_has_its_files() -> None:
    assert EARLIER
    names = {f"{number}.{name}.sql" for number in EARLIER for name in ("sqlite", "postgresql", "data")}
    assert {path.name for path in FORMATS.iterdir()} == names


def test_no_row_and_no_value_is_lost(earlier: str) -> None:
    before = kept(earlier)
    assert all(before.values())
    AccessBook.open(earlier).close()
    after = kept(earlier)
    assert after["access_meta"] == [{"key": "format", "value": str(tables.FORMAT)}]
    for name in set(NAMES) - {"access_meta"}:
        columns = before[name][0].keys()
        assert [{column: row[column] for column in columns} for row in after[name]] == before[name], name
        new = after[name][0].keys() - columns
        assert new <= {"older", "grants"}
        assert {row[column] for row in after[name] for column in new} <= {"[]"}
    AccessBook.open(earlier).close()  # and stays as it is
    assert kept(earlier) == after


def test_the_tables_are_those_of_today(earlier: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    AccessBook.open(earlier).close()
    fresh = str(tmp_path / "fresh.db")
    if "://" in earlier:
        fresh = request.getfixturevalue("postgresql").new_database()
    AccessBook.open(fresh, alone=True).close()
    assert described(earlier) == described(fresh)


def test_roles_are_the_same_and_nobody_may_do_more(earlier: str) -> None:
    with closing(AccessBook.open(earlier)) as book:
        for name, roles in ROLES.items():
            who = book.principal(f"earlier {name}")
            assert (who.name, who.token) == (f"示例 {name}", f"token-{name}")
            assert who.roles == roles
            assert who.units == (UNITS if name == "steward" else set())
            assert who.rights == frozenset().union(*(RIGHTS[role] for role in roles))
            personal = {"auditor": EVERYTHING, "office": EVERYTHING, "steward": Audience(units=who.units)}
            assert who.audience == personal.get(name, PUBLIC)
            assert who.grants == frozenset()
            # across registries a role counts that names one: none did
            assert who.within("c01").roles == {Role.READER}
            assert sees(Caller(who, "示例 purpose"))("c01") == PUBLIC
        for name in ("expired", "revoked", "nobody"):
            with pytest.raises(UnknownCallerError):
                book.principal(f"earlier {name}")
        assert {one.name for one in book.tokens.all() if one.state() == "valid"} == {
            f"示例 {name}" for name in ROLES
        }


def test_reads_are_still_answered_and_go_on(earlier: str) -> None:
    with closing(AccessBook.open(earlier)) as book:
        noted = book.reads()
        assert [(one.kind, one.read.route, len(one.read.nodes)) for one in noted] == [
            ("read", "export", 1),
            ("read", "graphql", 2),
            ("forgotten", "reads --forget-before", 0),
        ]
        person = "https://college.example/id/person/1001"
        assert [one.read.route for one in book.reads(Asked(node=person))] == ["graphql"]
        made, secret = book.tokens.make("示例 new", {Role.READER}, expires=None, by="示例")
        assert book.principal(secret).token == made.id


def test_hooks_are_told_from_where_they_were(earlier: str) -> None:
    with closing(AccessBook.open(earlier)) as book:
        first, second = book.hooks.all()
        assert (first.told.position, first.told.part, first.told.event, first.dead) == (7, 2, 5, False)
        assert (first.delivered, first.failures, first.next_at) == (41, 2, 1706933106.5)
        assert (second.dead, second.private, second.failures) == (True, True, 12)
        signs = book.hooks.secrets(first)
        assert b"a secret that is long enough 0001" in signs
        book.hooks.rotate(first.id, b"a secret that is long enough 0009", 60)
        assert set(book.hooks.secrets(first)) == {b"a secret that is long enough 0009", *signs}
        assert book.hooks.secrets(second) == (b"a secret that is long enough 0002",)


def test_killed_in_the_middle_it_is_as_before_and_opens_afterwards(earlier: str) -> None:
    before, tables_before = kept(earlier), _columns(earlier)
    ended = subprocess.run([sys.executable, "-c", KILLED, earlier], capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert kept(earlier) == before
    assert _columns(earlier) == tables_before
    with closing(AccessBook.open(earlier)) as book:
        assert book.principal("earlier office").roles == {Role.OFFICE}
    assert kept(earlier)["access_meta"][0]["value"] == str(tables.FORMAT)


def _columns(place: str) -> dict[str, list[str]]:
    looked = sa.inspect(bare(place))
    return {name: [one["name"] for one in looked.get_columns(name)] for name in NAMES}


def test_a_step_that_fails_changes_nothing(earlier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(earlier)

    def failing(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE access_token ADD COLUMN half TEXT")
        connection.exec_driver_sql("SELECT no_such_column FROM access_token")

    last = tables.FORMAT - 1
    with monkeypatch.context() as patched:
        patched.setitem(database_steps(), last, failing)
        with pytest.raises(RegistryError):
            AccessBook.open(earlier)
    assert kept(earlier) == before
    AccessBook.open(earlier).close()


def database_steps() -> dict[int, Any]:
    """The steps from format to format."""
    from qualitrace.access import database

    steps = database._STEPS
    assert isinstance(steps, dict)
    return steps


def test_several_that_open_it_at_once_bring_it_up_to_date_once(earlier: str) -> None:
    start, failed = threading.Barrier(4), []

    def open_it() -> None:
        start.wait()
        try:
            AccessBook.open(earlier).close()
        except RegistryError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert kept(earlier)["access_meta"][0]["value"] == str(tables.FORMAT)


@pytest.mark.parametrize("written", [str(tables.FORMAT + 1), "0", "two", ""])
def test_a_format_that_is_not_known_is_refused_and_left_alone(place: str, written: str) -> None:
    open_database(place).dispose()
    with bare(place).begin() as connection:
        connection.execute(sa.update(tables.meta).values(value=written))
    before = kept(place)
    with pytest.raises(RegistryError) as caught:
        AccessBook.open(place)
    error = caught.value
    for language in ("zh", "en"):
        assert str(tables.FORMAT) in error.what[language]
        assert error.hint is not None and error.hint[language]
    newer = written == str(tables.FORMAT + 1)
    assert (written in error.what["en"]) if newer else ("?" in error.what["en"])
    assert ("newer" in error.hint["en"]) == newer  # a damaged one is not read by a newer program either
    assert error.where
    assert "p@ss" not in str(error) and "p%40ss" not in str(error)
    assert kept(place) == before
