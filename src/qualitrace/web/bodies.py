"""Bodies of requests, read whole within bounds before anybody works on them (floor 5)."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from qualitrace.text import Text
from qualitrace.web.protocol import HttpError

# The connection is of no more use: what is left of the body is not going to be read.
_CLOSE = {"Connection": "close"}


async def read_body(scope: Scope, receive: Receive, most: int, seconds: float) -> bytes:
    """Read a body. Raises HttpError 413, 408 or 400 when it is too large, too slow, or breaks off."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > most):
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HttpError(400, Text(zh="请求中断。", en="The request broke off."), headers=_CLOSE)
                body += message.get("body", b"")
                if len(body) > most:
                    raise _too_large(most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        slow = Text(zh=f"请求正文未在 {seconds:g} 秒内收完。", en=f"The body took over {seconds:g} seconds.")
        raise HttpError(408, slow, headers=_CLOSE) from None


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already, then whatever comes after."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _too_large(most: int) -> HttpError:
    return HttpError(
        413, Text(zh=f"请求超过 {most} 字节。", en=f"The request is over {most} bytes."), headers=_CLOSE
    )
