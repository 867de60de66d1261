"""The process that opens a registry and answers, importing no more than that takes (floor 5)."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson


def first(begun: float) -> None:
    """Open a registry and answer two questions, as stdin says: a node with its sources, then a trace.

    Writes on stdout, as JSON, what each part took (seconds) and when the first answer was there.
    """
    from qualitrace.profile.cached import cached_profile
    from qualitrace.registry import Registry

    location, directory, node, target = orjson.loads(sys.stdin.buffer.read())
    imported = time.time()
    profile = cached_profile(Path(directory) if directory else None)
    read = time.time()
    registry = Registry.open(location, profile)
    opened = time.time()
    held = list(registry.engine.facts(subject=node))
    told = len(registry.sources(held))
    answered = time.time()
    paths = len(registry.trace(node, target).paths) if target else 0
    traced = time.time()
    registry.close()
    parts = {
        "import": imported - begun,
        "profile": read - imported,
        "open": opened - read,
        "node": answered - opened,
        "trace": traced - answered,
        "at": answered,
        "facts": len(held),
        "sources": told,
        "paths": paths,
    }
    sys.stdout.buffer.write(orjson.dumps(parts))
