"""A small kitchen whose history tests make up: statements that come and go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path

from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import Profile, load_profile
from qualitrace.registry import Change, Committed, Registry
from qualitrace.terms import RDF_TYPE, Fact
from tests.deciding import decided
from tests.graphql.kitchens import FACTS, KITCHEN


@cache
def profile() -> Profile:
    return load_profile(KITCHEN)


def statement(fact: Fact, document: str = "a.csv", row: int = 2) -> SourcedFact:
    return SourcedFact(fact, Source(document, "", row, "A1"))


# Classes stand in one document, the rest in two: a fact may be stated twice.
POOL = [
    *(statement(fact, "a.csv", row) for row, fact in enumerate(FACTS, start=2)),
    *(statement(fact, "b.csv", row) for row, fact in enumerate(FACTS, start=2) if fact.predicate != RDF_TYPE),
]


def commit(
    registry: Registry,
    added: Iterable[SourcedFact] = (),
    removed: Iterable[SourcedFact] = (),
    *,
    author: str = "示例甲",
    message: str = "test",
) -> Committed:
    return registry.commit(
        decided(registry, Change((), tuple(added), tuple(removed))), author=author, message=message
    )


def copied(registry_file: Path, target: Path) -> Path:
    """A registry that has only what this one has so far."""
    with closing(sqlite3.connect(registry_file)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
    return target
