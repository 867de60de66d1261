"""Whoever is killed, publisher or Neo4j, at whatever moment: publish again, and Neo4j equals the journal."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Neo4jEngine
from tests.history.kitchen import POOL, commit, profile
from tests.neo4j.test_publishing import commit_at_random, equal
from tests.neo4j_server import PASSWORD, Neo4jServer

PUBLISHERS = 5  # how many are killed


@contextmanager
def publisher(
    registry: Registry, engine: Neo4jEngine, root: Path, patience: float = 30
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
        "QUALITRACE_NEO4J_PASSWORD": PASSWORD,
    }
    started = subprocess.Popen(
        [
            sys.executable, "-m", "tests.neo4j.publisher", registry.journal.where,
            profile().directory, engine.registry, engine.server.account.uri, str(patience),
        ],
        stdout=subprocess.PIPE, text=True, env=environment, cwd=root,
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        assert started.stdout is not None
        started.stdout.close()


def said(process: subprocess.Popen[str], lines: int) -> list[str]:
    """Wait for some lines; fewer when it ends."""
    assert process.stdout is not None
    found = []
    for line in process.stdout:
        found.append(line.strip())
        if len(found) == lines:
            break
    return found


def moved_on(registry: Registry, chance: random.Random) -> None:
    """Change much, so that publishing takes many transactions; then a little."""
    held = set(registry.journal.about({entry.fact.subject for entry in POOL}))
    if len(held) > len(POOL) // 2:
        commit(registry, (), held)
    else:
        commit(registry, [entry for entry in POOL if entry not in held])
        commit_at_random(registry, chance)


def test_a_publisher_killed_at_any_moment(
    registry: Registry, engine: Neo4jEngine, repo_root: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(2**32)
    record_property("seed", seed)
    chance = random.Random(seed)
    for number in range(PUBLISHERS):
        if number % 3 != 1:  # once in three nothing new: the next goes on with what was broken off
            moved_on(registry, chance)
        with publisher(registry, engine, repo_root) as process:
            lines = said(process, chance.randint(1, 8))
            time.sleep(chance.random() * 0.05)
            process.kill()
        assert lines[:1] in (["sent 1"], ["done"])
        if number % 2:
            publish(registry, engine, batch=7)
            equal(registry, engine)
    publish(registry, engine)
    equal(registry, engine)


def test_neo4j_killed_while_it_is_written(
    registry: Registry, engine: Neo4jEngine, repo_root: Path, neo4j: Neo4jServer
) -> None:
    chance = random.Random()
    commit(registry, POOL)
    with publisher(registry, engine, repo_root, patience=1) as process:
        assert said(process, chance.randint(1, 5))[0] == "sent 1"
        neo4j.kill()
        rest = said(process, 1000)
        assert process.wait(60) == 0
    neo4j.start()
    assert rest[-1] in {"away", "done"}
    publish(registry, engine)
    equal(registry, engine)
