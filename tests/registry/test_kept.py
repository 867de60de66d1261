"""What an open registry keeps does not grow with every commit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from qualitrace.bench.commits import small_changes
from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.errors import ConflictError, NotConformingError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry


@pytest.fixture
def registry(repo_root: Path, tmp_path: Path) -> Iterator[Registry]:
    profile, location = load_profile(repo_root / "tests" / "profiles" / "kitchen"), tmp_path / "r.db"
    write_journal(read_demonstration(profile), 1, location, profile)
    opened = Registry.open(location, profile)
    opened.validate()
    yield opened
    opened.close()


def test_queries_are_kept_for_any_node_not_for_each(registry: Registry) -> None:
    kept, asked = registry._checks.compiled._filled, set[str]()
    for change in islice(small_changes(registry), 40):
        asked |= {one.fact.subject for one in (*change.added, *change.removed)}
        try:
            registry.commit(change, author="t", message="one fact")
        except (NotConformingError, ConflictError):
            continue  # what takes back a change that was not made does not apply
    assert len(asked) > 3
    assert kept
    assert [node for node in asked for text, _ in kept if f"<{node}>" in text] == []
