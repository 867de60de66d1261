"""Where a registry stands, as figures: numbers only (floor 5)."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qualitrace.errors import QualitraceError
from qualitrace.store import INFERRED, STATED
from qualitrace.web.freshness import caught_up
from qualitrace.web.served import Served

logger = logging.getLogger("qualitrace.web")
_AGAIN = 60.0  # seconds after which findings are counted again, if the registry went on
Noted = Callable[[], int]


class RegistryFigures(Collector):
    """Read when somebody asks. Findings are counted at most once a minute: telling them all takes a while.

    ``noted`` returns how many reads of personal data were noted in all.
    """

    def __init__(self, registry: Served, noted: Noted | None = None) -> None:
        self._registry: Any = registry
        self._noted = noted
        self._lock = threading.Lock()
        self._findings: tuple[int, dt.date, float, Counter[str]] | None = None

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a registry is not asked before it is served."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the figures as they are now; of what cannot be read there are none."""
        found: list[Metric] = []
        for part in (self._position, self._facts, self._severities, self._reads):
            try:
                found += part()
            except QualitraceError as error:
                logger.warning("figures could not be read", exc_info=error)
        return found

    def _position(self) -> Iterable[Metric]:
        caught_up(self._registry)
        position = self._registry.position
        yield CounterMetricFamily("qualitrace_commits", "Changesets in the journal.", value=position)
        yield GaugeMetricFamily(
            "qualitrace_registry_position", "The changeset that answers stand at.", value=position
        )
        last = next(iter(self._registry.changesets(position - 1)), None)
        if last is not None:
            at = dt.datetime.fromisoformat(last.at)
            ago = (dt.datetime.now(dt.UTC) - at).total_seconds()
            yield GaugeMetricFamily(
                "qualitrace_seconds_since_change", "Seconds since the last changeset.", value=ago
            )

    def _facts(self) -> Iterable[Metric]:
        facts = GaugeMetricFamily("qualitrace_facts", "Facts in the registry.", labels=("basis",))
        with self._registry.reading():
            engine = self._registry.engine
            for name, graph in (("stated", STATED), ("inferred", INFERRED)):
                facts.add_metric([name], engine.count(graph))
        yield facts

    def _severities(self) -> Iterable[Metric]:
        findings = GaugeMetricFamily(
            "qualitrace_findings", "Findings, accepted ones too.", labels=("severity",)
        )
        for severity, count in sorted(self._counted().items()):
            findings.add_metric([severity], count)
        yield findings

    def _counted(self) -> Counter[str]:
        with self._lock:
            now, today = time.monotonic(), dt.date.today()
            position = self._registry.position
            if self._findings is not None:
                at, day, counted, held = self._findings
                if day == today and (at == position or now - counted < _AGAIN):
                    return held
            report = self._registry.validate()
            held = Counter(str(one.severity) for one in report.findings)
            self._findings = position, today, now, held
            return held

    def _reads(self) -> Iterable[Metric]:
        if self._noted is not None:
            yield CounterMetricFamily(
                "qualitrace_personal_reads_noted",
                "Reads of personal data that were noted.",
                value=self._noted(),
            )
