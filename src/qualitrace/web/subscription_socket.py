"""Subscriptions over WebSocket: the protocol ``graphql-transport-ws`` (floor 5).

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Queries and mutations are not taken here:
their limits, logs and answers are those of HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from qualitrace.access.gate import unknown_caller
from qualitrace.access.model import Right
from qualitrace.errors import AccessError, ForbiddenError, QualitraceError, UnavailableError
from qualitrace.graphql import describe
from qualitrace.graphql.subscription_answers import RefusedError
from qualitrace.web import purpose
from qualitrace.web.authentication import bearer, known
from qualitrace.web.disclosing import is_withheld, withheld
from qualitrace.web.parts import caller_of, require
from qualitrace.web.protocol import MAX_BODY, Asked, HttpError, asked_of
from qualitrace.web.subscription_feed import Feed, Session, ended

logger = logging.getLogger("qualitrace.web")

PROTOCOL = "graphql-transport-ws"
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_ACCEPTABLE = 4400, 4401, 4403, 4406
TIMEOUT, EXISTS, TOO_MANY = 4408, 4409, 4429
RESTART, TOO_LARGE, FAILED, LATER = 1012, 1009, 1011, 1013
_GOODBYE = 1.0  # seconds to say why a connection ends


class ClosingError(Exception):
    """The connection is to end, with a code and a reason (at most 123 bytes, RFC 6455, 5.5.1)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve(websocket: WebSocket, feed: Feed) -> None:
    """Serve one WebSocket until it ends."""
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    code, reason = NOT_ACCEPTABLE, "Subprotocol not acceptable"
    if PROTOCOL in offered:
        code, reason = await _Connection(websocket, feed).run()
    if code:
        with contextlib.suppress(RuntimeError, TimeoutError, OSError):
            async with asyncio.timeout(_GOODBYE):
                await websocket.close(code, reason)


class _Connection:
    def __init__(self, websocket: WebSocket, feed: Feed) -> None:
        self._websocket = websocket
        self._feed = feed
        self._settings = feed.settings
        self._session: Session | None = None
        self._initialised = asyncio.Event()
        self._operations: dict[str, asyncio.Future[None]] = {}
        self._sending = asyncio.Lock()
        self._end: asyncio.Future[ClosingError] = asyncio.get_running_loop().create_future()

    async def run(self) -> tuple[int, str]:
        """Talk until the connection ends; returns how, and (0, "") when the other side left."""
        beside = [asyncio.create_task(self._guarded(one)) for one in (self._read, self._keep, self._stop)]
        try:
            end = await self._end
        finally:
            for task in (*beside, *self._operations.values()):
                task.cancel()
            await asyncio.gather(*beside, *self._operations.values(), return_exceptions=True)
        return end.code, end.reason

    async def _guarded(self, work: Callable[..., Awaitable[None]], *given: Any) -> None:
        """Do a part of the work; what it cannot go on from ends the connection."""
        try:
            await work(*given)
        except ClosingError as error:
            self._finish(error)
        except WebSocketDisconnect:
            self._finish(ClosingError(0, ""))
        except AccessError as error:
            self._finish(_refused(error))
        except QualitraceError as error:
            self._finish(ClosingError(FAILED, error.what.best("en")))
        except Exception as error:
            logger.error("a subscription failed", exc_info=error)
            self._finish(ClosingError(FAILED, "Internal server error"))

    def _finish(self, error: ClosingError) -> None:
        if not self._end.done():
            self._end.set_result(error)

    async def _stop(self) -> None:
        await ended(getattr(self._websocket.scope["app"].state, "stopping", None))
        raise ClosingError(RESTART, "The server restarts; subscribe again after the last position")

    async def _keep(self) -> None:
        """Wait for the first message; then see that the other side is there, and still may be."""
        try:
            async with asyncio.timeout(self._settings.init_seconds):
                await self._initialised.wait()
        except TimeoutError:
            raise ClosingError(TIMEOUT, "Connection initialisation timeout") from None
        assert self._session is not None
        with self._place(self._session):
            loop = asyncio.get_running_loop()
            due = loop.time() + self._settings.ping_seconds
            while True:
                await asyncio.sleep(min(self._settings.recheck_seconds, self._settings.ping_seconds))
                await self._session.check()
                if loop.time() >= due:
                    await self._send({"type": "ping"})
                    due = loop.time() + self._settings.ping_seconds

    @contextlib.contextmanager
    def _place(self, session: Session) -> Any:
        try:
            with self._feed.place(session.caller):
                yield
        except UnavailableError as error:
            raise ClosingError(LATER, error.what.best("en")) from None

    async def _read(self) -> None:
        handlers = {
            "connection_init": self._on_init,
            "subscribe": self._on_subscribe,
            "complete": self._on_complete,
            "ping": self._on_ping,
            "pong": self._on_pong,
        }
        while True:
            message = _message(await self._websocket.receive())
            handler = handlers.get(message.get("type"))  # type: ignore[arg-type]
            if handler is None:
                raise ClosingError(BAD_REQUEST, "Invalid message type")
            await handler(message)

    async def _on_init(self, message: Mapping[str, Any]) -> None:
        if self._session is not None:
            raise ClosingError(TOO_MANY, "Too many initialisation requests")
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise ClosingError(BAD_REQUEST, "The payload of connection_init must be an object")
        self._session = await self._who(payload or {})
        require(self._session.caller, Right.SUBSCRIBE)
        told: dict[str, Any] = {"position": self._feed.changes.position}
        if is_withheld(self._session.caller):
            told["withheld"] = withheld()
        await self._send({"type": "connection_ack", "payload": told})
        self._initialised.set()

    async def _who(self, payload: Mapping[str, Any]) -> Session:
        """Say who connects: by the first message, as browsers send no headers, else by the handshake's."""
        parts, caller = self._feed.parts, caller_of(self._websocket)
        if parts.access is None:
            return Session(parts, caller, "")
        given = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
        credential = given.get("token", "") or given.get("authorization", "").removeprefix("Bearer ")
        credential = credential.strip() or bearer(self._websocket.headers)
        if not credential:
            raise unknown_caller()
        try:
            why = purpose.checked(given.get("purpose", "")) or purpose.from_header(
                given.get(purpose.HEADER, "")
            )
        except QualitraceError as error:
            raise ClosingError(BAD_REQUEST, error.what.best("en")) from None
        caller = await run_in_threadpool(
            known, parts.access, credential, why or caller.purpose, caller.address
        )
        return Session(parts, caller, credential)

    async def _on_subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._initialised.is_set():
            raise ClosingError(UNAUTHORIZED, "Unauthorized")
        id = _id(message)
        if id in self._operations:
            raise ClosingError(EXISTS, f"Subscriber for {id[:60]} already exists")
        if len(self._operations) >= self._settings.operations:
            raise ClosingError(TOO_MANY, f"At most {self._settings.operations} subscriptions at a time")
        try:
            asked = asked_of(message.get("payload"))
        except (HttpError, QualitraceError):
            raise ClosingError(BAD_REQUEST, "The payload of subscribe is not a GraphQL request") from None
        self._operations[id] = asyncio.create_task(self._guarded(self._operate, id, asked))

    async def _on_complete(self, message: Mapping[str, Any]) -> None:
        task = self._operations.pop(_id(message), None)
        if task is not None:
            task.cancel()

    async def _on_ping(self, message: Mapping[str, Any]) -> None:
        await self._send({"type": "pong"})

    async def _on_pong(self, message: Mapping[str, Any]) -> None:
        """Nothing needs to be done."""

    async def _operate(self, id: str, asked: Asked) -> None:
        assert self._session is not None
        session = self._session.stating(asked.purpose)
        try:
            position = await run_in_threadpool(self._feed.begin, session.caller, asked)
        except QualitraceError as error:
            if self._operations.pop(id, None) is not None:
                await self._send({"type": "error", "id": id, "payload": _told(error)})
            return
        async for change in self._feed.follow(session, position):
            content = await run_in_threadpool(self._feed.answer, session.caller, asked, change)
            head = orjson.dumps({"type": "next", "id": id})
            await self._send(head[:-1] + b',"payload":' + content + b"}")

    async def _send(self, message: Mapping[str, Any] | bytes) -> None:
        text = message if isinstance(message, bytes) else orjson.dumps(message)
        try:
            async with asyncio.timeout(self._settings.slow_seconds), self._sending:
                await self._websocket.send_text(text.decode())
        except TimeoutError:
            raise ClosingError(LATER, "Read too slowly; subscribe again after the last position") from None
        except RuntimeError:  # the other side has left meanwhile
            raise WebSocketDisconnect from None


def _message(received: Mapping[str, Any]) -> Mapping[str, Any]:
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1000))
    text = received.get("text")
    if text is None:
        raise ClosingError(BAD_REQUEST, "Messages are text")
    if len(text) > MAX_BODY:
        raise ClosingError(TOO_LARGE, f"A message has at most {MAX_BODY} characters")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ClosingError(BAD_REQUEST, "Messages are JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ClosingError(BAD_REQUEST, "A message is an object with a type")
    return message


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not id or len(id) > 200:
        raise ClosingError(BAD_REQUEST, "The message needs an id")
    return id


def _told(error: QualitraceError) -> list[dict[str, Any]]:
    if isinstance(error, RefusedError):
        return error.errors
    return [{"message": error.what.both(), "extensions": describe(error)}]


def _refused(error: AccessError) -> ClosingError:
    known_but = isinstance(error, ForbiddenError)
    return ClosingError(
        FORBIDDEN if known_but else UNAUTHORIZED, "Forbidden" if known_but else "Unauthorized"
    )
