"""A smallest part that still shows it, against trying every part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from qualitrace.reasoning.minimal import minimal

# Any one of these sets of culprits shows it.
culprits = st.lists(st.frozensets(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=3)


@given(culprits)
def test_nothing_can_be_left_out_and_it_is_shown(sets: list[frozenset[int]]) -> None:
    def shows(part: Sequence[int]) -> bool:
        return any(one <= set(part) for one in sets)

    found = minimal(range(10), shows)
    assert shows(found) and found == sorted(found)
    assert not any(shows(part) for part in combinations(found, len(found) - 1))


def test_it_is_asked_seldom() -> None:
    asked = []

    def shows(part: Sequence[int]) -> bool:
        asked.append(part)
        return {17, 900} <= set(part)

    assert minimal(range(1000), shows) == [17, 900]
    assert len(asked) < 60


def test_what_shows_without_anything_needs_nothing() -> None:
    assert minimal("abc", lambda part: True) == []
    with pytest.raises(ValueError, match="do not show"):
        minimal("abc", lambda part: False)
