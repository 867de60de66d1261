"""Changes as server-sent events (floor 5).

``/graphql/stream``: subscriptions, the "distinct connections mode" of
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. ``/changes/stream``: plain events that any
``EventSource`` reads, resumed by ``Last-Event-ID``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qualitrace.access.model import Caller, Right
from qualitrace.errors import QualitraceError, QueryError
from qualitrace.graphql import describe
from qualitrace.graphql.subscription_answers import RefusedError
from qualitrace.graphql.subscription_changes import Change
from qualitrace.graphql.values import identifier
from qualitrace.text import Text
from qualitrace.web.authentication import bearer
from qualitrace.web.disclosing import headers_for
from qualitrace.web.parts import caller_of, require
from qualitrace.web.protocol import Asked, HttpError, read_request
from qualitrace.web.refusing import refusal
from qualitrace.web.subscription_feed import Feed, Session, ended

EVENTS = "text/event-stream"
LAST = "last-event-id"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Wording = Callable[[Caller, Change], bytes]


async def subscribed(request: Request, feed: Feed) -> Response:
    """Answer a subscription with a stream. Raises HttpError or QualitraceError."""
    if EVENTS not in request.headers.get("accept", ""):
        raise HttpError(
            406,
            Text(zh=f"这里只以 {EVENTS} 回答。", en=f"The answer is {EVENTS} only."),
            where=f"Accept: {request.headers.get('accept', '')[:200]}",
        )
    session = _session(request, feed)
    asked = await read_request(request)
    if not isinstance(asked, Asked):
        raise HttpError(400, Text(zh="一个请求一个订阅。", en="One request, one subscription."))
    session = session.stating(asked.purpose)
    try:
        position = await run_in_threadpool(feed.begin, session.caller, asked)
    except RefusedError as error:
        # Accepted and told in the stream, so that clients can read why (the protocol leaves it open).
        return _EventStream(_once(error.errors), feed, request)

    def worded(caller: Caller, change: Change) -> bytes:
        return _event("next", feed.answer(caller, asked, change), change.position)

    return _EventStream(_told(feed, session, position, worded, graphql=True), feed, request, session)


async def streamed(request: Request, feed: Feed) -> Response:
    """Answer with all changesets after a position. Raises QualitraceError."""
    session = _session(request, feed)
    given = request.headers.get(LAST, "") or request.query_params.get("after", "")
    position = _position(given) if given else feed.changes.position
    await run_in_threadpool(feed.changes.check, position)

    def worded(caller: Caller, change: Change) -> bytes:
        return _event("change", orjson.dumps(plain(change, feed.parts.registry.base)), change.position)

    return _EventStream(_told(feed, session, position, worded, graphql=False), feed, request, session)


def plain(change: Change, base: str) -> dict[str, Any]:
    """Return a changeset as plain events tell it."""
    said = {"author": change.author, "message": change.message}
    return {
        "id": change.id,
        "position": change.position,
        "at": change.at,
        **{name: text for name, text in said.items() if text is not None},
        "nodes": [
            {"id": identifier(one.iri, base), "type": one.type_name, "fate": one.fate.value.upper()}
            for one in change.nodes
        ],
        "whole": change.whole,
    }


def _session(request: Request, feed: Feed) -> Session:
    caller = caller_of(request)
    require(caller, Right.SUBSCRIBE)
    return Session(feed.parts, caller, bearer(request.headers) if feed.parts.access is not None else "")


def _position(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise QueryError(Text(zh="应为变更的序号。", en="The number of a changeset is needed."), where=text[:80])


async def _told(
    feed: Feed, session: Session, position: int, worded: Wording, *, graphql: bool
) -> AsyncIterator[bytes]:
    try:
        async for change in feed.follow(session, position):
            yield await run_in_threadpool(worded, session.caller, change)
    except QualitraceError as error:
        body = orjson.dumps({"errors": [{"message": error.what.both(), "extensions": describe(error)}]})
        yield _event("next", body) + _event("complete") if graphql else _event("end", body)


async def _once(errors: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    yield _event("next", orjson.dumps({"errors": errors})) + _event("complete")


def _event(name: str, data: bytes = b"", position: int | None = None) -> bytes:
    number = b"" if position is None else b"id: %d\n" % position
    return b"event: %s\n%sdata: %s\n\n" % (name.encode(), number, data)


class _EventStream(Response):
    """Sends events until either side leaves; a reader that takes none within the time is cut off."""

    media_type = EVENTS

    def __init__(
        self, events: AsyncIterator[bytes], feed: Feed, request: Request, session: Session | None = None
    ) -> None:
        shown = headers_for(session.caller) if session is not None else {}
        super().__init__(headers={**shown, **_HEADERS})
        del self.headers["content-length"]
        self._events = events
        self._feed = feed
        self._session = session
        self._stopping = getattr(request.app.state, "stopping", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            with self._feed.place(self._session.caller) if self._session else contextlib.nullcontext():
                await self._stream(receive, send)
        except QualitraceError as error:
            await refusal(error, headers={"Retry-After": "10"})(scope, receive, send)

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send_all(send))
        ends = [asyncio.create_task(one) for one in (_left(receive), ended(self._stopping))]
        try:
            await asyncio.wait({sending, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            sending.cancel()
            await asyncio.gather(sending, *ends, return_exceptions=True)
        if not sending.cancelled() and (failure := sending.exception()) is not None:
            raise failure
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        """Send events, and between them signs of life: proxies close what is silent."""
        settings = self._feed.settings
        await self._send(send, b":\n\n")
        waiting: asyncio.Future[bytes] | None = None
        try:
            while True:
                waiting = waiting or asyncio.create_task(anext(self._events, b""))
                done, _ = await asyncio.wait({waiting}, timeout=settings.ping_seconds)
                if not done:
                    await self._send(send, b":\n\n")
                    continue
                event, waiting = waiting.result(), None
                if not event:
                    return
                await self._send(send, event)
        except TimeoutError:
            return  # too slow: cut off; what was taken last is where to go on
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    async def _send(self, send: Send, body: bytes) -> None:
        async with asyncio.timeout(self._feed.settings.slow_seconds):
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    """Wait until the other side leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass
