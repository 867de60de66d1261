"""An application that can be watched: requests logged and counted, readiness, figures (floor 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from qualitrace.web.health import health_routes
from qualitrace.web.metrics import Metrics
from qualitrace.web.metrics_registry import RegistryFigures
from qualitrace.web.parts import Parts
from qualitrace.web.request_log import RequestLog
from qualitrace.web.stopping import Stopping


def observe(app: FastAPI, parts: Parts) -> None:
    """Add what watches an application; the last thing that is added to it.

    ``app.state.stopping`` (:class:`Stopping`) is told by whoever runs it that it is about to end.
    """
    metrics = Metrics(RegistryFigures(parts.registry, _noted(parts.access)))
    app.state.stopping, app.state.metrics = Stopping(), metrics
    app.router.routes.extend(health_routes(parts, metrics, app.state.stopping))
    app.add_middleware(
        RequestLog, routes=lambda: app.router.routes, metrics=metrics, stopping=app.state.stopping
    )


def _noted(access: Any) -> Callable[[], int] | None:
    """Return what tells how many reads were noted: notes are numbered."""
    from qualitrace.access.reads import Asked

    if not hasattr(access, "reads"):
        return None
    return lambda: next((one.id for one in access.reads(Asked(limit=1))), 0)
