"""Questions about the network over GraphQL: what rests on hidden links is not told, not even how much."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.authorisation.asking import Client
from tests.authorisation.conftest import wide
from tests.authorisation.world import Visitor
from tests.graphql.kitchens import BASE, FACTS, KITCHEN, name
from tests.history.kitchen import commit, statement

# Who works how often is for those who may know of cooks; how much a role does is for everybody.
QUESTIONS = {
    "busy-cooks": "{ ?item kt:worker ?who } UNION { ?shift kt:worker ?who ; kt:standIn ?item }",
    "busy-roles": "?item kt:carriedOutBy|kt:leadRole ?who",
}
ASKED = """query ($question: String!) { network(question: $question, asOf: "2025-03-01") {
  withheld summary checked linkCount totalCount figures { name value } ranking { value node { id label } }
  findings { sentence figures { name value } links { label source { iri label } target { iri label } }
    roles { role totalCount nodes { node { id label } } } } } }"""
NAMES = ("厨师甲", "厨师乙", "cook/1", "cook/2")


@dataclass(frozen=True)
class Asking:
    client: Client
    visitors: dict[str, Visitor]

    def network(self, who: str, question: str) -> tuple[dict[str, Any], str]:
        """The answer, and all that was sent."""
        answer = self.client.graphql(self.visitors[who], ASKED, question=question)
        body = answer.json()
        assert "errors" not in body, body
        return dict(body["data"]["network"]), answer.text


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("network")
    place: Path = folder / "kitchen"
    shutil.copytree(KITCHEN, place)
    (place / "reasoning" / "network").mkdir()
    for file, pattern in QUESTIONS.items():
        head = f"# title en: {file}\n# title zh: {file}\n# kind: load\n# bound: 0\n# least: 1\n"
        prefix = "PREFIX kt: <https://kitchen.example/terms#>\n"
        text = f"{head}{prefix}SELECT ?who ?item WHERE {{ {pattern} }}\n"
        (place / "reasoning" / "network" / f"{file}.rq").write_text(text, encoding="utf-8")
    registry = Registry.create(folder / "k.db", load_profile(place), base=BASE)
    commit(registry, map(statement, FACTS))
    book = AccessBook.open(folder / "k.db")

    def visitor(who: str, role: Role, purpose: str) -> Visitor:
        units = (name("area/elsewhere"),) if role is Role.STEWARD else ()
        token = book.tokens.make(f"示例 {who}", (role,), units=units, expires=None, by="示例")[1]
        return Visitor(who, token, purpose, frozenset())

    made = Client(create_app(registry, access=book, settings=wide()))
    visitors = {role.value: visitor(role.value, role, "review") for role in Role}
    visitors["office without purpose"] = visitor("office 2", Role.OFFICE, "")
    yield Asking(made, visitors)
    made.close()
    book.close()
    registry.close()


WHO = ("reader", "system", "steward", "office without purpose")


@pytest.mark.parametrize("who", WHO)
def test_what_rests_on_hidden_links_is_withheld(asking: Asking, who: str) -> None:
    told, sent = asking.network(who, "busy-cooks")
    assert told["withheld"] is True
    assert told["summary"]
    assert (told["checked"], told["linkCount"], told["totalCount"]) == (0, 0, 0)
    assert (told["figures"], told["ranking"], told["findings"]) == ([], [], [])
    assert not any(one in sent for one in NAMES)


@pytest.mark.parametrize("who", WHO)
def test_what_rests_on_nothing_hidden_is_told_to_all(asking: Asking, who: str) -> None:
    told, _ = asking.network(who, "busy-roles")
    assert told == asking.network("office", "busy-roles")[0]
    assert told["withheld"] is False
    assert told["totalCount"] > 0


@pytest.mark.parametrize("who", ["office", "auditor"])
def test_who_may_see_all_is_told_all(asking: Asking, who: str) -> None:
    told, _ = asking.network(who, "busy-cooks")
    assert told["withheld"] is False
    (found,) = told["findings"]
    assert [one["node"]["id"] for one in found["roles"][0]["nodes"]] == ["cook/2"]
    assert {one["node"]["id"] for one in told["ranking"]} == {"cook/1", "cook/2"}
