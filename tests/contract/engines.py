"""The engines that the contract suite runs on. One more joins by joining ``ENGINES``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qualitrace.store import Engine, OxigraphEngine

MakeEngine = Callable[[], Engine]
ENGINES: dict[str, MakeEngine] = {"oxigraph": OxigraphEngine}


@pytest.fixture(scope="session", params=ENGINES.values(), ids=ENGINES.keys())
def make_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Makes an empty engine."""
    made: MakeEngine = request.param
    return made
