"""Two colleges that give the same code of a college: what one registry alone should have."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from qualitrace.across import Across
from qualitrace.cli.across_tables import AcrossTables
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import fingerprint, publish
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from qualitrace.validation.cluster import check_cluster, compile_cluster
from tests.across.conftest import QA, state

CODE, OTHER, TWICE = "4199099001", "4199099002", "990101"  # made up


@pytest.fixture(scope="module")
def asked(neo4j_database: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Across]:
    """Three colleges; the first and the third say the same code, the second gives one code twice."""
    profile, mark, engines = load_profile(), secrets.token_hex(4), []
    folder: Path = tmp_path_factory.mktemp("codes")
    for number, code in enumerate((CODE, OTHER, CODE)):
        name = f"{mark}-k{number}"
        home = Registry.create(folder / f"{name}.db", profile)
        node = home.base + f"unit/学院{number}"
        facts = [
            Fact(node, RDF_TYPE, iri(QA + "College")),
            Fact(node, RDFS_LABEL, literal(f"示例学院{number}", language="zh")),
            Fact(node, QA + "collegeCode", literal(code)),
        ]
        for one in ("a", "b") if number == 1 else ("a",):
            programme = home.base + f"programme/{one}"
            facts += [
                Fact(programme, RDF_TYPE, iri(QA + "Programme")),
                Fact(programme, RDFS_LABEL, literal(f"专业{one}", language="zh")),
                Fact(programme, QA + "nationalCode", literal(TWICE)),
            ]
        state(home, facts)
        engines.append(Neo4jEngine.of(neo4j_database, profile, name))
        publish(home, engines[-1])
        home.close()
    yield Across(neo4j_database, profile, fingerprint(profile), only=f"{mark}-")
    for engine in engines:
        engine.clear()


def test_it_is_found_between_them_by_name(asked: Across) -> None:
    names = [one.name for one in asked.registries()]
    found = {one.key.value: one for one in asked.duplicates().found}
    assert found.keys() == {CODE, TWICE}
    assert found[CODE].across
    assert [kept.registry for kept in found[CODE].nodes] == names[::2]
    assert not found[TWICE].across  # that the others offer the programme, too, is as it should be
    assert {kept.registry for kept in found[TWICE].nodes} == {names[1]}


def test_the_check_across_registries_finds_the_same(asked: Across, neo4j_database: Server) -> None:
    names = [one.name for one in asked.registries()]
    report = check_cluster(neo4j_database, compile_cluster(asked.profile), only=names)
    rule = "college-code-used-once"
    found = [one.registry for one in report.findings if one.finding.rule.endswith(rule)]
    assert sorted(found) == names[::2]


def test_the_table_says_what_kind_of_key_and_where(asked: Across) -> None:
    said = io.StringIO()
    AcrossTables(asked.profile, "zh", Console(file=said, width=200)).duplicates(asked.duplicates())
    text = said.getvalue()
    assert text.index(CODE) < text.index(TWICE)  # between colleges first
    assert "学校标识码" in text
    assert "国家编码" in text
    assert "示例学院2 (unit/学院2)" in text
    assert "asked (3): " in text


def test_a_college_is_asked_for_by_its_code(asked: Across) -> None:
    names = [one.name for one in asked.registries()]
    answer = asked.adoption(OTHER, key="collegeCode")
    assert list(answer.registries) == [names[1]]
    assert answer.without == tuple(names[::2])
    assert [one.name for one in answer.asked] == names
