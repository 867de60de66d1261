"""Subscriptions as the clients that others use read them: graphql-ws and graphql-sse, from npm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.serving import serving
from tests.contract.test_federation import program
from tests.history.kitchen import profile
from tests.web.following import ALL, settings, station

MANY = 5


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clients") / "kitchen.db"


@pytest.fixture(scope="module")
def changed(where: Path) -> Iterator[Registry]:
    with closing(Registry.create(where, profile())) as made:
        for number in range(MANY):
            station(made, number)
        yield made


def asked(systems: Path, address: str, token: str = "") -> dict[str, Any]:
    given = {
        "socket": f"{address.replace('http', 'ws', 1)}/graphql",
        "stream": f"{address}/graphql/stream",
        "token": token,
        "query": ALL,
        "wrong": "subscription { changes { nothing } }",
        "events": MANY,
    }
    found: dict[str, Any] = program(systems, "subscribe.mjs", given)
    return found


@pytest.mark.parametrize("way", ["socket", "stream"])
@pytest.mark.parametrize("role", [None, Role.AUDITOR], ids=["nobody asked", "auditor"])
def test_every_change_is_told_and_what_is_wrong_is_said(
    systems: Path, where: Path, changed: Registry, way: str, role: Role | None
) -> None:
    with closing(AccessBook.open(where)) as book:
        secret = book.tokens.make("审核（示例）", {role}, expires=None, by="test")[1] if role else ""
        made = create_app(changed, access=book if role else None, settings=settings())
        with serving(made) as address:
            found = asked(systems, address, secret)[way]
    told = [one["data"]["changes"] for one in found["right"]["found"]]
    assert "error" not in found["right"], found["right"]
    assert [one["position"] for one in told] == list(range(1, MANY + 1))
    assert [one["nodes"][0]["id"] for one in told] == [f"station/T{number}" for number in range(MANY)]
    recorded = [one.id for one in changed.journal.changesets()]
    assert [one["id"] for one in told] == recorded
    wrong = found["wrong"]
    said = wrong["error"] if "error" in wrong else wrong["found"][0]["errors"]
    assert "nothing" in said[0]["message"]


def test_clients_read_why_they_are_refused(systems: Path, where: Path, changed: Registry) -> None:
    with closing(AccessBook.open(where)) as book:
        _, reader = book.tokens.make("读者（示例）", {Role.READER}, expires=None, by="test")
        with serving(create_app(changed, access=book, settings=settings())) as address:
            nobody, known = (asked(systems, address, secret) for secret in ("", reader))
    for found, code in ((nobody, 4401), (known, 4403)):
        assert found["socket"]["right"] == {
            "found": [],
            "error": [{"code": code, "reason": "Unauthorized" if code == 4401 else "Forbidden"}],
        }
        assert found["stream"]["right"]["found"] == []
        assert "40" + str(code)[-1] in found["stream"]["right"]["error"][0]["message"]
