"""Who asks, found out before any route is reached (floor 5)."""

from __future__ import annotations

import ipaddress
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qualitrace.access.gate import Access, unknown_caller
from qualitrace.access.model import Caller, Principal
from qualitrace.errors import ForbiddenError, QualitraceError
from qualitrace.text import Text
from qualitrace.web import purpose
from qualitrace.web.refusing import refusal

# What answers without a token: nothing of the registry is in it.
# /metrics asks for a token of its own.
OPEN = frozenset(
    {"/", "/api", "/openapi.json", "/explorer", "/explorer/operations", "/healthz", "/readyz", "/metrics"}
)
OPEN_BELOW = "/static/"
OWN_TOKEN = "/metrics"
LONGEST = 16_384  # characters of a credential
_NOBODY = Principal("", frozenset())
_LOCAL = Principal("local", frozenset(), token="local")  # this machine; nothing is asked of anybody
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, 2.1
# A request that came by way of another server is not from this machine, wherever its socket ends.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Authentication:
    """ASGI middleware: sets ``scope["state"]["caller"]`` on every request, or refuses it.

    Without ``access`` nobody is asked who they are, and only this machine is answered. A WebSocket may
    be opened without a token, as browsers cannot send one there: it then stands for nobody, until its
    first message says who it is (:func:`known`).
    """

    def __init__(self, app: ASGIApp, access: Access | None) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope)
        except QualitraceError as error:
            await _refuse(refusal(error), scope, receive, send)
        else:
            scope.setdefault("state", {})["caller"] = caller
            await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        client = scope.get("client")
        address = str(client[0]) if client else ""
        if self._access is None:
            _check_here(address, headers)
            why = purpose.from_header(headers.get(purpose.HEADER, ""))
            return Caller(_LOCAL, why, address, trusted=True)
        if scope["path"] == OWN_TOKEN:
            return Caller(_NOBODY, "", address)
        credential = bearer(headers)
        if not credential:
            if scope["type"] == "websocket" or is_open(scope["path"]):
                return Caller(_NOBODY, "", address)
            raise unknown_caller()
        why = purpose.from_header(headers.get(purpose.HEADER, ""))
        return await run_in_threadpool(known, self._access, credential, why, address)


def known(access: Access, credential: str, why: str, address: str) -> Caller:
    """Return who a bearer credential stands for, asking for a stated reason. Raises UnknownCallerError."""
    if not 0 < len(credential) <= LONGEST or not _TOKEN.fullmatch(credential):
        raise unknown_caller()
    return Caller(access.principal(credential), why, address)


def bearer(headers: Headers) -> str:
    """Return the bearer credential of a request; "" without one. Raises UnknownCallerError.

    It is read from the header only: addresses are written to logs and histories (RFC 6750, 5.3).
    """
    given = headers.getlist("authorization")
    if not given:
        return ""
    scheme, _, credential = given[0].strip().partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not credential.strip():
        raise unknown_caller()
    return credential.strip()


def is_open(path: str) -> bool:
    """Tell whether an address answers without a token."""
    return path in OPEN or path.startswith(OPEN_BELOW)


def is_local(address: str) -> bool:
    """Tell whether a peer is on this machine: of a loopback address, or not of a network at all."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _check_here(address: str, headers: Headers) -> None:
    if not is_local(address) or any(name in headers for name in FORWARDED):
        raise ForbiddenError(
            Text(
                zh="还没有设置谁可以访问，只回答本机。",
                en="Who may ask has not been configured, so only this machine is answered.",
            ),
            where=address,
            hint=Text(zh="请用 qualitrace token 设置访问。", en="Configure access with qualitrace token."),
        )


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await answer(scope, receive, send)
    else:  # before it is accepted: the server answers the handshake with 403
        await send({"type": "websocket.close", "code": 4401, "reason": "Unauthorized"})
