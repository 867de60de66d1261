"""Mermaid text, re-read by a grammar of the flowchart subset it is written in."""

from __future__ import annotations

import re

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.exporting import trace_mermaid
from qualitrace.exporting.diagram import diagram_of
from qualitrace.exporting.mermaid import escape
from qualitrace.profile import Profile
from qualitrace.tracing.model import Trace
from tests.exporting.conftest import NASTY, TraceFrom

GRAMMAR = r"""
start: "flowchart TB" NL (statement NL)*
statement: "accTitle:" LINE           -> acc_title
         | "accDescr:" LINE           -> acc_descr
         | ID "[" STRING "]"          -> node
         | ID "-->" "|" STRING "|" ID -> edge
         | "linkStyle" NUMBERS STYLE  -> link_style
         | "classDef" NAME STYLE      -> class_def
         | "class" IDS NAME           -> class_use
STRING: "\"" /[^"`\n]*/ "\""
LINE: /[^\n]+/
ID: /n\d+/
IDS: /n\d+(,n\d+)*/
NUMBERS: /\d+(,\d+)*/
NAME: /[a-z]+/
STYLE: /[a-z-]+:[#a-z0-9 ]+(,[a-z-]+:[#a-z0-9 ]+)*|[a-z-]+[ :][^\n]+/
NL: /\n/
%ignore / +/
"""


@pytest.fixture(scope="module")
def parser() -> lark.Lark:
    return lark.Lark(GRAMMAR, parser="earley")


@pytest.fixture(scope="module")
def trace(trace_from: TraceFrom) -> Trace:
    return trace_from("indicator/Z1")


def shown(text: str) -> str:
    """What Mermaid shows for a quoted label: entities read, line breaks as spaces."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text.strip('"').replace("<br/>", " "))


def statements(parser: lark.Lark, text: str, kind: str) -> list[list[str]]:
    return [[str(token) for token in tree.children] for tree in parser.parse(text).find_data(kind)]


def test_nodes_and_edges_are_those_of_the_diagram(parser: lark.Lark, trace: Trace, profile: Profile) -> None:
    text = trace_mermaid(trace, profile)
    diagram = diagram_of(trace, profile, "zh")
    nodes = {name: shown(label) for name, label in statements(parser, text, "node")}
    edges = statements(parser, text, "edge")
    titles = {box.key: " ".join(f"{box.heading} {box.title} {box.note}".split()) for box in diagram.boxes}
    assert sorted(" ".join(label.split()) for label in nodes.values()) == sorted(titles.values())
    assert [(nodes[a], nodes[b]) for a, _, b in edges] == [
        tuple(shown_title(diagram.boxes, key) for key in (arrow.source, arrow.target))
        for arrow in diagram.arrows
    ]


def shown_title(boxes: object, key: str) -> str:
    box = next(box for box in boxes if box.key == key)  # type: ignore[attr-defined]
    return " ".join(" ".join(bit.split()) for bit in (box.heading, box.title, box.note) if bit)


def test_styles_follow_the_basis(parser: lark.Lark, trace: Trace, profile: Profile) -> None:
    text = trace_mermaid(trace, profile)
    arrows = diagram_of(trace, profile, "zh").arrows
    styles = {style: numbers.split(",") for numbers, style in statements(parser, text, "link_style")}
    for basis, style in (
        ("inferred", "stroke-dasharray:8 4"),
        ("inherited", "stroke-dasharray:2 4"),
        ("absent", "stroke:#c62828"),
    ):
        expected = [str(number) for number, arrow in enumerate(arrows) if arrow.basis == basis]
        assert expected
        assert styles[style] == expected


def test_what_is_missing_is_red(parser: lark.Lark, trace: Trace, profile: Profile) -> None:
    text = trace_mermaid(trace, profile)
    used = {role: names.split(",") for names, role in statements(parser, text, "class_use")}
    nodes = {name: shown(label) for name, label in statements(parser, text, "node")}
    assert any("岗位空缺" in nodes[name] for name in used["absent"])
    assert used["start"] == ["n0"]


def test_it_has_a_title(parser: lark.Lark, trace: Trace, profile: Profile) -> None:
    text = trace_mermaid(trace, profile, "en")
    assert statements(parser, text, "acc_title") == [[" 示例指标 → Person, 2025-03-01"]]


def test_a_trace_without_paths_is_a_single_node(
    parser: lark.Lark, trace_from: TraceFrom, profile: Profile
) -> None:
    text = trace_mermaid(trace_from("person/1", "Indicator"), profile)
    assert len(statements(parser, text, "node")) == 1
    assert statements(parser, text, "edge") == []


@given(st.one_of(st.text(), st.text('"#&<>`*_|[](){};%1.-+) \n\\~$')))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    escaped = escape(text)
    assert shown(escaped) == " ".join(text.split())
    assert not re.search(r'["`<>|\[\]{}\n]', escaped)
    assert not re.match(r"(\d+\.|[-+*])\s", escaped)


def test_same_trace_same_text(trace: Trace, profile: Profile) -> None:
    assert trace_mermaid(trace, profile) == trace_mermaid(trace, profile)
    assert NASTY not in trace_mermaid(trace, profile)
