"""Every request, with a number of its own: logged, counted, and answered when the server fails (floor 5)."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qualitrace.access.model import Caller
from qualitrace.web.log_lines import event
from qualitrace.web.metrics import Metrics
from qualitrace.web.refusing import failed
from qualitrace.web.stopping import Stopping

logger = logging.getLogger("qualitrace.requests")
HEADER = "x-request-id"
PARTIAL = "qualitrace-partial"  # a header of answers that a limit cut short
NOWHERE = "(none)"  # the template of a request that no route takes
# A UUID or as many hex digits: what other programs give requests, and nothing that could say something.
_SAFE = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds by programs


class RequestLog:
    """ASGI middleware, in front of all others: numbers, measures and logs what is asked.

    Of an address only the template of its route is written; of who asks only the token's identifier.
    """

    def __init__(
        self, app: ASGIApp, routes: Callable[[], Sequence[BaseRoute]], metrics: Metrics, stopping: Stopping
    ) -> None:
        self._app = app
        self._routes = routes
        self._metrics = metrics
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, request_id(Headers(scope=scope).get(HEADER, "")), self._stopping)
        scope.setdefault("state", {})["request_id"] = seen.id

        async def sending(message: Message) -> None:
            seen.note(message)
            await send(message)

        with self._metrics.in_flight():
            try:
                await self._app(scope, receive, sending)
            finally:
                self._done(scope, seen)

    def _done(self, scope: Scope, seen: _Seen) -> None:
        route = template(self._routes(), scope)
        method = scope.get("method", "WEBSOCKET")
        method = method if method in _METHODS or scope["type"] == "websocket" else "OTHER"
        seconds = time.perf_counter() - seen.begun
        self._metrics.answered(method, route, seen.status, seconds, partial=seen.partial)
        quiet = route in _QUIET and seen.status < 400
        event(
            logger,
            logging.DEBUG if quiet else logging.INFO,
            "request",
            id=seen.id,
            method=method,
            route=route,
            status=seen.status,
            ms=round(seconds * 1000, 2),
            bytes=seen.bytes,
            **_caller(scope),
        )


class _Seen:
    """What is noted of one request."""

    def __init__(self, scope: Scope, number: str, stopping: Stopping) -> None:
        self.id = number
        self.begun = time.perf_counter()
        self.status = 499 if scope["type"] == "http" else 101  # 499: whoever asked left, or it was cut off
        self.bytes = 0
        self.partial = False
        self._stopping = stopping

    def note(self, message: Message) -> None:
        """Note what is sent, and add the number to its headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self.id
            self.partial = PARTIAL in headers
            if self._stopping.begun:
                headers["connection"] = "close"
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        elif message["type"] == "websocket.close" and self.status == 101:
            code = message.get("code", 1000)
            self.status = 403 if code == 4401 else (500 if code == 1011 else 101)
        elif message["type"] == "websocket.send":
            self.bytes += len(message.get("bytes") or message.get("text") or b"")


class Failures:
    """ASGI middleware, behind the one that adds headers: a failing server says its request's number only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] in ("http.response.start", "websocket.accept")
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last place that can answer
            number = scope.get("state", {}).get("request_id", "")
            answer = failed(error, number)
            if scope["type"] == "http" and not begun:
                await answer(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011})
            # Else the answer breaks off: the server closes the connection.


def request_id(given: str) -> str:
    """Return the number of a request: the given one if it is safe to write, else a new one."""
    return given if _SAFE.fullmatch(given) else uuid.uuid4().hex


def template(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """Return the address of the route that takes a request, with names for what differs in it."""
    partial = ""
    for route in routes:
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return _path(route)
        if match is Match.PARTIAL and not partial:  # the address is there, the method is not
            partial = _path(route)
    return partial or NOWHERE


def _path(route: BaseRoute) -> str:
    path = str(getattr(route, "path", ""))
    return f"{path}/*" if isinstance(route, Mount) else path or NOWHERE


def _caller(scope: Scope) -> dict[str, str]:
    """Return who asks, as it may be logged: which token, and what it sees."""
    caller = scope.get("state", {}).get("caller")
    if not isinstance(caller, Caller):
        return {}
    audience = caller.audience
    kind = "everything" if audience.everything else "units" if audience.units else "public"
    return {"token": caller.principal.token, "audience": kind}
