"""A slow reader holds up neither other readers nor, for ever, those who write. Time is what the test says."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest

from qualitrace.registry.gate import Gate
from tests.registry.test_gate import PATIENCE, run


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; fails when it never comes."""
    waiting = threading.Event()
    for _ in range(PATIENCE * 100):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


class Slow:
    """A reader that reads until it is told to leave."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._inside, self._go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._gate.reading():
            self._inside.set()
            self._go.wait(PATIENCE)

    @property
    def inside(self) -> bool:
        return self._inside.is_set()

    def leave(self) -> None:
        self._go.set()
        self._thread.join(PATIENCE)


def look(gate: Gate) -> None:
    with gate.reading():
        pass


def writer(gate: Gate, wrote: threading.Event) -> threading.Thread:
    def write() -> None:
        with gate.writing():
            wrote.set()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def test_a_slow_reader_holds_up_newcomers_once_and_briefly() -> None:
    clock = Clock()
    gate, wrote = Gate(brief=0.01, clock=clock), threading.Event()
    slow = Slow(gate)
    until(lambda: slow.inside)
    thread = writer(gate, wrote)
    until(lambda: gate._waiting)
    early = Slow(gate)
    assert not early.inside  # the door is shut, and time stands still
    clock.now = 0.02
    until(lambda: early.inside)
    assert gate.held_up
    early.leave()
    for _ in range(50):  # however long it reads, and whatever the clock says
        clock.now += 1
        run(lambda: look(gate))
        assert not wrote.is_set()
    slow.leave()
    thread.join(PATIENCE)
    assert wrote.is_set()
    assert not gate.held_up


def test_a_writer_waits_for_a_bounded_number_of_generations_of_slow_readers() -> None:
    clock, attempts = Clock(), 3
    gate, wrote = Gate(brief=0.01, attempts=attempts, clock=clock), threading.Event()
    slow = Slow(gate)
    until(lambda: slow.inside)
    thread = writer(gate, wrote)
    for attempt in range(attempts):
        until(lambda: gate._waiting)
        following = Slow(gate)
        clock.now += 0.01 * 4**attempt + 0.005
        if attempt < attempts - 1:
            until(partial(getattr, following, "inside"))
            assert not wrote.is_set()
            slow.leave()
            slow = following
    # The last attempt was in vain, too: from now on nobody comes in before the writer.
    until(lambda: gate._opened == attempts)
    assert not following.inside
    clock.now += 1_000
    assert not following.inside
    slow.leave()
    thread.join(PATIENCE)
    assert wrote.is_set()
    until(lambda: following.inside)
    following.leave()


def test_who_waits_briefly_gives_up_behind_a_slow_reader_and_does_not_wait_again() -> None:
    clock = Clock()
    gate = Gate(brief=0.01, clock=clock)
    slow = Slow(gate)
    until(lambda: slow.inside)
    tried = list[bool]()

    def soon() -> None:
        with gate.writing_soon() as may:
            tried.append(may)

    thread = threading.Thread(target=soon, daemon=True)
    thread.start()
    until(lambda: gate._waiting)
    clock.now = 0.02
    thread.join(PATIENCE)
    assert tried == [False]
    assert gate.held_up
    soon()  # the clock stands still: it does not wait at all
    assert tried == [False, False]
    run(lambda: look(gate))  # nor does anybody else
    slow.leave()
    soon()
    assert tried == [False, False, True]


def test_who_waits_briefly_does_not_lengthen_the_attempt_of_a_writer() -> None:
    clock = Clock()
    gate, wrote = Gate(brief=0.01, clock=clock), threading.Event()
    slow = Slow(gate)
    until(lambda: slow.inside)
    thread = writer(gate, wrote)
    until(lambda: gate._shut_until is not None)
    ends = gate._shut_until
    gate._brief = 0.0  # gives up at once
    with gate.writing_soon() as may:
        assert not may
    assert gate._shut_until == ends
    clock.now = 0.02
    until(lambda: gate.held_up)
    slow.leave()
    thread.join(PATIENCE)
    assert wrote.is_set()


@pytest.mark.parametrize("seed", range(4))
def test_nobody_waits_for_ever_and_nobody_sees_half_a_change(seed: int) -> None:
    """Readers come and come, some slow, until every writer has had its turns."""
    gate = Gate(brief=0.001)
    values, writers = [0] * 20, 3
    left = [20] * writers
    given_up = list[bool]()

    def write(number: int) -> None:
        while left[number]:
            with gate.writing():
                assert not gate.held
                values[:] = [values[0] + 1] * len(values)
                left[number] -= 1

    def write_soon() -> None:
        while any(left):
            with gate.writing_soon() as may:
                given_up.append(not may)
                if may:
                    values[:] = [values[0] + 1] * len(values)

    def read(number: int) -> None:
        chance, nothing = random.Random(100 * seed + number), threading.Event()
        while any(left):
            with gate.reading():
                first = list(values)
                if chance.random() < 0.2:
                    nothing.wait(0.01)
                with gate.reading():
                    assert values == first
            assert len(set(first)) == 1

    works = [partial(write, number) for number in range(writers)] + [write_soon, write_soon]
    run(*works, *(partial(read, number) for number in range(12)))
    assert values[0] == 20 * writers + given_up.count(False)
    assert not gate._readers
    assert not gate._waiting
    assert gate._writer is None
