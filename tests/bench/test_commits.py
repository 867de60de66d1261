"""The measurement of small commits measures small commits."""

from __future__ import annotations

from pathlib import Path

from qualitrace.bench import commits
from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.profile import load_profile
from qualitrace.registry import Registry


def test_small_commits_are_made_and_taken_apart(repo_root: Path, tmp_path: Path) -> None:
    directory = repo_root / "tests" / "profiles" / "kitchen"
    profile, location = load_profile(directory), tmp_path / "r.db"
    write_journal(read_demonstration(profile), 1, location, profile)
    row = commits.measure(str(location), 6, str(directory))
    assert set(row["phases"]) == set(commits.PHASES)
    assert sum(row["phases"].values()) <= row["p95"] * len(commits.PHASES)
    registry = Registry.open(location, profile)
    made = [changeset for changeset in registry.journal.changesets() if changeset.message == "one fact"]
    assert len(made) == 7  # the first is not counted
    assert all(1 <= len(one.facts_added) + len(one.facts_removed) <= 2 for one in made)
    registry.close()
