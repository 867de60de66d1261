"""How much a caller may ask: rates, bodies, and whose turn it is (floor 5)."""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qualitrace.access.model import Caller, Right, Role
from qualitrace.budget import Budget
from qualitrace.graphql import Allowance, Limits, TooOftenError
from qualitrace.web.bodies import read_body, replayed
from qualitrace.web.buckets import WINDOW, Buckets
from qualitrace.web.limit_settings import LimitSettings
from qualitrace.web.parts import caller_of
from qualitrace.web.protocol import HttpError
from qualitrace.web.refusing import refusal
from qualitrace.web.slots import Slots

REQUEST = 100  # what a request costs, whatever it asks
# What requests cost before anything is known of them, by the beginning of their address.
ADDRESSES: Mapping[str, int] = {"/sparql": 20_000, "/export": 50_000}
UNBOUNDED = ("/healthz", "/readyz", "/metrics", "/static/")  # quick, and asked by machines that watch
COST_HEADER = "qualitrace-cost"  # any value: the answer tells what it cost
KNOWN_GOOD = 5_000  # credentials remembered by digest
_NOT_KNOWN = (4401, 4403)  # codes that a WebSocket is closed with when nobody knows who asks


class Limiting:
    """ASGI middleware, behind authentication: reads the body, charges the request, and waits for its turn.

    Sets ``scope["state"]["allowance"]``. What a route works out is then charged by the route.
    """

    def __init__(self, app: ASGIApp, settings: LimitSettings, *, workers: int = 1) -> None:
        self._app = app
        self._settings = settings
        self._workers = workers
        self._buckets = Buckets()
        self._slots = Slots(running=settings.running, each=settings.each, waiting=settings.waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(UNBOUNDED):
            await self._app(scope, receive, send)
            return
        meter = self._meter(scope)
        try:
            if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
                body = await read_body(scope, receive, self._settings.body, self._settings.body_seconds)
                receive = replayed(body, receive)
            meter.charge(_price(scope["path"]))
            await self._slots.enter(meter.key, self._settings.seconds, alone=meter.trusted)
        except HttpError as error:
            answer = Response(
                error.body(), error.status, {**error.headers}, "application/json; charset=utf-8"
            )
            await answer(scope, receive, meter.sending(send))
        except TooOftenError as error:
            meter.retry_after = error.retry_after
            await refusal(error, status=429)(scope, receive, meter.sending(send))
        else:
            await self._work(scope, receive, send, meter)

    async def _work(self, scope: Scope, receive: Receive, send: Send, meter: Meter) -> None:
        """Work on a request; what is sent then no longer holds anybody up."""
        held = [meter.key]

        def leave() -> None:
            if held:
                self._slots.leave(held.pop())

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                leave()
            await send(message)

        scope["state"]["allowance"] = self._allowance(scope, meter)
        try:
            await self._app(scope, receive, meter.sending(sending))
        finally:
            leave()

    def _meter(self, scope: Scope) -> Meter:
        caller = caller_of(HTTPConnection(scope))
        holds = self._settings.per_minute * self._settings.factor(caller.principal.roles) / self._workers
        return Meter(self._buckets, key_of(caller), holds, trusted=caller.trusted)

    def _allowance(self, scope: Scope, meter: Meter) -> Allowance:
        caller = caller_of(HTTPConnection(scope))
        return Allowance(
            limits=None if caller.trusted else limits_of(self._settings, caller.principal.roles),
            budget=Budget(self._settings.seconds),
            explore=Right.EXPLORE in caller.rights,
            told=COST_HEADER in Headers(scope=scope),
            charge=None if caller.trusted else meter.charge,
            refund=None if caller.trusted else meter.refund,
        )


@dataclass
class Meter:
    """What one request takes from its caller's bucket, and says of it in the answer."""

    buckets: Buckets
    key: str
    holds: float
    trusted: bool = False
    retry_after: float = 0

    def charge(self, amount: int) -> int:
        """Take an amount; return what is left. Raises TooOftenError."""
        if self.trusted:
            return 0
        try:
            return self.buckets.take(self.key, amount, self.holds)
        except TooOftenError as error:
            self.retry_after = error.retry_after
            raise

    def refund(self, amount: int) -> int:
        """Give back what was not needed; return what is left."""
        return self.buckets.give(self.key, amount, self.holds)

    def sending(self, send: Send) -> Send:
        """Return a ``send`` that tells what is left (draft-ietf-httpapi-ratelimit-headers, section 4)."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and not self.trusted:
                headers = MutableHeaders(scope=message)
                left, until = self.buckets.state(self.key, self.holds)
                headers["RateLimit-Policy"] = (
                    f'"cost";q={int(self.holds)};w={int(WINDOW)};qu="qualitrace-cost"'
                )
                headers["RateLimit"] = f'"cost";r={left};t={until}'
                if message["status"] == 429:
                    headers["Retry-After"] = str(max(1, int(self.retry_after)))
            await send(message)

        return told


class Attempts:
    """ASGI middleware, before authentication: bounds how often one address may come without being known.

    An address that used up its attempts is refused before anybody looks at its token, unless that token
    was good before: so one who guesses does not shut out others behind the same address.
    """

    def __init__(self, app: ASGIApp, settings: LimitSettings, *, workers: int = 1) -> None:
        self._app = app
        self._holds = max(1.0, settings.attempts / workers)
        self._buckets = Buckets()
        self._good: OrderedDict[bytes, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        key = network_of(scope)
        digest = _digest(scope)
        guessing = digest not in self._good if digest is not None else scope["type"] == "websocket"
        left, _ = self._buckets.state(key, self._holds)
        if left < 1 and guessing:
            await self._refuse(scope, receive, send, key)
            return

        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start" and digest is not None:
                self._judge(message["status"], key, digest)
            elif message["type"] == "websocket.close" and message.get("code") in _NOT_KNOWN:
                self._judge(401, key, digest)
            await send(message)

        await self._app(scope, receive, watching)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, key: str) -> None:
        try:
            self._buckets.take(key, 1, self._holds)
        except TooOftenError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4429, "reason": "Too many requests"})
                return
            headers = {"Retry-After": str(int(error.retry_after))}
            await refusal(error, status=429, headers=headers)(scope, receive, send)

    def _judge(self, status: int, key: str, digest: bytes | None) -> None:
        if status == 401:
            if digest is not None:
                self._good.pop(digest, None)
            try:
                self._buckets.take(key, 1, self._holds)
            except TooOftenError:
                return
        elif digest is not None and status < 400:
            self._good[digest] = None
            self._good.move_to_end(digest)
            while len(self._good) > KNOWN_GOOD:
                self._good.popitem(last=False)


def limits_of(settings: LimitSettings, roles: frozenset[Role]) -> Limits:
    """Return what one request of somebody in these roles may ask for."""
    limits = Limits(
        tokens=settings.tokens,
        depth=settings.depth,
        aliases=settings.aliases,
        cost=settings.cost,
        answer=settings.answer,
    )
    return limits.times(settings.factor(roles))


def key_of(caller: Caller) -> str:
    """Return whose share a request counts to: a token, else a person, else an address."""
    principal = caller.principal
    if principal.token or principal.name:
        return f"token {principal.token}" if principal.token else f"name {principal.name}"
    return f"address {_network(caller.address)}"


def network_of(scope: Scope) -> str:
    """Return the network that a request comes from: one house has many IPv6 addresses."""
    client = scope.get("client")
    return _network(str(client[0]) if client else "")


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _digest(scope: Scope) -> bytes | None:
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    return hashlib.sha256(b"\0".join(given)).digest() if given else None


def _price(path: str) -> int:
    return next((price for start, price in ADDRESSES.items() if path.startswith(start)), REQUEST)
