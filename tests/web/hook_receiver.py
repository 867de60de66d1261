"""Another system that is told: a real HTTP server on loopback that checks signatures as receivers should."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.access.certificates import Certificate

SECRET = b"a secret of a test, long enough."


@dataclass(frozen=True)
class Received:
    id: str
    at: int
    signed: bool
    body: bytes
    headers: dict[str, str]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def is_signed(headers: dict[str, str], body: bytes, secret: bytes = SECRET, tolerance: int = 300) -> bool:
    """Check a message as Standard Webhooks 1.0 tells receivers to."""
    identifier, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > tolerance or "." in identifier:
        return False
    digest = hmac.new(secret, identifier.encode() + b"." + at.encode() + b"." + body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split(" "))


@dataclass
class Receiver:
    """``answer`` says with what status a message is answered, by how many came before."""

    answer: Callable[[int], int] = lambda number: 204
    headers: dict[str, str] = field(default_factory=dict)  # of answers
    holds: bool = False  # whether it answers only when it ends
    drip: float = 0.0  # seconds between the bytes of an answer that never ends
    certificate: Certificate | None = None  # with one, it speaks TLS
    came: list[Received] = field(default_factory=list)
    answered: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _taking: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate:
            self._server.socket = self.certificate.context().wrap_socket(
                self._server.socket, server_side=True
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?by=test"

    @property
    def kinds(self) -> list[str]:
        return [one.said["type"] for one in self.came]

    def wait(self, count: int, seconds: float = 120.0) -> list[Received]:
        """Wait until so many messages came; no more than that may have come."""
        deadline = time.monotonic() + seconds
        while len(self.came) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.came) == count, [one.id for one in self.came]
        return self.came

    def _take(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        signed = is_signed(headers, body)
        with self._taking:
            number = len(self.came)
            self.came.append(
                Received(headers["webhook-id"], int(headers["webhook-timestamp"]), signed, body, headers)
            )
        if self.holds:
            self._ending.wait()
        self.answered += 1
        with contextlib.suppress(OSError):
            handler.send_response(self.answer(number))
            for name, value in self.headers.items():
                handler.send_header(name, value)
            if not self.drip:
                handler.send_header("Content-Length", "0")
            handler.end_headers()
            while self.drip and not self._ending.is_set():
                handler.wfile.write(b".")
                handler.wfile.flush()
                time.sleep(self.drip)
