"""`qualitrace reason`: what a profile concludes by, and planted faults found and explained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from tests.cli.conftest import Program

KITCHEN = Path(__file__).parents[1] / "profiles" / "kitchen"
PLANTED = """
@prefix kt: <https://kitchen.example/terms#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A copy of the kitchen's profile, to plant faults in."""
    place = tmp_path / "kitchen"
    shutil.copytree(KITCHEN, place)
    return place


def plant(kitchen: Path, text: str) -> None:
    (kitchen / "ontology" / "planted.ttl").write_text(PLANTED + text, encoding="utf-8")


def test_every_axiom_and_rule_is_told(program: Program) -> None:
    profile = load_profile()
    listed = json.loads(program("reason", "--json").stdout)
    assert {rule.name for rule in profile.rules} <= {one["name"] for one in listed}
    assert {one["name"] for one in listed if one["dated"]} == {r.name for r in profile.rules if r.day}
    assert all(one["says"]["zh"] and one["says"]["en"] for one in listed)
    shown = program("reason", "--language", "en").stdout
    assert all(one["says"]["en"].split()[0] in shown for one in listed)


@pytest.mark.usefixtures("java")
def test_the_shipped_ontology_is_sound_and_classified_as_stated(program: Program) -> None:
    result = program("reason", "--check", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0 and found["consistent"]
    assert found["classified"] == []
    assert any("--data" in text["en"] for text in found["scope"])


@pytest.mark.usefixtures("java")
def test_with_a_sample_of_the_data(program: Program, registry_file: Path) -> None:
    demonstration.build(load_profile(), registry_file).close()
    result = program("reason", "--check", "--data", 60, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0 and found["consistent"]
    assert any("With 60 of" in text["en"] for text in found["scope"])


@pytest.mark.usefixtures("java")
def test_a_planted_empty_class_is_explained(program: Program, kitchen: Path) -> None:
    plant(
        kitchen,
        """kt:Planted a owl:Class ; rdfs:label "埋设"@zh , "planted"@en ;
            rdfs:subClassOf kt:Cook , kt:Station .
        kt:Cook owl:disjointWith kt:Station .""",
    )
    result = program("reason", "--check", "--profile", kitchen, "--json")
    assert result.exit_code == 1
    (one,) = json.loads(result.stdout)["contradictions"]
    assert one["term"] == "https://kitchen.example/terms#Planted"
    assert {text["en"] for text in one["because"]} == {
        "Every “planted” is “Cook”.",
        "Every “planted” is “Station”.",
        "No “Cook” is “Station”.",
    }
    shown = program("reason", "--check", "--profile", kitchen)
    assert all(text["zh"] in shown.stdout for text in one["because"])


@pytest.mark.usefixtures("java")
def test_a_planted_contradiction_with_the_data_is_explained(
    program: Program, kitchen: Path, registry_file: Path
) -> None:
    demonstration.build(load_profile(KITCHEN), registry_file).close()
    plant(kitchen, "kt:worker rdfs:range kt:Station . kt:Cook owl:disjointWith kt:Station .")
    result = program("reason", "--check", "--data", 500, "--profile", kitchen, "--json")
    assert result.exit_code == 1, result.stdout
    (one,) = json.loads(result.stdout)["contradictions"]
    told = " ".join(text["en"] for text in one["because"])
    assert one["term"] == "" and "is “Station”" in told and "No “Cook” is “Station”." in told


@pytest.mark.usefixtures("java")
def test_facts_that_break_an_axiom_are_found_in_the_whole_registry(
    program: Program, kitchen: Path, registry_file: Path
) -> None:
    """Two procedures of one role: no contradiction to OWL, which would take the two for one."""
    demonstration.build(load_profile(KITCHEN), registry_file).close()
    plant(kitchen, "kt:Procedure owl:hasKey ( kt:carriedOutBy ) .")
    result = program("reason", "--check", "--data", 1, "--profile", kitchen, "--json")
    assert result.exit_code == 1, result.stdout
    answer = json.loads(result.stdout)
    assert any("break 1 axioms" in text["en"] for text in answer["scope"])
    (one,) = answer["contradictions"]
    told = [text["en"] for text in one["because"]]
    assert told[0] == "No two “Procedure” have the same “carried out by”."
    assert sum("carried out by” is role “" in text for text in told) == 2 and len(told) == 5


def test_an_unordered_rule_is_refused_and_named(program: Program, kitchen: Path) -> None:
    (kitchen / "reasoning" / "circle.rq").write_text(
        "# title zh: 循环\n# title en: circle\n"
        "CONSTRUCT { ?r kt:outcome kc:within } WHERE { ?r kt:readingOf ?p MINUS { ?r kt:outcome ?any } }\n",
        encoding="utf-8",
    )
    result = program("reason", "--profile", kitchen)
    assert result.exit_code == 2
    assert "circle" in result.stderr and "no order settles" in result.stderr
