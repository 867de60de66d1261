"""The engines that the contract suite runs on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qualitrace.store import Engine, OxigraphEngine

MakeEngine = Callable[[], Engine]


@pytest.fixture(scope="session", params=[OxigraphEngine], ids=["oxigraph"])
def make_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Makes an empty engine. Another engine joins the suite by joining ``params``."""
    return request.param
