"""Engines on the tests' Neo4j server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Neo4jEngine, Server


@pytest.fixture(scope="session")
def kitchen(repo_root) -> Profile:  # type: ignore[no-untyped-def]
    """A small profile."""
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


@pytest.fixture
def engine(neo4j_database: Server, kitchen: Profile, neo4j_registry: str) -> Iterator[Neo4jEngine]:
    """An empty registry in Neo4j."""
    made = Neo4jEngine.of(neo4j_database, kitchen, neo4j_registry)
    made.prepare()
    yield made
    made.clear()
