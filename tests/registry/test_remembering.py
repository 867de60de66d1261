"""The last report is there for whoever opens the registry next, and only where it still holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry, checking, remembering
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, literal
from qualitrace.validation import validate
from qualitrace.validation.model import Report
from tests.registry.test_commits import DAY, checked_whole, profile, registry, stated

__all__ = ["profile", "registry"]  # fixtures


@pytest.fixture
def whole_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes whenever everything is checked; every report is worth saving."""
    done: list[str] = []

    def noted(*arguments: object, **named: object) -> Report:
        if "before" not in named:
            done.append("whole")
        return validate(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "WORTH_SAVING", 0)
    monkeypatch.setattr(checking, "validate", noted)
    return done


def alike(report: Report) -> Report:
    """The report without the names of blank nodes of the shapes, which differ between readings."""
    return replace(report, findings=tuple(replace(f, shape="", root_shape="") for f in report.findings))


def renamed(registry: Registry, name: str) -> Change:
    label = min(registry.engine.facts(STATED, predicate=RDFS_LABEL))
    return Change((), stated(label._replace(object=literal(name))), ())


def test_the_next_one_goes_on_from_the_report(
    registry: Registry, profile: Profile, tmp_path: Path, whole_checks: list[str]
) -> None:
    registry.commit(renamed(registry, "甲"), author="示例", message="one")
    told = registry.validate(DAY)
    registry.close()
    whole_checks.clear()
    other = Registry.open(tmp_path / "r.db", profile)
    assert alike(other.validate(DAY)) == alike(told)
    other.commit(renamed(other, "乙"), author="示例", message="two")
    assert not whole_checks
    assert alike(other._checks.report()) == alike(checked_whole(other))
    other.close()
    third = Registry.open(tmp_path / "r.db", profile)
    assert alike(third._checks.report()) == alike(checked_whole(third))
    assert not whole_checks
    third.close()


def tomorrow(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    for module in (remembering, checking):
        monkeypatch.setattr(module, "_today", lambda: later)


def shortened(_: pytest.MonkeyPatch, folder: Path) -> None:
    path = folder / "r.db.checkpoints" / "report.json"
    path.write_bytes(path.read_bytes()[:-20])


def by_other_rules(_: pytest.MonkeyPatch, folder: Path) -> None:
    path = folder / "r.db.checkpoints" / "report.json"
    path.write_bytes(path.read_bytes().replace(b'"rules":[[', b'"rules":[["urn:x",{},"info",0,0],['))


@pytest.mark.parametrize("harm", [tomorrow, shortened, by_other_rules])
def test_what_does_not_hold_is_not_used(
    registry: Registry,
    profile: Profile,
    tmp_path: Path,
    whole_checks: list[str],
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[pytest.MonkeyPatch, Path], None],
) -> None:
    registry.validate(DAY)
    registry.close()
    harm(monkeypatch, tmp_path)
    whole_checks.clear()
    other = Registry.open(tmp_path / "r.db", profile)
    assert alike(other._checks.report()) == alike(checked_whole(other))
    assert whole_checks == ["whole"]
    other.close()


def test_a_report_of_another_changeset_is_not_used(
    registry: Registry, profile: Profile, tmp_path: Path, whole_checks: list[str]
) -> None:
    registry.validate(DAY)
    other = Registry.open(tmp_path / "r.db", profile)
    other.commit(renamed(other, "甲"), author="示例", message="one")
    registry.close()  # saves what held before
    whole_checks.clear()
    third = Registry.open(tmp_path / "r.db", profile)
    assert alike(third._checks.report()) == alike(checked_whole(third))
    assert whole_checks == ["whole"]
    third.close()
    other.close()
