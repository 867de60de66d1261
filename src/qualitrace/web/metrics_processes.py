"""The processes that answer for one registry, as figures (floor 5). Linux tells; elsewhere there are none."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Workers(Collector):
    """Memory and processor time of every worker, by the files of their counts in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Return the figures as they are now."""
        memory = GaugeMetricFamily("process_resident_memory_bytes", "Resident size.", labels=("worker",))
        cpu = CounterMetricFamily("process_cpu_seconds", "Processor time.", labels=("worker",))
        files = GaugeMetricFamily("process_open_fds", "Open files.", labels=("worker",))
        for pid in self._pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                count = len(os.listdir(f"/proc/{pid}/fd"))
            except OSError:
                continue  # it has just gone
            ticks = int(fields[11]) + int(fields[12])
            memory.add_metric([str(pid)], int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))
            cpu.add_metric([str(pid)], ticks / os.sysconf("SC_CLK_TCK"))
            files.add_metric([str(pid)], count)
        collections = CounterMetricFamily(
            "python_gc_collections", "Garbage collections.", labels=("worker", "generation")
        )
        for generation, stats in enumerate(gc.get_stats()):
            collections.add_metric([str(os.getpid()), str(generation)], stats["collections"])
        return memory, cpu, files, collections

    def _pids(self) -> Iterator[int]:
        found = {re.sub(r"\D", "", path.stem.rpartition("_")[2]) for path in self._folder.glob("*.db")}
        return (int(pid) for pid in sorted(found) if pid and _alive(int(pid)))


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
