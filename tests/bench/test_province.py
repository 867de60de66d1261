"""Colleges made from one: each says as much as the first, under names of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from qualitrace.bench import colleges
from qualitrace.bench.neo4j_home import jars
from qualitrace.bench.province import Wanted
from qualitrace.errors import UnavailableError
from qualitrace.exporting.importing import Imported
from tests.graphql.kitchens import BASE, KITCHEN

_COUNT = 4


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    made = colleges.first_college(str(folder / "r.db"), 1, str(folder / "files"), str(KITCHEN))
    assert made["base"] == BASE
    assert made["facts"] > 0
    return folder / "files"


@pytest.fixture(scope="module")
def found(directory: Path) -> list[Imported]:
    return colleges.multiply(directory, _COUNT, lambda done, total: None)


def test_each_college_is_the_first_under_other_names(directory: Path, found: list[Imported]) -> None:
    first, others = found[0], found[1:]
    assert len({one.name for one in found}) == len({one.base for one in found}) == _COUNT
    files = sorted((directory / first.name).glob("*.csv"))
    assert len(files) >= 6
    for one in others:
        for file in files:
            text = (directory / one.name / file.name).read_text(encoding="utf-8")
            assert first.base not in text
            back = text.replace(one.base, first.base).replace(one.name, first.name)
            assert back == file.read_text(encoding="utf-8")


def test_what_one_alone_should_have_each_has_another_of(tmp_path: Path) -> None:
    """Here the codes of all nodes; a copy of the kitchen says so."""
    profile = shutil.copytree(KITCHEN, tmp_path / "kitchen")
    (profile / "ontology" / "unique.ttl").write_text(
        "@prefix qt: <https://w3id.org/qualitrace/engine#> .\n"
        "<http://www.w3.org/2004/02/skos/core#notation> qt:uniqueKey true .\n"
    )
    with (profile / "examples" / "demo.yaml").open("a") as settings:
        settings.write('copies:\n  codes:\n    skos:notation: "{code}/of/{n:03}"\n')
    made = colleges.first_college(str(tmp_path / "r.db"), 1, str(tmp_path / "files"), str(profile))
    ((pattern, codes),) = made["alone"].items()
    assert pattern == "{code}/of/{n:03}"
    assert "H01" in codes
    found = colleges.multiply(tmp_path / "files", 3, lambda done, total: None, made["alone"])
    texts = [_text(tmp_path / "files" / one.name) for one in found]
    told = [set(re.findall(r"[^,;|\"]+/of/\d{3}", text)) for text in texts]
    assert not told[0]
    assert len(told[1]) >= len(codes) <= len(told[2])
    assert told[1].isdisjoint(told[2])


def _text(folder: Path) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.csv")))


def test_what_is_there_is_not_made_again(directory: Path, found: list[Imported]) -> None:
    before = {file: file.stat().st_mtime_ns for file in directory.glob("*/*")}
    assert colleges.multiply(directory, _COUNT, lambda done, total: None) == found
    assert {file: file.stat().st_mtime_ns for file in directory.glob("*/*")} == before


def test_an_import_of_some_names_their_files_alone(directory: Path, found: list[Imported]) -> None:
    text = (directory / colleges.some(directory, found[:2])).read_text(encoding="utf-8")
    files = [
        part for line in text.splitlines() if ".csv" in line for part in line.partition("=")[2].split(",")
    ]
    assert {Path(file).parent.name for file in files} == {one.name for one in found[:2]}
    assert all((directory / file).is_file() for file in files)
    one, two = colleges.about(found[:1]), colleges.about(found[:2])
    assert {name: 2 * number for name, number in one.items()} == two


def test_questions_are_asked_of_one_ten_a_hundred_and_all() -> None:
    def steps(count: int) -> list[int]:
        return Wanted(count, 1, "1g", "1g").steps()

    assert [steps(count) for count in (1, 10, 30, 100, 200)] == [
        [1], [1, 10], [1, 10, 30], [1, 10, 100], [1, 10, 100, 200],
    ]  # fmt: skip


def test_a_folder_without_neo4j_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no Neo4j"):
        jars(str(tmp_path))
