"""The histories that ``qualitrace bench journal`` compares hold the same facts, and are real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.bench import growing
from qualitrace.journal import Journal
from qualitrace.journal.verifying import faults
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.registry.proposals import proposals
from qualitrace.store import STATED


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


def test_histories_of_two_lengths_come_to_the_same_facts(kitchen: Profile, tmp_path: Path) -> None:
    lengths = (2 * growing.NODES + 7, 3 * growing.NODES + 20)
    held = []
    for length in lengths:
        location = tmp_path / f"{length}.db"
        growing.write_history(location, length, kitchen)
        journal = Journal.open(location)
        assert not list(faults(journal))
        assert journal.head()[0] == length
        decided, proposed = journal.decided(length), proposals(journal)
        assert len(decided) == len(proposed) == -(-length // growing._EVERY)
        journal.close()
        registry = Registry.open(location, kitchen)
        held.append(sorted(registry.engine.facts(STATED)))
        assert len(registry.decisions.nodes()) == len({n % growing.NODES for n in range(0, length, 10)})
        registry.close()
    assert held[0] == held[1] and len(held[0]) == growing.NODES


def test_flat_means_that_a_longer_history_opens_as_fast() -> None:
    rows = [{"opened": 0.05}, {"opened": 0.05 * growing.ALLOWED}]
    assert growing.flat(rows)
    rows[1]["opened"] *= 1.01
    assert not growing.flat(rows)
