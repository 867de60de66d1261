"""Calls to an application over HTTP, without a socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from fastapi import FastAPI

RESPONSE = "application/graphql-response+json"
JSON = "application/json"


def call(app: FastAPI, method: str, path: str, **request: Any) -> httpx.Response:
    """Make one request. ``base_url`` names another host than this machine."""

    async def made() -> httpx.Response:
        base = request.pop("base_url", "http://127.0.0.1:8000")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **request)

    return asyncio.run(made())


def post(app: FastAPI, body: Any, **headers: str) -> httpx.Response:
    """POST a GraphQL request; header names have ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"content-type": JSON, **named}
    return call(app, "POST", "/graphql", content=json.dumps(body), headers=named)
