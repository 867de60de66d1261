"""The addresses of linked data and SPARQL on a socket, with requests as they come from anywhere."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import rdflib
import uvicorn
from starlette.routing import Route

from qualitrace.web import create_app
from qualitrace.web.settings import Querying, Settings
from tests.graphql.kitchens import name
from tests.web.linked_world import kitchen_registry

SECONDS = 30.0
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9)) + " }"


class Served:
    """A running server, and the process behind its SPARQL endpoint."""

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.port = port

    def raw(self, request: bytes, *, read: bool = True) -> bytes:
        """Send octets, and return what comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(request)
            answer = b""
            while read and (piece := connection.recv(65_536)):
                answer += piece
            return answer

    def get(self, target: str, *headers: str) -> tuple[int, bytes, bytes]:
        """GET a target as it is written; returns status, headers and body."""
        lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
        answer = self.raw("\r\n".join([*lines, "", ""]).encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head, body

    def queries(self) -> list[str]:
        """The processes that run queries now."""
        routes = (one for one in self.app.routes if isinstance(one, Route) and one.path == "/sparql")
        pid = next(routes).endpoint.__self__._process.pid  # type: ignore[attr-defined]
        return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    registry = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    app = create_app(registry, settings=replace(Settings(), sparql=Querying(seconds=SECONDS)))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield Served(app, listening.getsockname()[1])
        server.should_exit = True
        thread.join()
    registry.close()


def test_an_identifier_answers(served: Served) -> None:
    status, head, body = served.get("/id/point/P1", "Accept: text/turtle")
    assert status == 200
    assert b"content-location: http://127.0.0.1/id/point/P1.ttl" in head.lower().replace(
        b"/p1.ttl", b"/P1.ttl"
    )
    graph = rdflib.Graph().parse(data=body, format="turtle")
    assert rdflib.URIRef(name("point/P1")) in set(graph.subjects())


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/id/area/%E7%83%AD%E8%8F%9C%E9%97%B4%20(%E7%94%B2)", 200),
        ("/id/area/a%2Fb", 200),
        ("/id/area/a%2fb", 200),
        ("/id/area/a/b", 404),
        ("/id/area/caf%C3%A9?asOf=2024-01-01", 200),
        ("/id/area/x.ttl", 200),
        ("/id/area/x.ttl.ttl", 200),
        ("/id/", 404),
        ("/id/.ttl", 404),
        ("/id/%00", 404),
        ("/id/%FF%FE", 404),
        ("/id/%zz", 404),
        ("/id/../id/point/P1", 404),
        ("/id/%2e%2e/healthz", 404),
        ("/id//point/P1", 404),
        ("/id/point/P1/", 404),
        ("/id/" + "x" * 20_000, 404),
        ("/id/point/P1.svg", 200),
        ("/describe", 404),
        ("/describe?iri=%FF", 404),
        ("/ontology", 200),
        ("/shapes", 200),
        ("/.well-known/void", 200),
        ("/exports/..%2f..%2fetc%2fpasswd", 404),
        ("/exports/", 404),
    ],
)
def test_addresses_as_they_are_sent(served: Served, target: str, status: int) -> None:
    assert served.get(target)[0] == status


def test_chinese_sent_as_it_is(served: Served) -> None:
    """RFC 3986 has no such address; some programs send it."""
    answer = served.raw(
        "GET /id/area/热菜间%20(甲) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.split()[1] in (b"200", b"400")


def test_pages_carry_the_policy_of_the_start_page(served: Served) -> None:
    _, start, _ = served.get("/", "Accept: text/html")
    (policy,) = [line for line in start.lower().split(b"\r\n") if line.startswith(b"content-security-policy")]
    for target in ("/id/point/P1", "/id/none", "/.well-known/void", "/sparql", "/id/point/P1.svg"):
        _, head, _ = served.get(target, "Accept: text/html")
        assert policy in head.lower()


def test_a_query_by_each_way(served: Served) -> None:
    status, _, body = served.get("/sparql?query=" + quote("ASK {}"), "Accept: text/csv")
    assert (status, body) == (200, b"true")
    for media, content in (
        ("application/sparql-query", b"ASK {}"),
        ("application/x-www-form-urlencoded", b"query=ASK%20%7B%7D"),
    ):
        head_lines = (
            f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: {media}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        answer = served.raw(head_lines.encode() + content)
        assert answer.split()[1] == b"200"
        assert b"true" in answer
    status, _, body = served.get("/sparql?query=nonsense")
    assert status == 400
    assert b"MALFORMED_QUERY" in body


def test_a_query_ends_when_the_client_hangs_up(served: Served) -> None:
    served.get("/sparql?query=" + quote("ASK {}"))
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        target = "/sparql?query=" + quote(ENDLESS)
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        begun = time.monotonic()
        while not served.queries():
            assert time.monotonic() - begun < SECONDS
            time.sleep(0.01)
        assert served.get("/id/point/P1")[0] == 200
    while served.queries():
        assert time.monotonic() - begun < SECONDS  # it would have run on until then
        time.sleep(0.01)


def test_another_host_gets_nothing(served: Served) -> None:
    for target in ("/id/point/P1", "/sparql", "/exports/turtle", "/.well-known/void"):
        answer = served.raw(
            f"GET {target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.split()[1] == b"421"
