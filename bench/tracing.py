"""Traces on a generated graph, beside networkx on the same graph in the same run.

    python bench/tracing.py [--nodes 200000] [--edges 1000000] [--hops 5] [--starts 10]
                            [--asked 0.1]

Every answer is compared: the same number of paths from every start, or the run fails. Times are of
this machine and this run; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import rdflib

from qualitrace.profile.model import ClassModel, Profile, TraceModel, TraceProperty
from qualitrace.store import STATED, OxigraphEngine
from qualitrace.terms import RDF_TYPE, Fact, iri
from qualitrace.text import Text
from qualitrace.tracing import TraceIndex

SPACE = "https://example.org/bench#"
LEADS_TO, MEMBER, ASKED = SPACE + "leadsTo", SPACE + "Member", SPACE + "Asked"
DAY = dt.date(2025, 1, 1)
LIMIT = 1_000_000


def profile() -> Profile:
    """One tracing property between two classes."""
    classes = {
        name: ClassModel(name, name, Text(), Text(), frozenset(), frozenset()) for name in (MEMBER, ASKED)
    }
    return Profile(
        directory=Path(),
        iri=SPACE,
        titles=Text(),
        base=SPACE,
        steward=Text(),
        prefixes={},
        ontology=rdflib.Graph(),
        shapes=rdflib.Graph(),
        classes=classes,
        trace=TraceModel({LEADS_TO: TraceProperty(LEADS_TO, Text())}, frozenset(), frozenset(), frozenset()),
        rules=(),
        operations=(),
        mappings=(),
        names={},
    )


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Run once; return milliseconds and what it gave."""
    begun = time.perf_counter()
    result = work()
    return (time.perf_counter() - begun) * 1000, result


def main() -> None:
    """Generate, index, trace with both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--nodes", type=int, default=200_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--hops", type=int, default=5)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--asked", type=float, default=0.1, help="share of nodes that paths may end at")
    asked = parser.parse_args()

    chance = random.Random(20250101)
    names = [f"{SPACE}n{number}" for number in range(asked.nodes)]
    pairs = set()
    while len(pairs) < asked.edges:
        one, other = chance.randrange(asked.nodes), chance.randrange(asked.nodes)
        if one != other:
            pairs.add((one, other))
    targets = {number for number in range(asked.nodes) if chance.random() < asked.asked}
    print(f"{asked.nodes:,} nodes ({len(targets):,} of the class asked for), {len(pairs):,} edges")

    engine = OxigraphEngine()
    kinds = (Fact(name, RDF_TYPE, iri(ASKED if at in targets else MEMBER)) for at, name in enumerate(names))
    edges = (Fact(names[one], LEADS_TO, iri(names[other])) for one, other in sorted(pairs))
    took, _ = timed(lambda: (engine.change(STATED, kinds, ()), engine.change(STATED, edges, ())))
    print(f"store filled in {took:,.0f} ms")
    build, index = timed(lambda: TraceIndex.build(engine, profile()))
    assert isinstance(index, TraceIndex)
    took, graph = timed(lambda: nx.DiGraph(sorted(pairs)))
    assert isinstance(graph, nx.DiGraph)
    graph.add_nodes_from(range(asked.nodes))
    print(f"index built in {build:,.0f} ms, networkx graph in {took:,.0f} ms")

    ratios, counts, first, again = [], [], [], []
    for start in chance.sample(range(asked.nodes), asked.starts):

        def ours(start: int = start) -> int:
            trace = index.trace(names[start], ASKED, as_of=DAY, limit=LIMIT, max_depth=asked.hops)
            return len(trace.paths)

        def theirs(start: int = start) -> int:
            goal = targets - {start}
            return sum(1 for _ in nx.all_simple_paths(graph, start, goal, cutoff=asked.hops))

        cold, count = timed(ours)
        warm, _ = timed(ours)
        other, same = timed(theirs)
        if count != same:
            raise SystemExit(f"{names[start]}: {count} paths here, {same} in networkx")
        assert isinstance(count, int)
        counts.append(count)
        first.append(cold)
        again.append(warm)
        ratios.append(other / warm)
        print(f"  {count:>6} paths: {cold:8.1f} ms first, {warm:8.1f} ms again, networkx {other:8.1f} ms")
    print(
        f"median of {asked.starts}: {statistics.median(counts):,.0f} paths,"
        f" {statistics.median(first):.1f} ms first, {statistics.median(again):.1f} ms again;"
        f" networkx takes {statistics.median(ratios):.1f} times as long"
    )

    change = Fact(names[0], LEADS_TO, iri(names[-1]))
    engine.change(STATED, (), [change])
    gone, _ = timed(lambda: index.apply((), [change]))
    engine.change(STATED, [change], ())
    back, _ = timed(lambda: index.apply([change], ()))
    print(
        f"one fact removed {gone:.3f} ms, added {back:.3f} ms: {build / max(gone, back):,.0f} changes a build"
    )


if __name__ == "__main__":
    main()
