"""A process that opens a registry, again and again, in children that may be killed at any moment.

It loads the profile once and forks: a child is there in milliseconds, and opens the registry as any
process does. Lines on stdin say what to do, lines on stdout what was done:

    crash <milliseconds> <started>   a child commits without end; it is killed after so long, counted from
                           its start or (1) from its first commit. "ack <id>" for each commit that came
                           back, "killed" at the end
    race <writers> <readers> <commits>   so many children at once; "wrote <pid> <count>" for each writer,
                           "read <pid> <states> <half>" for each reader, "raced" at the end
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg  # noqa: F401 - a child that imports it would do little else before it is killed

from qualitrace.errors import ConflictError
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, lit_of, literal

TOGETHER = ("left", "middle", "right")  # always change in one changeset, to one value


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def statement(registry: Registry, name: str, value: int) -> SourcedFact:
    return SourcedFact(
        Fact(registry.base + name, RDFS_LABEL, literal(f"示例{value}")), Source("counted.csv", row=1)
    )


def number(fact: Fact) -> int:
    return int(lit_of(fact.object).value.removeprefix("示例"))


def increment(registry: Registry) -> str:
    """Count on by one, together with whoever else does; returns the changeset's identifier."""
    subjects = [registry.base + name for name in TOGETHER]
    while True:
        held = [entry for entry in registry.journal.about(subjects) if entry.source.document == "counted.csv"]
        value = number(held[0].fact) if held else 0
        added = tuple(statement(registry, name, value + 1) for name in TOGETHER)
        try:
            done = registry.commit(Change((), added, tuple(held)), author="示例", message=f"到 {value + 1}")
        except ConflictError:
            continue
        assert done.changeset is not None
        return done.changeset.id


def commit_for_ever(location: str, profile: Profile, started: int) -> None:
    registry = Registry.open(location, profile)
    say("ack", increment(registry))
    os.write(started, b"!")
    while True:
        say("ack", increment(registry))


def commit_some(location: str, profile: Profile, count: int) -> None:
    registry = Registry.open(location, profile)
    for _ in range(count):
        increment(registry)
    say("wrote", os.getpid(), count)


def read_on(location: str, profile: Profile, stop: Path) -> None:
    """Read until told to stop; count the states seen, and those that no changeset left."""
    registry = Registry.open(location, profile)
    states: list[int] = []
    half = 0
    while not stop.exists():
        registry.refresh()
        with registry.reading():
            subjects = [registry.base + name for name in TOGETHER]
            stored = [fact for name in subjects for fact in registry.engine.facts(STATED, subject=name)]
            journalled = [e.fact for e in registry.journal.at(registry.position).about(subjects)]
        values = {number(fact) for fact in stored}
        if len(values) > 1 or len(stored) not in {0, 3} or set(stored) != set(journalled):
            half += 1
        states += sorted(values)[:1]
    half += sum(later < earlier for earlier, later in itertools.pairwise(states))
    say("read", os.getpid(), len(set(states)), half)


def child(work: Callable[[], None]) -> int:
    """Run work in a child process and return its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a child must not go on as its parent
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)


def crash(location: str, profile: Profile, milliseconds: int, wait: int) -> None:
    reading, writing = os.pipe()
    pid = child(lambda: commit_for_ever(location, profile, writing))
    os.close(writing)
    if wait:
        os.read(reading, 1)
    os.close(reading)
    time.sleep(milliseconds / 1000)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    say("killed")


def race(location: str, profile: Profile, writers: int, readers: int, commits: int, stop: Path) -> None:
    # The first value is there before the race: whoever adds without removing overwrites nothing.
    os.waitpid(child(lambda: say("first", increment(Registry.open(location, profile)))), 0)
    reading = [child(lambda: read_on(location, profile, stop)) for _ in range(readers)]
    writing = [child(lambda: commit_some(location, profile, commits)) for _ in range(writers)]
    failed = sum(os.waitpid(pid, 0)[1] != 0 for pid in writing)
    stop.touch()
    failed += sum(os.waitpid(pid, 0)[1] != 0 for pid in reading)
    say("raced", failed)


def orders() -> Iterator[list[str]]:
    for line in sys.stdin:
        yield line.split()


def main() -> None:
    location, folder, directory = sys.argv[1:]
    profile = load_profile(Path(directory))
    for name, *arguments in orders():
        numbers = [int(argument) for argument in arguments]
        if name == "crash":
            crash(location, profile, *numbers)
        elif name == "race":
            race(location, profile, *numbers, stop=Path(folder) / "stop")  # type: ignore[misc]


if __name__ == "__main__":
    main()
