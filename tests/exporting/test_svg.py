"""The picture, re-read as XML: what it shows is what the trace says."""

from __future__ import annotations

import dataclasses
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.exporting import trace_svg
from qualitrace.exporting.diagram import diagram_of
from qualitrace.journal.model import Basis, Source
from qualitrace.profile import Profile
from qualitrace.text import Text
from qualitrace.tracing.model import Ending, Trace
from tests.exporting.conftest import NASTY, TraceFrom, node

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def trace(trace_from: TraceFrom) -> Trace:
    return trace_from("indicator/Z1")


def groups(svg: str, kind: str) -> list[ET.Element]:
    """The top groups of one kind; the legend's own arrows are not among them."""
    return [
        group for group in ET.fromstring(svg).findall(f"{SVG}g") if kind in group.get("class", "").split()
    ]


def words(group: ET.Element) -> str:
    return "".join(text.text or "" for text in group.iter(f"{SVG}text"))


def test_there_is_a_box_for_every_node_and_every_gap(trace: Trace, profile: Profile) -> None:
    svg = trace_svg(trace, profile)
    gaps = {(path.steps[-1].target, path.missing) for path in trace.paths if path.ending is Ending.ABSENT}
    stewards = {path.steward for path in trace.paths} - {
        iri for path in trace.paths for step in path.steps for iri in (step.source, step.target)
    }
    assert len(groups(svg, "box")) == len(set(trace.nodes) - stewards) + len(gaps)
    assert len(groups(svg, "absent")) == 2 * len(gaps)  # the box and the arrow to it
    reached = {path.steps[-1].target for path in trace.paths if path.ending is Ending.REACHED}
    assert len(groups(svg, "reached")) == len(reached)
    assert len(groups(svg, "start")) == 1


def test_lines_show_the_basis(trace: Trace, profile: Profile) -> None:
    svg = trace_svg(trace, profile)
    steps = {
        (step.source, step.property, step.target): step.basis for path in trace.paths for step in path.steps
    }
    assert {Basis.STATED, Basis.INFERRED, Basis.INHERITED} == set(steps.values())
    for basis in (Basis.STATED, Basis.INFERRED, Basis.INHERITED):
        expected = sum(found is basis for found in steps.values())
        assert len(groups(svg, basis.value)) == expected


def test_absences_are_named(trace: Trace, profile: Profile) -> None:
    missing = {path.absence.best("zh") for path in trace.paths if path.ending is Ending.ABSENT}
    red = [words(group) for group in groups(trace_svg(trace, profile), "absent")]
    assert missing
    for absence in missing:
        assert any(absence in text for text in red)


def test_acting_holders_and_dates_are_shown(trace: Trace, profile: Profile) -> None:
    for language, expected in (("zh", "代理 2025-01-01 – 至今"), ("en", "acting 2025-01-01 – now")):
        boxes = [words(group) for group in groups(trace_svg(trace, profile, language), "box")]
        assert [text for text in boxes if expected in text] == [
            text for text in boxes if "示例任职二" in text
        ]


def test_a_node_without_a_name_is_called_by_what_it_holds(trace: Trace, profile: Profile) -> None:
    nodes = {
        iri: dataclasses.replace(known, label=Text()) if "appointment" in iri else known
        for iri, known in trace.nodes.items()
    }
    boxes = diagram_of(dataclasses.replace(trace, nodes=nodes), profile, "zh").boxes
    titles = {box.key: (box.title, box.note) for box in boxes}
    assert titles[node("appointment/2")] == ("代理 2025-01-01 – 至今", "")


def test_a_node_of_which_nothing_is_known_is_called_by_its_identifier(trace: Trace, profile: Profile) -> None:
    bare = {iri: dataclasses.replace(known, label=Text()) for iri, known in trace.nodes.items()}
    boxes = diagram_of(dataclasses.replace(trace, nodes=bare), profile, "zh").boxes
    assert {box.key: box.title for box in boxes}[node("duty/甲/D1")] == "甲/D1"


def test_it_has_a_title_and_says_itself_in_words(trace: Trace, profile: Profile) -> None:
    root = ET.fromstring(trace_svg(trace, profile))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert title is not None and title.text == "示例指标 → 人员, 2025-03-01"
    assert description is not None and description.text
    assert len(description.text.strip().splitlines()) == len(diagram_of(trace, profile, "zh").arrows)


def test_arrows_tell_where_they_are_written(trace: Trace, profile: Profile) -> None:
    path = trace.paths[0]
    step = dataclasses.replace(path.steps[0], sources=(Source("示例.xlsx", "表 2", 7, "C7"),))
    sourced = dataclasses.replace(
        trace, paths=(dataclasses.replace(path, steps=(step, *path.steps[1:])), *trace.paths[1:])
    )
    titles = [group.findtext(f"{SVG}title") or "" for group in groups(trace_svg(sourced, profile), "arrow")]
    assert sum("示例.xlsx › 表 2 › 7 › C7" in title for title in titles) == 1


def test_everything_lies_inside_the_picture(trace: Trace, profile: Profile) -> None:
    svg = trace_svg(trace, profile)
    root = ET.fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for group in groups(svg, "box"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        x, y, w, h = (float(rect.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        for text in group.findall(f"{SVG}text"):
            assert y <= float(text.get("y", "nan")) <= y + h


def test_text_of_documents_stays_text(trace: Trace, profile: Profile) -> None:
    svg = trace_svg(trace, profile)
    titles = [group.findtext(f"{SVG}title") or "" for group in groups(svg, "box")]
    assert any(NASTY.replace("\x07", "") in title for title in titles)
    assert not list(ET.fromstring(svg).iter(f"{SVG}b"))


def test_a_backwards_trace_keeps_its_arrows_and_starts_at_the_person(
    trace_from: TraceFrom, profile: Profile
) -> None:
    svg = trace_svg(trace_from("person/3", "Indicator", backwards=True), profile)
    assert "示例王三" in words(groups(svg, "start")[0])
    assert "示例指标" in words(groups(svg, "reached")[0])


def test_a_trace_without_paths_is_still_a_picture(trace_from: TraceFrom, profile: Profile) -> None:
    svg = trace_svg(trace_from("person/1", "Indicator"), profile)
    assert len(groups(svg, "box")) == 1
    assert groups(svg, "arrow") == []


def test_what_is_left_out_is_said(trace: Trace, profile: Profile) -> None:
    partial = dataclasses.replace(trace, partial=True)
    assert "答案不完整" in trace_svg(partial, profile)
    assert "the answer is partial" in trace_svg(partial, profile, "en")
    assert "答案不完整" not in trace_svg(trace, profile)
    small = diagram_of(trace, profile, "zh", limit=3)
    assert small.hidden > 0
    drawn = {(arrow.source, arrow.target) for arrow in small.arrows}
    assert {end for edge in drawn for end in edge} == {box.key for box in small.boxes}


def test_broad_traces_go_from_left_to_right(trace: Trace, profile: Profile) -> None:
    path = trace.paths[0]
    many = []
    nodes = dict(trace.nodes)
    for number in range(12):
        target = f"{path.steps[0].target}/{number}"
        nodes[target] = dataclasses.replace(nodes[path.steps[0].target], iri=target)
        many.append(dataclasses.replace(path, steps=(dataclasses.replace(path.steps[0], target=target),)))
    root = ET.fromstring(trace_svg(dataclasses.replace(trace, paths=tuple(many), nodes=nodes), profile))
    assert float(root.get("height", 0)) > float(root.get("width", 0))


def test_same_trace_same_picture(trace: Trace, profile: Profile) -> None:
    assert trace_svg(trace, profile) == trace_svg(trace, profile)


# ---------------------------------------------------------------- templates


@pytest.fixture
def own_profile(profile: Profile, tmp_path: Path) -> Profile:
    shutil.copytree(profile.directory / "exports", tmp_path / "exports")
    return dataclasses.replace(profile, directory=tmp_path)


def test_a_profile_restyles_the_picture(trace: Trace, own_profile: Profile) -> None:
    template = own_profile.directory / "exports" / "trace.svg.j2"
    template.write_text(
        '{% extends "default/trace.svg.j2" %}{% block style %}.box rect { fill: red }{% endblock %}'
    )
    assert ".box rect { fill: red }" in trace_svg(trace, own_profile)


def test_without_a_template_the_default_serves(trace: Trace, own_profile: Profile) -> None:
    (own_profile.directory / "exports" / "trace.svg.j2").unlink()
    assert groups(trace_svg(trace, own_profile), "box")


def test_the_shipped_styles_name_classes_of_the_profile(profile: Profile) -> None:
    template = (profile.directory / "exports" / "trace.svg.j2").read_text(encoding="utf-8")
    styled = {word[1:] for word in template.split() if word.startswith(".") and word[1:2].isupper()}
    assert len(styled) > 10
    assert styled <= {model.name for model in profile.classes.values()}


@pytest.mark.parametrize(
    "text",
    [
        "{% if %}",
        "{{ nothing.there }}",
        "{{ ''.__class__.__mro__ }}",
        "{% include 'absent.j2' %}",
        "{% for x in range(100000000) %}{% endfor %}",
    ],
)
def test_a_bad_template_says_which_file(trace: Trace, own_profile: Profile, text: str) -> None:
    (own_profile.directory / "exports" / "trace.svg.j2").write_text(text)
    with pytest.raises(ProfileError) as caught:
        trace_svg(trace, own_profile)
    assert "trace.svg.j2" in caught.value.where
