"""No role learns by any other address what it may not see; an address that the walk does not know fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDFS_LABEL
from qualitrace.web.authentication import OPEN
from qualitrace.web.exports import FORMS
from tests.authorisation.asking import Client, check, shown
from tests.authorisation.test_graphql import PHONE
from tests.authorisation.world import ABSENT, Visitor, World, marks_in

Asked = tuple[str, str, dict[str, Any]]  # method, path, what else httpx takes
EVERYBODY = (
    "nobody", "revoked", "reader", "system", "auditor without purpose", "auditor", "steward without purpose",
    "steward", "steward of two", "steward of none", "office",
)  # fmt: skip
TYPES = (
    "text/html",
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "*/*",
)
STREAMED = 0.5  # seconds that a stream is read


@pytest.fixture(params=EVERYBODY)
def who(request: pytest.FixtureRequest, world: World) -> Visitor:
    return world.visitors[request.param]


def _get(*paths: str, **headers: str) -> Iterator[Asked]:
    return (("GET", path, {"headers": headers} if headers else {}) for path in paths)


def _nodes(world: World) -> list[str]:
    units = list(world.by_unit)
    return [one for unit in (units[0], units[1], units[-1]) for one in (*world.by_unit[unit], unit)]


def _local(world: World) -> Iterator[Asked]:
    for node in _nodes(world):
        path = "/id/" + quote(node.removeprefix(world.registry.base), safe="/")
        for type_ in TYPES:
            yield from _get(path, Accept=type_)
            yield from _get(path + "?at=1", Accept=type_)
        for suffix in ("ttl", "jsonld", "nt", "rdf", "html"):
            yield from _get(f"{path}.{suffix}", path + f".{suffix}?knownAt=1")
        yield from _get(f"{path}.svg", f"{path}.svg?why=")
        yield "GET", path, {"headers": {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"}}
        yield "HEAD", path, {}
    yield from _get("/id/" + quote(f"密 {ABSENT}"), "/id/nothing", "/id/%2e%2e/graphql", "/id/")


def _described(world: World) -> Iterator[Asked]:
    for node in _nodes(world):
        for type_ in TYPES:
            yield from _get("/describe?iri=" + quote(node, safe=""), Accept=type_)
    yield from _get("/describe", "/describe?iri=x")


def _described_as(world: World) -> Iterator[Asked]:
    for suffix in ("ttl", "jsonld", "nt", "rdf", "html", "none"):
        yield from _get(*(f"/describe.{suffix}?iri=" + quote(node, safe="") for node in _nodes(world)))


def _exports(world: World) -> Iterator[Asked]:
    for form in (*FORMS, "nothing"):
        yield from _get(f"/exports/{form}", f"/exports/{form}?language=en", f"/exports/{form}?knownAt=1")


def _sparql(world: World) -> Iterator[Asked]:
    hidden = sorted(world.marks.about)[0]
    for query in (
        "SELECT * WHERE { ?s ?p ?o }",
        "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }",
        f'ASK {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), "{hidden}")) }}',
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        f"DESCRIBE <{world.people[0]}>",
    ):
        for type_ in (
            "application/sparql-results+json",
            "text/csv",
            "text/turtle",
            "application/sparql-results+xml",
        ):
            yield from _get("/sparql?query=" + quote(query, safe=""), Accept=type_)
        yield "POST", "/sparql", {"data": {"query": query}}
    yield from _get("/sparql", "/sparql?update=x")


def _graphql(world: World) -> Iterator[Asked]:
    for query in ("{ persons(first: 50) { nodes { id label } } }", "{ nothing }", "{", ""):
        yield from _get("/graphql?query=" + quote(query, safe=""))
    batch = json.dumps([{"query": "{ persons(first: 50) { nodes { id label } } }"}] * 2)
    yield "POST", "/graphql", {"content": batch, "headers": {"Content-Type": "application/json"}}
    yield "POST", "/graphql", {"content": "x=1", "headers": {"Content-Type": "text/plain"}}


ADDRESSES: dict[str, Callable[[World], Iterator[Asked]]] = {
    "/static": lambda world: _get("/static/start.js", "/static/../graphql", "/static/%2e%2e/app.py"),
    "/graphql": _graphql,
    "/graphql/stream": lambda world: iter(()),  # below
    "/changes/stream": lambda world: iter(()),  # below
    "/": lambda world: _get("/", "/?token=x"),
    "/schema.graphql": lambda world: _get("/schema.graphql"),
    "/explorer": lambda world: _get("/explorer"),
    "/explorer/operations": lambda world: _get("/explorer/operations"),
    "/id/{local:path}": _local,
    "/describe": _described,
    "/describe.{suffix}": _described_as,
    "/ontology": lambda world: (one for type_ in TYPES for one in _get("/ontology", Accept=type_)),
    "/shapes": lambda world: (one for type_ in TYPES for one in _get("/shapes", Accept=type_)),
    "/.well-known/void": lambda world: (o for t in TYPES for o in _get("/.well-known/void", Accept=t)),
    "/exports/{form}": _exports,
    "/sparql": _sparql,
    "/openapi.json": lambda world: _get("/openapi.json"),
    "/api": lambda world: _get("/api"),
    "/healthz": lambda world: _get("/healthz"),
    "/readyz": lambda world: _get("/readyz"),
    "/metrics": lambda world: _get("/metrics"),
}  # fmt: skip


def test_every_address_is_known_to_the_walk(client: Client) -> None:
    paths = {getattr(route, "path", repr(route)) for route in client.app.routes}
    assert paths <= set(ADDRESSES), paths - set(ADDRESSES)
    assert len(paths) >= 18


def test_every_address(client: Client, world: World, who: Visitor) -> None:
    paths = {getattr(route, "path", "") for route in client.app.routes}
    walked, seen, statuses = 0, dict[str, frozenset[str]](), set[int]()
    for path in sorted(paths & set(ADDRESSES)):
        for method, address, request in ADDRESSES[path](world):
            answer = client.ask(who, method, address, **request)
            named = sorted(marks_in(address.encode()))
            seen[path] = seen.get(path, frozenset()) | check(world, who, answer, address, *named)
            statuses.add(answer.status_code)
            walked += 1
            if who.name in ("nobody", "revoked"):
                open_ = address.partition("?")[0] in OPEN or address.startswith("/static/")
                assert open_ or answer.status_code == 401, (address, answer.status_code)
            assert answer.status_code < 500 or answer.status_code == 503, (address, answer.text[:300])
    print(f"{who.name}: {walked} requests to {len(paths)} addresses: {sorted(statuses)}")
    assert walked > 300
    if not who.sees:
        return
    names = {m for m in who.sees - world.earlier if world.marks.predicate[m] == RDFS_LABEL}
    for path in ("/id/{local:path}", "/describe"):
        assert names & seen[path], path  # what may be seen is there
    phones = {m for m in who.sees - world.earlier if world.marks.predicate[m] == PHONE}
    assert phones <= seen["/exports/{form}"]
    if who.name == "office":
        assert phones <= seen["/sparql"]


def test_exports_hold_the_same_as_the_view(client: Client, world: World, who: Visitor) -> None:
    if who.name in ("nobody", "revoked"):
        assert client.ask(who, "GET", "/exports/turtle").status_code == 401
        return
    answer = client.ask(who, "GET", "/exports/turtle")
    assert shown(answer) == who.sees - world.earlier
    if who.sees:
        assert set(world.book.reads()[0].read.nodes) >= {world.marks.about[m] for m in shown(answer)}


def test_streams(client: Client, world: World, who: Visitor) -> None:
    """What is told of changes: all of them, from the first on."""
    query = (
        "subscription { changes(after: 0) {"
        " position author message nodes { id type fate node { id label classLabel } } whole } }"
    )
    for path in ("/changes/stream?after=0", "/graphql/stream?query=" + quote(query, safe="")):
        status, content = client.run(_stream(client, who, path))
        wrong = marks_in(content) - who.sees
        assert not wrong, (who.name, path, sorted(wrong)[:3])
        assert (status == 401) is (who.name in ("nobody", "revoked"))
        told = who.name not in ("nobody", "revoked", "reader")
        assert (b'"position"' in content) is told, (path, content[:500])


async def _until(told: Callable[[], bool], task: asyncio.Future[Any]) -> None:
    """Wait until something was told, and then a little for what follows."""
    for _ in range(200):
        if told() or task.done():
            break
        await asyncio.sleep(0.05)
    await asyncio.wait([task], timeout=STREAMED)


async def _stream(client: Client, who: Visitor, path: str) -> tuple[int, bytes]:
    """Read a stream for a while, then go away."""
    target, _, query = path.partition("?")
    headers = [(b"host", b"127.0.0.1"), (b"accept", b"text/event-stream")]
    headers += [(name.lower().encode(), value.encode()) for name, value in who.headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": target,
        "raw_path": target.encode(), "query_string": query.encode(), "headers": headers, "scheme": "http",
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8000), "root_path": "", "state": {},
    }  # fmt: skip
    gone, content, status = asyncio.Event(), bytearray(), [0]
    sent = [False]

    async def receive() -> dict[str, Any]:
        if not sent[0]:
            sent[0] = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status[0] = message["status"]
            content.extend(b"\n".join(name + b": " + value for name, value in message["headers"]))
        content.extend(message.get("body", b""))

    task = asyncio.ensure_future(client.app(scope, receive, send))
    await _until(lambda: b'"position"' in content, task)
    gone.set()
    await asyncio.wait([task], timeout=10)
    assert task.done()
    return status[0], bytes(content)


def test_the_web_socket(client: Client, world: World, who: Visitor) -> None:
    """Who asks is said in the first message, as browsers can send no header."""
    query = "subscription { changes(after: 0) { author message nodes { id node { label } } } }"
    said = {"Authorization": f"Bearer {who.token}"} if who.token else {}
    messages = (
        {"type": "connection_init", "payload": {**said, "purpose": who.purpose}},
        {"id": "1", "type": "subscribe", "payload": {"query": query}},
    )
    received = client.run(_socket(client, messages))
    content = json.dumps(received, ensure_ascii=False).encode()
    assert not marks_in(content) - who.sees, (who.name, sorted(marks_in(content) - who.sees)[:3])
    may = who.name not in ("nobody", "revoked", "reader")
    assert (b"connection_ack" in content) is may, content
    assert (b'"next"' in content.replace(b"\\", b"")) is may, content


async def _socket(client: Client, messages: tuple[dict[str, Any], ...]) -> list[str]:
    """Open a WebSocket, say something, and listen for a while."""
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "path": "/graphql",
        "raw_path": b"/graphql", "query_string": b"", "headers": [(b"host", b"127.0.0.1")], "scheme": "ws",
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8000), "root_path": "", "state": {},
        "subprotocols": ["graphql-transport-ws"],
    }  # fmt: skip
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    waiting.put_nowait({"type": "websocket.connect"})
    for message in messages:
        waiting.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
    received: list[str] = []

    async def send(message: Any) -> None:
        received.append(message.get("text") or message["type"])

    task = asyncio.ensure_future(client.app(scope, waiting.get, send))
    await _until(lambda: any('"next"' in text for text in received), task)
    waiting.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait([task], timeout=10)
    assert task.done()
    return received


def test_wrong_credentials_are_all_refused_alike(client: Client, world: World) -> None:
    right = world.visitors["office"].token
    answers = []
    for given in (
        f"Bearer {right[:-1]}", f"Bearer {right}x", "Bearer ", "Bearer", f"Basic {right}", right,
        f"Token {right}",
        "Bearer é", f"Bearer {right} {right}", "Bearer " + "a" * 20_000, world.visitors["revoked"].token,
        f"Bearer {world.visitors['revoked'].token}",
    ):  # fmt: skip
        headers = {"Authorization": given.encode("latin-1")}
        answer = client.ask(
            world.visitors["nobody"], "GET", "/graphql?query=%7B__typename%7D", headers=headers
        )
        assert answer.status_code == 401, given[:40]
        assert answer.headers["www-authenticate"].startswith("Bearer")
        answers.append(json.dumps([e["extensions"]["code"] for e in answer.json()["errors"]]))
    assert set(answers) == {'["UNKNOWN_CALLER"]'}
    for path in (f"/graphql?access_token={right}&query=%7B__typename%7D", f"/graphql?token={right}"):
        assert client.ask(world.visitors["nobody"], "GET", path).status_code == 401


@pytest.mark.parametrize(
    "purpose", ["%0d%0aX: y", "%00", "a" * 300, "%ff%fe", "%E2%80%AE", "é", "UTF-8''%0A"]
)
def test_a_purpose_that_cannot_be_kept_is_refused(client: Client, world: World, purpose: str) -> None:
    headers = {"Qualitrace-Purpose": purpose.encode("latin-1")}
    office = world.visitors["office"]
    plain = Visitor(office.name, office.token, "", frozenset())
    answer = client.ask(plain, "GET", "/graphql?query=%7B__typename%7D", headers=headers)
    assert answer.status_code == 400
    body = {"query": "{ __typename }", "extensions": {"purpose": "a\nb"}}
    kind = {"Content-Type": "application/json"}
    assert client.ask(plain, "POST", "/graphql", content=json.dumps(body), headers=kind).status_code == 400


@pytest.mark.parametrize(
    "purpose", ["audit%202025", "UTF-8''%E5%AE%A1%E6%A0%B8", "%E5%AE%A1%E6%A0%B8", "plain words"]
)
def test_a_purpose_is_read_as_it_may_be_written(client: Client, world: World, purpose: str) -> None:
    headers = {"Qualitrace-Purpose": purpose}
    office = world.visitors["office"]
    plain = Visitor(office.name, office.token, "", office.sees)
    query = quote("{ persons(first: 50) { nodes { phones } } }", safe="")
    assert shown(client.ask(plain, "GET", f"/graphql?query={query}", headers=headers))
    assert world.book.reads()[0].read.purpose in ("audit 2025", "审核", "plain words")


def test_the_views_agree_with_who_is_steward(world: World) -> None:
    """What the application shows somebody is in the end what this view holds."""
    for visitor in world.visitors.values():
        if not visitor.token or visitor.name == "revoked":
            continue
        principal = world.book.principal(visitor.token)
        if not visitor.purpose or principal.audience.everything:
            continue
        engine = world.registry.seen_by(principal.audience).engine
        text = "\n".join(f.object for graph in (STATED, INFERRED) for f in engine.facts(graph))
        assert marks_in(text.encode()) == visitor.sees, visitor.name
