"""What is asked again of Neo4j is answered without it, until something was changed there."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.registry.remote import Remote
from qualitrace.registry.remote_standing import FRESH
from qualitrace.store.neo4j import Neo4jEngine, Server, marks
from qualitrace.web import create_app
from qualitrace.web.settings import Settings
from qualitrace.web.settings_neo4j import Graphs
from tests.history.kitchen import POOL, commit, profile
from tests.neo4j_server import Neo4jServer
from tests.web.following import relabelled, station

FIRST = "台1"
NODE = '{ node(id: "station/T1") { id label } }'
TRACE = '{ trace(node: "hazard/H1", to: Cook, asOf: "2025-03-10") { ends { ending node { id label } } } }'
LIST = "{ hazards(first: 5) { totalCount nodes { id label } } }"
FINDINGS = "{ findings(first: 20) { totalCount } }"
NEWEST = "{ proposals { number } }"  # changes without the journal


class Watched(Server):
    """A server whose statements are counted; those that ask where it stands are not."""

    asked = 0

    def read(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        self.asked += statement != marks.READ
        return super().read(statement, **parameters)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "kitchen.db", profile())
    commit(made, POOL)
    station(made, 1, FIRST)
    yield made
    made.close()


@pytest.fixture
def server(neo4j: Neo4jServer) -> Iterator[Watched]:
    with Watched(neo4j.account()) as made:
        yield made


@pytest.fixture
def engine(server: Watched, neo4j_registry: str, home: Registry) -> Iterator[Neo4jEngine]:
    made = Neo4jEngine.of(server, home.profile, neo4j_registry)
    publish(home, made)
    yield made
    made.clear()


def client(home: Registry, remote: Remote, kept: int = 64) -> AbstractContextManager[TestClient]:
    settings = Settings(neo4j=Graphs(kept=kept))
    return TestClient(create_app(home, graphs=remote, settings=settings), base_url="http://127.0.0.1")


def ask(to: TestClient, query: str, **headers: str) -> bytes:
    answer = to.post("/graphql", json={"query": query}, headers=headers)
    assert answer.status_code == 200 and "errors" not in answer.json(), answer.text
    return bytes(answer.content)


def renamed(home: Registry, old: str, new: str) -> str:
    """Somebody else changes the registry; returns the new label."""
    relabelled(home, "station/T1", old, new)
    return new


def label_in(answer: bytes) -> str:
    return str(orjson.loads(answer)["data"]["node"]["label"])


@pytest.mark.parametrize("question", [NODE, TRACE, LIST])
@pytest.mark.parametrize("journal", [True, False], ids=["with its journal", "alone"])
def test_what_is_asked_again_is_not_asked_of_neo4j(
    home: Registry, engine: Neo4jEngine, server: Watched, question: str, journal: bool
) -> None:
    remote = Remote(engine, home.profile, home.base, *((home, publish) if journal else ()))
    with client(home, remote) as to:
        first, asked = ask(to, question), server.asked
        assert asked
        assert [ask(to, question) for _ in range(5)] == [first] * 5
        assert server.asked == asked
        ask(to, question.replace("{ ", "{  ", 1))
        assert server.asked > asked, "another document is another question"


def test_none_is_kept_where_the_settings_say_so(home: Registry, engine: Neo4jEngine, server: Watched) -> None:
    with client(home, Remote(engine, home.profile, home.base, home, publish), kept=0) as to:
        ask(to, NODE)
        asked = server.asked
        ask(to, NODE)
        assert server.asked > asked


def test_an_answer_that_tells_its_cost_is_worked_out(
    home: Registry, engine: Neo4jEngine, server: Watched
) -> None:
    with client(home, Remote(engine, home.profile, home.base)) as to:
        told = [ask(to, NODE, **{"Qualitrace-Cost": "yes"}) for _ in range(2)]
        asked = server.asked
        assert all(b"cost" in one for one in told)
        assert asked >= 2
        assert b"cost" not in ask(to, NODE)
        assert server.asked > asked


def test_who_asks_after_a_change_is_told_of_it(home: Registry, engine: Neo4jEngine) -> None:
    """With the journal at hand, at once."""
    remote = Remote(engine, home.profile, home.base, home, publish)
    chance = random.Random(8)
    with client(home, remote) as to:
        said = label_in(ask(to, NODE))
        for _ in range(40):
            if chance.random() < 0.3:
                said = renamed(home, said, f"示例{secrets.token_hex(3)}")
            assert label_in(ask(to, NODE)) == said


def test_alone_it_is_told_of_within_the_time_that_is_said(home: Registry, engine: Neo4jEngine) -> None:
    alone = Remote(engine, home.profile, home.base)
    with client(home, alone) as to:
        before = [ask(to, NODE) for _ in range(3)]
        assert len(set(before)) == 1
        renamed(home, FIRST, "示例改名")
        publish(home, engine)
        known = alone._stands._stood
        assert known is not None
        while not known.is_old:  # what was known of where it stands counts for so long, and no longer
            time.sleep(0.01)
        assert FRESH <= 0.5
        assert label_in(ask(to, NODE)) == "示例改名"


def test_a_change_while_the_answer_is_worked_out_makes_it_void(
    home: Registry, engine: Neo4jEngine, server: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is looked at, somebody publishes, and then Neo4j answers: of which state is not known."""
    alone = Remote(engine, home.profile, home.base)
    state = alone._stands.state

    def changed_on_the_way(*, ask: bool = True) -> str | None:
        found = state(ask=ask)
        if ask:
            monkeypatch.undo()
            renamed(home, FIRST, "示例甲")
            publish(home, engine)
        return found

    with client(home, alone) as to:
        monkeypatch.setattr(alone._stands, "state", changed_on_the_way)
        assert label_in(ask(to, NODE)) == "示例甲"
        renamed(home, "示例甲", "示例乙")
        publish(home, engine)
        assert label_in(ask(to, NODE)) == "示例乙"


def test_publishing_all_anew_makes_answers_void(home: Registry, engine: Neo4jEngine, server: Watched) -> None:
    """The position is what it was; what is there need not be."""
    alone = Remote(engine, home.profile, home.base)
    with client(home, alone) as to:
        first = ask(to, NODE)
        publish(home, engine, rebuild=True)
        alone._stands.forget()
        asked = server.asked
        assert ask(to, NODE) == first
        assert server.asked > asked


def test_what_changes_by_itself_is_not_kept(home: Registry, engine: Neo4jEngine) -> None:
    remote = Remote(engine, home.profile, home.base, home, publish)
    app = create_app(home, graphs=remote)
    with TestClient(app, base_url="http://127.0.0.1") as to:
        assert ask(to, FINDINGS) == ask(to, FINDINGS)
        before = ask(to, NEWEST)
        change = {"id": "station/T1", "set": [{"field": "label", "value": "示例", "language": "zh"}]}
        made = to.post(
            "/graphql",
            json={
                "query": "mutation ($c: [ProposedNode!]!) { propose(title: "
                '"示例", by: "示例甲", role: "office", changes: $c) { acceptable } }',
                "variables": {"c": [change]},
            },
        )
        assert made.json()["data"]["propose"]["acceptable"]
        assert ask(to, NEWEST) != before
