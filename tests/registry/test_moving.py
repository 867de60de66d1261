"""A registry that was opened on disk goes on in memory while it is asked and changed."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from qualitrace.errors import QueryError
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine, saved
from qualitrace.store.moving import Moving
from qualitrace.terms import XSD, Fact, iri, literal

GRAPHS = (STATED, INFERRED, PROFILE)
FORMS = ("4", "4.0", "04.00", "5.5", "5.50")  # some are one value to the store


def any_fact(chance: random.Random) -> Fact:
    subject, number = f"https://example.org/{chance.randrange(40)}", chance.randrange(6)
    if chance.random() < 0.5:
        return Fact(subject, f"https://example.org/p{number}", iri(f"https://example.org/{number}"))
    text = literal(chance.choice(FORMS), datatype=XSD + "decimal")
    return Fact(subject, f"https://example.org/v{number}", text)


def some(chance: random.Random, most: int = 12) -> list[Fact]:
    return [any_fact(chance) for _ in range(chance.randrange(most))]


def said(engine: OxigraphEngine) -> dict[str, object]:
    """All that an engine tells, apart from the names of blank nodes."""
    return {
        **{graph: sorted(engine.facts(graph)) for graph in (STATED, INFERRED)},
        PROFILE: sorted((one.predicate, one.object) for one in engine.facts(PROFILE)),
        "counts": [engine.count(graph) for graph in GRAPHS],
        "size": engine.size,
        "position": engine.position,
        "exact": sorted(
            fact
            for number in range(40)
            for fact in engine.facts(subject=f"https://example.org/{number}")
            if engine.exact
        ),
        "select": sorted(
            tuple(sorted(row.items()))
            for row in engine.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }")
            if not row["s"].startswith("_:")
        ),
    }


@pytest.fixture
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[OxigraphEngine, OxigraphEngine]:
    """An engine on disk, and one in memory that holds the same."""
    chance = random.Random(1)
    plain = OxigraphEngine()
    for graph in (STATED, INFERRED):
        plain.change(graph, [any_fact(chance) for _ in range(700)], ())
    plain.load(PROFILE, "_:b <https://example.org/p> <https://example.org/o> .\n")
    forms, counted = saved.save(plain, tmp_path / "saved"), saved.counts(plain)
    monkeypatch.setattr(saved, "SMALL", 0)
    on_disk = OxigraphEngine()
    saved.restore(on_disk, tmp_path / "saved", tmp_path / "work", plain.size, forms, counted)
    assert on_disk.on_disk
    assert said(on_disk) == said(plain)
    return on_disk, plain


@pytest.mark.parametrize("seed", range(6))
def test_what_changes_meanwhile_is_there(engines: tuple[OxigraphEngine, OxigraphEngine], seed: int) -> None:
    moved, plain = engines
    chance = random.Random(seed)

    def change(times: int) -> None:
        for _ in range(times):
            added, removed, graph = some(chance), some(chance), chance.choice(GRAPHS[:2])
            for engine in engines:
                engine.change(graph, added, removed)
        new = "CONSTRUCT { ?s <https://example.org/new> ?o } WHERE { ?s <https://example.org/p3> ?o }"
        for engine in engines if chance.random() < 0.5 else ():
            engine.conclude(new, INFERRED)
        if chance.random() < 0.3:
            text = f"_:b <https://example.org/p> <https://example.org/{chance.randrange(9)}> .\n"
            for engine in engines:
                engine.load(PROFILE, text)

    change(2)
    moving = Moving(moved)
    change(chance.choice((0, 3, 40)))
    assert said(moved) == said(plain)
    with pytest.raises(QueryError):  # and nothing of it is noted
        moved.change(STATED, [Fact("no address", "https://example.org/p", iri("https://example.org/o"))], ())
    assert moving.copy()
    change(chance.choice((0, 3, 40)))
    moving.finish()
    assert not moved.on_disk
    assert moved.folder is None
    assert said(moved) == said(plain)
    change(5)
    assert said(moved) == said(plain)


def test_who_gives_up_leaves_it_on_disk(engines: tuple[OxigraphEngine, OxigraphEngine]) -> None:
    moved, plain = engines
    moving = Moving(moved)
    for engine in engines:
        engine.change(STATED, some(random.Random(3)), ())
    assert not moving.copy(lambda: True)
    moving.give_up()
    for engine in engines:
        engine.change(STATED, some(random.Random(4)), ())
    assert moved.on_disk
    assert said(moved) == said(plain)
    assert not moving._noted or len(moving._noted) == 1


def test_changes_of_another_thread_are_there(engines: tuple[OxigraphEngine, OxigraphEngine]) -> None:
    moved, plain = engines
    made, copied, movings = threading.Event(), threading.Event(), list[Moving]()

    def copy() -> None:
        movings.append(Moving(moved))
        made.set()
        assert movings[0].copy()
        copied.set()

    thread = threading.Thread(target=copy)
    thread.start()
    made.wait(120)
    chance, changes = random.Random(5), 0
    while not copied.is_set() or changes < 50:
        added, removed = some(chance), some(chance)
        for engine in engines:
            engine.change(STATED, added, removed)
        changes += 1
    thread.join()
    movings[0].finish()
    assert said(moved) == said(plain)
