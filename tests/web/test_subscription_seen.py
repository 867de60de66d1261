"""What each caller is told of changes: only what they see, for as long as they may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualitrace.access.book import AccessBook
from qualitrace.access.model import RIGHTS, Right, Role
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.serving import serving
from tests.graphql.kitchens import node
from tests.history.kitchen import commit, profile, statement
from tests.web.following import ALL, SECONDS, client, gone, relabelled, settings, station
from tests.web.test_subscription_stream import several, streaming

SECRET = "秘密人名"
WHY = "核对整改"


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "kitchen.db"


@pytest.fixture
def registry(location: Path) -> Iterator[Registry]:
    with closing(Registry.create(location, profile())) as made:
        yield made


@pytest.fixture
def book(location: Path, registry: Registry) -> Iterator[AccessBook]:
    with closing(AccessBook.open(location)) as opened:
        yield opened


@pytest.fixture
def address(registry: Registry, book: AccessBook) -> Iterator[str]:
    with serving(create_app(registry, access=book, settings=settings())) as found:
        yield found


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, AccessBook]]:
    """A server for tests that change nothing, and who may ask it."""
    where = tmp_path_factory.mktemp("lasting") / "kitchen.db"
    with closing(Registry.create(where, profile())) as made, closing(AccessBook.open(where)) as opened:
        station(made, 1)
        with serving(create_app(made, access=opened, settings=settings())) as found:
            yield found, opened


def token(book: AccessBook, *roles: Role) -> tuple[str, str]:
    units = ["https://kitchen.example/id/area/cold"] if Role.STEWARD in roles else []
    made, secret = book.tokens.make(f"{roles[0]}（示例）", roles, units=units, expires=None, by="test")
    return made.id, secret


def cook(registry: Registry, number: int, label: str = SECRET) -> None:
    """Add a cook (a protected class), and a shift (a public one) that names them."""
    facts = [
        *node(f"cook/X{number}", "Cook", f"{label}{number}", f"X{number}"),
        *node(f"shift/X{number}", "Shift", "", worker=f"cook/X{number}"),
    ]
    commit(registry, map(statement, facts), author=f"{SECRET}作者", message=f"{SECRET}事由")


# Who may connect


@pytest.mark.parametrize("role", list(Role))
def test_the_right_to_subscribe_decides(lasting: tuple[str, AccessBook], role: Role) -> None:
    address, book = lasting
    allowed = Right.SUBSCRIBE in RIGHTS[role]
    _, secret = token(book, role)
    with client(address) as one:
        one.send("connection_init", payload={"token": secret})
        if allowed:
            assert one.receive()["type"] == "connection_ack"
        else:
            assert one.closed() == (4403, "Forbidden")
    headers = {"authorization": f"Bearer {secret}"}
    for path in ("/changes/stream?after=0", "/graphql/stream"):
        given = {**headers, "accept": "text/event-stream"}
        with (
            httpx.Client(timeout=SECONDS) as asking,
            asking.stream("GET", address + path, headers=given) as answer,
        ):
            assert answer.status_code == (403 if not allowed else 200 if "changes" in path else 400)


WAYS: dict[str, dict[str, Any]] = {
    "none": {},
    "unknown": {"token": "qualitrace_" + "x" * 49},
    "no string": {"token": 7},
    "empty": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": "Basic eDp5"},
}


@pytest.mark.parametrize("payload", WAYS.values(), ids=WAYS)
def test_without_a_valid_token_nothing_is_told(
    lasting: tuple[str, AccessBook], payload: dict[str, Any]
) -> None:
    address, _ = lasting
    with client(address) as one:
        one.send("connection_init", payload=payload)
        assert one.closed() == (4401, "Unauthorized")
    assert httpx.get(f"{address}/changes/stream", timeout=SECONDS).status_code == 401
    assert httpx.get(f"{address}/graphql/stream", params={"query": ALL}, timeout=SECONDS).status_code == 401


@pytest.mark.parametrize("way", ["token", "Authorization", "authorization", "header"])
def test_a_token_is_taken_from_the_first_message_or_the_handshake(
    lasting: tuple[str, AccessBook], way: str
) -> None:
    address, book = lasting
    _, secret = token(book, Role.SYSTEM)
    headers = {"Authorization": f"Bearer {secret}"} if way == "header" else {}
    payload = {} if headers else {way: secret if way == "token" else f"Bearer {secret}"}
    with client(address, **headers) as one:
        assert "position" in one.begin(**payload)


# What they are told


def told(address: str, many: int, secret: str, **payload: str) -> tuple[list[dict[str, Any]], str]:
    """All changes as a caller is told of them, over both ways; and everything as text."""
    with client(address) as one:
        begun = one.begin(token=secret, **payload)
        one.follow(after=0)
        found = [one.change() for _ in range(many)]
    headers = {"authorization": f"Bearer {secret}"}
    if payload:
        headers["qualitrace-purpose"] = "check"
    with streaming(f"{address}/changes/stream?after=0", headers=headers) as (_, events):
        plain = [event for _, _, event in several(events, many)]
    assert [one["position"] for one in found] == [one["position"] for one in plain]
    for one, other in zip(found, plain, strict=True):
        assert [(n["id"], n["type"], n["fate"]) for n in one["nodes"]] == [
            (n["id"], n["type"], n["fate"]) for n in other["nodes"]
        ]
    return found, json.dumps([begun, found, plain], ensure_ascii=False)


def history(registry: Registry) -> int:
    """Changes of what is public, what is protected, and both; among them a cook who comes and goes."""
    station(registry, 1)
    cook(registry, 1)
    relabelled(registry, "cook/X1", f"{SECRET}1", f"{SECRET}改名")
    gone(registry, "cook/X1", "shift/X1")
    station(registry, 2)
    return registry.position


def ids(change: dict[str, Any]) -> set[str]:
    return {node["id"] for node in change["nodes"]}


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.STEWARD, Role.AUDITOR, Role.OFFICE])
def test_without_a_purpose_nothing_protected_is_told(
    registry: Registry, address: str, book: AccessBook, role: Role
) -> None:
    many = history(registry)
    found, text = told(address, many, token(book, role)[1])
    assert SECRET not in text
    assert "cook/" not in text
    assert [ids(one) for one in found if one["position"] in (1, many)] == [{"station/T1"}, {"station/T2"}]
    assert {one["author"] for one in found} == {one["message"] for one in found} == {None}
    # A changeset of which nothing is seen is told by its number: nothing is missing between two others.
    assert [one["position"] for one in found] == list(range(1, many + 1))
    assert ("withheld" in text) is (role is not Role.SYSTEM)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OFFICE])
def test_with_a_purpose_who_may_is_told_everything_and_it_is_noted(
    registry: Registry, address: str, book: AccessBook, role: Role
) -> None:
    cook(registry, 1)
    station(registry, 1)
    found, _ = told(address, 2, token(book, role)[1], purpose=WHY)
    assert ids(found[0]) == {"cook/X1", "shift/X1"}
    labels = {node["id"]: node["node"]["label"] for node in found[0]["nodes"]}
    assert labels["cook/X1"] == f"{SECRET}1"
    assert (found[0]["author"], found[0]["message"]) == (f"{SECRET}作者", f"{SECRET}事由")
    notes = [one.read for one in book.reads()]
    assert any(one.purpose == WHY and one.who == f"{role}（示例）" and one.count for one in notes)
    assert all(SECRET not in one.route for one in notes)


def test_a_system_is_told_nothing_protected_whatever_it_says(
    registry: Registry, address: str, book: AccessBook
) -> None:
    many = history(registry)
    _, text = told(address, many, token(book, Role.SYSTEM)[1], purpose=WHY)
    assert SECRET not in text and "cook/" not in text


def test_a_system_cannot_ask_for_protected_fields(address: str, book: AccessBook, registry: Registry) -> None:
    cook(registry, 1)
    with client(address) as one:
        one.begin(token=token(book, Role.SYSTEM)[1])
        for query in (
            "subscription { changes(after: 0) { nodes { node { ... on Cook { label } } } } }",
            "subscription { changes(after: 0) { nodes { node { ... on Shift { worker { label } } } } } }",
        ):
            one.follow(query)
            said = one.receive()
            assert SECRET not in json.dumps(said, ensure_ascii=False)


# For how long


def test_a_revoked_token_ends_what_is_open(registry: Registry, address: str, book: AccessBook) -> None:
    station(registry, 1)
    id, secret = token(book, Role.OFFICE)
    headers = {"authorization": f"Bearer {secret}"}
    stream = f"{address}/changes/stream?after=0"
    with client(address) as one, streaming(stream, headers=headers) as (_, events):
        one.begin(token=secret)
        one.follow(after=0)
        assert one.change()["position"] == 1
        assert next(events)[1] == "1"
        book.tokens.revoke(id, by="test")
        assert one.closed() == (4401, "Unauthorized")
        name, _, said = next(events)
        assert name == "end"
        assert said["errors"][0]["extensions"]["code"] == "UNKNOWN_CALLER"
        assert list(events) == []
    station(registry, 2)
    with client(address) as one:
        one.send("connection_init", payload={"token": secret})
        assert one.closed() == (4401, "Unauthorized")
