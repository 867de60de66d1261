"""The log of reads: durable, written together, asked by page, forgotten after a time; on both databases."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.access.book import AccessBook
from qualitrace.access.gate import MOST_NODES, PersonalRead
from qualitrace.access.model import Caller, Principal, Role
from qualitrace.access.noting import FORGOTTEN, READ
from qualitrace.access.reads import Asked
from qualitrace.errors import RegistryError
from qualitrace.journal import Journal

BASE = "https://example.org/id/person/"
START = dt.datetime(2025, 3, 1, 8, tzinfo=dt.UTC)


def read(number: int = 0, **given: object) -> PersonalRead:
    nodes = (f"{BASE}{number}", f"{BASE}shared")
    made = PersonalRead(
        START + dt.timedelta(hours=number), f"读者{number % 3}（示例）", "t1", f"核对 {number}", "/graphql",
        nodes, len(nodes), "127.0.0.1",
    )  # fmt: skip
    return replace(made, **given)  # type: ignore[arg-type]


def test_a_note_says_who_what_why_and_when(book: AccessBook) -> None:
    book.note(read(3))
    (found,) = book.reads()
    assert found.kind == READ and not found.cut
    assert found.read == replace(read(3), nodes=tuple(sorted(read(3).nodes)))


def test_a_caller_makes_a_note_of_now(book: AccessBook) -> None:
    caller = Caller(Principal("示例", frozenset({Role.OFFICE}), token="ab12"), "核对", "10.0.0.1")
    before = dt.datetime.now(dt.UTC)
    book.note(PersonalRead.by(caller, "trace", [BASE + "2", BASE + "1", BASE + "2"]))
    found = book.reads()[0].read
    assert before <= found.at <= dt.datetime.now(dt.UTC)
    assert (found.who, found.token, found.purpose, found.address) == ("示例", "ab12", "核对", "10.0.0.1")
    assert found.nodes == (BASE + "1", BASE + "2") and found.count == 2


def test_notes_are_asked_by_who_node_purpose_and_time(book: AccessBook) -> None:
    for number in range(12):
        book.note(read(number))
    every = book.reads()
    assert [one.read.at for one in every] == sorted((one.read.at for one in every), reverse=True)

    def asked(**given: object) -> set[int]:
        return {int(one.read.purpose.split()[1]) for one in book.reads(Asked(**given))}  # type: ignore[arg-type]

    assert asked(who="读者1（示例）") == {1, 4, 7, 10}
    assert asked(node=BASE + "5") == {5}
    assert asked(node=BASE + "shared") == set(range(12))
    assert asked(node=BASE + "none") == set()
    assert asked(purpose="核对 1") == {1, 10, 11}
    assert asked(purpose="%") == set()
    assert asked(since=START + dt.timedelta(hours=9)) == {9, 10, 11}
    assert asked(until=START + dt.timedelta(hours=2)) == {0, 1}
    assert asked(who="读者1（示例）", since=START + dt.timedelta(hours=5), node=BASE + "7") == {7}


def test_pages_follow_one_another_without_gaps_while_others_note(book: AccessBook) -> None:
    for number in range(10):
        book.note(read(number))
    pages, before = [], None
    while page := book.reads(Asked(before=before, limit=3)):
        pages.append([one.read.purpose for one in page])
        before = page[-1].id
        book.note(read(99))
    assert [purpose for page in pages for purpose in page] == [
        f"核对 {number}" for number in range(9, -1, -1)
    ]
    assert [len(page) for page in pages] == [3, 3, 3, 1]


def test_a_cut_list_is_found_for_every_node_it_may_concern(book: AccessBook) -> None:
    caller = Caller(Principal("示例", frozenset({Role.OFFICE})), "核对")
    book.note(PersonalRead.by(caller, "export", (f"{BASE}{number:05}" for number in range(MOST_NODES + 1))))
    (found,) = book.reads(Asked(node=BASE + "elsewhere"))
    assert found.cut and found.read.count == MOST_NODES + 1 and len(found.read.nodes) == MOST_NODES


def test_what_no_database_takes_is_written_all_the_same(book: AccessBook) -> None:
    book.note(read(purpose="a\0b" + "\ud800", who="x" * 9_999, nodes=("u\0", "长" * 3_000), count=2))
    found = book.reads()[0].read
    assert "\0" not in found.purpose and found.purpose.startswith("a")
    assert len(found.who) == 2_000 and len(found.nodes) == 2


def test_many_notes_at_once_are_all_kept_and_written_together(book: AccessBook) -> None:
    begun: list[object] = []
    sa.event.listen(book._engine, "commit", begun.append)
    threads = [
        threading.Thread(target=lambda n=n: [book.note(read(n * 100 + i)) for i in range(10)])
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = book.reads(Asked(limit=1_000))
    assert sorted(int(one.read.purpose.split()[1]) for one in found) == sorted(
        n * 100 + i for n in range(16) for i in range(10)
    )
    assert len(begun) < 160


def test_notes_of_two_servers_with_the_same_nodes_do_not_stand_in_each_others_way(place: str) -> None:
    books = [AccessBook.open(place), AccessBook.open(place)]
    failed: list[RegistryError] = []

    def work(number: int) -> None:
        nodes = [f"{BASE}{(number * 7 + step * 13) % 40}" for step in range(20)]
        try:
            for _ in range(8):
                books[number % 2].note(read(number, nodes=tuple(nodes), count=len(set(nodes))))
        except RegistryError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(books[0].reads(Asked(limit=1_000))) == 64
    for book in books:
        book.close()


def test_what_cannot_be_kept_is_told_to_each_and_nobody_waits_for_ever(place: str) -> None:
    book = AccessBook.open(place)
    with book._engine.begin() as connection:
        tables.read_node.drop(connection)
        tables.read.drop(connection)
    failed: list[RegistryError] = []

    def work() -> None:
        try:
            book.note(read())
        except RegistryError as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(failed) == 6 and not any(thread.is_alive() for thread in threads)
    with book._engine.begin() as connection:
        tables.metadata.create_all(connection)
    book.note(read())
    assert len(book.reads()) == 1


def test_one_bad_note_does_not_take_others_with_it(book: AccessBook) -> None:
    bad = read(count=2**80)  # no column holds it
    kept: list[int] = []
    failed: list[int] = []

    def work(number: int) -> None:
        try:
            book.note(bad if number == 5 else read(number))
            kept.append(number)
        except RegistryError:
            failed.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [5] and len(kept) == 11
    assert len(book.reads()) == 11


WORKER = """
import sys
sys.path.insert(0, sys.argv[2])
from qualitrace.access.book import AccessBook
from tests.access.test_reads import read
book = AccessBook.open(sys.argv[1])
number = 0
while True:
    book.note(read(number))
    print(number, flush=True)
    number += 1
"""


def test_what_was_noted_is_there_after_the_program_was_killed(place: str, repo_root: Path) -> None:
    command = [sys.executable, "-c", WORKER, place, str(repo_root)]
    environment = {**os.environ, "PYTHONPATH": str(repo_root / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        assert worker.stdout is not None
        said = [int(worker.stdout.readline()) for _ in range(25)]
        worker.send_signal(signal.SIGKILL)
    book = AccessBook.open(place)
    kept = {int(one.read.purpose.split()[1]) for one in book.reads(Asked(limit=1_000))}
    assert set(said) <= kept
    book.close()


def test_forgetting_is_noted_and_takes_the_identifiers_along(book: AccessBook) -> None:
    for number in range(6):
        book.note(read(number))
    assert book.forget_reads(START + dt.timedelta(hours=4), by="质量办（示例）") == 4
    found = book.reads()
    assert [one.kind for one in found] == [FORGOTTEN, READ, READ]
    told = found[0].read
    assert (told.who, told.count, told.route) == ("质量办（示例）", 4, "reads --forget-before")
    assert "2025-03-01T12:00" in told.purpose
    with book._engine.connect() as connection:
        left = set(connection.execute(sa.select(tables.node.c.iri)).scalars())
    assert left == {BASE + "4", BASE + "5", BASE + "shared"}
    assert book.forget_reads(dt.datetime.now(dt.UTC), by="t") == 2
    assert [one.kind for one in book.reads()] == [FORGOTTEN, FORGOTTEN]


def test_forgetting_while_others_note_loses_nothing_new(book: AccessBook) -> None:
    failed: list[RegistryError] = []

    def work(number: int) -> None:
        try:
            for step in range(10):
                book.note(read(number * 10 + step, at=dt.datetime.now(dt.UTC)))
        except RegistryError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        book.forget_reads(START, by="t")
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(one.kind == READ for one in book.reads(Asked(limit=1_000))) == 40


def test_the_journal_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    Journal.create(file, {"profile": "p", "base": "b/"}).close()
    before = file.read_bytes()
    book = AccessBook.open(file)
    book.note(read())
    assert file.read_bytes() == before and not file.with_name("r.db-wal").exists()
    book.close()


@pytest.mark.parametrize("limit", [0, -5])
def test_a_page_has_at_least_one_note(tmp_path: Path, limit: int) -> None:
    Journal.create(tmp_path / "r.db", {"profile": "p", "base": "b/"}).close()
    book = AccessBook.open(tmp_path / "r.db")
    book.note(read())
    book.note(read())
    assert len(book.reads(Asked(limit=limit))) == 1
