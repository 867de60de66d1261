"""The web application: GraphQL, health, schema and the start page (floor 5)."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from qualitrace.errors import QualitraceError
from qualitrace.graphql import Limits, build_schema
from qualitrace.text import Text
from qualitrace.web.answering import Answering
from qualitrace.web.protection import Protection
from qualitrace.web.protocol import HttpError, not_here
from qualitrace.web.served import Served
from qualitrace.web.start import StartPage

logger = logging.getLogger("qualitrace.web")
_STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def create_app(
    registry: Served,
    *,
    title: Text | None = None,
    hosts: tuple[str, ...] = LOOPBACK,
    limits: Limits | None = None,
    protected: bool = True,
) -> FastAPI:
    """Make the application that answers about a registry.

    ``title`` is shown on the start page (by default that of the profile). ``hosts`` are the names a
    request may address it by: any other is refused, so that a page elsewhere cannot reach a server
    on this machine under a name of its own. ``protected`` as in
    :func:`qualitrace.graphql.build_schema`. Raises ProfileError.
    """
    schema = build_schema(registry, limits=limits, protected=protected)
    text = schema.as_str().rstrip() + "\n"
    answering = Answering(registry, schema)
    page = StartPage(registry, title or registry.profile.titles, protected=protected)

    @asynccontextmanager
    async def warmed(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_warm, page)
        yield

    app = FastAPI(title="Qualitrace", docs_url=None, redoc_url=None, openapi_url=None, lifespan=warmed)
    app.add_middleware(Protection, hosts=hosts)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.exception_handler(HttpError)
    async def refused(request: Request, error: HttpError) -> Response:
        return Response(error.body(), error.status, {**error.headers}, "application/json; charset=utf-8")

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: HTTPException) -> Response:
        return await refused(request, not_here(error.status_code, request.url.path, error.headers))

    async def graphql(request: Request) -> Response:
        return await answering.respond(request)

    # A plain route: there is nothing for FastAPI to read from the request.
    app.add_route("/graphql", graphql, methods=["GET", "POST"])

    @app.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        return _json(await run_in_threadpool(page.health))

    @app.api_route("/schema.graphql", methods=["GET", "HEAD"])
    async def schema_file() -> Response:
        return PlainTextResponse(text, media_type="text/plain; charset=utf-8")

    @app.api_route("/", methods=["GET", "HEAD"])
    async def start() -> Response:
        return Response(await run_in_threadpool(page.html), media_type="text/html; charset=utf-8")

    return app


def _warm(page: StartPage) -> None:
    """Work out what the first visitor would wait for, before anybody is let in.

    What an open registry holds in memory stays there: the garbage collector is told so, as walking all
    of it would stop requests for a while now and then.
    """
    try:
        page.figures()
    except QualitraceError as error:
        logger.warning("the start page's figures could not be worked out: %s", error)
    gc.collect()
    gc.freeze()


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
