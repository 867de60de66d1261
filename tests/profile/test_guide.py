"""docs/profile.md is a working profile: its blocks are put together, read and run."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import graphql
import pytest

from qualitrace import demonstration
from qualitrace.graphql import schema_text
from qualitrace.loading.mapping_reading import read_forms
from qualitrace.profile import load_profile
from qualitrace.profile.directory import ENGINE_VOCABULARY, FOLDERS
from qualitrace.profile.property_shapes import EXPOSURES
from qualitrace.registry.concluding import conclude
from qualitrace.tracing.model import Ending

BLOCK = re.compile(r"^```(\w+)[ ]+(\S+/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def guide(repo_root: Path) -> str:
    return (repo_root / "docs" / "profile.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written(guide: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile that the page's blocks make; blocks of one file follow one another."""
    directory = tmp_path_factory.mktemp("guide")
    for _, name, body in BLOCK.findall(guide):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(body)
    return directory


def test_the_page_has_a_block_for_every_folder(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == {*FOLDERS, "examples"}


def test_every_turtle_yaml_and_sparql_block_says_its_file(guide: str) -> None:
    fenced = re.findall(r"^```(\S+)[ ]*(\S*)$", guide, re.MULTILINE)
    assert all(name for language, name in fenced if language in ("turtle", "yaml", "sparql", "graphql"))


def test_the_page_is_a_sound_profile(written: Path) -> None:
    profile = load_profile(written)
    assert profile.base == "https://kitchen.example/id/"
    assert {rule.name: rule.day for rule in profile.rules} == {"outcome": "", "stale": "day"}
    assert len(profile.operations) == 1
    assert profile.names
    assert {path.stem for path in profile.mapping_paths} == {"plan", "roster", "readings"}
    hazard = profile.class_named("Hazard")
    assert hazard is not None
    assert len(hazard.chains) == 1


def test_every_term_of_the_engine_is_on_the_page_and_in_use(guide: str) -> None:
    vocabulary = ENGINE_VOCABULARY.read_text(encoding="utf-8")
    terms = set(re.findall(r"^qt:(\w+)", vocabulary, re.MULTILINE))
    assert set(re.findall(r"\bqt:(\w+)", guide)) == terms
    blocks = "".join(body for _, _, body in BLOCK.findall(guide))
    shown = set(re.findall(r"\bqt:(\w+)", blocks))
    assert terms - shown == {"alias"}  # stands in facts, not in a profile


def test_the_page_names_every_exposure(guide: str) -> None:
    assert all(f'`"{value}"`' in guide for value in EXPOSURES)


def test_the_page_runs_from_its_documents_to_a_person(written: Path, tmp_path: Path) -> None:
    registry = demonstration.build(load_profile(written), tmp_path / "registry.db")
    assert [problem.both() for problem in demonstration.check(registry)] == []
    asked = "reading/CP03/2025-03-10"
    for day, capacity in ((dt.date(2025, 2, 15), ""), (dt.date(2025, 3, 10), "standing in")):
        (path,) = registry.trace(asked, "Cook", as_of=day).paths
        assert path.ending is Ending.REACHED
        assert path.capacity.best("en") == capacity
    nobody = registry.trace(asked, "Cook", as_of=dt.date(2025, 3, 16)).paths
    assert {path.absence.best("en") for path in nobody} == {"unstaffed", "no lead"}
    gaps = {v.node.code: v.absence.best("en") for v in registry.coverage("Hazard").verdicts}
    assert gaps["H07"] == "uncontrolled"
    fresh, stale = (
        {one.node.code for one in conclude(registry, ["stale"], as_of=day)[0].conclusions}
        for day in (dt.date(2025, 3, 20), dt.date(2025, 6, 20))
    )
    assert fresh < stale
    registry.close()


def test_mappings_of_the_page_are_read(written: Path) -> None:
    forms = read_forms(load_profile(written))
    assert {form.name for form in forms} == {"hazard-plan", "roster", "readings"}


def test_operations_of_the_page_ask_what_the_schema_offers(written: Path) -> None:
    profile = load_profile(written)
    schema = graphql.build_schema(schema_text(profile))
    for operation in profile.operations:
        assert graphql.validate(schema, graphql.parse(operation.document)) == []
