"""One shipped shape of each kind, chosen by the program, on a damaged copy of the whole demonstration.

``python tools/compare_checks.py`` compares all of them, which takes Neo4j minutes to plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.validation import validate
from qualitrace.validation.cluster import ClusterReport, ClusterShapes, check_cluster
from qualitrace.validation.model import Report
from tests.cluster_checks.whole import (
    at_home_too,
    broken,
    different,
    facts_of,
    kind,
    looked_at,
    one_of_each,
    published,
)

NAME = "test-broken"


@pytest.fixture(scope="module")
def both(
    neo4j_database: Server,
    profile: Profile,
    everything: ClusterShapes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Report, ClusterReport, ClusterShapes]]:
    """The report of the damaged copy at home, that of the cluster, and which shapes the cluster checked."""
    stated, _ = facts_of(profile, tmp_path_factory.mktemp("whole") / "demo.db")
    home, engine = published(neo4j_database, profile, NAME, broken(stated), [])
    report = validate(home, profile)
    chosen = replace(everything, checks=tuple(one_of_each(at_home_too(everything), report)))
    yield report, check_cluster(neo4j_database, chosen, only=[NAME]), chosen
    engine.clear()


def test_each_kind_of_shape_finds_what_it_finds_at_home(
    both: tuple[Report, ClusterReport, ClusterShapes],
) -> None:
    home, report, chosen = both
    only_home, only_cluster = different(home, report, NAME, chosen.checks)
    assert (only_home, only_cluster) == ({}, {})
    assert not report.partial


def test_as_many_nodes_are_looked_at(
    both: tuple[Report, ClusterReport, ClusterShapes], everything: ClusterShapes
) -> None:
    home, report, chosen = both
    numbers = looked_at(home, report, NAME, chosen.checks, everything)
    assert sum(ours for ours, _ in numbers.values()) > 100
    assert {rule: pair for rule, pair in numbers.items() if pair[0] != pair[1]} == {}


def test_every_kind_of_shape_was_compared(
    both: tuple[Report, ClusterReport, ClusterShapes], everything: ClusterShapes
) -> None:
    _, report, chosen = both
    assert {kind(one) for one in chosen.checks} == {kind(one) for one in at_home_too(everything)}
    fired = {one.finding.check for one in report.findings}
    silent = sorted(kind(one) for one in chosen.checks if one.check.name not in fired)
    assert len(silent) <= 4, silent
    assert len(report.findings) > 100
