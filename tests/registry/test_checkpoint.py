"""Opening from a checkpoint is opening from the journal, only sooner; one that does not fit is not used."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.journal import Changeset, Journal, Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry, checkpoint
from qualitrace.registry.decisions import mode_record
from qualitrace.registry.verifying import verify
from qualitrace.store import INFERRED, STATED
from qualitrace.store import saved as stores
from qualitrace.terms import RDFS_LABEL, XSD, Fact, literal
from qualitrace.validation.model import Mode


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


@pytest.fixture(params=[0, 1_000_000], ids=["on disk", "in memory"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "SMALL", request.param)


@pytest.fixture
def opened(
    location: str, kitchen: Profile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: None
) -> Iterator[Registry]:
    """A registry whose checkpoint is there: every third changeset is many."""
    monkeypatch.setattr(checkpoint, "MANY_CHANGESETS", 3)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    demonstration.build(kitchen, location).close()
    registry = Registry.open(location, kitchen)
    assert registry._checkpoints.used is None
    for number in range(3):
        add(registry, f"n{number}", "示例")
    registry.close()
    Registry.open(location, kitchen).close()  # long enough to leave one
    again = Registry.open(location, kitchen)
    yield again
    again.close()


def add(registry: Registry, name: str, text: str, datatype: str = "") -> None:
    fact = Fact(registry.base + name, RDFS_LABEL, literal(text, datatype=datatype))
    change = Change((), (SourcedFact(fact, Source("x.csv", row=1)),), ())
    registry.commit(change, author="示例", message="test")


def state(registry: Registry) -> tuple[set[Fact], set[Fact], int]:
    engine = registry.engine
    return set(engine.facts(STATED)), set(engine.facts(INFERRED)), registry.position


def folders(registry: Registry) -> list[Path]:
    folder = checkpoint.place(registry.journal)
    assert folder is not None
    return sorted(path for path in folder.iterdir() if not path.name.startswith("work-"))


def test_a_registry_goes_on_from_its_checkpoint(opened: Registry, location: str, kitchen: Profile) -> None:
    assert opened._checkpoints.used is not None
    assert opened._checkpoints.used.position == opened.position == 4
    other = Registry.open(location, kitchen)  # at the same time
    assert other._checkpoints.used == opened._checkpoints.used
    add(opened, "later", "示例")
    add(other, "decimal", "4.0", XSD + "decimal")
    opened.refresh()
    assert state(opened) == state(other)
    for one in (opened, other):
        assert verify(one).sound, verify(one)
    other.close()
    add(opened, "and", "示例")
    third = Registry.open(location, kitchen)  # three more: another checkpoint
    assert third._checkpoints.used == opened._checkpoints.used
    assert len(folders(third)) == 2
    fourth = Registry.open(location, kitchen)
    assert fourth._checkpoints.used is not None
    assert fourth._checkpoints.used.position == 7
    assert state(fourth) == state(third) == state(opened)
    assert verify(fourth).sound  # also what was written as "4.0"
    third.close()
    fourth.close()


def test_another_chain_another_profile_or_damage_is_not_used(
    opened: Registry, location: str, kitchen: Profile, tmp_path: Path
) -> None:
    (folder,) = folders(opened)
    before = state(opened)
    manifest = folder / "checkpoint.json"
    good = manifest.read_text(encoding="utf-8")
    for wrong in (
        json.dumps(json.loads(good) | {"head": "0" * 64}),
        json.dumps(json.loads(good) | {"by": "0" * 64}),
        json.dumps(json.loads(good) | {"position": 3}),
        "{}",
        "no JSON",
    ):
        manifest.write_text(wrong, encoding="utf-8")
        assert_not_used(location, kitchen, before, folder)
    manifest.write_text(good, encoding="utf-8")
    for path in (folder / "store").iterdir():
        if path.name == "CURRENT":
            path.write_bytes(b"x")
    assert_not_used(location, kitchen, before, folder)
    shutil.copytree(kitchen.directory, tmp_path / "profile")
    rules = next((tmp_path / "profile" / "reasoning").glob("*.rq"))
    rules.write_text(rules.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = load_profile(tmp_path / "profile")
    assert checkpoint.fingerprint(changed) != checkpoint.fingerprint(kitchen)


def assert_not_used(location: str, profile: Profile, expected: object, folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "kept")
    registry = Registry.open(location, profile)
    assert registry._checkpoints.used is None
    assert state(registry) == expected
    registry.close()
    shutil.rmtree(folder, ignore_errors=True)  # a good one may have taken its place
    (folder.parent / "kept").rename(folder)


def test_copies_go_with_their_process(opened: Registry) -> None:
    folder = checkpoint.place(opened.journal)
    assert folder is not None
    (folder / "work-999999999-aa").mkdir()  # left by a process that was killed
    other = Registry(opened.journal, opened.profile)
    assert not (folder / "work-999999999-aa").exists()
    before = len(list(folder.glob("work-*")))
    del other
    opened.close()
    assert len(list(folder.glob("work-*"))) < max(before, 1)


def test_without_room_for_one_there_is_none(
    location: str, kitchen: Profile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoint, "MANY_CHANGESETS", 1)
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    Path(f"{location}.checkpoints" if "://" not in location else tmp_path / "unused").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    demonstration.build(kitchen, location).close()
    for _ in range(2):
        registry = Registry.open(location, kitchen)
        assert registry._checkpoints.used is None
        assert registry.position == 1
        registry.close()


def test_what_was_decided_before_a_checkpoint_is_read_when_it_is_asked_for(
    location: str, kitchen: Profile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoint, "MANY_CHANGESETS", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = demonstration.build(kitchen, location)
    rules = sorted(line.rule for line in made.validate().rules)[:2]
    for rule, mode in zip(rules, (Mode.WARN, Mode.REJECT), strict=True):
        made.decide(mode_record(rule, mode, "示例"), author="示例", message="test")
    made.close()
    Registry.open(location, kitchen).close()  # leaves a checkpoint
    asked: list[int] = []
    decided = Journal.decided

    def counted(journal: Journal, upto: int) -> list[Changeset]:
        asked.append(upto)
        return decided(journal, upto)

    monkeypatch.setattr(Journal, "decided", counted)
    opened = Registry.open(location, kitchen)
    assert opened._checkpoints.used is not None and not asked
    opened.decide(mode_record(rules[0], Mode.REJECT, "示例"), author="示例", message="later")
    assert [opened.decisions.mode(rule) for rule in rules] == [Mode.REJECT, Mode.REJECT]
    assert asked == [3]
    opened.close()


def test_past_states_are_copies_that_go_when_nobody_asks_any_longer(opened: Registry) -> None:
    before, folder = state(opened), checkpoint.place(opened.journal)
    assert folder is not None
    copies = len(list(folder.glob("work-*")))
    for position in (2, 3):
        past = opened.at(position)
        assert set(past.engine.facts(STATED)) == set(opened.journal.facts(position))
        assert past.engine.on_disk == opened.engine.on_disk
        assert past.engine.size == sum(1 for _ in past.engine.store)
    assert len(list(folder.glob("work-*"))) == copies + 2 * opened.engine.on_disk
    add(opened, "later", "示例")
    assert set(opened.at(2).engine.facts(STATED)) == set(opened.journal.facts(2))
    assert state(opened)[0] > before[0]
    opened._pasts = None
    del past
    gc.collect()
    assert len(list(folder.glob("work-*"))) == copies
