"""Readers and writers kept apart: nobody sees half a change, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from qualitrace.registry.gate import Gate, OneAtATime

PATIENCE = 120  # seconds until a test gives up; nothing here should take one


def run(*works: Callable[[], None]) -> None:
    """Run each in a thread of its own; what one raises is raised here."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - shown in the main thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    if failures:
        raise failures[0]


def test_readers_see_all_of_a_change_or_nothing() -> None:
    gate, values = Gate(), [0] * 50
    seen: set[int] = set()
    done = threading.Event()

    def write() -> None:
        for number in range(1, 40):
            with gate.writing():
                for at in range(len(values)):
                    values[at] = number
        done.set()

    def read() -> None:
        while not done.is_set():
            with gate.reading():
                first = list(values)
                with gate.reading():
                    second = list(values)
            assert len({*first, *second}) == 1
            seen.add(first[0])

    run(write, read, read, read)
    assert seen <= set(range(40))


def test_two_writers_do_not_mix() -> None:
    gate, count = Gate(), [0]

    def write() -> None:
        for _ in range(500):
            with gate.writing():
                now = count[0]
                with gate.reading(), gate.writing():
                    count[0] = now + 1

    run(write, write, write)
    assert count == [1500]


def test_reading_within_reading_goes_on_while_a_writer_waits() -> None:
    gate, waits, wrote = Gate(), threading.Event(), threading.Event()

    def read() -> None:
        with gate.reading():
            waits.wait(PATIENCE)
            while not gate._waiting:
                pass
            with gate.reading():
                assert not wrote.is_set()

    def write() -> None:
        waits.set()
        with gate.writing():
            wrote.set()

    run(read, write)
    assert wrote.is_set()


def test_a_writer_comes_before_readers_that_come_later() -> None:
    gate, order = Gate(), list[str]()
    inside, written = threading.Event(), threading.Event()

    def first() -> None:
        with gate.reading():
            inside.set()
            while not gate._waiting:
                pass

    def write() -> None:
        inside.wait(PATIENCE)
        with gate.writing():
            order.append("written")
        written.set()

    def later() -> None:
        inside.wait(PATIENCE)
        while not gate._waiting and not written.is_set():
            pass
        with gate.reading():
            order.append("read")

    run(first, write, later, later)
    assert order == ["written", "read", "read"]


def test_who_reads_cannot_write() -> None:
    gate = Gate()
    with gate.reading():
        assert gate.held
        with pytest.raises(RuntimeError), gate.writing():
            pass
    assert not gate.held
    with gate.writing():
        assert not gate.held


def test_what_fails_inside_lets_the_next_one_in() -> None:
    gate = Gate()
    alone = OneAtATime(gate)
    for way in (gate.reading(), gate.writing(), alone):
        with pytest.raises(KeyError), way:
            raise KeyError
    with gate.writing(), alone, alone:
        pass
    run(lambda: gate.writing().__enter__())
