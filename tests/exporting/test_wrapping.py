"""Text in a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.exporting.wrapping import em_width, printable, wrap

TEXT = st.text(st.one_of(st.sampled_from("质溯岗位，。 ab1-"), st.characters()), max_size=60)


@given(TEXT)
def test_printable_text_is_well_formed_xml(text: str) -> None:
    read = ET.fromstring(f"<a>{escape(printable(text))}</a>").text or ""
    assert read == printable(text).replace("\r\n", "\n").replace("\r", "\n")


@given(TEXT)
def test_wrapping_loses_nothing_but_spaces(text: str) -> None:
    kept = "".join(wrap(text, 8, 1000))
    assert "".join(kept.split()) == "".join(printable(text).split())


@given(TEXT, st.integers(1, 4))
def test_lines_fit(text: str, lines: int) -> None:
    wrapped = wrap(text, 8, lines)
    assert len(wrapped) <= lines
    for line in wrapped:
        assert em_width(line.rstrip("，。、；：！？）》」』】”’")) <= 8


def test_chinese_is_about_twice_as_wide() -> None:
    assert em_width("岗位") == 2
    assert em_width("ＡＢ") == 2
    assert em_width("ab") < 1.5
    assert em_width("e\u0301") == em_width("e")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一二三四五六七八九", ["一二三四五六七八", "九"]),
        ("一二三四五六七八，九", ["一二三四五六七", "八，九"]),
        ("", []),
        ("   ", []),
    ],
)
def test_chinese_breaks_anywhere_but_before_a_comma(text: str, expected: list[str]) -> None:
    assert wrap(text, 8, 3) == expected


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert wrap("一二三四五六七八九十", 4, 2) == ["一二三四", "五六七…"]


def test_english_breaks_at_spaces() -> None:
    assert wrap("post of the unit", 5, 5) == ["post of", "the unit"]
