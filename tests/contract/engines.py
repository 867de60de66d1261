"""The engines that the contract suite runs on. One more joins by joining ``ENGINES``."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from typing import Protocol, cast

import hypothesis
import pytest

from qualitrace.profile.model import Profile
from qualitrace.store import Engine, OxigraphEngine
from qualitrace.store.neo4j import Neo4jEngine, Server

FEWER = 4  # an example on a server takes some ten times as long as one in this process
AT_LEAST = 25
_KEPT = 100  # registries in the server before those of examples that are over go


class MakeEngine(Protocol):
    """Makes an empty engine for facts in the words of a profile; some need none."""

    def __call__(self, profile: Profile | None = None) -> Engine: ...


def in_process(request: pytest.FixtureRequest) -> MakeEngine:
    return lambda profile=None: OxigraphEngine()


def neo4j(request: pytest.FixtureRequest) -> MakeEngine:
    """Each engine is a registry of its own in the tests' server."""
    server: Server = request.getfixturevalue("neo4j_database")
    run, numbers = secrets.token_hex(4), itertools.count()

    def made(profile: Profile | None = None) -> Engine:
        assert profile is not None, "Neo4j names things by the profile"
        number = next(numbers)
        engine = Neo4jEngine.of(server, profile, f"{run}-{number}")
        if not number:
            engine.prepare()
        if number % _KEPT == _KEPT - 1:
            server.run("MATCH (n) WHERE n.registry STARTS WITH $run DETACH DELETE n", run=f"{run}-")
        return cast(Engine, engine)

    return made


ENGINES: dict[str, Callable[[pytest.FixtureRequest], MakeEngine]] = {"oxigraph": in_process, "neo4j": neo4j}


@pytest.fixture(scope="session", params=[*ENGINES])
def make_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Makes an empty engine, of each kind in turn."""
    return ENGINES[str(request.param)](request)


@pytest.fixture(scope="session", params=["oxigraph"])
def make_local_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Makes an empty engine in this process, for suites of what only such an engine can."""
    return ENGINES[str(request.param)](request)


@pytest.fixture(autouse=True)
def as_many_examples(request: pytest.FixtureRequest) -> Iterator[None]:
    """Try fewer generated examples where each of them is dear."""
    named = getattr(request.node, "callspec", None)
    function = getattr(request, "function", None)
    if named is None or "neo4j" not in named.params.values() or not hasattr(function, "hypothesis"):
        yield
        return
    name = "_hypothesis_internal_use_settings"
    before: hypothesis.settings = getattr(function, name)
    fewer = max(AT_LEAST, before.max_examples // FEWER)
    setattr(function, name, hypothesis.settings(before, max_examples=fewer))
    yield
    setattr(function, name, before)
