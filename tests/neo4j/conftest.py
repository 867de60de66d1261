"""Registries of a small kitchen, and engines on the tests' Neo4j server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.registry import Registry
from qualitrace.store.neo4j import Neo4jEngine, Server
from tests.history.kitchen import profile


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads while a test publishes, unless it says so: large changes begin without waiting."""
    monkeypatch.setattr(Neo4jEngine, "grace", 0.0)


@pytest.fixture
def engine(neo4j_database: Server, neo4j_registry: str) -> Iterator[Neo4jEngine]:
    """An empty registry in Neo4j."""
    made = Neo4jEngine.of(neo4j_database, profile(), neo4j_registry)
    made.prepare()
    yield made
    made.clear()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    made = Registry.create(tmp_path / "r.db", profile())
    yield made
    made.close()
