"""Compare every shipped shape that has a Cypher with what it finds at home, and time its statement.

``python tools/compare_checks.py [--size FACTS]`` starts the tests' Neo4j (as ``make test`` does), publishes
the demonstration as it is and damaged at random, and checks both in Neo4j and at home; with a size, one
registry of about so many facts instead. It exits with 1 where a finding differs. Planning some nine hundred
statements takes Neo4j minutes the first time: each is run twice, and the second is what it costs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qualitrace.bench.generated import read_demonstration, renamed
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.terms import Fact
from qualitrace.validation import validate
from qualitrace.validation.cluster import ClusterShapes, check_cluster, compile_cluster
from tests.cluster_checks.whole import at_home_too, broken, different, facts_of, published
from tests.neo4j_server import free_port, jars, server_in

SLOWEST = 10


@contextmanager
def started() -> Iterator[Server]:
    """Start a Neo4j that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qt-compare-") as folder:
        neo4j = server_in(Path(folder) / "neo4j", jars(), free_port())
        neo4j.start()
        try:
            with Server(neo4j.account()) as server:
                yield server
        finally:
            neo4j.kill()


def registries(profile: Profile, size: int) -> Iterator[tuple[str, list[Fact], list[Fact]]]:
    """Name the registries that are compared, with what they state and what follows."""
    if size:
        demo = read_demonstration(profile)
        stated, inferred = ([e.fact for e in demo.stated], list(demo.inferred))
        copies = range(demo.copies(size))
        yield (
            "generated",
            list(dict.fromkeys(renamed(fact, demo, n) for n in copies for fact in stated)),
            list(dict.fromkeys(renamed(fact, demo, n) for n in copies for fact in inferred)),
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        stated, inferred = facts_of(profile, Path(folder) / "demo.db")
    yield "whole", stated, inferred
    yield "broken", broken(stated), []


def timed(server: Server, shapes: ClusterShapes, names: list[str]) -> None:
    """Print what the statements cost, planned and unplanned, and the slowest of them."""
    first, again = [], []
    for check in shapes.checks:
        for seconds in (first, again):
            start = time.perf_counter()
            server.read(check.statement, registries=names, **check.parameters)
            seconds.append(time.perf_counter() - start)
        print(f"\r{len(again)} of {len(shapes.checks)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    ranked = sorted(zip(again, shapes.checks, strict=True), key=lambda pair: -pair[0])
    middle = sorted(again)[len(again) // 2]
    print(f"{len(again)} statements: planned for the first time {sum(first):.1f} s, again {sum(again):.1f} s")
    print(f"the middle one {middle * 1000:.1f} ms; the slowest:")
    for seconds, check in ranked[:SLOWEST]:
        print(f"  {seconds * 1000:8.1f} ms  {check.check.name}")


def main() -> int:
    """Compare, and say what differs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--size", type=int, default=0, help="facts of a generated registry; 0: the demonstration"
    )
    size = asked.parse_args().size
    profile = load_profile()
    everything = compile_cluster(profile, everything=True)
    shapes = replace(everything, checks=tuple(at_home_too(everything)))
    wrong = 0
    with started() as server:
        homes = {}
        for name, stated, inferred in registries(profile, size):
            homes[name], _ = published(server, profile, name, stated, inferred)
            print(f"{name}: {len(stated) + len(inferred):,} facts published", flush=True)
        timed(server, shapes, list(homes))
        start = time.perf_counter()
        report = check_cluster(server, shapes, only=list(homes))
        print(f"the whole check, findings worded: {time.perf_counter() - start:.1f} s")
        for name, engine in homes.items():
            home = validate(engine, profile)
            ours, theirs = different(home, report, name, shapes.checks)
            number = sum(one.registry == name for one in report.findings)
            print(f"{name}: {number:,} findings; {ours.total()} only at home, {theirs.total()} only in Neo4j")
            for where, found in (("home", ours), ("Neo4j", theirs)):
                for one in list(found)[:SLOWEST]:
                    print(f"  only {where}: {one[:4]} {one[6]}")
            wrong += ours.total() + theirs.total()
    return 1 if wrong or report.partial else 0


if __name__ == "__main__":
    sys.exit(main())
