"""Asking an application as somebody, and looking for marks in all of what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from tests.authorisation.world import Visitor, World, marks_in

T = TypeVar("T")


class Client:
    """Asks in process, on one event loop."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the loop that the application runs on."""
        return self._loop.run_until_complete(work)

    def ask(self, who: Visitor, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**who.headers, **request.pop("headers", {})}
        answer = self._client.request(method, path, headers=headers, timeout=60, **request)
        return self._loop.run_until_complete(answer)

    def graphql(self, who: Visitor, query: str, **variables: Any) -> httpx.Response:
        body = json.dumps({"query": query, "variables": variables})
        return self.ask(who, "POST", "/graphql", content=body, headers={"Content-Type": "application/json"})

    def data(self, who: Visitor, query: str, **variables: Any) -> Any:
        answer = self.graphql(who, query, **variables)
        body = answer.json()
        assert "errors" not in body, (who.name, query[:300], body["errors"][:2])
        return body["data"]


def shown(answer: httpx.Response) -> frozenset[str]:
    """The marks that an answer holds: body, headers, status line."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return marks_in(answer.content) | marks_in(head.encode("utf-8", "surrogateescape"))


def check(world: World, who: Visitor, answer: httpx.Response, about: str, *asked: str) -> frozenset[str]:
    """Fail when an answer holds what somebody may not see; ``asked`` are marks they named themselves."""
    found = shown(answer)
    wrong = found - who.sees - set(asked)
    assert not wrong, (who.name, about, sorted(wrong)[:3], [world.marks.about[m] for m in sorted(wrong)[:3] if m in world.marks.about], answer.text[:2000])  # fmt: skip # noqa: E501
    return found
