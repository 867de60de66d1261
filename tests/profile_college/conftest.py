"""The shipped profile's graphs, read once."""

from __future__ import annotations

import pytest
from rdflib import Graph

from tests.profile_college.reading import ROOT, SHAPES_AT_HOME, read


@pytest.fixture(scope="package")
def engine_terms() -> Graph:
    """The engine's own vocabulary."""
    return read(ROOT / "src" / "qualitrace" / "profile" / "engine.ttl")


@pytest.fixture(scope="package")
def ontology(engine_terms: Graph) -> Graph:
    """All of ``ontology/`` and the engine's vocabulary."""
    return read(*sorted((ROOT / "ontology").glob("*.ttl"))) + engine_terms


@pytest.fixture(scope="package")
def shapes() -> Graph:
    """All of ``shapes/`` that a registry is checked against by itself."""
    return read(*SHAPES_AT_HOME)
