"""Who visits which engine: the registry of tests/authorisation, served from its own store and from Neo4j."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema, build_schema

from qualitrace.graphql.rights import shown_by
from qualitrace.profile import load_profile
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.registry.remote_seen import RemoteSeen
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.web import create_app
from tests.authorisation.asking import Client, check
from tests.authorisation.conftest import wide
from tests.authorisation.walking import Schema
from tests.authorisation.world import Visitor, World, build

ENGINES = ("oxigraph", "neo4j", "neo4j without a journal")
VISITORS = ("reader", "system", "auditor without purpose", "steward", "steward of two", "auditor")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build(load_profile(), tmp_path_factory.mktemp("access") / "r.db")
    yield made
    made.book.close()
    made.registry.close()


@pytest.fixture(scope="module")
def clients(world: World, neo4j_database: Server) -> Iterator[dict[str, Client]]:
    """Who answers, by engine."""
    home = world.registry
    engine = Neo4jEngine.of(neo4j_database, home.profile, f"access-{secrets.token_hex(4)}")
    publish(home, engine)
    remote = Remote(engine, home.profile, home.base, home, publish)
    alone = Remote(engine, home.profile, home.base)
    given: dict[str, Any] = {"access": world.book, "settings": wide()}
    made = {
        "oxigraph": Client(create_app(home, **given)),
        "neo4j": Client(create_app(home, graphs=remote, **given)),
        "neo4j without a journal": Client(create_app(alone, **given)),
    }
    for one in (remote, alone):  # it is Neo4j that is asked
        assert isinstance(
            one.seen_by(world.book.principal(world.visitors["reader"].token).audience), RemoteSeen
        )
    yield made
    for client in made.values():
        client.close()
    engine.clear()


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=VISITORS)
def who(request: pytest.FixtureRequest, world: World) -> Visitor:
    return world.visitors[request.param]


class Asking:
    """Asks one engine, and the registry's own store the same; what is answered must be the same."""

    def __init__(self, world: World, clients: dict[str, Client], engine: str) -> None:
        self.world = world
        self._engine = engine
        self._client, self._other = clients[engine], clients["oxigraph"]
        self._schemas: dict[str, GraphQLSchema] = {}

    def schema(self, who: Visitor, given: dict[str, str]) -> Schema:
        if who.name not in self._schemas:
            rights = self.world.book.principal(who.token).rights
            text = self._client.app.state.parts.schemas.text(shown_by(rights))
            self._schemas[who.name] = build_schema(text, assume_valid=True)
        return Schema(self._schemas[who.name], given)

    def ask(self, who: Visitor, query: str, *named: str, **variables: Any) -> frozenset[str]:
        """Ask, and return the marks of the answer; ``named`` are marks that the question holds."""
        return self._asked(who, query, named, variables)[0]

    def told(self, who: Visitor, query: str, *named: str, **variables: Any) -> Any:
        """Ask as :meth:`ask`, and return the answer."""
        return self._asked(who, query, named, variables)[1].json()

    def _asked(
        self, who: Visitor, query: str, named: tuple[str, ...], variables: dict[str, Any]
    ) -> tuple[frozenset[str], httpx.Response]:
        found = self._client.graphql(who, query, **variables)
        shown = check(self.world, who, found, query, *named)
        if self._engine == "neo4j":
            expected = self._other.graphql(who, query, **variables)
            assert _told(found) == _told(expected), (who.name, query[:500])
        elif self._engine != "oxigraph":
            self._alone(who, found.json(), query, variables)
        return shown, found

    def _alone(self, who: Visitor, found: Any, query: str, variables: dict[str, Any]) -> None:
        """Without a journal the present is answered as with it; steps do not say where they were read."""
        codes = {one["extensions"]["code"] for one in found.get("errors", ())}
        if "UNAVAILABLE" in codes or "{ trace" in query or " trace" in query:
            return
        expected = self._other.graphql(who, query, **variables).json()
        assert found.get("data") == expected.get("data"), (who.name, query[:500])


def _told(answer: httpx.Response) -> Any:
    """What is answered; but for names like one that is not there, which Neo4j is not asked for."""
    if b"UNKNOWN_NODE" not in answer.content:
        return answer.content
    body = answer.json()
    for error in body.get("errors", ()):
        if error["extensions"]["code"] == "UNKNOWN_NODE":
            error["extensions"]["hint"] = None
            error["extensions"]["where"] = None
    return body


@pytest.fixture(scope="module")
def asking(world: World, clients: dict[str, Client], engine: str) -> Asking:
    return Asking(world, clients, engine)


@pytest.fixture(scope="module")
def given(world: World) -> dict[str, str]:
    """What the walk gives to required arguments."""
    return world.arguments
