"""Question files: what is wrong with one is said with its file and line."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.networks import analyse
from qualitrace.profile import load_profile
from qualitrace.profile.networks import KINDS
from qualitrace.store import STATED, OxigraphEngine
from qualitrace.terms import XSD, Fact, iri, literal

GOOD = """# title zh: 成环
# title en: Cycles
# kind: cycles
# dated: ?day
SELECT ?from ?to
WHERE { ?from <urn:p:leads> ?to . ?from <urn:p:since> ?since FILTER (?since <= ?day) }
"""
WRONG = {
    "no kind": (GOOD.replace("# kind: cycles\n", ""), 1, "names no kind"),
    "unknown kind": (GOOD.replace(": cycles", ": circles"), 3, "no analysis of the kind “circles”"),
    "missing variable": (GOOD.replace("?from ?to\n", "?from\n"), 5, "?to"),
    "unknown variable": (GOOD.replace("?to\n", "?to ?since\n"), 5, "makes no use of ?since"),
    "unknown setting": (GOOD.replace("# dated", "# size: 3\n# dated"), 4, "no setting “size”"),
    "no number": (
        GOOD.replace(": cycles", ": load\n# least: many")
        .replace("?from ?to\n", "?who ?item\n")
        .replace("?from", "?who")
        .replace("?to", "?item"),
        4,
        "“least” is a number",
    ),
    "no query": (GOOD.replace("WHERE {", "WHERE {{"), 7, "error"),
    "not a SELECT": ("# title en: x\n# kind: cycles\nASK { ?from ?by ?to }\n", 0, "not a SELECT"),
    "the network": (
        GOOD.replace("?from <urn:p:leads> ?to .", "SERVICE <urn:x> { ?from ?p ?to }"),
        6,
        "SERVICE",
    ),
    "no variable for the day": (GOOD.replace("?day\n", "day\n", 1), 4, "names one variable"),
    "a value for the day": (GOOD.replace("WHERE {", "WHERE { BIND (1 AS ?day)"), 4, "?day"),
    "no title": (GOOD.replace("# title zh: 成环\n# title en: Cycles\n", ""), 1, "title"),
}


@pytest.fixture
def kitchen(repo_root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "kitchen"
    shutil.copytree(repo_root / "tests" / "profiles" / "kitchen", folder)
    (folder / "reasoning" / "network").mkdir()
    return folder


def test_a_question_is_no_rule(kitchen: Path) -> None:
    rules = {rule.name for rule in load_profile(kitchen).rules}
    (kitchen / "reasoning" / "network" / "rings.rq").write_text(GOOD, encoding="utf-8")
    profile = load_profile(kitchen)
    assert {rule.name for rule in profile.rules} == rules
    (question,) = profile.networks
    assert (question.name, question.kind, question.day) == ("rings", "cycles", "day")
    assert question.titles.best("en") == "Cycles"


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_mistake_is_told_with_file_and_line(name: str, kitchen: Path) -> None:
    text, line, said = WRONG[name]
    path = kitchen / "reasoning" / "network" / "rings.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as refused:
        load_profile(kitchen)
    told = refused.value
    shown = f"reasoning/network/rings.rq:{line}" if line else "reasoning/network/rings.rq"
    assert told.where == shown or shown in str(told)
    assert said in told.what.best("en")
    assert told.hint.best("zh")
    assert told.hint.best("en")


def test_each_kind_says_what_it_needs(kitchen: Path) -> None:
    path = kitchen / "reasoning" / "network" / "asked.rq"
    for kind, wanted in KINDS.items():
        for left_out in wanted.variables[-1:]:
            kept = [f"?{name}" for name in wanted.variables if name != left_out]
            path.write_text(
                f"# title en: x\n# kind: {kind}\nSELECT {' '.join(kept)}\nWHERE {{ }}", encoding="utf-8"
            )
            with pytest.raises(ProfileError) as refused:
                load_profile(kitchen)
            assert f"?{left_out}" in refused.value.what.best("en")
            assert refused.value.where == "reasoning/network/asked.rq:3"


def test_the_day_asked_about_is_put_in(kitchen: Path) -> None:
    (kitchen / "reasoning" / "network" / "rings.rq").write_text(GOOD, encoding="utf-8")
    (question,) = load_profile(kitchen).networks
    engine, since = OxigraphEngine(), "urn:p:since"
    facts = {
        Fact("urn:a", "urn:p:leads", iri("urn:b")),
        Fact("urn:b", "urn:p:leads", iri("urn:a")),
        Fact("urn:a", since, literal("2024-01-01", datatype=XSD + "date")),
        Fact("urn:b", since, literal("2025-01-01", datatype=XSD + "date")),
    }
    engine.change(STATED, facts, ())
    assert analyse(engine, question, dt.date(2024, 12, 31)).findings == ()
    (found,) = analyse(engine, question, dt.date(2025, 1, 1)).findings
    assert found.nodes["ring"] == ("urn:a", "urn:b")


def test_the_shipped_questions_are_said_in_both_languages(repo_root: Path) -> None:
    questions = load_profile(repo_root).networks
    assert len(questions) >= 7
    assert {question.kind for question in questions} == set(KINDS)
    for question in questions:
        for text in (question.titles, question.says, question.remedy):
            assert text["zh"]
            assert text["en"]
