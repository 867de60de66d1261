"""Headers and paths that mean to be taken for something else."""

from __future__ import annotations

import pytest

from qualitrace.access import Role
from tests.attack.serving import Served

PATHS = [
    "/%2e%2e/%2e%2e/etc/passwd",
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/app.py",
    "/static/..%2f..%2fapp.py",
    "/static/..%5c..%5capp.py",
    "/static//etc/passwd",
    "/static/%00start.js",
    "/static/start.js%00.png",
    "//graphql",
    "/graphql/",
    "/GRAPHQL",
    "/./graphql",
    "/x/../graphql",
    "/%67raphql",
    "/graphql%00",
    "/graphql;x=1",
    "/graphql%0d%0aX-Injected:%201",
    "/healthz/../graphql",
    "/static/../graphql",
    "/static/%2e%2e/graphql",
    "/" + "a" * 30_000,
    "/" + "%25" * 5000 + "41",
    "/%ff%fe",
    "/id/" + "%E7%BB%84" * 2000,
    "/id/%3Cscript%3E",
    "/id/x%3E%20%3Fp%20%3Fo%20%7D%20%3B%20DROP",
    "http://evil.example/graphql",
    "/graphql?query=" + "x" * 20_000,
    "*",
]


def first_line(served: Served, request: bytes, size: int = 65536) -> bytes:
    with served.raw() as connection:
        connection.sendall(request)
        answer = b""
        try:
            while part := connection.recv(size):
                answer += part
                if b"\r\n\r\n" in answer:
                    break
        except OSError:
            pass
        return answer


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_nowhere_without_a_token(served: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n\r\n"
    answer = first_line(served, request.encode())
    assert answer.split()[1] in (b"301", b"307", b"400", b"401", b"404", b"405", b"421"), answer[:200]
    assert b"root:" not in answer
    assert b"X-Injected" not in answer.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_breaks_nothing_with_a_token(served: Served, path: str) -> None:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n"
        f"Authorization: Bearer {served.token(Role.OFFICE)}\r\n\r\n"
    )
    answer = first_line(served, request.encode())
    assert answer.split()[1][:1] in (b"2", b"3", b"4"), answer[:300]
    assert b"root:" not in answer
    assert b"X-Injected" not in answer.partition(b"\r\n\r\n")[0]


HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "evil.example@127.0.0.1",
    "127.0.0.1:80@evil.example",
    "",
    " ",
    "[::1",
    "127.0.0.1\t",
    "127.0.0.1, evil.example",
    "2130706433",
    "x" * 30_000,
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    request = (
        f"GET /schema.graphql HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Authorization: Bearer {served.token(Role.OFFICE)}\r\nX-Forwarded-Host: 127.0.0.1\r\n\r\n"
    )
    answer = first_line(served, request.encode())
    if host.strip() != "127.0.0.1":
        assert answer.split()[1] in (b"400", b"421"), answer[:200]


def head(served: Served, *lines: str) -> bytes:
    """A request that asks for data without a token, with lines that mean to change that."""
    fixed = ["POST /graphql HTTP/1.1", f"Host: 127.0.0.1:{served.port}", "Connection: close"]
    body = '{"query": "{ diagnosisPoints { nodes { id label } } }"}'
    fixed += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join([*fixed, *lines]) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


LINES = [
    ("X-Forwarded-For: 127.0.0.1",),
    ("X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"),
    ("X-Original-URL: /healthz",),
    ("X-Rewrite-URL: /static/start.js",),
    ("X-HTTP-Method-Override: GET",),
    ("X-Remote-User: office", "Remote-User: office"),
    ("Authorization: ", "Authorization: Bearer x"),
    ("Cookie: " + "a=b; " * 5000,),
    ("Content-Length: 0",),
    ("Transfer-Encoding: chunked",),
    ("Transfer-Encoding: xchunked",),
    ("Transfer-Encoding : chunked",),
    ("Expect: 200-ok",),
    ("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"),
    ("Range: bytes=" + ",".join(f"{n}-" for n in range(3000)),),
    ("Accept: " + ",".join(f"a/{n};q=0.{n}" for n in range(3000)),),
    ("Accept-Encoding: " + "gzip," * 5000,),
    ("If-None-Match: " + '"x",' * 8000,),
    ("Qualitrace-Purpose: " + "%E7" * 5000,),
    ("Qualitrace-Purpose: x\r\nX-Injected: 1",),
    ("X-Folded: a\r\n b",),
    ("X-Nul: a\x00b",),
    ("X-Bare: a\rb",),
    ("X-Many: 1",) * 300,
    ("X-Large: " + "x" * 200_000,),
    (": no name",),
    ("x" * 60_000,),
]


@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_header_stands_for_no_token(served: Served, number: int) -> None:
    answer = first_line(served, head(served, *LINES[number]))
    assert answer == b"" or answer.split()[1] in (b"400", b"401", b"403", b"408", b"413", b"417", b"431"), (
        answer[:300]
    )
    assert b'"nodes"' not in answer


def test_a_request_in_another_s_body_is_not_seen(served: Served) -> None:
    """Smuggling: two lengths, or a length and chunks, are refused or end the connection."""
    inner = f"GET /schema.graphql HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n"
    requests = [
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        f"Content-Length: {5 + len(inner)}\r\n\r\n0\r\n\r\n{inner}",
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        f"\r\n0\r\n\r\n{inner}",
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
        f"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n{inner}",
    ]
    for request in requests:
        answer = first_line(served, request.encode())
        assert b" 200 " not in answer.partition(b"\r\n")[0]
        assert b"type Query" not in answer


def test_garbage_is_no_request(served: Served) -> None:
    for garbage in (
        b"\x16\x03\x01\x02\x00" + b"\x00" * 500,
        b"\r\n" * 50_000,
        b"GET\r\n\r\n",
        b"\x00" * 70_000,
    ):
        answer = first_line(served, garbage)
        assert answer == b"" or answer.split()[1] == b"400"


def test_every_kind_is_here() -> None:
    assert len(PATHS) >= 29
    assert len(HOSTS) >= 12
    assert len(LINES) >= 27
