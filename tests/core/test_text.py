"""Which of several texts is chosen, whatever order they were read in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualitrace.text import Text

TEXTS = st.dictionaries(st.sampled_from(("", "zh", "en", "en-gb", "fr")), st.sampled_from(("", "a", "名")))


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_choice_does_not_hang_on_the_order_of_reading(texts: dict[str, str], chance: object) -> None:
    items = list(texts.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert Text(dict(items)).best() == Text(texts).best()
    assert Text(dict(items)).both() == Text(texts).both()


def test_what_says_nothing_is_not_chosen_where_nobody_asked_for_it() -> None:
    assert Text({"fr": "", "en-gb": "名"}).best("zh", "en") == "名"
    assert Text({"fr": ""}).best("zh", "en") == ""
