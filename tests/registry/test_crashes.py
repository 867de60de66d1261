"""Processes that are killed, and processes that all write at once: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.journal import Journal
from qualitrace.journal.verifying import faults
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.registry.verifying import verify
from tests.databases import Server
from tests.registry.worker import TOGETHER, number

COMMITS, KILLS = 300, 24
WRITERS, READERS, EACH = 8, 8, 3


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


class Worker:
    """The other side of ``worker.py``."""

    def __init__(self, location: str, folder: Path, profile: Profile, root: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.registry.worker", location, folder, profile.directory],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=root,
        )  # fmt: skip

    def order(self, *words: object) -> Iterator[list[str]]:
        """Say what to do; the lines that come back, the last one included."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            yield line.split()
            if line.startswith(("killed", "raced")):
                return
        pytest.fail("the worker is gone")

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)


@pytest.fixture
def worker(location: str, tmp_path: Path, kitchen: Profile, repo_root: Path) -> Iterator[Worker]:
    demonstration.build(kitchen, location).close()
    started = Worker(location, tmp_path, kitchen, repo_root)
    yield started
    started.close()


def test_a_process_killed_at_any_moment_loses_nothing(
    location: str, worker: Worker, kitchen: Profile, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20251122)
    acknowledged: list[str] = []
    kills = 0
    while len(acknowledged) < COMMITS or kills < KILLS:
        # Some die while they open the registry, most anywhere in a commit.
        started = chance.random() < 0.75
        lines = list(worker.order("crash", chance.randrange(300), int(started)))
        acknowledged += [line[1] for line in lines if line[0] == "ack"]
        kills += 1
        if kills % 5 == 0:
            journal = Journal.open(location)
            assert list(faults(journal)) == []
            journal.close()
        if kills == 10 and "://" in location:  # the server dies too
            server: Server = request.getfixturevalue("postgresql")
            server.control("stop", "-m", "immediate")
            server.start()
    check(location, kitchen, acknowledged, kills)


def check(location: str, profile: Profile, acknowledged: list[str], unsure: int) -> None:
    """Chain and projections are true; what was acknowledged is there, in order, and counts."""
    registry = Registry.open(location, profile)
    verified = verify(registry)
    assert verified.sound, verified
    counted = [one.id for one in registry.changesets() if one.message.startswith("到")]
    known = set(acknowledged)
    assert [one for one in counted if one in known] == acknowledged
    # A commit under way when its process died may be there whole; of each death there is one at most.
    assert len(acknowledged) <= len(counted) <= len(acknowledged) + unsure
    held = list(registry.journal.about(registry.base + name for name in TOGETHER))
    assert sorted(number(entry.fact) for entry in held) == [len(counted)] * len(TOGETHER)
    registry.close()


def test_many_writers_and_readers_at_once(location: str, worker: Worker, kitchen: Profile) -> None:
    lines = list(worker.order("race", WRITERS, READERS, EACH))
    assert lines[-1] == ["raced", "0"]
    wrote = [line for line in lines if line[0] == "wrote"]
    read = [line for line in lines if line[0] == "read"]
    assert (len(wrote), len(read)) == (WRITERS, READERS)
    assert [line[3] for line in read] == ["0"] * READERS
    assert sum(int(line[2]) for line in read) > READERS  # they did see it change
    registry = Registry.open(location, kitchen)
    counted = [one.id for one in registry.changesets() if one.message.startswith("到")]
    assert len(counted) == 1 + WRITERS * EACH
    registry.close()
    check(location, kitchen, counted, 0)
