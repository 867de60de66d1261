"""Answers kept while another machine stands where it stood: how much, and when they no longer count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualitrace.web.kept_answers import PART, KeptAnswers


class Elsewhere:
    """A machine whose state changes when the test says so; it is asked in moments of a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.states = 0  # so many there were
        self.known = (0.0, 0)  # when it was asked last, and the state then
        self.asked = 0

    def clock(self) -> float:
        self.now += 1
        return self.now

    def state(self, *, ask: bool = True) -> str | None:
        return str(self.known[1])

    def keeps_still(self, state: str, since: float) -> bool:
        if self.known[0] < since:
            self.asked += 1
            self.known = self.clock(), self.states
        return self.state() == state


def content(state: int, key: int) -> bytes:
    return f"{state} {key}".encode()


STEPS = st.lists(st.tuples(st.sampled_from(("question", "change", "change on the way")), st.integers(0, 3)))


@given(STEPS)
def test_no_answer_is_given_again_after_a_change_was_seen(steps: list[tuple[str, int]]) -> None:
    """What is given again is of the state that was last seen, whenever changes came."""
    there = Elsewhere()
    kept = KeptAnswers(100_000, clock=there.clock)
    for step, key in steps:
        if step == "change":
            there.states += 1
            there.known = there.clock(), there.states
            continue
        state = there.state()
        assert state is not None
        given = kept.get((key, state), state, there)
        if given is None:
            if step == "change on the way":  # after the state was looked at, before the question is answered
                there.states += 1
            kept.put((key, state), content(there.states, key))
        else:
            assert given == content(int(state), key)


def test_an_answer_counts_once_nothing_was_seen_to_change() -> None:
    there = Elsewhere()
    kept = KeptAnswers(100_000, clock=there.clock)
    kept.put("a", b"x")
    assert kept.get("a", "0", there, ask=False) is None, "it would have to be asked"
    assert [kept.get("a", "0", there) for _ in range(3)] == [b"x"] * 3
    assert kept.get("a", "0", there, ask=False) == b"x"
    assert there.asked == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=60))
def test_room_is_kept_to(given: list[tuple[int, int]]) -> None:
    there, room = Elsewhere(), 10_000
    kept = KeptAnswers(room, clock=there.clock)
    last: dict[int, bytes] = {}
    for key, length in given:
        made = bytes([key]) * length
        before = kept.get(key, "0", there)
        kept.put(key, made)
        small = kept.get(key, "0", there) == made
        assert small or length * PART > room - 8 * 500 or made == before
        last[key] = kept.get(key, "0", there) or b""
    found = [kept.get(key, "0", there) for key in last]
    assert sum(len(one) for one in found if one is not None) <= room
    assert all(one in (None, last[key]) for key, one in zip(last, found, strict=True))


def test_without_room_nothing_is_kept() -> None:
    there = Elsewhere()
    kept = KeptAnswers(0, clock=there.clock)
    kept.put("a", b"")
    assert kept.get("a", "0", there) is None
