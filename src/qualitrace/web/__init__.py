"""Serves a registry over HTTP (floor 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualitrace.web.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import the application when it is asked for: the process that runs queries has no need of it."""
    if name == "create_app":
        from qualitrace.web.app import create_app

        return create_app
    raise AttributeError(name)
