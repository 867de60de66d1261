"""The shipped shapes as Cypher, and names of registries in the tests' Neo4j."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.validation.cluster import ClusterShapes, compile_cluster


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="session")
def everything(profile: Profile) -> ClusterShapes:
    return compile_cluster(profile, everything=True)


@pytest.fixture(scope="session")
def across(profile: Profile) -> ClusterShapes:
    return compile_cluster(profile)


@pytest.fixture
def names(neo4j_database: Server, neo4j_registry: str, profile: Profile) -> Iterator[list[str]]:
    """Names of three registries, which are taken away afterwards."""
    found = [f"{neo4j_registry}-{letter}" for letter in "abc"]
    Neo4jEngine.of(neo4j_database, profile, found[0]).prepare()
    yield found
    for name in found:
        Neo4jEngine.of(neo4j_database, profile, name).clear()
