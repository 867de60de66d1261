"""Tokens: made, found, expiring, revoked; on both databases."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
import sqlite3
import stat
import string
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.access.book import AccessBook
from qualitrace.access.database import open_database
from qualitrace.access.model import Role
from qualitrace.access.tokens import PREFIX, hashed, new_secret, well_formed
from qualitrace.errors import QueryError, RegistryError, UnknownCallerError
from qualitrace.journal import Journal

UNIT = "https://example.org/id/unit/示例"


def later(**span: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(**span)


def made(book: AccessBook, **given: object) -> tuple[str, str]:
    token, secret = book.tokens.make(
        **{"name": "示例", "roles": [Role.READER], "expires": later(days=1), "by": "t", **given}  # type: ignore[arg-type]
    )
    return token.id, secret


def refused(book: AccessBook, credential: str) -> UnknownCallerError:
    with pytest.raises(UnknownCallerError) as caught:
        book.principal(credential)
    return caught.value


def test_a_token_stands_for_name_roles_units_and_its_identifier(book: AccessBook) -> None:
    identifier, secret = made(book, roles=[Role.STEWARD, Role.READER], units=[UNIT])
    found = book.principal(secret)
    assert (found.name, found.roles, found.units) == ("示例", {Role.STEWARD, Role.READER}, {UNIT})
    assert found.token == identifier


def test_only_a_hash_is_kept(book: AccessBook, place: str) -> None:
    _, secret = made(book)
    with open_database(place).connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(tables.token))]
    assert [row["hash"] for row in rows] == [hashed(secret)]
    assert secret not in repr(rows) and secret.removeprefix(PREFIX)[:20] not in repr(rows)


def test_secrets_are_of_one_form_and_never_the_same() -> None:
    secrets = [new_secret() for _ in range(5000)]
    assert len(set(secrets)) == 5000
    assert all(
        re.fullmatch(r"qualitrace_[0-9A-Za-z]{49}", secret) and well_formed(secret) for secret in secrets
    )
    # 43 characters of 62 hold 256 bits: the first of them takes few values, the others all
    assert {secret[20] for secret in secrets} == set(string.ascii_letters + string.digits)


def test_a_mistyped_token_has_another_checksum() -> None:
    secret = new_secret()
    for place in range(len(PREFIX), len(secret)):
        other = "a" if secret[place] != "a" else "b"
        assert not well_formed(secret[:place] + other + secret[place + 1 :])


def test_all_refusals_look_the_same_and_the_log_tells_them_apart(
    book: AccessBook, caplog: pytest.LogCaptureFixture
) -> None:
    expired, old = made(book)
    revoked, ended = made(book)
    book.tokens.revoke(revoked, by="t")
    with open_connection(book) as connection:
        past = "2020-01-01T00:00:00.000000Z"
        connection.execute(sa.update(tables.token).where(tables.token.c.id == expired).values(expires=past))
    with caplog.at_level(logging.WARNING, "qualitrace.access"):
        errors = [refused(book, given) for given in (new_secret(), old, ended, "guess", "", "a\0b", "\ud800")]
    assert len({(str(error), error.code, error.where) for error in errors}) == 1
    told = [record.qualitrace_fields for record in caplog.records]  # type: ignore[attr-defined]
    wanted = [("unknown", ""), ("expired", expired), ("revoked", revoked), *[("malformed", "")] * 4]
    assert told == [{"reason": reason, "token": identifier} for reason, identifier in wanted]
    assert old not in repr(told) + caplog.text and ended not in repr(told) + caplog.text


def open_connection(book: AccessBook) -> sa.engine.base.Transaction:
    return book._engine.begin()  # type: ignore[return-value]


def test_refusals_are_told_to_whoever_counts_them(place: str) -> None:
    told: list[str] = []
    book = AccessBook.open(place, refused=told.append)
    refused(book, new_secret())
    refused(book, "x")
    assert told == ["unknown", "malformed"]


def test_a_refused_credential_costs_one_question_whatever_is_wrong_with_it(book: AccessBook) -> None:
    revoked, ended = made(book)
    book.tokens.revoke(revoked, by="t")
    asked: list[str] = []
    sa.event.listen(book._engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
    for credential in (new_secret(), ended, "guess", "x" * 100_000):
        asked.clear()
        refused(book, credential)
        assert sum(text.startswith("SELECT") for text in asked) == 1
        assert not any(text.startswith(("UPDATE", "INSERT")) for text in asked)


def test_a_revoked_token_ends_within_a_second_in_another_server(place: str) -> None:
    here, elsewhere = AccessBook.open(place), AccessBook.open(place)
    identifier, secret = made(here)
    assert elsewhere.principal(secret).token == identifier
    here.tokens.revoke(identifier, by="t")
    revoked = time.monotonic()
    while time.monotonic() - revoked < 1.05:
        try:
            elsewhere.principal(secret)
        except UnknownCallerError:
            break
        time.sleep(0.02)
    refused(elsewhere, secret)


def test_a_token_expires_while_it_is_known(tmp_path: Path) -> None:
    Journal.create(tmp_path / "r.db", {"profile": "p", "base": "b/"}).close()
    book = AccessBook.open(tmp_path / "r.db")
    for seconds in (2, 15, 60):  # longer where this machine is too busy to ask within it
        _, secret = made(book, expires=later(seconds=seconds))
        deadline = time.monotonic() + seconds
        with contextlib.suppress(UnknownCallerError):
            assert book.principal(secret).name == "示例"
            break
    else:
        pytest.fail("a token was not known within a minute")
    while time.monotonic() < deadline:
        book._known.update({key: (time.monotonic(), kept) for key, (_, kept) in book._known.items()})
        time.sleep(0.1)
    refused(book, secret)


def test_use_is_noted_at_most_once_a_minute(book: AccessBook) -> None:
    identifier, secret = made(book)
    assert book.tokens.all()[0].used_at is None
    written: list[str] = []
    sa.event.listen(book._engine, "before_cursor_execute", lambda *found: written.append(found[2]))
    before = dt.datetime.now(dt.UTC)
    for _ in range(20):
        book.principal(secret)
    assert sum(text.startswith("UPDATE") for text in written) == 1
    used = book.tokens.all()[0].used_at
    assert used is not None and before <= used <= dt.datetime.now(dt.UTC)
    assert book.tokens.all()[0].id == identifier


def test_who_revoked_first_stays(book: AccessBook) -> None:
    identifier, _ = made(book)
    first = book.tokens.revoke(identifier, by="甲（示例）")
    again = book.tokens.revoke(identifier, by="乙（示例）")
    assert first == again and again.revoked_by == "甲（示例）"
    with pytest.raises(QueryError):
        book.tokens.revoke("nothing", by="t")


@pytest.mark.parametrize(
    "given",
    [
        {"name": "  "},
        {"roles": []},
        {"roles": [Role.STEWARD]},
        {"units": [UNIT]},
        {"expires": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, given: dict[str, object]) -> None:
    Journal.create(tmp_path / "r.db", {"profile": "p", "base": "b/"}).close()
    with pytest.raises(QueryError):
        made(AccessBook.open(tmp_path / "r.db"), **given)


def test_the_file_is_for_its_owner_and_the_journal_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    Journal.create(file, {"profile": "p", "base": "b/"}).close()
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.iterdir()}
    book = AccessBook.open(file)
    _, secret = made(book)
    book.principal(secret)
    files = {path.name: path for path in tmp_path.iterdir() if ".access" in path.name}
    assert set(files) == {"r.db.access", "r.db.access-wal", "r.db.access-shm"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    book.close()
    assert all((tmp_path / name).stat().st_mtime_ns == found[0] for name, found in before.items())


def test_the_file_belongs_to_whom_the_registry_belongs_to(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    Journal.create(file, {"profile": "p", "base": "b/"}).close()
    if os.geteuid() == 0:
        os.chown(file, 65534, 65534)
    book = AccessBook.open(file)
    made(book)
    owners = {path.stat().st_uid for path in tmp_path.iterdir() if ".access" in path.name}
    assert owners == {file.stat().st_uid}
    book.close()


def test_a_file_that_everybody_may_read_is_shut(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    Journal.create(file, {"profile": "p", "base": "b/"}).close()
    AccessBook.open(file).close()
    kept = Path(f"{file}.access")
    for given, wanted in ((0o644, 0o640), (0o666, 0o660), (0o660, 0o660), (0o600, 0o600)):
        kept.chmod(given)
        AccessBook.open(file).close()
        assert stat.S_IMODE(kept.stat().st_mode) == wanted


def test_without_a_registry_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(RegistryError):
        AccessBook.open(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_format_is_refused(place: str) -> None:
    AccessBook.open(place).close()
    engine = open_database(place)
    with engine.begin() as connection:
        connection.execute(sa.update(tables.meta).values(value=str(tables.FORMAT + 1)))
    with pytest.raises(RegistryError) as caught:
        AccessBook.open(place)
    assert str(tables.FORMAT + 1) in caught.value.what["en"]
    engine.dispose()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    Journal.create(tmp_path / "r.db", {"profile": "p", "base": "b/"}).close()
    (tmp_path / "r.db.access").write_text("something else", encoding="utf-8")
    with pytest.raises(RegistryError):
        AccessBook.open(tmp_path / "r.db")


def test_a_registry_is_opened_by_several_at_once_for_the_first_time(place: str) -> None:
    import threading

    books: list[AccessBook] = []
    threads = [threading.Thread(target=lambda: books.append(AccessBook.open(place))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(books) == 6
    _, secret = made(books[0])
    assert books[5].principal(secret).name == "示例"
    for book in books:
        book.close()


def test_a_database_that_fails_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    Journal.create(file, {"profile": "p", "base": "b/"}).close()
    book = AccessBook.open(file)
    book.close()
    with sqlite3.connect(f"{file}.access") as connection:
        connection.execute("DROP TABLE access_token")
    connection.close()
    with pytest.raises(RegistryError):
        book.principal(new_secret())
