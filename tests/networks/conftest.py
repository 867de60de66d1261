"""The demonstration, and the questions that it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("network") / "demo.db"


@pytest.fixture(scope="session")
def college(place: Path) -> Iterator[Registry]:
    registry = demonstration.build(load_profile(), place)
    yield registry
    registry.close()
