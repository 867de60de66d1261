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

import pytest

from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.registry.publishing_checks import seen_difference
from qualitrace.store.neo4j import Neo4jEngine
from tests.history.kitchen import POOL, commit, profile, statement
from tests.neo4j.test_publishing import commit_at_random, equal
from tests.neo4j.test_seen import cooks
from tests.neo4j_server import PASSWORD, Neo4jServer

PUBLISHERS = 3  # how many are killed at any moment, besides those in each phase


@contextmanager
def publisher(
    registry: Registry, engine: Neo4jEngine, root: Path, *how: str, patience: float = 30
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
        "QUALITRACE_NEO4J_PASSWORD": PASSWORD,
    }
    started = subprocess.Popen(
        [
            sys.executable, "-m", "tests.neo4j.publisher", registry.journal.where,
            profile().directory, engine.registry, engine.server.account.uri, str(patience), *how,
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


def said(process: subprocess.Popen[str], lines: int, phase: str = "") -> list[str]:
    """Wait for some lines, of one phase (else of any); fewer when it ends. Returns all that came."""
    assert process.stdout is not None
    found, wanted = [], 0
    for line in process.stdout:
        found.append(line.strip())
        wanted += phase in ("", found[-1])
        if wanted == lines:
            break
    return found


def as_it_ought_to_be(registry: Registry, engine: Neo4jEngine) -> None:
    """Every fact is there, and who sees what of it."""
    equal(registry, engine)
    assert [one for one in seen_difference(registry, engine) if not one.equal] == []


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
        assert lines
        if number % 2:
            publish(registry, engine, batch=7)
            as_it_ought_to_be(registry, engine)
    publish(registry, engine)
    as_it_ought_to_be(registry, engine)


def in_phase(registry: Registry, engine: Neo4jEngine, phase: str) -> list[str]:
    """Have something to publish of which a phase is a part; returns how it is to be published.

    Cooks are in it, of whom not everybody sees everything.
    """
    commit(registry, [*POOL, *(statement(one) for one in cooks())])
    if phase in ("nodes", "links"):
        return []
    publish(registry, engine)
    if phase == "announced":
        return ["rebuild"]
    held = set(registry.journal.about({entry.fact.subject for entry in POOL}))
    commit(registry, (), held & set(POOL))
    return []


@pytest.mark.parametrize("phase", ["nodes", "links", "announced", "part"])
def test_a_publisher_killed_in_each_phase(
    registry: Registry,
    engine: Neo4jEngine,
    repo_root: Path,
    phase: str,
    record_property: Callable[[str, object], None],
) -> None:
    """``announced``: while what was there is being taken away. ``part``: of a change, with its veils."""
    seed = random.randrange(2**32)
    record_property("seed", seed)
    chance = random.Random(seed)
    how = in_phase(registry, engine, phase)
    with publisher(registry, engine, repo_root, *how) as process:
        lines = said(process, 1 if phase == "announced" else chance.randint(1, 2), phase)
        time.sleep(chance.random() * 0.05)
        process.kill()
    assert lines[-1] == phase
    publish(registry, engine, batch=7)
    as_it_ought_to_be(registry, engine)


@pytest.mark.parametrize("phase", ["links", "part"])
def test_neo4j_killed_while_it_is_written(
    registry: Registry, engine: Neo4jEngine, repo_root: Path, neo4j: Neo4jServer, phase: str
) -> None:
    how = in_phase(registry, engine, phase)
    with publisher(registry, engine, repo_root, *how, patience=1) as process:
        assert said(process, 1, phase)[-1] == phase
        neo4j.kill()
        rest = said(process, 1000)
        assert process.wait(60) == 0
    neo4j.start()
    assert rest[-1] in {"away", "over"}
    publish(registry, engine)
    as_it_ought_to_be(registry, engine)
