"""The questions find in the demonstration what is planted there, and nothing else, on every face."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from typer.testing import CliRunner

from qualitrace import demonstration
from qualitrace.access.model import PUBLIC
from qualitrace.budget import Budget, TimeUpError, within
from qualitrace.cli.app import app
from qualitrace.errors import QueryError, UnavailableError
from qualitrace.exporting.network import (
    network_diagram,
    network_html,
    network_mermaid,
    network_png,
    network_svg,
)
from qualitrace.graphql import build_schema
from qualitrace.registry import Registry
from qualitrace.registry.networking import NetworkAnswer, network
from tests.graphql.asking import ask

DAY = dt.date(2025, 3, 1)
ASKED = """query ($question: String!, $asOf: Date) {
  network(question: $question, asOf: $asOf) {
    question title(language: "en") checked linkCount totalCount withheld summary remedy
    figures { name value label }
    ranking { value node { id } }
    findings(first: 10) { sentence figures { name value } unit { id }
      links(first: 300) { source { iri } target { iri } label }
      roles { role label totalCount nodes(first: 300) { node { iri } } } }
  }
}"""


@pytest.fixture(scope="module")
def planted(repo_root: Path) -> list[dict[str, Any]]:
    read = yaml.safe_load((repo_root / "examples" / "planted.yaml").read_text(encoding="utf-8"))
    assert read["as_of"] == DAY
    found: list[dict[str, Any]] = read["planted"]
    return found


@pytest.fixture(scope="module")
def answers(college: Registry) -> dict[str, NetworkAnswer]:
    return {one.name: network(college, one.name, as_of=DAY) for one in college.profile.networks}


def first_nodes(answer: NetworkAnswer) -> set[tuple[str, ...]]:
    return {tuple(sorted(node.iri for node in next(iter(one.nodes.values())))) for one in answer.findings}


def test_every_question_has_something_planted(
    college: Registry, planted: list[dict[str, Any]], repo_root: Path
) -> None:
    asked = {one["question"] for one in planted if "question" in one}
    assert asked == {one.name for one in college.profile.networks}
    readme = (repo_root / "examples" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\| (P\d\d) \|.*?\| `([^`]+)` \| (.*) \|", readme)
    written = [
        (one["id"], one.get("question") or one["rule"], ", ".join(f"`{n}`" for n in one["nodes"]))
        for one in planted
    ]
    assert listed == written


def test_each_question_finds_what_is_planted_and_nothing_else(
    college: Registry, planted: list[dict[str, Any]], answers: dict[str, NetworkAnswer]
) -> None:
    for name, answer in answers.items():
        expected = {
            tuple(sorted(college.base + node for node in one["nodes"]))
            for one in planted
            if one.get("question") == name
        }
        assert first_nodes(answer) == expected, name
        assert answer.checked > 0


def test_the_demonstration_checks_what_is_planted(
    college: Registry, planted: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Leaving out one thing that is planted, and promising another, are both told."""
    left_out = {"concentration", "goal-met"}
    other = [one for one in planted if not left_out & {one.get("question"), one.get("rule")}]
    other.append({"question": "islands", "nodes": ["goal/1"]})
    other.append({"rule": "overdue", "nodes": ["goal/1"], "value": "standing-overdue"})
    file = tmp_path / "other.yaml"
    file.write_text(yaml.safe_dump({"as_of": DAY.isoformat(), "planted": other}), encoding="utf-8")
    told = [text.best("en") for text in demonstration._check_planted(college, str(file))]
    assert [one.split(" ")[:-1] for one in told] == [
        ["planted,", "not", "found:", "islands"],
        ["planted,", "not", "found:", "overdue", f"{college.base}goal/1"],
        ["found,", "not", "planted:", "concentration"],
        ["found,", "not", "planted:", "goal-met", f"{college.base}goal/6.4"],
    ]


def test_an_answer_names_and_counts(college: Registry, answers: dict[str, NetworkAnswer]) -> None:
    for answer in answers.values():
        assert answer.figures
        for one in answer.findings:
            for language in ("zh", "en"):
                assert one.sentence.best(language)
            assert all(node.label for nodes in one.nodes.values() for node in nodes)
            ends = {end for link in one.links for end in (link.source, link.target)}
            assert ends <= set(answer.names)
    (circle,) = answers["goal-cycles"].findings
    assert circle.sentence.best("zh").count("→") == circle.figures["length"]
    (vacancy,) = answers["vacancies"].findings
    assert vacancy.figures["breaks"] == len(vacancy.nodes["broken"])


def test_on_another_day_other_people_hold_the_posts(college: Registry) -> None:
    early = network(college, "overloaded-people", as_of=dt.date(1990, 1, 1))
    assert (early.checked, early.findings) == (0, ())
    assert "checked nothing" in early.summary.best("en")
    assert "什么也没有查" in early.summary.best("zh")


def test_pictures_show_what_was_found(college: Registry, answers: dict[str, NetworkAnswer]) -> None:
    for answer in answers.values():
        diagram = network_diagram(answer, college.profile, "zh")
        keys = {box.key for box in diagram.boxes}
        assert all({arrow.source, arrow.target} <= keys for arrow in diagram.arrows)
        assert {next(iter(one.nodes.values()))[0].iri for one in answer.findings} <= keys
        for language in ("zh", "en"):
            picture = network_svg(answer, college.profile, language)
            root = ElementTree.fromstring(picture)
            assert answer.titles.best(language) in "".join(root.itertext())
            assert network_mermaid(answer, language=language, profile=college.profile).startswith("flowchart")
            page = network_html(answer, college.profile, language)
            assert "<svg" in page
            assert all(_escaped(one.sentence.best(language)) in page for one in answer.findings)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")


def test_a_picture_is_drawn_in_points_too(
    college: Registry, answers: dict[str, NetworkAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = network_png(answers["goal-cycles"], college.profile)
    assert drawn.startswith(b"\x89PNG\r\n")
    width = int.from_bytes(drawn[16:20], "big")
    root = ElementTree.fromstring(network_svg(answers["goal-cycles"], college.profile))
    assert width == 2 * int(root.attrib["width"])
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UnavailableError) as refused:
        network_png(answers["goal-cycles"], college.profile)
    assert "pictures" in refused.value.hint.best("en")


def test_a_large_picture_says_what_it_leaves_out(
    college: Registry, answers: dict[str, NetworkAnswer]
) -> None:
    islands = answers["islands"]
    small = network_diagram(islands, college.profile, "zh", limit=1)
    assert small.hidden == len(islands.findings) - 1
    crowded = network_diagram(answers["overloaded-posts"], college.profile, "zh", limit=5)
    assert len(crowded.boxes) <= 5


# ---------------------------------------------------------------- faces


def test_the_command_answers_alike(
    college: Registry, place: Path, answers: dict[str, NetworkAnswer], tmp_path: Path
) -> None:
    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(app, ["network", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    listed = json.loads(run("--json"))
    assert [one["question"] for one in listed] == [one.name for one in college.profile.networks]
    there = ("--registry", str(place), "--as-of", DAY.isoformat())
    answer, page = answers["goal-cycles"], tmp_path / "picture.html"
    told = json.loads(run("goal-cycles", *there, "--json", "--output", str(page)))
    assert {
        tuple(sorted(node["id"] for node in next(iter(one["nodes"].values())))) for one in told["findings"]
    } == first_nodes(answer)
    assert told["figures"] == dict(answer.figures)
    assert page.read_text(encoding="utf-8").lstrip().startswith("<!doctype html>")
    assert "6 建设质量文化 → " in run("goal-cycles", *there, "--language", "en")
    refused = CliRunner().invoke(app, ["network", "goal-cycles", *there, "--output", str(tmp_path / "a.bmp")])
    assert refused.exit_code == 2
    assert not (tmp_path / "a.bmp").exists()


def test_an_unknown_question_is_refused_with_those_there_are(college: Registry) -> None:
    with pytest.raises(QueryError) as refused:
        network(college, "nonsense")
    assert "goal-cycles" in refused.value.hint.best("en")


def test_graphql_answers_alike(college: Registry, answers: dict[str, NetworkAnswer]) -> None:
    schema = build_schema(college)
    for name, answer in answers.items():
        told = ask(schema, ASKED, {"question": name, "asOf": DAY.isoformat()})["network"]
        assert told["totalCount"] == len(answer.findings)
        assert (told["checked"], told["linkCount"]) == (answer.checked, answer.links)
        assert {one["name"]: one["value"] for one in told["figures"]} == dict(answer.figures)
        for shown, one in zip(told["findings"], answer.findings, strict=True):
            assert shown["sentence"] == one.sentence.best("zh")
            assert {role["role"]: [n["node"]["iri"] for n in role["nodes"]] for role in shown["roles"]} == {
                role: [node.iri for node in nodes] for role, nodes in one.nodes.items()
            }
            assert [(k["source"]["iri"], k["target"]["iri"]) for k in shown["links"]] == [
                (link.source, link.target) for link in one.links
            ]
    listed = ask(schema, "{ networkQuestions { name kind title } }")["networkQuestions"]
    assert [one["name"] for one in listed] == list(answers)


def test_who_may_not_see_names_is_told_none(college: Registry, answers: dict[str, NetworkAnswer]) -> None:
    seen = college.seen_by(PUBLIC)
    for name in ("overloaded-people", "one-person"):
        answer = network(seen, name, as_of=DAY)
        assert first_nodes(answer) == first_nodes(answers[name])
        said = json.dumps([dict(one.sentence) for one in answer.findings], ensure_ascii=False)
        said += network_svg(answer, college.profile) + "".join(
            node.label.best("zh") for node, _ in answer.ranking
        )
        assert "示例·" not in said
        assert "示例·" in answers[name].findings[0].sentence.best("zh")


def test_the_time_of_a_request_is_looked_at(college: Registry) -> None:
    times = iter(range(100))
    with within(Budget(0.5, clock=lambda: float(next(times)))), pytest.raises(TimeUpError):
        network(college, "islands", as_of=DAY)
