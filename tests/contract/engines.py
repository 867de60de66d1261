"""The engines that the contract suite runs on. One more joins by joining ``ENGINES``."""

from __future__ import annotations

from typing import Protocol

import pytest

from qualitrace.profile.model import Profile
from qualitrace.store import Engine, OxigraphEngine


class MakeEngine(Protocol):
    """Makes an empty engine for facts in the words of a profile; some need none."""

    def __call__(self, profile: Profile | None = None) -> Engine: ...


def oxigraph(profile: Profile | None = None) -> Engine:
    return OxigraphEngine()


ENGINES: dict[str, MakeEngine] = {"oxigraph": oxigraph}


@pytest.fixture(scope="session", params=[*ENGINES.values()], ids=[*ENGINES])
def make_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Makes an empty engine."""
    made: MakeEngine = request.param
    return made
