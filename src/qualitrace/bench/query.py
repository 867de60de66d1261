"""``qualitrace bench query``: our server beside plain Strawberry resolvers with DataLoaders (floor 5).

All servers hold the same facts, answer the same questions with the same JSON (compared before anything
is timed), run under the same HTTP server, and are asked by the same client from another process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.bench import by_hand, generated
from qualitrace.bench.http_load import bodies
from qualitrace.bench.measuring import in_child, show
from qualitrace.bench.questions import Question, read_questions
from qualitrace.bench.servers import OURS, Server, running
from qualitrace.bench.stores import STORES
from qualitrace.errors import UnavailableError
from qualitrace.profile import Profile, load_profile
from qualitrace.text import Text

CLIENTS = (1, 32)
LEAST, SLOWEST, MOST_MEMORY = 10.0, 50.0, 1_500_000_000  # times the better other; ms; bytes
SLOW = 0.5  # seconds for one answer: then 32 clients at a time are not waited for
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """One server asked one question by so many clients; times in milliseconds."""

    server: str
    question: str
    clients: int
    p50: float
    p99: float
    rate: float  # answers a second
    cpu: float  # processor time of the server for one answer: hardly depends on what else runs
    size: int  # bytes of an answer


@dataclass(slots=True)
class Measured:
    """All figures of one run: ``facts`` and resident ``memory`` (bytes) by server; ``in_process`` is ours
    beside a fetch by hand (:mod:`by_hand`)."""

    figures: list[Figures] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    in_process: Mapping[str, float] = field(default_factory=dict)

    def rate(self, server: str, question: str, clients: int) -> float:
        """Return answers a second; 0 when it was not measured."""
        wanted = (server, question, clients)
        return next((f.rate for f in self.figures if (f.server, f.question, f.clients) == wanted), 0.0)


def run(
    size: int, rdflib_size: int | None, seconds: float, console: Console, profile: Path | None = None
) -> Measured:
    """Measure at ``size`` facts (rdflib at ``rdflib_size`` where that is less), and print the figures.

    Raises UnavailableError when answers differ or a server does not run.
    """
    read = load_profile(profile)
    questions = read_questions(read)
    measured = Measured()

    def say(text: str) -> None:
        console.print(text, highlight=False)

    smaller = rdflib_size is not None and rdflib_size < size
    with tempfile.TemporaryDirectory() as folder:
        data = _Data(read, size, Path(folder), say)
        alike = [OURS, *(name for name in STORES if not (smaller and name == "rdflib"))]
        _measure(data, questions, alike, seconds, measured, say)
        varied = next((one.name for one in questions if one.copies), None)
        if varied is not None:
            say("in process, beside a fetch by hand")
            arguments = (str(data.journal), str(read.directory), varied, data.copies)
            measured.in_process = in_child("qualitrace.bench.by_hand:compare", *arguments).answer
    if smaller and rdflib_size is not None:
        with tempfile.TemporaryDirectory() as folder:
            data = _Data(read, rdflib_size, Path(folder), say)
            _measure(data, questions, ["rdflib"], seconds, measured, say)
    report(measured, console)
    return measured


class _Data:
    """Generated facts, as a journal and as N-Triples; each is written when it is first asked for."""

    def __init__(self, profile: Profile, size: int, folder: Path, say: Say) -> None:
        self.profile = profile
        self._demo = generated.read_demonstration(profile)
        self._size = size
        self._folder = folder
        self._say = say
        self.copies = self._demo.copies(size)
        self.facts = self.copies * self._demo.size

    @cached_property
    def journal(self) -> Path:
        """The journal that our server opens."""
        path = self._folder / "registry.db"
        self._say(f"writing a journal of {self.copies} copies of the demonstration")
        generated.write_journal(self._demo, self._size, path, self.profile)
        return path

    @cached_property
    def triples(self) -> Path:
        """What the other servers load."""
        path = self._folder / "facts.nt"
        self.facts = generated.write_ntriples(self._demo, self._size, path)
        return path

    def of(self, server: str) -> Path:
        """Return what a server reads."""
        return self.journal if server == OURS else self.triples


def _measure(
    data: _Data,
    questions: Sequence[Question],
    servers: Sequence[str],
    seconds: float,
    measured: Measured,
    say: Say,
) -> None:
    expected: dict[str, Any] = {}
    for name in servers:
        with running(name, data.of(name), data.profile.directory) as server:
            say(f"{name}: ready after {server.started:.0f} s")
            for question in questions:
                requests = question.requests(data.copies)
                _compare(name, server, question, requests, expected)
                measured.figures += _ask(name, server, question, requests, seconds, say)
            measured.memory[name] = server.memory()
        measured.facts[name] = data.facts


def _compare(
    name: str,
    server: Server,
    question: Question,
    requests: Sequence[dict[str, Any]],
    expected: dict[str, Any],
) -> None:
    """The first server's answers are what the others must give. Raises UnavailableError."""
    asked = [requests[0], requests[-1], requests[len(requests) // 2]]
    answers = [server.ask(question.document, one) for one in asked]
    if expected.setdefault(question.name, answers) != answers:
        raise UnavailableError(
            Text(zh="各服务的答案不同。", en="The servers answer differently."),
            where=f"{name}: {question.name}: {_difference(expected[question.name], answers)}",
        )


def _difference(one: Any, other: Any, path: str = "") -> str:
    """Return the first place where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        found = (_difference(one[key], other[key], f"{path}/{key}") for key in one)
        return next((place for place in found if place), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        places = (_difference(a, b, f"{path}/{at}") for at, (a, b) in enumerate(zip(one, other, strict=True)))
        return next((place for place in places if place), "")
    return "" if one == other else f"{path}: {str(one)[:200]} ≠ {str(other)[:200]}"


def _ask(
    name: str,
    server: Server,
    question: Question,
    requests: Sequence[dict[str, Any]],
    seconds: float,
    say: Say,
) -> list[Figures]:
    figures: list[Figures] = []
    written = bodies(question.document, requests)
    for clients in CLIENTS:
        if figures and figures[0].p50 > SLOW * 1000:
            break
        _load(server, written, clients, min(seconds, 1.0))  # what is kept between requests is there now
        before = server.cpu()
        found = _load(server, written, clients, seconds)
        spent = (server.cpu() - before) * 1000 / found["answers"]
        one = Figures(
            name,
            question.name,
            clients,
            found["p50"],
            found["p99"],
            found["answers"] / found["seconds"],
            spent,
            found["bytes"] // found["answers"],
        )
        told = f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms, {one.rate:.0f}/s, CPU {one.cpu:.2f} ms"
        say(f"  {question.name}, {clients} clients: {told}")
        figures.append(one)
    return figures


def _load(server: Server, written: list[str], clients: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = in_child(
        "qualitrace.bench.http_load:load", server.port, written, clients, seconds
    ).answer
    if found["failures"]:
        raise UnavailableError(
            Text(zh="测量中有请求失败。", en="Requests failed during the measurement."),
            where=found["failures"][0],
        )
    return found


def report(measured: Measured, console: Console) -> None:
    """Print the figures, and ours as a multiple of the better of the others."""
    rows = [
        [
            one.question,
            str(one.clients),
            one.server,
            f"{measured.facts[one.server]:,}",
            f"{one.p50:,.2f}",
            f"{one.p99:,.2f}",
            f"{one.rate:,.1f}",
            f"{one.cpu:,.2f}",
            f"{one.size:,}",
        ]
        for one in sorted(measured.figures, key=lambda one: (one.question, one.clients))
    ]
    columns = ["question", "clients", "server", "facts", "p50 ms", "p99 ms", "answers/s", "CPU ms", "bytes"]
    show("questions over HTTP", columns, rows, console)
    for name, size in measured.memory.items():
        console.print(f"{name}: {size / 1e6:,.0f} MB resident", highlight=False)
    for question in dict.fromkeys(one.question for one in measured.figures):
        for clients in CLIENTS:
            if multiple := _multiple(measured, question, clients):
                console.print(f"{question}, {clients} clients: {multiple:,.1f} times the better other")
    for name, value in measured.in_process.items():
        console.print(f"in process, {name}: {value:.3f}", highlight=False)


def _multiple(measured: Measured, question: str, clients: int) -> float:
    others = [measured.rate(name, question, clients) for name in STORES]
    ours = measured.rate(OURS, question, clients)
    return ours / max(others) if max(others) else 0.0


def met(measured: Measured) -> bool:
    """Tell whether the bounds hold: 10 times the throughput, p99, memory, and the fetch by hand."""
    ours = [one for one in measured.figures if one.server == OURS]
    multiples = [_multiple(measured, one.question, one.clients) for one in ours]
    return (
        all(multiple >= LEAST for multiple in multiples if multiple)
        and all(one.p99 < SLOWEST for one in ours)
        and measured.memory.get(OURS, 0) < MOST_MEMORY
        and measured.in_process.get("ratio", 0.0) <= by_hand.MOST
    )


def as_json(measured: Measured) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {**asdict(measured), "met": met(measured)}
