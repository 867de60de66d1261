"""What a question about the past costs: cold, warm, and beside the present (floor 5)."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.bench.measuring import in_child, peak_memory, show, timed
from qualitrace.errors import UnavailableError
from qualitrace.graphql import Answer, build_schema, execute
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.past import Past
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri_of, literal
from qualitrace.text import Text

CHANGES = 40  # small commits after the large ones: the past that is asked about
REPEATS = 15
SETTLING = 120.0  # seconds
MOST = 2.0  # × the present, once warm
Row = dict[str, Any]
State = Registry | Past
Ask = Callable[[State, Mapping[str, str]], Any]


def run(sizes: Sequence[int], console: Console, directory: Path | None = None) -> list[Row]:
    """Measure each size in a process of its own and print the table; returns its rows.

    The registry was opened before, as a server's is. A large one is asked twice: as a command has it, read
    from its checkpoint on disk, and as a server has it, in memory. Raises ProfileError when the profile has
    no demonstration to generate from.
    """
    rows: list[Row] = []
    place = str(directory) if directory else None
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, console.status(f"{size:,}"):
            location = str(Path(folder) / "r.db")
            in_child(f"{__name__}:prepare", location, size, place)
            rows += asked(location, place)
    tabulate(rows, console)
    return rows


def asked(location: str, place: str | None) -> list[Row]:
    """Measure a registry that :func:`change` was applied to; ``place`` is the profile's folder."""
    return [
        row
        for served in (False, True)
        for row in in_child(f"{__name__}:recall", location, place, served).answer
    ]


def tabulate(rows: Sequence[Row], console: Console) -> None:
    """Print the rows of :func:`asked`."""
    show(
        f"登记时间与有效日期 / recorded and valid time, seconds (warm: at most {MOST:g} × the present)",
        ("facts", "asked of", "held", "question", "made", "first", "present", "warm", "× present", "MB"),
        [
            (
                f"{row['facts']:,}",
                row["state"],
                row["held"],
                row["question"],
                f"{row['made']:.3f}",
                f"{row['first']:.4f}",
                f"{row['present']:.5f}",
                f"{row['warm']:.5f}",
                f"{row['warm'] / row['present']:.2f}",
                f"{row['megabytes']:,.0f}",
            )
            for row in rows
        ],
        console,
    )


def met(rows: Sequence[Row]) -> bool:
    """Tell whether every warm question costs at most twice what it costs of the present."""
    return all(row["warm"] <= MOST * row["present"] for row in rows)


def prepare(location: str, size: int, directory: str | None) -> None:
    """Make a registry of about ``size`` facts, open it once, and change it a little."""
    profile = load_profile(Path(directory) if directory else None)
    write_journal(read_demonstration(profile), size, location, profile)
    Registry.open(location, profile).close()  # leaves a checkpoint
    change(location, directory)


def change(location: str, directory: str | None) -> None:
    """Make a few small commits, so that there is a past that differs from the present."""
    registry = Registry.open(location, load_profile(Path(directory) if directory else None))
    _commit_a_few(registry)
    registry.close()


def recall(location: str, directory: str | None, served: bool) -> list[Row]:
    """Ask about now, half-way through the small commits, and a date on which some nodes do not exist.

    ``served``: taken into memory first; no rows when it is there anyway.
    """
    profile = load_profile(Path(directory) if directory else None)
    registry = Registry.open(location, profile)
    if served and not registry.engine.on_disk:
        registry.close()
        return []
    if served:
        registry.into_memory()
    registry.validate()
    held = "disk" if registry.engine.on_disk else "memory"
    position, day = registry.position - CHANGES // 2, _day(registry)
    rows = []
    for name, arguments, make in (
        (f"known at #{position}", {"at": str(position)}, partial(registry.at, position)),
        (f"as of {day.isoformat()}", {"on": day.isoformat()}, partial(registry.on, day)),
    ):
        questions = _questions(registry, arguments)
        for ask in questions.values():
            ask(registry, {})  # what the present, too, has to do once is not measured
        made, state = timed(make)
        firsts = {question: timed(partial(ask, state, arguments))[0] for question, ask in questions.items()}
        _settle(registry, make)
        for question, ask in questions.items():
            present, warm = _in_turn(partial(ask, registry, {}), lambda: ask(make(), arguments))  # noqa: B023
            rows.append(
                {
                    "facts": registry.engine.size,
                    "state": name,
                    "held": held,
                    "question": question,
                    "made": made,
                    "first": firsts[question],
                    "present": present,
                    "warm": warm,
                    "megabytes": peak_memory() / 1e6,
                }
            )
    registry.close()
    return rows


def _settle(registry: Registry, make: Callable[[], State]) -> None:
    """Wait until a state that is asked for again is held as the present is, as it soon is in a server."""
    until = time.monotonic() + SETTLING
    while make().engine.on_disk and not registry.engine.on_disk and time.monotonic() < until:
        time.sleep(0.1)


def _questions(registry: Registry, arguments: Mapping[str, str]) -> dict[str, Ask]:
    """What is asked: each takes a state of the registry, and the arguments that name it in the API."""
    profile = registry.profile
    chained = next(model for model in profile.classes.values() if model.chains and not model.abstract)
    typed = registry.engine.facts(predicate=RDF_TYPE)
    node = next(fact.subject for fact in typed if iri_of(fact.object) == chained.iri)
    target = next(model.iri for model in profile.classes.values() if not model.abstract and not model.chains)
    schema = build_schema(registry)
    counted = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s a <{chained.iri}> ; ?p ?o }}"
    head = "query($at: Moment, $on: Date)"
    listed = f"{head} {{ nodes: {_root(schema, chained.name)}(knownAt: $at, asOf: $on, first: 50) "
    listed += "{ totalCount nodes { id label } } }"
    found = f"{head} {{ findings(knownAt: $at, asOf: $on, first: 20) {{ totalCount }} }}"
    traced = f'{head} {{ trace(knownAt: $at, asOf: $on, node: "{node}", first: 50) '
    traced += "{ paths { ending steps { source { id label } target { id label } } } } }"
    covered = f"{head} {{ coverage(knownAt: $at, asOf: $on, of: {chained.name}) {{ total complete }} }}"
    return {
        "trace": lambda state, _: state.trace(node, target),
        "coverage": lambda state, _: state.coverage(chained.iri),
        "SPARQL": lambda state, _: state.engine.select(counted),
        "trace (GraphQL)": lambda _, asked: _answered(execute(schema, traced, dict(asked))),
        "coverage (GraphQL)": lambda _, asked: _answered(execute(schema, covered, dict(asked))),
        "list (GraphQL)": lambda _, asked: _answered(execute(schema, listed, dict(asked))),
        "findings (GraphQL)": lambda _, asked: _answered(execute(schema, found, dict(asked))),
    }


def _answered(answer: Answer) -> None:
    if answer.errors:
        raise UnavailableError(
            Text(zh="问题没有答案。", en="A question has no answer."), where=str(answer.body)
        )


def _root(schema: Any, name: str) -> str:
    """The field of the API that lists the nodes of a class."""
    fields = schema._schema.query_type.fields
    return str(next(key for key, field in fields.items() if str(field.type) == f"{name}Connection"))


def _day(registry: Registry) -> dt.date:
    """The day before something begins: some nodes do not exist on it."""
    days = sorted(days[0] for days in registry._projection.index.dated() if days[0] > dt.date.min.toordinal())
    return dt.date.fromordinal(days[len(days) // 2] - 1)


def _in_turn(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """The best times of two questions asked in turn: what else the machine does is not measured."""
    pairs = [(timed(one)[0], timed(other)[0]) for _ in range(REPEATS)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def _commit_a_few(registry: Registry) -> None:
    """Small commits, so that the past differs from the present."""
    names = [fact for fact in registry.engine.facts(predicate=RDFS_LABEL) if fact.object.startswith('"')]
    subject = next(fact.subject for fact in names if fact.subject.startswith(registry.base))
    for number in range(CHANGES):
        fact = Fact(subject, registry.profile.expand("qt:alias"), literal(f"alias {number}"))
        change = Change((), (SourcedFact(fact, Source("bench", row=number)),), ())
        registry.commit(change, author="bench", message=str(number))
