"""Bodies that are no requests: too large, too deep, too slow, not UTF-8, several where one is asked for."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from qualitrace.access import Role
from tests.attack.serving import NORMAL, Served

JSON = {"content-type": "application/json"}
PLAIN = {"query": NORMAL}

BODIES: dict[str, tuple[bytes, set[int]]] = {
    "nothing": (b"", {400}),
    "no JSON": (b"{", {400}),
    "not UTF-8": (b'{"query": "\xff\xfe{ __typename }"}', {400}),
    "overlong UTF-8": (b'{"query": "\xc0\xaf{ __typename }"}', {400}),
    "a lone surrogate": (b'{"query": "{ a(b: \\"\\ud800\\") }"}', {200, 400}),
    "UTF-16": (json.dumps(PLAIN).encode("utf-16"), {400}),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(PLAIN).encode(), {200, 400}),
    "NUL": (b'{"query": "{ __typename }\\u0000"}', {200, 400}),
    "brackets": (b"[" * 400_000, {400}),
    "objects": (b'{"a":' * 150_000, {400}),
    "deep variables": (
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
        {200, 400},
    ),
    "a number of a million digits": (
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 900_000 + b"}}",
        {200, 400},
    ),
    "a number beyond all": (b'{"query": "{ __typename }", "variables": {"a": 1e999999}}', {200, 400}),
    "a key many times": (b"{" + b'"query": "{ __typename }",' * 20_000 + b'"query": ""}', {400}),
    "keys that collide": (
        b'{"query": "{ __typename }", "variables": {'
        + b",".join(b'"%d": 1' % n for n in range(60_000))
        + b"}}",
        {200, 400},
    ),
    "oversized": (b'{"query": "' + b"x" * 3_000_000 + b'"}', {413}),
    "a batch": (json.dumps([PLAIN] * 3).encode(), {400}),
    "a batch of nothing": (b"[]", {400}),
    "batches within batches": (json.dumps([[PLAIN]]).encode(), {400}),
    "a large batch": (json.dumps([PLAIN] * 5000).encode(), {400}),
    "a hash that is none": (
        json.dumps({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x" * 50_000}}}).encode(),
        {200, 400},
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_none_are_refused(served: Served, name: str) -> None:
    body, statuses = BODIES[name]
    with served.client() as client:
        for _ in range(2):
            answer = client.post("/graphql", content=body, headers=JSON)
            assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
            assert "INTERNAL" not in answer.text


KINDS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "text/plain; application/json",
    "application/jsonp",
    "",
    "application/json; charset=utf-16",
    "application/json\x00",
]


@pytest.mark.parametrize("kind", KINDS)
def test_forms_that_a_foreign_page_can_send_are_refused(served: Served, kind: str) -> None:
    body = json.dumps({"query": "mutation { __typename }"}).encode()
    lines = [
        b"POST /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}".encode(),
        f"Authorization: Bearer {served.token(Role.SYSTEM)}".encode(),
        f"Content-Type: {kind}".encode(),
        f"Content-Length: {len(body)}".encode(),
    ]
    with served.raw() as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        assert connection.recv(64).split()[1] in (b"400", b"415")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_is_changed_but_by_post(served: Served, method: str) -> None:
    with served.client(Role.OFFICE) as client:
        asked = {"query": 'mutation { reject(number: 1, reason: "x") { __typename } }'}
        answer = client.request(method, "/graphql", params=asked, headers={"x-http-method-override": "POST"})
    assert answer.status_code in (400, 405, 415)


def test_a_batch_is_for_systems_and_bounded(served: Served) -> None:
    def post(role: Role, body: Any) -> Any:
        with served.client(role) as client:
            return client.post("/graphql", json=body)

    answer = post(Role.SYSTEM, [PLAIN, PLAIN])
    assert answer.status_code == 200
    assert [one["data"] for one in answer.json()] == [served.expected] * 2
    assert post(Role.OFFICE, [PLAIN, PLAIN]).status_code == 400
    assert post(Role.SYSTEM, [PLAIN] * 11).status_code == 400
    dear = {
        "query": "{ diagnosisPoints(first: 1) { nodes { trace(first: 2000, maxSteps: 32) { paths { steps { "
        "basis source { id iri code label classLabel } target { id iri code label classLabel } } } } } } }"
    }
    alone = post(Role.SYSTEM, dear)
    together = post(Role.SYSTEM, [dear] * 7)
    assert together.status_code == 400, "what one may ask once is not asked seven times in one request"
    assert together.json()["errors"][0]["extensions"]["code"] == "LIMIT"
    assert alone.status_code == 200


def _drip(served: Served, head: bytes, rest: bytes, pause: float) -> tuple[bytes, bool]:
    """Send a body byte by byte; return the answer, and whether the server ended it before the last byte."""
    with served.raw() as connection:
        connection.sendall(head)
        connection.settimeout(pause)
        for at in range(len(rest)):
            try:
                connection.sendall(rest[at : at + 1])
                if answer := connection.recv(64):
                    return answer, True
            except TimeoutError:
                continue
            except OSError:
                break
            break
        else:
            return b"", False
    return b"", True


def test_a_slow_body_is_given_up(served: Served) -> None:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token()}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n"
    ).encode()
    answer, ended = _drip(served, head, b"x" * 500, 0.1)
    assert answer.split()[1:2] == [b"408"]
    assert ended


def test_a_slow_head_is_given_up(served: Served) -> None:
    answer, ended = _drip(served, b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", b"x" * 500, 0.1)
    assert answer == b""
    assert ended


def test_many_slow_connections_hold_nobody_up(served: Served) -> None:
    opened = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(150)]
    try:
        for one in opened:
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        with served.client() as client:
            assert client.post("/graphql", json=PLAIN).json()["data"] == served.expected
    finally:
        for one in opened:
            one.close()


def test_who_does_not_read_is_cut_off(served: Served) -> None:
    """Answers that are asked for and not read do not pile up."""
    body = json.dumps(
        {"query": "{ duties(first: 500) { nodes { id label workItems { id label } } } }"}
    ).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token(Role.SYSTEM)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with served.raw() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            for _ in range(300):  # one after another, without reading any
                connection.sendall(head + body)
                time.sleep(0.01)
        except OSError:
            return  # cut off
        time.sleep(1)


def test_an_endless_chunked_body_is_bounded(served: Served) -> None:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token()}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    with served.raw() as connection:
        connection.sendall(head)
        try:
            for _ in range(500):
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            pass
        try:
            answer = connection.recv(64)
        except OSError:
            answer = b""
    assert answer == b"" or answer.split()[1] == b"413"


def test_every_kind_is_here() -> None:
    assert len(BODIES) >= 21
    assert len(KINDS) >= 9
