"""Routes of some modules on their own, asked by whom a test names."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from qualitrace.access import Caller, Principal, Role
from qualitrace.access.gate import PersonalRead
from qualitrace.errors import QualitraceError
from qualitrace.journal.model import Document, Source, SourcedFact
from qualitrace.registry import Change, Registry
from qualitrace.web.parts import Parts
from qualitrace.web.refusing import refusal
from qualitrace.web.settings import Settings
from qualitrace.web.sparql.process import QueryProcess
from tests.graphql.kitchens import BASE, FACTS, node, profile

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
        self.registry = registry
        self.access = Remembering()
        self.caller = TRUSTED
        self.parts = Parts(registry, settings or Settings(), self.access)
        self._app = Starlette(
            routes=routes(self.parts),
            exception_handlers={QualitraceError: _refused},  # type: ignore[dict-item]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["caller"] = self.caller
        await self._app(scope, receive, send)

    def parts_routes(self) -> list[Route]:
        """The routes, for what stands behind them."""
        return [one for one in self._app.routes if isinstance(one, Route)]

    def endpoint(self) -> QueryProcess:
        """The process behind the SPARQL endpoint."""
        (route,) = (one for one in self.parts_routes() if one.path == "/sparql")
        process = route.endpoint.__self__._process  # type: ignore[attr-defined]
        assert isinstance(process, QueryProcess)
        return process

    def stop(self) -> None:
        """Leave what goes on beside requests."""

        async def left() -> None:
            async with AsyncExitStack() as stack:
                for one in self.parts.lasting:
                    await stack.enter_async_context(one())

        asyncio.run(left())

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


# Identifiers that are hard to spell in an address.
STRANGE = ("area/热菜间 (甲)".replace(" ", "%20"), "area/a%2Fb", "area/café", "area/x.ttl", "area/a+b,c;d=e")
STRANGE_FACTS = [
    fact for number, local in enumerate(STRANGE) for fact in node(local, "Area", f"难写 {number}")
]


def kitchen_registry(folder: Path) -> Registry:
    """A registry of the small kitchen; every fact was read from a row of one document."""
    registry = Registry.create(folder / "kitchen.db", profile(), base=BASE)
    added = [
        SourcedFact(fact, Source("厨房.xlsx", "表1", row, "A"))
        for row, fact in enumerate([*FACTS, *STRANGE_FACTS], start=2)
    ]
    documents = (Document("厨房.xlsx", hashlib.sha256(b"").hexdigest()),)
    registry.commit(Change(documents, tuple(added), ()), author="示例录入员", message="示例")
    return registry
