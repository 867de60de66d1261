"""What is measured side by side answers alike: ours, plain resolvers over two stores, a fetch by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from qualitrace.bench import by_hand, generated
from qualitrace.bench.http_load import bodies
from qualitrace.bench.plain import Loads, plain_schema
from qualitrace.bench.query import Figures, Measured, as_json, met
from qualitrace.bench.questions import read_questions, wanted
from qualitrace.bench.servers import OURS
from qualitrace.bench.stores import STORES
from qualitrace.errors import ProfileError
from qualitrace.graphql import build_schema, execute
from qualitrace.profile import Profile, load_profile
from qualitrace.registry import Registry
from tests.graphql import kitchens

COPIES = 2


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def made(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two copies of the demonstration, as a journal and as N-Triples."""
    folder = tmp_path_factory.mktemp("generated")
    demo = generated.read_demonstration(profile)
    generated.write_journal(demo, COPIES * demo.size, folder / "registry.db", profile)
    generated.write_ntriples(demo, COPIES * demo.size, folder / "facts.nt")
    return folder


@pytest.fixture(scope="module")
def ours(made: Path, profile: Profile) -> dict[str, list[Any]]:
    """Our answers to every request, by question."""
    registry = Registry.open(made / "registry.db", profile)
    schema = build_schema(registry)
    answers: dict[str, list[Any]] = {}
    for question in read_questions(profile):
        for variables in question.requests(COPIES):
            answer = execute(schema, question.document, variables)
            assert answer.planned
            answers.setdefault(question.name, []).append(answer.body["data"])
    registry.close()
    return answers


@pytest.mark.parametrize("store", sorted(STORES))
def test_plain_resolvers_answer_as_we_do(
    store: str, made: Path, profile: Profile, ours: dict[str, list[Any]]
) -> None:
    filled = STORES[store](made / "facts.nt")
    questions = read_questions(profile)
    schema = plain_schema(profile, [wanted(one) for one in questions])
    for question in questions:
        for variables, expected in zip(question.requests(COPIES), ours[question.name], strict=True):
            found = asyncio.run(
                schema.execute(question.document, variables, context_value=Loads(filled, profile.base))
            )
            assert not found.errors
            assert found.data == expected


def test_the_fetch_by_hand_answers_as_we_do(made: Path, profile: Profile) -> None:
    varied = next(one.name for one in read_questions(profile) if one.copies)
    found = by_hand.compare(str(made / "registry.db"), str(profile.directory), varied, COPIES)
    assert set(found) == {"cold", "warm", "by_hand", "ratio", "ratio_cold"}


def test_requests_ask_about_other_copies(profile: Profile) -> None:
    for question in read_questions(profile):
        requests = question.requests(COPIES)
        written = [orjson.loads(body)["variables"] for body in bodies(question.document, requests)]
        assert written == requests
        assert len(requests) == (COPIES if question.copies else 1)


def test_a_profile_that_names_no_questions_is_told_so() -> None:
    with pytest.raises(ProfileError):
        read_questions(kitchens.profile())


def test_bounds_that_do_not_hold_are_told() -> None:
    def measured(rate: float, p99: float, memory: int, ratio: float) -> Measured:
        figures = [
            Figures(OURS, "trace", 1, 1.0, p99, rate, 1.0, 100),
            Figures("rdflib", "trace", 1, 10.0, 20.0, 50.0, 10.0, 100),
            Figures("pyoxigraph", "trace", 1, 10.0, 20.0, 60.0, 10.0, 100),
        ]
        return Measured(figures, {OURS: 1, "rdflib": 1, "pyoxigraph": 1}, {OURS: memory}, {"ratio": ratio})

    assert met(measured(600.0, 49.0, 10**9, 3.0))
    for bad in ((599.0, 49.0, 10**9, 3.0), (600.0, 51.0, 10**9, 3.0), (600.0, 49.0, 2 * 10**9, 3.0)):
        assert not met(measured(*bad))
    assert not as_json(measured(600.0, 49.0, 10**9, 3.1))["met"]
