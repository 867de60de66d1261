"""One world, and the application that answers about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from qualitrace.profile import load_profile
from qualitrace.web import create_app
from qualitrace.web.limit_settings import LimitSettings
from qualitrace.web.settings import Settings
from tests.authorisation.asking import Client
from tests.authorisation.world import World, build

# The walk asks more in a minute than anybody may: what is measured here is what is shown.
_WIDE = LimitSettings(
    per_minute=10**12, seconds=120, cost=10**12, aliases=1000, tokens=20_000, attempts=10**9, waiting=1000,
    factor_reader=100, factor_steward=100, factor_auditor=100, factor_office=100, factor_system=100,
)  # fmt: skip


def wide() -> Settings:
    """Settings under which anybody may ask as much as they like."""
    return replace(Settings(), limits=_WIDE)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build(load_profile(), tmp_path_factory.mktemp("marked") / "r.db")
    yield made
    made.book.close()
    made.registry.close()


@pytest.fixture(scope="session")
def app(world: World) -> FastAPI:
    made = create_app(world.registry, access=world.book, settings=wide())
    made.state.parts.schemas.warm()  # as a server does when it starts
    return made


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[Client]:
    made = Client(app)
    yield made
    made.close()
