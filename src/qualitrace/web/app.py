"""The web application: what answers at which address, behind what guards it (floor 5)."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from qualitrace.access.gate import Access
from qualitrace.errors import QualitraceError
from qualitrace.graphql import Limits
from qualitrace.text import Text
from qualitrace.web.answering import graphql_routes
from qualitrace.web.authentication import Authentication
from qualitrace.web.connections import crowd_of
from qualitrace.web.explorer import explorer_routes
from qualitrace.web.exports import export_routes
from qualitrace.web.hooks import deliver
from qualitrace.web.limiting import Attempts, Limiting
from qualitrace.web.linked_data import linked_data_routes
from qualitrace.web.memory import keep_in_memory
from qualitrace.web.observing import observe
from qualitrace.web.openapi import openapi_routes
from qualitrace.web.parts import Parts
from qualitrace.web.protection import Protection
from qualitrace.web.protocol import HttpError, not_here
from qualitrace.web.refusing import failed, refusal
from qualitrace.web.request_log import Failures
from qualitrace.web.served import Served
from qualitrace.web.settings import Settings
from qualitrace.web.sparql.protocol import sparql_routes
from qualitrace.web.start import start_routes
from qualitrace.web.subscriptions import subscription_routes
from qualitrace.web.void import void_routes

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
    access: Access | None = None,
    settings: Settings | None = None,
    graphs: Served | None = None,
) -> FastAPI:
    """Make the application that answers about a registry.

    ``title`` is shown on the start page (by default that of the profile). ``hosts`` are the names a
    request may address it by: any other is refused, so that a page elsewhere cannot reach a server
    on this machine under a name of its own. ``protected`` as in
    :func:`qualitrace.graphql.build_schema`. ``access`` says who asks; without it, nobody is asked, and
    only this machine is answered. ``graphs`` answers GraphQL in the registry's place to those who see
    everything. Raises ProfileError.
    """
    parts = Parts(
        registry,
        settings or Settings(),
        access,
        title=title or registry.profile.titles,
        limits=limits,
        protected=protected,
        graphs=graphs,
    )
    app = guarded(parts, _routes(parts), hosts)
    deliver(parts)
    keep_in_memory(parts)
    observe(app, parts)
    return app


def guarded(parts: Parts, routes: Sequence[BaseRoute], hosts: tuple[str, ...]) -> FastAPI:
    """Make an application of some addresses, behind all that guards it; who watches it comes last."""
    app = FastAPI(
        title="Qualitrace", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(parts)
    )
    app.state.parts = parts
    app.router.routes.extend(routes)
    bounds, workers = parts.settings.limits, parts.settings.server.workers
    app.state.crowd = crowd_of(bounds, proxied=bool(parts.settings.server.proxies))
    app.add_middleware(Limiting, settings=bounds, workers=workers)
    app.add_middleware(Authentication, access=parts.access)
    app.add_middleware(Attempts, settings=bounds, workers=workers)
    app.add_middleware(Failures)
    app.add_middleware(Protection, hosts=hosts)
    _answer_errors(app)
    return app


def static_files() -> Mount:
    """Return where the files of pages are."""
    return Mount("/static", StaticFiles(directory=_STATIC), name="static")


def _routes(parts: Parts) -> list[BaseRoute]:
    """Return every address. What answers without a token is listed in :mod:`authentication`."""
    asked = [
        static_files(),
        *graphql_routes(parts),
        *start_routes(parts),
        *explorer_routes(parts),
        *openapi_routes(parts),
    ]
    if hasattr(
        parts.registry, "home"
    ):  # from Neo4j alone: no journal, and no store of its own: there is no more to ask
        return asked
    return [
        *asked,
        *subscription_routes(parts),
        *linked_data_routes(parts),
        *void_routes(parts),
        *export_routes(parts),
        *sparql_routes(parts),
    ]


def _answer_errors(app: FastAPI) -> None:
    """Make every error an answer of one form."""

    @app.exception_handler(HttpError)
    async def refused(request: Request, error: HttpError) -> Response:
        return Response(error.body(), error.status, {**error.headers}, "application/json; charset=utf-8")

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: HTTPException) -> Response:
        return await refused(request, not_here(error.status_code, request.url.path, error.headers))

    @app.exception_handler(QualitraceError)
    async def not_answered(request: Request, error: QualitraceError) -> Response:
        return refusal(error)

    @app.exception_handler(Exception)
    async def at_fault(request: Request, error: Exception) -> Response:
        return failed(error)


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lasting(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_warm, parts)
        async with AsyncExitStack() as stack:
            for one in parts.lasting:
                await stack.enter_async_context(one())
            yield

    return lasting


def _warm(parts: Parts) -> None:
    """Work out what the first visitor would wait for, before anybody is let in.

    What an open registry holds in memory stays there: the garbage collector is told so, as walking all
    of it would stop requests for a while now and then.
    """
    for work in parts.warming:
        try:
            work()
        except QualitraceError as error:
            logger.warning("something could not be worked out ahead of time: %s", error)
    gc.collect()
    gc.freeze()
