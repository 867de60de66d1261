"""Whether the process lives, whether it can answer, and its figures (floor 5)."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from typing import Any

import orjson
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.gate import unknown_caller
from qualitrace.errors import QualitraceError
from qualitrace.web.authentication import FORWARDED, bearer, is_local
from qualitrace.web.freshness import caught_up
from qualitrace.web.metrics import Metrics
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.refusing import refusal
from qualitrace.web.stopping import Stopping

# Returns ``checks`` (of each thing that is needed ``ok``, or the code of what is wrong), and where it stands.
Look = Callable[[Parts], dict[str, Any]]

_WITHIN = 5.0  # seconds in which a server that is ready can say so
_NO_STORE = {"Cache-Control": "no-store"}


def health_routes(parts: Parts, metrics: Metrics, stopping: Stopping, look: Look) -> list[BaseRoute]:
    """Return /healthz, /readyz and /metrics. None of them asks who asks, as a proxy or a monitor does."""

    async def healthz(request: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(request: Request) -> Response:
        if stopping.begun:
            return _json({"status": "stopping"}, 503)
        try:
            looked = await asyncio.wait_for(run_in_threadpool(look, parts), _WITHIN)
        except TimeoutError:
            return _json({"status": "not ready", "checks": {"answers": f"not within {_WITHIN:g} s"}}, 503)
        ready = all(said == "ok" for said in looked["checks"].values())
        shown = looked if _may_see(request) else {"checks": looked["checks"]}
        return _json({"status": "ready" if ready else "not ready", **shown}, 200 if ready else 503)

    async def figures(request: Request) -> Response:
        if not _may_measure(request, parts.settings.metrics.token):
            return refusal(unknown_caller())
        text = await run_in_threadpool(metrics.text)
        return Response(text, headers=_NO_STORE, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/readyz", readyz)]
    return [*routes, Route("/metrics", figures)] if parts.settings.metrics.enabled else routes


def standing_of(parts: Parts) -> dict[str, Any]:
    """Return where the registry stands, and of each thing that is needed ``ok`` or the code of what is wrong.

    An error's text may name places: it is for the log of whoever needs it.
    """
    registry: Any = parts.registry
    checks = Checks()
    found: dict[str, Any] = {"checks": checks.found}
    caught: list[bool] = []

    checks.of("registry", lambda: caught.append(caught_up(registry)))
    position = registry.position
    last = checks.of("journal", lambda: next(iter(registry.changesets(position - 1)), None))
    found |= {"position": position, "head": "" if last is None else last.id}
    journal = getattr(registry, "journal", None)
    if journal is not None and found["checks"]["journal"] == "ok":
        newest = checks.of("journal", journal.head)
        # What came while we looked is no delay, nor what waits for a slow reader; more than that is.
        if newest is not None and newest[0] > position + 1 and all(caught):
            found["checks"]["registry"] = "BEHIND"
    checks.access(parts)
    return found


class Checks:
    """What is needed, by name: ``ok``, or the code of what is wrong."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def of(self, name: str, work: Callable[[], Any]) -> Any:
        """Try something; returns what it gives, or None."""
        try:
            result = work()
        except QualitraceError as error:
            self.found[name] = error.code
            return None
        self.found[name] = "ok"
        return result

    def access(self, parts: Parts) -> None:
        """See whether it can be found out who asks."""
        tokens: Any = getattr(parts.access, "tokens", None)
        if tokens is not None:
            self.of("access", lambda: tokens.find(""))


def _may_see(request: Request) -> bool:
    """Tell whether who asks may know where the registry stands."""
    caller = caller_of(request)
    return caller.trusted or bool(caller.principal.roles)


def _may_measure(request: Request, token: str) -> bool:
    """Tell whether who asks may read figures: from this machine, or with their token."""
    client = request.client
    forwarded = any(name in request.headers for name in FORWARDED)
    if client is not None and is_local(client.host) and not forwarded:
        return True
    return bool(token) and hmac.compare_digest(bearer(request.headers).encode(), token.encode())


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, _NO_STORE, "application/json")
