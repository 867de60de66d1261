"""A tool that never gets done."""

from __future__ import annotations

import threading


def load(*_: str) -> None:
    """Wait for ever."""
    threading.Event().wait()
