"""Two people change one registry: what still applies goes through, what does not is refused whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qualitrace.errors import ConflictError
from qualitrace.journal import Document, Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.verifying import verify
from qualitrace.terms import RDFS_LABEL, Fact, literal


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


@pytest.fixture
def two(location: str, kitchen: Profile) -> Iterator[tuple[Registry, Registry]]:
    ours, theirs = Registry.create(location, kitchen), Registry.open(location, kitchen)
    yield ours, theirs
    for registry in (ours, theirs):
        assert verify(registry).sound
        registry.close()


def entry(registry: Registry, name: str, document: str = "a.csv") -> SourcedFact:
    return SourcedFact(
        Fact(registry.base + name, RDFS_LABEL, literal("示例" + name)), Source(document, row=1)
    )


def loading(registry: Registry, document: str, *names: str) -> Change:
    """A change as loading a document makes it: a difference to what the registry holds now."""
    added = tuple(entry(registry, name, document) for name in names)
    return Change((Document(document, "0" * 64),), added, (), position=registry.position)


def commit(registry: Registry, change: Change, author: str = "示例") -> None:
    registry.commit(change, author=author, message="test")


def test_what_does_not_touch_goes_through(two: tuple[Registry, Registry]) -> None:
    ours, theirs = two
    waiting = loading(ours, "a.csv", "x")
    commit(theirs, loading(theirs, "b.csv", "y"))
    commit(ours, waiting)
    assert theirs.refresh() == 1
    assert {e.fact for e in theirs.journal.about([theirs.base + "x", theirs.base + "y"])} == {
        entry(ours, "x").fact,
        entry(ours, "y").fact,
    }


def test_a_document_that_somebody_else_loaded_meanwhile(two: tuple[Registry, Registry]) -> None:
    ours, theirs = two
    waiting = loading(ours, "a.csv", "x")
    commit(theirs, loading(theirs, "a.csv", "y"), author="示例乙")
    with pytest.raises(ConflictError) as caught:
        commit(ours, waiting)
    assert "示例乙" in caught.value.what["en"]
    assert caught.value.where == "a.csv"
    assert ours.position == theirs.position == 1
    commit(ours, replace(waiting, position=ours.position))  # looked at again, and meant


def test_what_is_gone_cannot_be_removed_and_what_is_there_not_added(two: tuple[Registry, Registry]) -> None:
    ours, theirs = two
    commit(ours, Change((), (entry(ours, "x"), entry(ours, "y")), ()))
    theirs.refresh()
    change = Change((), (entry(ours, "z"),), (entry(ours, "x"),), position=ours.position)
    commit(theirs, replace(change, added=(), position=None))
    for wrong in (change, replace(change, position=None)):
        with pytest.raises(ConflictError) as caught:
            commit(ours, wrong)
        assert "no longer" in caught.value.what["en"]
    for position in (1, None):
        with pytest.raises(ConflictError):
            commit(ours, Change((), (entry(ours, "y"),), (), position=position))
    assert ours.position == theirs.position == 2
    assert not list(ours.engine.facts(subject=ours.base + "x"))  # as it was: nothing came back


def test_a_commit_that_comes_between_is_taken_in(two: tuple[Registry, Registry]) -> None:
    """Many threads in two registries at once: each change goes through, whoever was first."""
    failed: list[BaseException] = []

    def work(registry: Registry, name: str) -> None:
        try:
            for number in range(6):
                commit(registry, loading(registry, f"{name}.csv", f"{name}{number}"))
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(two[number % 2], f"w{number}")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for registry in two:
        registry.refresh()
        assert registry.position == 24
