"""The application that answers for many registries (floor 5). See docs/decisions/0016.

It is the application of one registry with other questions: who asks, how much, what is logged and how it is
answered are the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.model import Right
from qualitrace.across import Across
from qualitrace.graphql import Schema
from qualitrace.graphql.across_schema import build_across_schema
from qualitrace.profile.cached import cached_profile
from qualitrace.profile.model import OperationModel
from qualitrace.registry.publishing import fingerprint
from qualitrace.store.neo4j import Server
from qualitrace.text import Text
from qualitrace.web.across_samples import sample_questions
from qualitrace.web.across_served import AcrossAccess, AcrossFigures, AcrossServed
from qualitrace.web.answering import graphql_routes
from qualitrace.web.app import LOOPBACK, guarded, static_files
from qualitrace.web.disclosing import VARY, is_withheld
from qualitrace.web.explorer import explorer_routes
from qualitrace.web.graphs import account_of
from qualitrace.web.health import Checks
from qualitrace.web.observing import noted_by, observe
from qualitrace.web.openapi import openapi_routes
from qualitrace.web.opening import Work, access_of, check_guarded
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.schemas import Schemas
from qualitrace.web.settings import Settings
from qualitrace.web.start import schema_routes, templates

TITLE = Text(zh="跨登记库查询", en="Questions across registries")
_HTML = "text/html; charset=utf-8"
_STATES = {"ready": "✓", "writing": "正在写入 / being written", "other": "须重新发布 / to be published anew"}


@dataclass(frozen=True)
class AcrossParts(Parts):
    """What the parts of such an application share; ``served`` stands where a registry would."""

    served: AcrossServed = field(kw_only=True)

    @cached_property
    def operations(self) -> Sequence[OperationModel]:
        """Questions that are shown as examples."""
        return sample_questions(self.served.profile)

    @cached_property
    def schemas(self) -> Schemas:
        """The GraphQL schemas, by rights."""
        return _AcrossSchemas(self)


class _AcrossSchemas(Schemas):
    def __init__(self, parts: AcrossParts) -> None:
        super().__init__(parts)
        self._served = parts.served
        self._limits = parts.limits

    def _make(self, rights: frozenset[Right]) -> Schema:
        served = self._served
        return build_across_schema(
            served.across, served.names, reading=served, limits=self._limits, rights=rights
        )


def create_across_app(
    served: AcrossServed,
    access: AcrossAccess | None,
    settings: Settings,
    *,
    title: Text | None = None,
    hosts: tuple[str, ...] = LOOPBACK,
) -> FastAPI:
    """Make the application. Arguments as of :func:`qualitrace.web.create_app`."""
    made: Any = served
    parts = AcrossParts(made, settings, access, title=title or TITLE, served=served)
    routes = [static_files(), *graphql_routes(parts), _page(parts), *schema_routes(parts)]
    routes += explorer_routes(parts)
    paths = {route.path for route in routes if isinstance(route, Route)}
    watched = {"/healthz", "/readyz", *(["/metrics"] if settings.metrics.enabled else [])}
    app = guarded(parts, [*routes, *openapi_routes(parts, paths | watched)], hosts)
    observe(app, parts, _look(served), AcrossFigures(served, noted_by(access)))
    return app


@contextmanager
def across_opened(work: Work) -> Iterator[FastAPI]:
    """Connect, and make the application; all is closed at the end. Neo4j may be away.

    Raises RegistryError, ProfileError, AccessError, and UnavailableError when nobody could be asked who they
    are.
    """
    settings, profile = work.settings, cached_profile(work.directory)
    with ExitStack() as stack:
        server = stack.enter_context(Server(account_of(settings.neo4j)))
        across = Across(server, profile, fingerprint(profile), only=settings.across.only)
        served = AcrossServed(across)
        book = access_of(settings, registries=served.names)
        if book is None:
            check_guarded(settings, None)
        else:
            stack.callback(book.close)
        access = AcrossAccess(book) if book is not None else None
        hosts = (*LOOPBACK, *settings.server.names)
        yield create_across_app(served, access, settings, title=work.title, hosts=hosts)


def _look(served: AcrossServed) -> Any:
    """Return what says whether Neo4j answers, and how many registries there are, by state."""

    def look(parts: Parts) -> dict[str, Any]:
        checks = Checks()
        found = checks.of("neo4j", served.across.registries) or ()
        checks.access(parts)
        states = [one.state.value for one in found]
        return {"checks": checks.found, "registries": {state: states.count(state) for state in set(states)}}

    return look


def _page(parts: AcrossParts) -> BaseRoute:
    """Return the start page: what there is and what can be asked, or what asks for a token there."""
    environment = templates()
    closed = environment.get_template("sign-in.html").render(title=parts.title)
    template = environment.get_template("across.html")

    async def page(request: Request) -> Response:
        caller = caller_of(request)
        headers = {"Cache-Control": "no-store", **({} if caller.trusted else {"Vary": VARY})}
        if not (caller.trusted or caller.principal.roles):
            return Response(closed, headers=headers, media_type=_HTML)
        standings = await run_in_threadpool(parts.served.standings)
        shown = template.render(
            title=parts.title,
            registries=standings,
            states=_STATES,
            questions=parts.operations,
            explores=Right.EXPLORE in caller.rights,
            withheld=is_withheld(caller),
        )
        return Response(shown, headers=headers, media_type=_HTML)

    return Route("/", page)
