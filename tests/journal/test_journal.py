"""The journal on both databases."""

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.errors import ConflictError, RegistryError
from qualitrace.journal import Basis, Changeset, Decision, Document, Journal, Record, Source, SourcedFact
from qualitrace.journal.database import database_url
from qualitrace.store import STATED, OxigraphEngine
from qualitrace.terms import Fact, literal

SETTINGS = {"base": "https://example.org/id/", "profile": "https://example.org/profile"}


def statement(subject: str, value: str, *, document: str = "a.csv", row: int = 1) -> SourcedFact:
    return SourcedFact(
        Fact(f"https://example.org/id/{subject}", "https://example.org/p", literal(value)),
        Source(document, "sheet", row, "A1", Basis.STATED),
    )


def next_changeset(
    journal: Journal,
    added: list[SourcedFact],
    removed: list[SourcedFact] | None = None,
    *,
    facts_removed: tuple[Fact, ...] | None = None,
) -> Changeset:
    position, parent = journal.head()
    removed = removed or []
    draft = Changeset(
        position=position + 1,
        parent=parent,
        author="示例",
        at="2025-03-01T00:00:00.000000Z",
        message="m",
        documents=(Document("a.csv", "0" * 64),),
        added=tuple(added),
        removed=tuple(removed),
        facts_added=tuple(dict.fromkeys(entry.fact for entry in added)),
        facts_removed=tuple(e.fact for e in removed) if facts_removed is None else facts_removed,
    )
    return replace(draft, id=draft.digest())


@pytest.fixture
def journal(location: str) -> Iterator[Journal]:
    made = Journal.create(location, SETTINGS)
    yield made
    made.close()


def test_what_is_appended_is_read_back(journal: Journal) -> None:
    first = next_changeset(journal, [statement("一", "值"), statement("b", "v", row=2)])
    journal.append(first, [("notices", [{"zh": "注意"}])])
    second = next_changeset(journal, [statement("c", "v")], [statement("b", "v", row=2)])
    journal.append(second)
    assert list(journal.changesets()) == [first, second]
    assert list(journal.changesets(1)) == [second]
    assert journal.head() == (2, second.id)
    assert second.parent == first.id
    assert list(journal.recorded("notices", after=0, upto=2)) == [(first.at, [{"zh": "注意"}])]
    assert journal.settings()["base"] == SETTINGS["base"]
    assert set(journal.statements("a.csv")) == {statement("一", "值"), statement("c", "v")}


def test_a_changed_word_changes_the_identifier(journal: Journal) -> None:
    original = next_changeset(journal, [statement("a", "v")])
    for other in (
        replace(original, author="x"),
        replace(original, message="x"),
        replace(original, parent="x"),
        replace(original, added=(statement("a", "w"),)),
        replace(original, added=(statement("a", "v", row=7),)),
        replace(original, added=(), removed=original.added),
        replace(original, documents=(Document("a.csv", "1" * 64),)),
    ):
        assert other.digest() != original.digest()


def test_no_text_can_be_taken_for_structure(journal: Journal) -> None:
    original = next_changeset(journal, [statement("a", "v")])
    digests = {
        replace(original, author="a\nat b", at="c").digest(),
        replace(original, author="a", at="b\nat c").digest(),
        replace(original, author='a","at":"b', at="c").digest(),
        original.digest(),
    }
    assert len(digests) == 4
    shifted = [
        SourcedFact(original.added[0].fact, Source("a › b", "c", 1)),
        SourcedFact(original.added[0].fact, Source("a", "b › c", 1)),
        SourcedFact(original.added[0].fact, Source("a", "b", None, "c › 1")),
    ]
    assert len({replace(original, added=(entry,)).digest() for entry in shifted}) == 3


def test_the_order_of_statements_does_not_matter_to_the_identifier(journal: Journal) -> None:
    entries = [statement("a", "v"), statement("b", "w"), statement("c", "x")]
    assert next_changeset(journal, entries).digest() == next_changeset(journal, entries[::-1]).digest()


TAMPERING = [
    "update record set body = replace(body, '等候任命', '另有原因') where kind = 'exception'",
    "update record set kind = 'enforcement' where kind = 'exception'",
    "insert into record (id, changeset, kind, body) values (9, 1, 'enforcement', '{}')",
    "delete from record where kind = 'exception'",
]


@pytest.mark.parametrize("tampering", TAMPERING)
def test_decisions_are_content(journal: Journal, tampering: str) -> None:
    """A changed, renamed, added or deleted decision no longer fits the identifier."""
    plain = next_changeset(journal, [statement("a", "v")])
    body = {"reason": "等候任命", "rule": "https://example.org/rule"}
    draft = replace(plain, records=(Record.of(Decision.EXCEPTION, body),))
    decided = replace(draft, id=draft.digest())
    assert decided.id != plain.id
    assert Record.of(Decision.EXCEPTION, dict(reversed(body.items()))) == decided.records[0]
    journal.append(decided, [("loading", {"notices": []})])
    assert list(journal.changesets()) == [decided]
    assert list(journal.recorded("exception", after=0, upto=1)) == [(decided.at, body)]
    with journal.database.begin() as connection:
        assert connection.exec_driver_sql(tampering).rowcount == 1
    (read,) = journal.changesets()
    assert read.id == decided.id
    assert read.digest() != read.id


def test_a_stale_parent_is_a_conflict_and_changes_nothing(journal: Journal) -> None:
    first = next_changeset(journal, [statement("a", "v")])
    other = next_changeset(journal, [statement("b", "v")])
    journal.append(first)
    with pytest.raises(ConflictError):
        journal.append(other)
    assert list(journal.changesets()) == [first]


def test_a_removal_of_what_is_not_there_is_refused_and_changes_nothing(journal: Journal) -> None:
    with pytest.raises(ConflictError):
        journal.append(next_changeset(journal, [statement("b", "v")], [statement("a", "v")]))
    assert journal.head() == (0, "")
    assert journal.statements("a.csv") == []


def test_a_statement_that_is_there_already_is_refused(journal: Journal) -> None:
    """Else it would be there twice, and removing it would leave one behind."""
    first = next_changeset(journal, [statement("a", "v")])
    journal.append(first)
    with pytest.raises(ConflictError):
        journal.append(next_changeset(journal, [statement("b", "v"), statement("a", "v")]))
    assert list(journal.changesets()) == [first]
    journal.append(next_changeset(journal, [statement("a", "v")], [statement("a", "v")]))
    assert journal.statements("a.csv") == [statement("a", "v")]


def test_every_place_that_states_a_fact_is_told(journal: Journal) -> None:
    here, there = statement("a", "v"), statement("a", "v", document="b.csv", row=9)
    journal.append(next_changeset(journal, [here, there]))
    assert journal.sources([here.fact]) == {here.fact: (here.source, there.source)}
    journal.append(next_changeset(journal, [], [here], facts_removed=()))
    assert journal.sources([here.fact]) == {here.fact: (there.source,)}


def test_opening_what_is_no_registry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError):
        Journal.open(tmp_path / "missing.db")
    (tmp_path / "text.db").write_text("not a database", encoding="utf-8")
    with pytest.raises(RegistryError):
        Journal.open(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "other.db").execute("create table t (a)").connection.commit()
    with pytest.raises(RegistryError):
        Journal.open(tmp_path / "other.db")
    with pytest.raises(RegistryError):
        Journal.open("nonsense://::")
    with pytest.raises(RegistryError):
        Journal.open("nosuchdatabase://host/name")
    Journal.create(tmp_path / "r.db", SETTINGS)
    with pytest.raises(RegistryError):
        Journal.create(tmp_path / "r.db", SETTINGS)


def test_two_processes_append_one_after_the_other(location: str) -> None:
    Journal.create(location, SETTINGS).close()
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_journal import *
journal = Journal.open({location!r})
name = sys.argv[1]
done = 0
while done < 15:
    try:
        journal.append(next_changeset(journal, [statement(f"{{name}}{{done}}", "v")]))
        done += 1
    except ConflictError:
        pass
"""
    writers = [subprocess.Popen([sys.executable, "-c", script, name]) for name in ("a", "b")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    entries = list(Journal.open(location).changesets())
    assert [entry.position for entry in entries] == list(range(1, 31))
    assert all(later.parent == earlier.id for earlier, later in itertools.pairwise(entries))


def empty_journal(location: str) -> Journal:
    """A journal made anew in one place, however often."""
    if "://" not in location:
        for suffix in ("", "-wal", "-shm"):
            Path(location + suffix).unlink(missing_ok=True)
        return Journal.create(location, SETTINGS)
    with sa.create_engine(database_url(location), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return Journal.create(location, SETTINGS)


operations = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(operations, min_size=1, max_size=5))
def test_replaying_the_journal_gives_the_statements_in_force(
    location: str, history: list[list[tuple[bool, int, int]]]
) -> None:
    """A model: a set of statements; facts are those with at least one statement."""
    journal = empty_journal(location)
    held: set[SourcedFact] = set()
    for batch in history:
        before = {entry.fact for entry in held}
        now = set(held)
        for add, subject, row in batch:
            (now.add if add else now.discard)(statement(str(subject), "v", row=row))
        added, removed = sorted(now - held, key=repr), sorted(held - now, key=repr)
        after = {entry.fact for entry in now}
        draft = replace(
            next_changeset(journal, added, removed),
            facts_added=tuple(sorted(after - before)),
            facts_removed=tuple(sorted(before - after)),
        )
        journal.append(draft)
        held = now
    engine = OxigraphEngine()
    for changeset in journal.changesets():
        engine.apply(changeset)
    assert set(engine.facts(STATED)) == {entry.fact for entry in held}
    assert engine.position == journal.head()[0]
    assert set(journal.statements("a.csv")) == held
    assert set(journal.facts()) == {entry.fact for entry in held}
    journal.close()
