"""What is asked of one college among many, and of all of them (floor 5)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from qualitrace import demonstration
from qualitrace.bench.measuring import quantile, timed
from qualitrace.bench.questions import Question, read_questions
from qualitrace.errors import UnavailableError
from qualitrace.exporting.importing import Imported
from qualitrace.graphql import build_schema, execute
from qualitrace.profile.model import Profile
from qualitrace.registry.remote import Remote
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.store.neo4j.naming import RESOURCE, quoted
from qualitrace.text import Text

ASKED = 4  # colleges that are asked, spread over those that there are
TRACES = 40  # in each
WARMING = 10  # traces in each that are not measured
REPEATS = 3  # of the other questions, in each
_SEED = 8

Latencies = dict[str, dict[str, float]]


def latencies(
    server: Server, profile: Profile, colleges: Sequence[Imported], step: Callable[[int, int], None]
) -> Latencies:
    """Ask some colleges, one after another, and then all of them; returns milliseconds by question.

    What a server asks once, and then keeps, is asked before.
    """
    taken: dict[str, list[float]] = {}
    chosen = colleges[:: max(1, len(colleges) // ASKED)][:ASKED]
    for number, one in enumerate(chosen, start=1):
        for name, ask in _of_one(server, profile, one):
            taken.setdefault(name, []).append(timed(ask)[0])
        step(number, len(chosen) + 1)
    for name, statement, given in _of_all(profile, colleges, server):
        server.read(statement, **given)
        for _ in range(REPEATS):
            taken.setdefault(name, []).append(timed(lambda: server.read(statement, **given))[0])  # noqa: B023
    return {name: _told(seconds) for name, seconds in taken.items()}


def _told(seconds: list[float]) -> dict[str, float]:
    return {
        "p50": 1000 * quantile(seconds, 0.5),
        "p95": 1000 * quantile(seconds, 0.95),
        "asked": len(seconds),
    }


def _of_one(
    server: Server, profile: Profile, college: Imported
) -> Iterator[tuple[str, Callable[[], object]]]:
    engine = Neo4jEngine.of(server, profile, college.name)
    remote = Remote(engine, profile, college.base)
    day = _day(profile)
    kind = chained(profile)
    starts = _starts(engine, kind)
    for start in starts[:WARMING]:
        remote.trace(start, as_of=day)
    for start in starts[WARMING:]:
        yield "trace", lambda start=start: remote.trace(start, as_of=day)  # type: ignore[misc]
    remote.coverage(kind, as_of=day)
    for _ in range(REPEATS):
        yield "coverage", lambda: remote.coverage(kind, as_of=day)
    question = next(one for one in read_questions(profile) if one.name == "list")
    for number in range(REPEATS + 1):
        schema = build_schema(remote)  # a new one keeps no list of the one before
        if number:
            yield "list, not kept", lambda schema=schema: _answered(schema, question)  # type: ignore[misc]
        else:
            _answered(schema, question)
    yield "list, kept", lambda: _answered(schema, question)


def _of_all(
    profile: Profile, colleges: Sequence[Imported], server: Server
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    college = colleges[0]
    engine = Neo4jEngine.of(server, profile, college.name)
    label = quoted(engine.naming.labels[chained(profile)])
    yield "total by college", f"MATCH (n:{label}) RETURN n.registry AS college, count(*) AS found", {}
    yield "total", f"MATCH (n:{label}) RETURN count(*) AS found", {}
    rows = engine.read(f"MATCH (n:{label}) WHERE n.registry = $registry RETURN n.iri AS iri LIMIT 1")
    below = str(rows[0]["iri"]).removeprefix(college.base)
    names = [f"{one.base}{below}" for one in colleges]
    same = f"MATCH (n:{RESOURCE}) WHERE n.iri IN $names RETURN count(n) AS found"
    yield "one name in every college", same, {"names": names}


def chained(profile: Profile) -> str:
    """Return the class (IRI) whose verdicts are asked for: the first that has a chain."""
    return next(one.iri for one in profile.classes.values() if one.chains and not one.abstract)


def _starts(engine: Neo4jEngine, kind: str) -> list[str]:
    """Return nodes to trace from, spread over those of a class in a college, with those that warm up."""
    label = quoted(engine.naming.labels[kind])
    found = engine.read(f"MATCH (n:{label}) WHERE n.registry = $registry RETURN n.iri AS iri ORDER BY iri")
    names = [str(row["iri"]) for row in found]
    return random.Random(_SEED).sample(names, min(len(names), TRACES + WARMING))


def _day(profile: Profile) -> dt.date:
    told = demonstration.settings(profile).get("as_of")
    return told if isinstance(told, dt.date) else dt.date.today()


def _answered(schema: Any, question: Question) -> None:
    answer = execute(schema, question.document, question.variables)
    if answer.errors:
        raise UnavailableError(
            Text(zh="问题没有答案。", en="A question has no answer."), where=str(answer.body)
        )
