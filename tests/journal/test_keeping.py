"""Backup, restore, compaction, export and import, from each database to each."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.errors import RegistryError
from qualitrace.journal import Journal
from qualitrace.journal.keeping import backup, compact, restore
from qualitrace.journal.moving import export_journal, import_journal
from qualitrace.journal.verifying import faults
from tests.databases import DATABASES, Server
from tests.journal.histories import SETTINGS, Writer, everything, statement


@pytest.fixture
def journal(location: str) -> Iterator[Journal]:
    made = everything(location)
    yield made
    made.close()


@pytest.fixture(params=DATABASES)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "elsewhere.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


def same(one: Journal, location: str) -> None:
    other = Journal.open(location)
    assert list(faults(other)) == []
    assert list(other.changesets()) == list(one.changesets())
    assert list(other.events()) == list(one.events())
    assert other.settings() == one.settings()
    assert set(other.facts()) == set(one.facts())
    writer = Writer(other)  # and it can be written on
    writer.commit([statement("new", "v")])
    assert list(faults(other)) == []
    other.close()


def test_an_import_is_what_was_exported(journal: Journal, elsewhere: str, tmp_path: Path) -> None:
    moved = export_journal(journal, tmp_path / "j.jsonl")
    assert (moved.changesets, moved.head) == journal.head()
    assert moved.events == len(list(journal.events()))
    assert import_journal(tmp_path / "j.jsonl", elsewhere) == moved
    other = Journal.open(elsewhere)
    export_journal(other, tmp_path / "again.jsonl")
    other.close()
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "j.jsonl").read_bytes()
    same(journal, elsewhere)


def test_a_backup_is_restored_on_either_database(journal: Journal, elsewhere: str, tmp_path: Path) -> None:
    moved = backup(journal, tmp_path / "kept")
    assert restore(tmp_path / "kept", elsewhere) == moved
    same(journal, elsewhere)


def test_an_export_can_be_compressed(journal: Journal, tmp_path: Path) -> None:
    export_journal(journal, tmp_path / "j.jsonl")
    export_journal(journal, tmp_path / "j.jsonl.gz")
    assert gzip.decompress((tmp_path / "j.jsonl.gz").read_bytes()) == (tmp_path / "j.jsonl").read_bytes()
    import_journal(tmp_path / "j.jsonl.gz", tmp_path / "other.db")
    same(journal, str(tmp_path / "other.db"))


def test_a_broken_export_is_refused_and_leaves_nothing(
    journal: Journal, tmp_path: Path, postgresql: Server
) -> None:
    export_journal(journal, tmp_path / "j.jsonl")
    lines = (tmp_path / "j.jsonl").read_bytes().splitlines(keepends=True)
    place = postgresql.new_database()
    broken = [
        lines[:-1],
        lines[:-2] + lines[-1:],
        lines[:3] + lines[4:],
        [*lines[:-1], lines[-1], lines[2]],
        [line.replace("值".encode(), "好".encode()) for line in lines],
        [*lines[:2], b"{}\n", *lines[2:]],
        [b"x", *lines],
        lines[1:],
        [],
    ]
    for number, some in enumerate(broken):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(b"".join(some))
        for target in (str(tmp_path / "new.db"), place):
            with pytest.raises(RegistryError) as caught:
                import_journal(path, target)
            assert caught.value.hint["en"]
            with pytest.raises(RegistryError):
                Journal.open(target)
        assert list(tmp_path.glob("new.db*")) == []


def test_a_resealed_lie_is_refused(journal: Journal, tmp_path: Path) -> None:
    """Whoever alters a line and mends the file's own hash still breaks the chain."""
    import hashlib
    import json

    export_journal(journal, tmp_path / "j.jsonl")
    lines = (tmp_path / "j.jsonl").read_bytes().splitlines(keepends=True)
    body = b"".join(lines[:-1]).replace("值".encode(), "好".encode())
    end = json.loads(lines[-1])["end"] | {"sha256": hashlib.sha256(body).hexdigest()}
    (tmp_path / "lie.jsonl").write_bytes(body + json.dumps({"end": end}).encode() + b"\n")
    with pytest.raises(RegistryError) as caught:
        import_journal(tmp_path / "lie.jsonl", tmp_path / "new.db")
    assert "changeset 1" in caught.value.where
    assert not (tmp_path / "new.db").exists()


def test_nothing_is_overwritten(journal: Journal, location: str, tmp_path: Path) -> None:
    export_journal(journal, tmp_path / "j.jsonl")
    for action in (
        lambda: export_journal(journal, tmp_path / "j.jsonl"),
        lambda: backup(journal, tmp_path / "j.jsonl"),
        lambda: import_journal(tmp_path / "j.jsonl", location),
        lambda: restore(tmp_path / "j.jsonl", location),
        lambda: restore(tmp_path / "missing", tmp_path / "x.db"),
        lambda: export_journal(journal, tmp_path / "no folder" / "j.jsonl"),
    ):
        with pytest.raises(RegistryError):
            action()
    assert list(faults(journal)) == []


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    made = everything(str(tmp_path / "r.db"))
    backup(made, tmp_path / "kept.db")
    made.close()
    content = (tmp_path / "kept.db").read_bytes()
    (tmp_path / "kept.db").write_bytes(content.replace("注意".encode(), "好了".encode()))
    with pytest.raises(RegistryError) as caught:
        restore(tmp_path / "kept.db", tmp_path / "new.db")
    assert "record" in caught.value.where
    assert not (tmp_path / "new.db").exists()


def test_a_backup_of_a_journal_in_use_is_one_state_of_it(location: str, tmp_path: Path) -> None:
    journal = Journal.create(location, SETTINGS)
    done, stop = threading.Event(), threading.Event()

    def write_on() -> None:
        other = Journal.open(location)
        writer, number = Writer(other), 0
        while not stop.is_set():
            number += 1
            writer.commit([statement(f"n{number}", "v"), statement(f"m{number}", "v")])
            if number == 5:
                done.set()
        other.close()

    writing = threading.Thread(target=write_on)
    writing.start()
    try:
        assert done.wait(60)
        for number in range(3):
            moved = backup(journal, tmp_path / f"{number}.backup")
            restore(tmp_path / f"{number}.backup", tmp_path / f"{number}.db")
            kept = Journal.open(tmp_path / f"{number}.db")
            assert list(faults(kept)) == []
            assert (
                kept.head()
                == (moved.changesets, moved.head)
                == (moved.changesets, journal.id_at(moved.changesets))
            )
            assert len(list(kept.facts())) == 2 * moved.changesets
            kept.close()
    finally:
        stop.set()
        writing.join()
    journal.close()


def test_compaction_changes_nothing_that_is_said(location: str) -> None:
    journal = Journal.create(location, SETTINGS)
    writer = Writer(journal)
    report = {"findings": [["https://example.org/rule", f"https://example.org/{n}"] for n in range(300)]}
    for number in range(30):
        writer.commit([statement(f"n{number}", "v")], told=(("validation", report),))
    before = (list(journal.changesets()), list(journal.recorded("validation", after=0, upto=30)))
    done = compact(journal)
    assert done.records == 30
    assert done.after < done.before
    assert (list(journal.changesets()), list(journal.recorded("validation", after=0, upto=30))) == before
    assert list(faults(journal)) == []
    assert compact(journal).records == 0
    journal.close()
