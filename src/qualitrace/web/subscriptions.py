"""The addresses that tell of changes as they are made (floor 5)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from qualitrace.web.parts import Parts
from qualitrace.web.subscription_feed import Feed
from qualitrace.web.subscription_socket import serve
from qualitrace.web.subscription_stream import streamed, subscribed


def subscription_routes(parts: Parts) -> list[BaseRoute]:
    """Return the addresses: ``/graphql`` as a WebSocket, ``/graphql/stream``, ``/changes/stream``."""
    feed = Feed(parts)

    async def socket(websocket: WebSocket) -> None:
        await serve(websocket, feed)

    async def operation(request: Request) -> Response:
        return await subscribed(request, feed)

    async def changes(request: Request) -> Response:
        return await streamed(request, feed)

    return [
        WebSocketRoute("/graphql", socket),
        Route("/graphql/stream", operation, methods=["GET", "POST"]),
        Route("/changes/stream", changes, methods=["GET"]),
    ]
