"""One kitchen and its schema for all tests that only read."""

from __future__ import annotations

import pytest
import strawberry

from qualitrace.graphql import build_schema
from tests.graphql.kitchens import Kitchen


@pytest.fixture(scope="session")
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture(scope="session")
def schema(kitchen: Kitchen) -> strawberry.Schema:
    return build_schema(kitchen)
