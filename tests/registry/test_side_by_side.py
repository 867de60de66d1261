"""Whoever asks for much holds up nobody who asks for little, and both are told the same as alone."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from qualitrace.access.model import Audience
from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.terms import RDF_TYPE, iri
from qualitrace.tracing.coverage import Coverer
from qualitrace.tracing.kept import Tables
from qualitrace.tracing.links import Links
from qualitrace.tracing.model import CoverageGroup, CoverageTable

DAY = dt.date(2024, 6, 15)
PATIENCE = 120.0  # seconds; only who is held up for ever waits so long


@pytest.fixture(scope="module")
def location(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    profile = load_profile(repo_root / "tests" / "profiles" / "kitchen")
    found = tmp_path_factory.mktemp("side") / "r.db"
    write_journal(read_demonstration(profile), 1, found, profile)
    return found


@pytest.fixture
def registry(repo_root: Path, location: Path) -> Iterator[Registry]:
    opened = Registry.open(location, load_profile(repo_root / "tests" / "profiles" / "kitchen"))
    yield opened
    opened.close()


def judged(registry: Registry) -> dict[str, list[str]]:
    """The classes that have chains, with their nodes."""
    return {
        one.iri: sorted(
            fact.subject
            for kind in sorted({one.iri, *one.children})
            for fact in registry.engine.facts(predicate=RDF_TYPE, object=iri(kind))
        )
        for one in registry.profile.classes.values()
        if one.chains
    }


@pytest.mark.parametrize("audience", [Audience(everything=True), Audience()])
def test_a_trace_does_not_wait_for_coverage(
    registry: Registry, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, nodes = next((of, nodes) for of, nodes in judged(registry).items() if nodes)
    seen, begun, go_on = registry.seen_by(audience), threading.Event(), threading.Event()
    verdicts = Coverer.verdicts

    def slow(coverer: Coverer, of: str) -> Any:
        begun.set()
        assert go_on.wait(PATIENCE)
        return verdicts(coverer, of)

    monkeypatch.setattr(Coverer, "verdicts", slow)
    with ThreadPoolExecutor(2) as threads:
        counted = threads.submit(seen.coverage, of, as_of=DAY)
        try:
            assert begun.wait(PATIENCE)
            traced = threads.submit(seen.trace, nodes[0], as_of=DAY).result(PATIENCE)
            assert traced.start == nodes[0]
            assert not counted.done()
        finally:
            go_on.set()
        assert {one.node.iri for one in counted.result(PATIENCE).verdicts} <= set(nodes)


def test_many_at_a_time_are_told_what_one_alone_is(registry: Registry) -> None:
    classes = judged(registry)
    nodes = [node for held in classes.values() for node in held]
    questions: list[Callable[[Any], Any]] = [methodcaller("coverage", of, as_of=DAY) for of in classes]
    for back in (False, True):
        questions += [methodcaller("trace", node, as_of=DAY, backwards=back) for node in nodes]
    questions += [methodcaller("verdict", node, as_of=DAY) for node in nodes]
    alone = [question(registry) for question in questions]
    registry._projection._index = None  # nothing is worked out yet
    together = threading.Barrier(8)

    def ask(seed: int) -> None:
        order = list(range(len(questions)))
        random.Random(seed).shuffle(order)
        together.wait()
        for at in order:
            assert questions[at](registry) == alone[at]

    with ThreadPoolExecutor(8) as threads:
        for one in [threads.submit(ask, seed) for seed in range(8)]:
            one.result(PATIENCE)


def table(name: str) -> CoverageTable:
    return CoverageTable(name, "2024-01-01", "", (), CoverageGroup((), (), None), ())


def test_a_table_is_worked_out_once_for_all_who_ask_at_a_time() -> None:
    tables, made, go_on = Tables(2), list[str](), threading.Event()

    def make() -> CoverageTable:
        made.append("a")
        assert go_on.wait(PATIENCE)
        return table("a")

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(tables.get, "a", make) for _ in range(4)]
        assert tables.get("b", lambda: table("b")).of == "b"  # nobody waits for another key
        go_on.set()
        assert {id(one.result(PATIENCE)) for one in asked} == {id(tables.get("a", make))}
    assert made == ["a"]
    assert not tables._making


def test_a_table_that_could_not_be_made_is_made_by_the_next_who_asks() -> None:
    tables = Tables(2)

    def fail() -> CoverageTable:
        raise ValueError

    with pytest.raises(ValueError):
        tables.get("a", fail)
    assert tables.get("a", lambda: table("a")).of == "a"
    assert tables.get("a", fail).of == "a"
    assert tables.get("a", lambda: table("new"), lambda one: one.of == "new").of == "new"


def test_who_asks_backwards_while_that_side_is_made_gets_all_of_it() -> None:
    links, told = Links(), list[set[int]]()

    class Meanwhile(dict[int, list[int]]):
        """Another thread asks after the first pair was read."""

        asked = False

        def items(self) -> Any:
            for at, pair in enumerate(super().items()):
                if at and not self.asked:
                    self.asked = True
                    told.append(set(links.values(9, inverse=True)))
                yield pair

    for source in (1, 2, 3):
        links.set(source, 9, present=True)
    links.forward = Meanwhile(links.forward)
    assert set(links.values(9, inverse=True)) == {1, 2, 3}
    assert told == [{1, 2, 3}]
