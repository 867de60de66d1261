"""A process that publishes a registry in small transactions, and says so after each; it may be killed.

Arguments: the registry, the profile's folder, the name in Neo4j, the address, how many seconds it is patient
with Neo4j, and "rebuild" to write all of it anew. The password comes from the environment. Lines on stdout:
the phase that each transaction belongs to (see ``phase``), then "over", or "away" when Neo4j is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from qualitrace.errors import UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.filling import LINKS, NODES
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Account, Changes, Filling, Mark, Neo4jEngine, Server

BATCH = 5


def phase(changes: Changes | Filling, mark: Mark) -> str:
    """Return what a transaction was: an announcement, a part of nodes, links or a change, or the last one."""
    if mark.toward < 0:
        return "last"
    if not len(changes) and isinstance(changes, Changes):
        return "announced"
    return {NODES: "nodes", LINKS: "links"}.get(mark.stage, "part")


class Telling(Neo4jEngine):
    """An engine that says when a transaction is there."""

    grace = 0.0  # nobody reads

    def put(self, changes: Changes | Filling, *args: Any, **options: Any) -> Mark:
        mark = super().put(changes, *args, **options)
        say(phase(changes, mark))
        return mark


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


def main() -> None:
    location, directory, name, uri, patience, *how = sys.argv[1:]
    profile = load_profile(Path(directory))
    registry = Registry.open(location, profile)
    account = Account(uri, password=os.environ["QUALITRACE_NEO4J_PASSWORD"], patience=float(patience))
    with Server(account) as server:
        try:
            publish(registry, Telling.of(server, profile, name), batch=BATCH, rebuild=how == ["rebuild"])
        except UnavailableError:
            say("away")
            return
    say("over")


if __name__ == "__main__":
    main()
