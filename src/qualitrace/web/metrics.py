"""What is counted, as Prometheus reads it (floor 5).

With several workers (``PROMETHEUS_MULTIPROC_DIR``, set by the supervisor) each keeps its counts in files that
whichever answers adds up; figures of processes come with a label ``worker``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from qualitrace.web.metrics_processes import Workers

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counts of one application."""

    def __init__(self, figures: Collector) -> None:
        self._folder = os.environ.get(FOLDER, "")
        own = CollectorRegistry()
        self._requests = Counter(
            "qualitrace_requests", "Answers, by route.", ("method", "route", "status"), registry=own
        )
        self._seconds = Histogram(
            "qualitrace_request_seconds", "How long answers took.", ("route",), buckets=_SECONDS, registry=own
        )
        self._open = Gauge(
            "qualitrace_requests_in_flight",
            "Requests being answered now.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._limited = Counter(
            "qualitrace_requests_limited", "Requests refused for their rate (429).", registry=own
        )
        self._partial = Counter(
            "qualitrace_answers_partial", "Answers that a limit cut short, marked so.", registry=own
        )
        if self._folder:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, path=self._folder)  # type: ignore[no-untyped-call]
            self._shown.register(Workers(Path(self._folder)))
        else:
            self._shown = own
            ProcessCollector(registry=own)
            GCCollector(registry=own)
        PlatformCollector(registry=self._shown)
        self._shown.register(figures)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request while it is answered."""
        self._open.inc()
        try:
            yield
        finally:
            self._open.dec()

    def answered(self, method: str, route: str, status: int, seconds: float, *, partial: bool) -> None:
        """Count an answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status == 429:
            self._limited.inc()
        if partial:
            self._partial.inc()

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format. It may take a while: not in the event loop."""
        return generate_latest(self._shown)
