"""Headers every answer carries, and hosts that may be asked for (floor 5)."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/?#\[\]@]+))(?::\d{0,5})?")  # RFC 3986, 3.2.2 and 3.2.3
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Protection:
    """ASGI middleware: refuses foreign ``Host`` headers, adds security headers to every answer.

    A WebSocket is refused to pages from elsewhere too: browsers let any page open one.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            if self._is_ours(headers.get("host", "")) and self._may_open(headers.getlist("origin")):
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4403, "reason": "Forbidden"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if self._is_ours(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, guarded)
        else:
            refusal = PlainTextResponse("不认识的主机名 / Unknown host name", 421)
            await refusal(scope, receive, guarded)

    def _is_ours(self, host: str) -> bool:
        return host_name(host) in self._hosts

    def _may_open(self, origins: list[str]) -> bool:
        """Tell whether a page, or a program (it sends no ``Origin``), is served from here."""
        return all(self._is_ours(origin.partition("://")[2]) for origin in origins)


def host_name(host: str) -> str:
    """Return a ``Host`` header without its port and brackets, in lower case; "" when it is none."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found[1] or found[2]).lower()
