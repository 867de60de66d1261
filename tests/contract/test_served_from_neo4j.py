"""A server that answers from Neo4j: as the registry does, also of what was just written, or a reason."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import strawberry
from starlette.testclient import TestClient

from qualitrace import demonstration
from qualitrace.access.model import EVERYTHING, PUBLIC, Caller, Principal, Role
from qualitrace.errors import ForbiddenError, UnavailableError
from qualitrace.graphql import build_schema, execute
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.store import INFERRED
from qualitrace.store.neo4j import Account, Neo4jEngine, Server
from qualitrace.web import create_app
from tests.graphql.asking import ask, refused
from tests.graphql.kitchens import KITCHEN
from tests.neo4j_server import Neo4jServer

DAY = "2025-03-10"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = demonstration.build(load_profile(KITCHEN), tmp_path_factory.mktemp("served") / "kitchen.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(neo4j_database: Server, home: Registry) -> Iterator[Neo4jEngine]:
    made = Neo4jEngine.of(neo4j_database, home.profile, f"served-{secrets.token_hex(4)}")
    publish(home, made)
    yield made
    made.clear()


@pytest.fixture(scope="module")
def remote(engine: Neo4jEngine, home: Registry) -> Remote:
    return Remote(engine, home.profile, home.base, home, publish)


@pytest.fixture(scope="module")
def alone(engine: Neo4jEngine, home: Registry) -> Remote:
    return Remote(engine, home.profile, home.base)


TRACED = """{ ends { ending basis capacity absence node { id label } steward { id } }
  paths { steps { property { iri } basis target { id label classLabel } validFrom validTo } } partial }"""
QUESTIONS = {
    "node": """{ node(id: "point/CP03") { __typename id iri code label classLabel
        ... on ControlPoint { readings(first: 3) { id takenOn value outcome } } } }""",
    "lists": """{ hazards(first: 5, orderBy: [{label: DESC}]) { totalCount pageInfo { hasNextPage endCursor }
        nodes { id code label controlledBy { id code procedure { id carriedOutBy { id label } } } } } }""",
    "a filter": """{ readings(first: 500, where: {or: [{value: {gt: 4.5}}, {outcome: {eq: WITHIN}}],
        not: {takenOn: {lt: "2025-03-05"}}}) { totalCount nodes { id value takenOn } } }""",
    "links": """{ controlPoints(where: {readings: {some: {outcome: {eq: OUTSIDE}}}}, first: 9) {
        nodes { id readings(where: {outcome: {eq: OUTSIDE}}) { id } } } }""",
    "forwards": f'{{ trace(node: "CP03", to: Cook, asOf: "{DAY}") {TRACED} }}',
    "everything": f'{{ trace(node: "CP03", asOf: "{DAY}") {TRACED} }}',
    "a list's traces": f"""{{ hazards(first: 9) {{ nodes {{ id trace(to: Cook, asOf: "{DAY}") {{
        ends {{ ending node {{ id }} }} }} }} }} }}""",
    "coverage": f"""{{ coverage(of: Hazard, asOf: "{DAY}", since: "2025-02-01") {{ total complete broken
        groups(by: ["steward"]) {{ total complete keys {{ label }} }} verdicts(first: 50) {{
        nodes {{ node {{ id }} complete absence at {{ id }} steward {{ id }} }} }} }} }}""",
    "findings": "{ findings(first: 20) { totalCount nodes { rule node { id label } unit { id } } } }",
    "changes": "{ changes(first: 3) { totalCount nodes { id message at } } }",
    "blame": '{ blame(node: "point/CP03") { value source { place } } }',
    "as known then": '{ nodeAt(id: "point/CP03", knownAt: "1") { id label } }',
    "on a date": f'{{ nodeAt(id: "point/CP03", asOf: "{DAY}") {{ id label }} }}',
}


@pytest.fixture(scope="module")
def schemas(home: Registry, remote: Remote) -> tuple[strawberry.Schema, strawberry.Schema]:
    return build_schema(home), build_schema(remote)


Schemas = tuple[strawberry.Schema, strawberry.Schema]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_answers_are_those_of_the_registry(schemas: Schemas, question: str) -> None:
    expected, found = (ask(schema, question) for schema in schemas)
    assert found == expected
    assert all(found.values())


def test_everything_that_somebody_answers_for(schemas: Schemas) -> None:
    ends = ask(schemas[0], QUESTIONS["forwards"])["trace"]["ends"]
    (who,) = {end["node"]["id"] for end in ends if end["ending"] == "REACHED"}
    for to in ("", "to: Hazard,"):
        question = f'{{ trace(node: "{who}", {to} asOf: "{DAY}", backwards: true) {TRACED} }}'
        expected, found = (ask(schema, question) for schema in schemas)
        assert found == expected
        assert found["trace"]["ends"]


def test_a_name_that_is_not_there_is_told_of(schemas: Schemas) -> None:
    for schema in schemas:
        assert refused(execute(schema, '{ node(id: "nobody/1") { id } }'))["code"] == "UNKNOWN_NODE"


def test_trusted_operations_are_answered_alike(home: Registry, schemas: Schemas) -> None:
    for operation in home.profile.operations:
        one, other = (execute(schema, operation.document, dict(operation.variables)) for schema in schemas)
        assert not one.errors
        assert other.content == one.content
        assert other.planned == one.planned


PROPOSE = """mutation ($c: [ProposedNode!]!) {
  propose(title: "示例", by: "示例甲", role: "office", changes: $c) { acceptable proposal { number } } }"""
APPROVE = """mutation ($n: Int!) {
  approve(number: $n, by: "示例乙", role: "auditor", reason: "示例") { proposal { state } } }"""


def test_who_writes_sees_what_they_wrote(home: Registry, remote: Remote) -> None:
    with TestClient(create_app(home, graphs=remote), base_url="http://127.0.0.1") as client:

        def post(query: str, **variables: Any) -> Any:
            answer = client.post("/graphql", json={"query": query, "variables": variables})
            assert answer.status_code == 200, answer.text
            assert "errors" not in answer.json(), answer.text
            return answer.json()["data"]

        label = f"示例{secrets.token_hex(3)}"
        asked = '{ node(id: "point/CP03") { label } }'
        assert post(asked)["node"]["label"] != label
        change = {"id": "point/CP03", "set": [{"field": "label", "value": label, "language": "zh"}]}
        made = post(PROPOSE, c=[change])["propose"]
        assert made["acceptable"]
        number = made["proposal"]["number"]
        assert post(APPROVE, n=number)["approve"]["proposal"]["state"] == "APPROVED"
        assert post(asked)["node"]["label"] == label
    assert remote._engine.position == home.position


# Without a journal


def test_without_a_journal_the_present_is_answered(home: Registry, remote: Remote, alone: Remote) -> None:
    remote.refresh()
    schemas = build_schema(home), build_schema(alone)
    for name in ("node", "lists", "a filter", "forwards", "coverage"):
        one, other = (ask(schema, QUESTIONS[name]) for schema in schemas)
        assert one == other


@pytest.mark.parametrize("name", ["findings", "changes", "blame", "as known then", "on a date"])
def test_without_a_journal_what_needs_it_says_so(alone: Remote, name: str) -> None:
    told = refused(execute(build_schema(alone), QUESTIONS[name]))
    assert told["code"] == "UNAVAILABLE"
    assert told["what"]["zh"] and told["what"]["en"]


# Who sees what


def test_others_are_answered_as_they_see_it(
    home: Registry, remote: Remote, alone: Remote, schemas: Schemas
) -> None:
    """From Neo4j as well, with a journal and without; see test_access.py."""
    remote.refresh()
    question = "{ cooks(first: 50) { totalCount nodes { id label } } }"
    reader = Caller(Principal("示例", frozenset({Role.READER})))
    answers = []
    for schema, seen in (
        (schemas[0], home.seen_by(PUBLIC)),
        (schemas[1], remote.seen_by(PUBLIC)),
        (build_schema(alone), alone.seen_by(PUBLIC)),
    ):
        with on_behalf_of(Asker(reader, seen)):
            answers.append(ask(schema, question))
    assert answers[0] == answers[1] == answers[2] != ask(schemas[1], question)


def test_who_sees_what_must_have_been_written(
    neo4j_database: Server, home: Registry, neo4j_registry: str
) -> None:
    """Where it was not, others than those who see everything are answered at home, or not at all."""
    engine = Neo4jEngine.of(neo4j_database, home.profile, neo4j_registry)
    publish(home, engine)
    engine.change(INFERRED, (), list(engine.facts(INFERRED))[:1])  # and nobody says what that leaves open
    remote, alone = (Remote(engine, home.profile, home.base, one) for one in (home, None))
    assert remote.seen_by(PUBLIC) is home.seen_by(PUBLIC)
    assert remote.seen_by(EVERYTHING) is remote
    with pytest.raises(ForbiddenError):
        alone.seen_by(PUBLIC)
    engine.clear()


def test_whose_data_is_shown_is_known_without_the_registry(home: Registry, alone: Remote) -> None:
    """What is noted of reads is no less than at home."""
    assert set(home.protected_texts()) <= set(alone.protected_texts())
    assert home.protected_texts()
    assert alone.protected_texts() is alone.protected_texts()


# A cluster that is away


class Way:
    """A way to the server over this machine that can be cut, and mended."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._cut = False
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._cut = True
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                if self._cut:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self._to))
                self._open += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while part := one.recv(65536):
            other.sendall(part)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_while_the_cluster_is_away_it_is_said_so(
    neo4j: Neo4jServer, home: Registry, engine: Neo4jEngine
) -> None:
    way = Way(neo4j.port)
    account = replace(neo4j.account(), uri=f"bolt://127.0.0.1:{way.port}", patience=0.5)
    with Server(account) as server:
        cut_off = Remote(Neo4jEngine.of(server, home.profile, engine.registry), home.profile, home.base)
        with TestClient(create_app(home, graphs=cut_off), base_url="http://127.0.0.1") as client:

            def asked() -> Any:
                return client.post("/graphql", json={"query": QUESTIONS["node"]})

            before = asked()
            assert (before.status_code, "errors" in before.json()) == (200, False)
            way.cut()
            away = asked()
            told = away.json()["errors"][0]["extensions"]
            assert told["code"] == "UNAVAILABLE"
            assert told["what"]["zh"] and told["hint"]["en"]
            way.mend()
            assert asked().json() == before.json()
    way.close()


def test_a_server_that_was_never_there_is_told_of_too(home: Registry, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Server(Account(f"bolt://127.0.0.1:{port}", patience=0.3)) as server:
        remote = Remote(Neo4jEngine.of(server, home.profile, "nothing"), home.profile, home.base)
        with pytest.raises(UnavailableError):
            remote.resolve("CP03")
