"""Serves a registry over HTTP (floor 5)."""

from qualitrace.web.app import create_app

__all__ = ["create_app"]
