"""A large registry goes on in memory soon after the start (floor 5)."""

from __future__ import annotations

import logging
import threading
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.web.beside import keep_beside
from qualitrace.web.log_lines import event
from qualitrace.web.parts import Parts

logger = logging.getLogger("qualitrace.server")


def keep_in_memory(parts: Parts) -> None:
    """Have a registry that was opened on disk go on in memory, in the background, if it is not too large.

    Questions and changes go on meanwhile. When it fails the registry goes on as it is.
    """
    registry: Any = parts.registry
    engine: Any = getattr(registry, "engine", None)
    if not getattr(engine, "on_disk", False) or engine.size > parts.settings.registry.memory_facts:
        return
    stopped = threading.Event()

    def move() -> None:
        try:
            if registry.into_memory(stopped.is_set):
                event(logger, logging.INFO, "registry in memory", facts=engine.size)
        except (QualitraceError, OSError, RuntimeError, MemoryError) as error:
            event(logger, logging.WARNING, "registry stays on disk", error)

    keep_beside(parts, "into memory", move, stopped)
