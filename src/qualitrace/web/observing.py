"""An application that can be watched: requests logged and counted, readiness, figures (floor 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from prometheus_client.registry import Collector

from qualitrace.web.health import Look, health_routes, standing_of
from qualitrace.web.metrics import Metrics
from qualitrace.web.metrics_registry import RegistryFigures
from qualitrace.web.parts import Parts
from qualitrace.web.request_log import RequestLog
from qualitrace.web.stopping import Stopping


def observe(app: FastAPI, parts: Parts, look: Look = standing_of, figures: Collector | None = None) -> None:
    """Add what watches an application; the last thing that is added to it.

    ``look`` says whether it can answer, ``figures`` where what it answers about stands: by default of its
    registry.
    ``app.state.stopping`` (:class:`Stopping`) is told by whoever runs it that it is about to end.
    """
    metrics = Metrics(figures or RegistryFigures(parts.registry, noted_by(parts.access)))
    app.state.stopping, app.state.metrics = Stopping(), metrics
    app.router.routes.extend(health_routes(parts, metrics, app.state.stopping, look))
    app.add_middleware(
        RequestLog, routes=lambda: app.router.routes, metrics=metrics, stopping=app.state.stopping
    )


def noted_by(access: Any) -> Callable[[], int] | None:
    """Return what tells how many reads were noted: notes are numbered."""
    from qualitrace.access.reads import Asked

    if not hasattr(access, "reads"):
        return None
    return lambda: next((one.id for one in access.reads(Asked(limit=1))), 0)
