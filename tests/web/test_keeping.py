"""What is made once for many who ask: the newest for who asks alone, nobody waits without need."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from qualitrace.web.keeping import Kept

PATIENCE = 120


class Making:
    """Makes values one after another; each is begun, and given when it is told to."""

    def __init__(self, state: Callable[[], int]) -> None:
        self._state = state
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.made = 0

    def __call__(self) -> tuple[int, str]:
        self.made += 1
        self.begun.release()
        assert self.go.acquire(timeout=PATIENCE)
        return self._state(), f"of {self._state()}"


class Page:
    """A page of a state that moves on; the clock goes when it is told to."""

    def __init__(self) -> None:
        self.now, self.state = 0.0, 1
        self.kept: Kept[str] = Kept(2, grace=1.0, clock=lambda: self.now)
        self.making = Making(lambda: self.state)

    def asked(self, key: str = "a") -> tuple[threading.Thread, list[str]]:
        got: list[str] = []
        thread = threading.Thread(
            target=lambda: got.append(self.kept.get(key, self.state, self.making)), daemon=True
        )
        thread.start()
        return thread, got

    def get(self, key: str = "a") -> str:
        """Ask, and let what is made be given."""
        self.making.go.release()
        thread, got = self.asked(key)
        thread.join(PATIENCE)
        self.making.go.acquire(blocking=False)
        self.making.begun.acquire(blocking=False)
        return got[0]


def test_who_asks_alone_gets_the_newest_and_it_is_made_once() -> None:
    page = Page()
    assert [page.get(), page.get()] == ["of 1", "of 1"]
    page.state = 2
    assert [page.get(), page.get()] == ["of 2", "of 2"]
    assert page.making.made == 2


def test_others_get_the_one_before_while_a_new_one_is_made() -> None:
    page = Page()
    page.get()
    page.state = 2
    maker, made = page.asked()
    assert page.making.begun.acquire(timeout=PATIENCE)
    others = [page.asked() for _ in range(5)]
    for thread, _ in others:
        thread.join(PATIENCE)
    assert [got for _, got in others] == [["of 1"]] * 5
    page.making.go.release()
    maker.join(PATIENCE)
    assert made == ["of 2"]
    assert page.making.made == 2


def test_what_is_too_old_is_shown_to_nobody() -> None:
    page = Page()
    page.get()
    page.state, page.now = 2, 1.5
    maker, made = page.asked()
    assert page.making.begun.acquire(timeout=PATIENCE)
    others = [page.asked() for _ in range(5)]
    page.making.go.release()
    for thread, _ in [*others, (maker, made)]:
        thread.join(PATIENCE)
    assert [got for _, got in others] == [["of 2"]] * 5
    assert page.making.made == 2


def test_many_who_ask_first_wait_for_one() -> None:
    page = Page()
    asked = [page.asked() for _ in range(6)]
    assert page.making.begun.acquire(timeout=PATIENCE)
    page.making.go.release()
    for thread, _ in asked:
        thread.join(PATIENCE)
    assert [got for _, got in asked] == [["of 1"]] * 6
    assert page.making.made == 1


def test_what_fails_is_tried_again_by_the_next() -> None:
    page = Page()

    def fails() -> tuple[int, str]:
        raise KeyError

    with pytest.raises(KeyError):
        page.kept.get("a", 1, fails)
    assert page.get() == "of 1"
    page.state = 2
    with pytest.raises(KeyError):
        page.kept.get("a", 2, fails)
    assert page.get() == "of 2"


def test_only_so_many_are_kept() -> None:
    page = Page()
    for key in ("a", "b", "a", "c"):
        page.get(key)
    assert page.making.made == 3
    page.get("a")
    assert page.making.made == 3
    page.get("b")
    assert page.making.made == 4
