"""Since when a finding holds: through changes that leave it, mend it and bring it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.journal import Changeset, Journal
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.registry.lasting import Key, Lasting
from qualitrace.registry.records import VALIDATION, finding_json, finding_key
from tests.deciding import decided

HEAD = "单位名称,单位类别,纵向系统,负责人岗位"
STAFF = [
    "工号,姓名,部门,科室,岗位,任职方式,任职起,任职止",
    "S1,示例甲,示例处,综合科,处长,,2022-01-01,",
]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def registry(tmp_path: Path, profile: Profile) -> Registry:
    return Registry.create(tmp_path / "r.db", profile)


def load(registry: Registry, folder: Path, name: str, lines: Sequence[str]) -> str:
    """Load a file and return when its changeset was made."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    committed = registry.commit(decided(registry, registry.prepare([path])), author="示例", message="test")
    assert committed.changeset is not None
    return committed.changeset.at


def since(registry: Registry) -> dict[Key, str]:
    return {finding_key(finding): finding.since for finding in registry.validate().findings}


def test_a_finding_holds_since_the_change_that_brought_it(
    registry: Registry, tmp_path: Path, profile: Profile
) -> None:
    first = load(registry, tmp_path, "units.csv", [HEAD, "示例处,职能部门,资源建设,处长"])
    vacant = since(registry)
    assert vacant
    assert set(vacant.values()) == {first}
    second = load(registry, tmp_path, "more.csv", [HEAD, "另一处,职能部门,资源建设,处长"])
    both = since(registry)
    assert {key: at for key, at in both.items() if key in vacant} == vacant
    assert {at for key, at in both.items() if key not in vacant} == {second}
    load(registry, tmp_path, "staff.csv", STAFF)
    mended = vacant.keys() - since(registry).keys()
    assert mended
    fourth = load(registry, tmp_path, "staff.csv", [STAFF[0], STAFF[1].replace("示例处", "另一处")])
    again = since(registry)
    assert {again[key] for key in mended} == {fourth}
    assert {again[key] for key in vacant.keys() - mended} <= {first}
    # Whoever opens the registry now, and has seen none of it happen, says the same.
    assert Registry.open(tmp_path / "r.db", profile).validate() == registry.validate()
    assert all(finding_json(f)["since"] == f.since for f in registry.validate().findings)


def test_what_no_changeset_brought_has_no_date(registry: Registry, tmp_path: Path) -> None:
    load(registry, tmp_path, "units.csv", [HEAD, "示例处,职能部门,资源建设,处长"])
    report = registry.validate()
    never = Lasting(registry.journal).told(report, 0)
    assert {finding.since for finding in never.findings} == {""}


KEYS: list[Key] = [("rule", node, "", "component", "path") for node in "abc"]
HISTORIES = st.lists(st.one_of(st.none(), st.sets(st.sampled_from(KEYS))), min_size=1, max_size=8)


def expected(history: Sequence[set[Key] | None]) -> Mapping[Key, str]:
    """Play the history forwards: a finding's date is that of the last time it appeared."""
    times: dict[Key, str] = {}
    for number, found in enumerate(history):
        if found is not None:
            times = {key: times.get(key, _at(number)) for key in found}
    return times


def _at(number: int) -> str:
    return f"2025-01-01T00:00:{number:02}.000000Z"


@given(HISTORIES)
@settings(deadline=None, max_examples=60)
def test_walking_back_says_what_playing_forwards_says(history: list[set[Key] | None]) -> None:
    journal = Journal.create(
        "sqlite://", {"base": "https://example.org/", "profile": "https://example.org/p"}
    )
    followed = Lasting(journal)
    for number, found in enumerate(history):
        changeset = Changeset(
            number + 1, journal.head()[1], "示例", _at(number), "", (), (), (), id=str(number)
        )
        records = [] if found is None else [(VALIDATION, {"findings": sorted(found), "rules": []})]
        journal.append(changeset, records)
        assert followed.times(number + 1) == expected(history[: number + 1])
    assert Lasting(journal).times(len(history)) == expected(history)
    journal.close()
