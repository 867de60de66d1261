"""Which of several texts is chosen, whatever order they were read in."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from qualitrace.text import Text, readable

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


@given(st.text())
def test_a_name_that_can_be_read_stays_as_it_is(name: str) -> None:
    assert readable(name) == name


@given(st.binary(min_size=1))
def test_any_name_of_a_file_can_be_read(name: bytes) -> None:
    shown = readable(os.fsdecode(name))
    assert shown
    assert shown.encode().decode() == shown


def test_what_no_file_is_called_can_be_read_too() -> None:
    assert readable("a\ud800b\udcff") == "a?b?"


@given(st.text(st.sampled_from("单位职责标准表附件一二三"), min_size=2))
def test_chinese_names_of_old_archives_are_read(name: str) -> None:
    written = name.encode("gb18030")
    assert readable(os.fsdecode(written)) in (name, written.decode("utf-8", "replace"))
