"""A server sees what others append at once, and asks the journal only when it must."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.registry import Registry, governing
from qualitrace.validation.model import Mode
from qualitrace.web.freshness import Freshness
from tests.graphql import kitchens
from tests.graphql.kitchens import Kitchen


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kitchen") / "kitchen.db"
    demonstration.build(kitchens.profile(), path).close()
    return path


@pytest.fixture
def two(location: Path) -> Iterator[tuple[Registry, Registry]]:
    opened = [Registry.open(location, kitchens.profile()) for _ in range(2)]
    yield opened[0], opened[1]
    for one in opened:
        one.close()


PATIENCE = 120


def decide(registry: Registry, number: int) -> None:
    rule = registry.validate().rules[0].rule
    mode = Mode.WARN if number % 2 else Mode.REJECT
    governing.set_mode(registry, rule, mode, author="示例", reason=f"{number}")


def test_changes_close_upon_another_are_all_seen(two: tuple[Registry, Registry]) -> None:
    served, other = two
    fresh = Freshness(served)
    for number in range(6):
        fresh.catch_up()
        decide(other, number)
        fresh.catch_up()
        assert served.position == other.position


def test_files_that_rest_are_relied_on(two: tuple[Registry, Registry], location: Path) -> None:
    served, other = two
    fresh = Freshness(served)
    past = time.time() - 60
    for path in (location, Path(f"{location}-wal")):
        if path.exists():
            os.utime(path, (past, past))
    assert fresh.stale()
    fresh.catch_up()
    assert not fresh.stale()
    before = other.position
    decide(other, 0)
    assert other.position > before
    assert fresh.stale()
    fresh.catch_up()
    assert served.position == other.position
    assert fresh.stale()  # the files were written to just now


def test_a_registry_without_files_is_asked_every_time() -> None:
    assert Freshness(Kitchen()).stale()


def test_answers_go_on_behind_a_slow_reader_and_the_news_come_after_it(
    two: tuple[Registry, Registry],
) -> None:
    served, other = two
    fresh = Freshness(served)
    fresh.catch_up()
    before, inside, go = served.position, threading.Event(), threading.Event()

    def slow() -> None:
        with served.reading():
            inside.set()
            assert go.wait(PATIENCE)

    thread = threading.Thread(target=slow, daemon=True)
    thread.start()
    assert inside.wait(PATIENCE)
    decide(other, 1)
    for _ in range(50):  # each would wait for the slow one if any did
        fresh.catch_up()
        with served.reading():
            assert served.position == before
    assert not served.catch_up()
    go.set()
    thread.join(PATIENCE)
    fresh.catch_up()
    assert served.catch_up()
    assert served.position == other.position


def test_news_come_without_being_asked_for_when_the_slow_one_has_left(two: tuple[Registry, Registry]) -> None:
    served, other = two
    fresh = Freshness(served)
    fresh.catch_up()
    with served.reading():
        decide(other, 0)
        asking = threading.Thread(target=fresh.catch_up, daemon=True)
        asking.start()
        asking.join(PATIENCE)
        assert served.position < other.position
    for _ in range(PATIENCE * 100):
        if served.position == other.position:
            break
        time.sleep(0.01)
    assert served.position == other.position
