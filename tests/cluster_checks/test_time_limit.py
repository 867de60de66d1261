"""A check that takes too long is cut off in the server, and told as not finished: never as “no findings”."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import orjson
import pytest

from qualitrace import budget
from qualitrace.cli.cluster_checking import cluster_json
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal
from qualitrace.validation.cluster import ClusterShapes, check_cluster, compile_cluster
from tests.cluster_checks.small import published
from tests.profile.writing import HEADER, TERMS, write_profile

EX, ES, ID = "https://example.org/terms#", "https://example.org/shapes#", "https://example.org/id/"
DAYS = "".join(
    f'ex:{name} a owl:DatatypeProperty ; rdfs:label "{name}"@zh , "{name}"@en ; rdfs:range xsd:date .\n'
    for name in ("day", "last")
)
SHAPES = """\
es:Slow a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property es:ordered .
es:ordered qt:exposure "private" ; sh:path ex:day ; sh:lessThan ex:last .
"""
SECONDS = 3.0
MANY = 4_000  # days, each of which is compared with as many others: sixteen million times


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    files: dict[str, str | bytes] = {"ontology/terms.ttl": HEADER + TERMS + DAYS, "shapes/shapes.ttl": SHAPES}
    return load_profile(write_profile(tmp_path_factory.mktemp("slow"), files))


@pytest.fixture(scope="module")
def shapes(profile: Profile) -> ClusterShapes:
    return compile_cluster(profile, everything=True)


def aim(number: int) -> list[Fact]:
    """An aim with many days, of which only the last is late."""
    facts = [Fact(ID + "aim", RDF_TYPE, iri(EX + "Aim"))]
    for name, first in (("day", dt.date(2021, 1, 1)), ("last", dt.date(2050, 1, 1))):
        days = [(first + dt.timedelta(one)).isoformat() for one in range(number)]
        facts += [Fact(ID + "aim", EX + name, literal(day, datatype=XSD + "date")) for day in days]
    return [*facts, Fact(ID + "aim", EX + "day", literal("2099-01-01", datatype=XSD + "date"))]


@pytest.fixture(scope="module")
def registries(neo4j_database: Server, profile: Profile) -> Iterator[tuple[str, str]]:
    """A registry that is checked at once, and one that takes too long."""
    sizes = {"test-quick": 2, "test-slow": MANY}
    engines = [published(neo4j_database, profile, name, aim(size)) for name, size in sizes.items()]
    yield "test-quick", "test-slow"
    for engine in engines:
        engine.clear()


def test_what_takes_too_long_is_told_as_not_finished(
    neo4j_database: Server, shapes: ClusterShapes, registries: tuple[str, str]
) -> None:
    quick, slow = registries
    whole = check_cluster(neo4j_database, shapes, only=[quick])
    assert not whole.partial
    assert {one.finding.rule for one in whole.findings} == {ES + "ordered"}
    with budget.within(budget.Budget(SECONDS)):
        report = check_cluster(neo4j_database, shapes, only=[slow])
    assert report.partial
    (line,) = report.rules
    assert not line.finished
    assert not report.findings
    assert line.rule.unchecked == line.rule.targeted
    said = next(one for one in report.notices if "not checked to their end" in one["en"])
    assert said["zh"]
    told = orjson.loads(cluster_json(report))
    assert told["partial"] is True
    assert [one["finished"] for one in told["rules"]] == [False]


def test_the_server_is_not_kept_busy_by_what_was_cut_off(neo4j_database: Server) -> None:
    rows = neo4j_database.read("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery AS text")
    assert [row["text"] for row in rows if "CASE WHEN" in row["text"]] == []
