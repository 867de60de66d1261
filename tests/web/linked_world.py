"""Routes of some modules on their own, asked by whom a test names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from qualitrace.access import Caller, Principal, Role
from qualitrace.access.gate import PersonalRead
from qualitrace.errors import QualitraceError
from qualitrace.web.parts import Parts
from qualitrace.web.refusing import refusal
from qualitrace.web.settings import Settings

TRUSTED = Caller(Principal("local", frozenset()), trusted=True)
WHY = "年度自查"


def somebody(*roles: Role, purpose: str = WHY, units: Sequence[str] = ()) -> Caller:
    return Caller(Principal("示例用户", frozenset(roles), frozenset(units), "t1"), purpose, "192.0.2.1")


class Remembering:
    """Keeps what was read, and knows nobody."""

    def __init__(self) -> None:
        self.reads: list[PersonalRead] = []

    def principal(self, credential: str) -> Principal:
        raise AssertionError(credential)

    def note(self, read: PersonalRead) -> None:
        self.reads.append(read)


class World:
    """Routes over one registry; ``caller`` asks."""

    def __init__(
        self, routes: Callable[[Parts], list[BaseRoute]], registry: Any, settings: Settings | None = None
    ) -> None:
        self.access = Remembering()
        self.caller = TRUSTED
        self._app = Starlette(
            routes=routes(Parts(registry, settings or Settings(), self.access)),
            exception_handlers={QualitraceError: _refused},  # type: ignore[dict-item]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["caller"] = self.caller
        await self._app(scope, receive, send)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Make one request."""
        return asyncio.run(self.asking(method, path, **request))

    async def asking(self, method: str, path: str, **request: Any) -> httpx.Response:
        app: ASGIApp = self
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", timeout=120
        ) as client:
            return await client.request(method, path, **request)

    def get(self, path: str, accept: str = "", **params: Any) -> httpx.Response:
        headers = {"accept": accept} if accept else {"accept": "*/*"}
        return self.ask("GET", path, headers=headers, params=params or None)


def _refused(request: object, error: QualitraceError) -> Any:
    return refusal(error)
