"""A process that publishes a registry in small transactions, and says so after each; it may be killed.

Arguments: the registry, the profile's folder, the name in Neo4j, the address, how many seconds it is patient
with Neo4j. The password comes from the environment. Lines on stdout: "sent <n>" after each transaction, then
"done", or "away" when Neo4j is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from qualitrace.errors import UnavailableError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Account, Neo4jEngine, Server

BATCH = 5


class Telling(Neo4jEngine):
    """An engine that says when a transaction is there."""

    sent = 0

    def put(self, *args: Any, **options: Any) -> Any:
        mark = super().put(*args, **options)
        self.sent += 1
        say("sent", self.sent)
        return mark


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main() -> None:
    location, directory, name, uri, patience = sys.argv[1:]
    profile = load_profile(Path(directory))
    registry = Registry.open(location, profile)
    account = Account(uri, password=os.environ["QUALITRACE_NEO4J_PASSWORD"], patience=float(patience))
    with Server(account) as server:
        try:
            publish(registry, Telling.of(server, profile, name), batch=BATCH)
        except UnavailableError:
            say("away")
            return
    say("done")


if __name__ == "__main__":
    main()
