"""What is told of tracing holds on every engine."""

from __future__ import annotations

from tests.contract.engines import make_local_engine as make_engine

__all__ = ["make_engine"]
