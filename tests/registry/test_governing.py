"""Exceptions and modes: recorded, counted, expiring, seen by other open registries, in the hash chain."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest

from qualitrace.errors import (
    NotConformingError,
    QueryError,
    RegistryError,
    UnknownNodeError,
)
from qualitrace.journal import Decision, Journal, Record, Source
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Committed, Registry, governing
from qualitrace.registry.model import ExceptionState
from qualitrace.registry.records import exception_json, report_json
from qualitrace.store import STATED
from qualitrace.terms import Fact
from qualitrace.validation.model import Acceptance, Finding, Mode, Report, Severity
from tests.deciding import decided

UNITS = ["单位名称,单位类别,纵向系统,负责人岗位", "示例处,职能部门,资源建设,处长"]
STAFF = [
    "工号,姓名,部门,科室,岗位,任职方式,任职起,任职止",
    "S1,示例甲,示例处,,处长,,2022-01-01,",
]
INDICATORS = [
    "指标编号,指标名称,诊断点,层面,目标值,预警值,方向,计量单位,数据来源,责任部门,责任岗位",
    "ZB-1,示例合格率,,,90,80,越高越好,%,示例系统,示例处,处长",
]
READINGS = ["指标编号,日期,数值", "ZB-1,2025-03-01,80"]
OTHER_READINGS = [READINGS[0], "ZB-1,2025-03-01,90"]
POST = "post/示例处/处长"
DAY = dt.date(2025, 3, 1)
UNTIL = dt.date(2025, 6, 30)
AFTER = dt.date(2025, 7, 1)
ACCEPTED = Acceptance("示例主任", "等候任命", UNTIL)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def registry(tmp_path: Path, profile: Profile) -> Registry:
    """A unit whose head's post nobody holds."""
    made = Registry.create(tmp_path / "r.db", profile)
    load(made, tmp_path, "units.csv", UNITS)
    return made


def load(registry: Registry, folder: Path, name: str, lines: Iterable[str]) -> Committed:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    change = decided(registry, registry.prepare([path]))
    return registry.commit(change, author="示例", message="test", day=DAY)


def on_post(report: Report, registry: Registry) -> list[Finding]:
    return [finding for finding in report.findings if finding.focus == registry.base + POST]


def vacancy(registry: Registry) -> str:
    """The rule that the vacant post breaks."""
    (finding,) = on_post(registry.validate(DAY), registry)
    assert finding.severity is Severity.WARNING
    return finding.rule


def reading_rule(registry: Registry, folder: Path) -> str:
    """The violation-level rule that two values for one reading break."""
    load(registry, folder, "indicators.csv", INDICATORS)
    load(registry, folder, "readings.csv", READINGS)
    with pytest.raises(NotConformingError) as caught:
        load(registry, folder, "other.csv", OTHER_READINGS)
    (finding,) = caught.value.findings
    assert isinstance(finding, Finding)
    assert finding.severity is Severity.VIOLATION
    return finding.rule


def accept(registry: Registry, rule: str, node: str = POST, acceptance: Acceptance = ACCEPTED) -> None:
    governing.accept(registry, rule, node, acceptance, author="示例员", day=DAY)


def told(caught: pytest.ExceptionInfo[NotConformingError]) -> list[tuple[str, str]]:
    """Rule and node of what a commit was rejected for."""
    findings = [finding for finding in caught.value.findings if isinstance(finding, Finding)]
    return [(finding.rule, finding.focus) for finding in findings]


def states(registry: Registry, day: dt.date = DAY) -> list[ExceptionState]:
    return [listed.state for listed in governing.exceptions(registry, day)]


def facts(registry: Registry) -> set[Fact]:
    return set(registry.engine.facts(STATED))


def line_of(report: Report, rule: str) -> tuple[int, int]:
    (line,) = [entry for entry in report.rules if entry.rule == rule]
    return line.failed, line.excepted


def test_an_accepted_finding_stays_is_marked_and_counted(registry: Registry) -> None:
    rule, before, held = vacancy(registry), registry.validate(DAY), facts(registry)
    accept(registry, rule)
    after = registry.validate(DAY)
    (marked,) = on_post(after, registry)
    assert marked.excepted == ACCEPTED
    assert after.excepted == (marked,)
    assert len(after.findings) == len(before.findings)
    assert line_of(before, rule) == (line_of(after, rule)[0], 0)
    assert line_of(after, rule)[1] == 1
    assert facts(registry) == held
    (entry,) = list(registry.changesets())[1:]
    assert (entry.author, entry.documents) == ("示例员", ())
    assert ACCEPTED.reason in entry.message
    written = report_json(after)
    assert written["excepted"] == 1
    (shown,) = [finding["excepted"] for finding in written["findings"] if finding["excepted"]]
    assert shown == {"by": ACCEPTED.by, "reason": ACCEPTED.reason, "until": UNTIL.isoformat()}
    (listed,) = governing.exceptions(registry, DAY)
    assert exception_json(listed)["at"] == entry.at


@pytest.mark.parametrize(
    ("day", "counts", "state"),
    [
        (DAY, True, ExceptionState.IN_FORCE),
        (UNTIL, True, ExceptionState.IN_FORCE),
        (AFTER, False, ExceptionState.EXPIRED),
    ],
)
def test_it_counts_until_its_last_day(
    registry: Registry, day: dt.date, counts: bool, state: ExceptionState
) -> None:
    rule = vacancy(registry)
    accept(registry, rule)
    report = registry.validate(day)
    assert bool(report.excepted) is counts
    assert line_of(report, rule)[1] == int(counts)
    assert states(registry, day) == [state]


def test_withdrawn_renewed_and_no_longer_needed(registry: Registry, tmp_path: Path) -> None:
    rule = vacancy(registry)
    accept(registry, rule)
    governing.withdraw(registry, rule, POST, by="示例主任", reason="弄错了", author="示例员", day=DAY)
    assert states(registry) == [ExceptionState.WITHDRAWN]
    assert not registry.validate(DAY).excepted
    with pytest.raises(QueryError):
        governing.withdraw(registry, rule, POST, by="示例主任", reason="再撤", author="示例员", day=DAY)
    accept(registry, rule)
    accept(registry, rule, acceptance=Acceptance("示例主任", "仍在等候", AFTER))
    assert states(registry) == [
        ExceptionState.WITHDRAWN,
        ExceptionState.REPLACED,
        ExceptionState.IN_FORCE,
    ]
    assert registry.validate(AFTER).excepted
    load(registry, tmp_path, "staff.csv", STAFF)
    assert not on_post(registry.validate(DAY), registry)
    assert states(registry)[-1] is ExceptionState.NOT_NEEDED


def test_an_exception_of_a_node_that_left_can_be_withdrawn(registry: Registry, tmp_path: Path) -> None:
    rule = vacancy(registry)
    accept(registry, rule)
    load(registry, tmp_path, "units.csv", [UNITS[0], "另一处,职能部门,资源建设,"])
    with pytest.raises(UnknownNodeError):
        registry.resolve(POST)
    assert states(registry) == [ExceptionState.NOT_NEEDED]
    governing.withdraw(registry, rule, POST, by="示例主任", reason="撤销", author="示例员", day=DAY)
    assert states(registry) == [ExceptionState.WITHDRAWN]


def test_a_rule_goes_by_every_name(registry: Registry) -> None:
    rule = vacancy(registry)
    (line,) = [entry for entry in registry.validate(DAY).rules if entry.rule == rule]
    names = [rule, registry.profile.shorten(rule), registry.profile.shorten(rule).partition(":")[2]]
    for name in (*names, *line.labels.values()):
        assert governing.rule_named(name, registry.validate(DAY).rules, registry.profile) == line
    with pytest.raises(QueryError) as unknown:
        governing.rule_named(names[2] + "x", registry.validate(DAY).rules, registry.profile)
    assert names[1] in unknown.value.where


def test_what_cannot_be_accepted_is_refused_and_writes_nothing(registry: Registry, tmp_path: Path) -> None:
    rule = vacancy(registry)
    head = registry.journal.head()
    with pytest.raises(QueryError) as nothing:
        accept(registry, rule, "unit/示例处")
    assert POST in nothing.value.hint.best("zh")
    for bad in (
        Acceptance(" ", "等候任命", UNTIL),
        Acceptance("示例主任", "", UNTIL),
        Acceptance("示例主任", "等候任命", DAY - dt.timedelta(days=1)),
    ):
        with pytest.raises(QueryError):
            accept(registry, rule, acceptance=bad)
    with pytest.raises(UnknownNodeError):
        accept(registry, rule, "post/没有")
    with pytest.raises(QueryError):
        governing.set_mode(registry, rule, Mode.REJECT, reason=" ", author="示例员")
    assert registry.journal.head() == head


def test_another_open_registry_sees_decisions(registry: Registry, tmp_path: Path, profile: Profile) -> None:
    other = Registry.open(tmp_path / "r.db", profile)
    rule = vacancy(other)
    accept(registry, rule)
    governing.set_mode(registry, rule, Mode.REJECT, reason="试行期满", author="示例员")
    assert other.refresh() == 2
    assert other.validate(DAY) == registry.validate(DAY)
    assert governing.exceptions(other, DAY) == governing.exceptions(registry, DAY)
    governing.withdraw(other, rule, POST, by="示例主任", reason="弄错了", author="示例员", day=DAY)
    registry.refresh()
    fresh = Registry.open(tmp_path / "r.db", profile)
    assert fresh.validate(DAY) == registry.validate(DAY) == other.validate(DAY)
    assert states(fresh) == states(registry) == [ExceptionState.WITHDRAWN]


def test_a_changed_exception_breaks_the_chain(registry: Registry, tmp_path: Path) -> None:
    accept(registry, vacancy(registry))
    assert all(entry.digest() == entry.id for entry in registry.journal.changesets())
    with sqlite3.connect(tmp_path / "r.db") as connection:
        changed = connection.execute("update record set body = replace(body, '2025-06-30', '2035-06-30')")
        assert changed.rowcount >= 1
    broken = [entry.position for entry in registry.journal.changesets() if entry.digest() != entry.id]
    assert broken == [2]


def test_a_decision_nobody_can_read_is_told(registry: Registry, tmp_path: Path, profile: Profile) -> None:
    with pytest.raises(RegistryError):
        registry.decide(Record.of(Decision.EXCEPTION, {"rule": "x"}), author="示例", message="")
    with pytest.raises(RegistryError):
        Registry.open(tmp_path / "r.db", profile)


def test_a_violation_is_warned_of_first(registry: Registry, tmp_path: Path) -> None:
    rule = reading_rule(registry, tmp_path)
    assert governing.set_mode(registry, rule, Mode.REJECT, reason="已是如此", author="示例员") is None
    governing.set_mode(registry, rule, Mode.WARN, reason="先看一学期", author="示例员")
    report = load(registry, tmp_path, "other.csv", OTHER_READINGS).report
    (finding,) = [found for found in report.findings if found.rule == rule]
    assert finding.severity is Severity.WARNING
    assert not report.violations
    (line,) = [entry for entry in report.rules if entry.rule == rule]
    assert (line.severity, line.mode_in_force) == (Severity.VIOLATION, Mode.WARN)
    # What is only a warning can be accepted; put in force again, the rule lets nothing new in.
    accept(registry, rule, finding.focus)
    governing.set_mode(registry, rule, Mode.REJECT, reason="期满", author="示例员")
    assert [found.rule for found in registry.validate(DAY).violations] == [rule]
    load(registry, tmp_path, "staff.csv", STAFF)
    load(registry, tmp_path, "readings.csv", [*READINGS, "ZB-1,2025-04-01,80"])
    with pytest.raises(NotConformingError) as caught:
        load(registry, tmp_path, "third.csv", [READINGS[0], "ZB-1,2025-04-01,90"])
    assert told(caught) == [(rule, registry.base + "observation/ZB-1/2025-04-01")]


def test_a_violation_cannot_be_accepted(registry: Registry, tmp_path: Path) -> None:
    rule = reading_rule(registry, tmp_path)
    governing.set_mode(registry, rule, Mode.WARN, reason="先看一学期", author="示例员")
    load(registry, tmp_path, "other.csv", OTHER_READINGS)
    governing.set_mode(registry, rule, Mode.REJECT, reason="期满", author="示例员")
    with pytest.raises(QueryError):
        accept(registry, rule, "observation/ZB-1/2025-03-01")


def test_a_warning_that_rejects_lets_old_findings_be(registry: Registry, tmp_path: Path) -> None:
    rule = vacancy(registry)
    governing.set_mode(registry, rule, Mode.REJECT, reason="试行期满", author="示例员")
    load(registry, tmp_path, "indicators.csv", INDICATORS)
    held, head = facts(registry), registry.journal.head()
    with pytest.raises(NotConformingError) as caught:
        load(registry, tmp_path, "more.csv", [UNITS[0], "另一处,职能部门,资源建设,处长"])
    assert told(caught) == [(rule, registry.base + "post/另一处/处长")]
    assert (facts(registry), registry.journal.head()) == (held, head)
    # Mended once, it may not come back ...
    load(registry, tmp_path, "staff.csv", STAFF)
    vacated = [STAFF[0], STAFF[1].replace("处长", "科员")]
    with pytest.raises(NotConformingError):
        load(registry, tmp_path, "staff.csv", vacated)
    # ... but for a post whose vacancy somebody accepts.
    governing.set_mode(registry, rule, Mode.WARN, reason="调整", author="示例员")
    load(registry, tmp_path, "staff.csv", vacated)
    accept(registry, rule)
    load(registry, tmp_path, "staff.csv", STAFF)
    governing.set_mode(registry, rule, Mode.REJECT, reason="试行期满", author="示例员")
    report = load(registry, tmp_path, "staff.csv", vacated).report
    assert [found.excepted for found in on_post(report, registry)] == [ACCEPTED]


class Overtaken(Journal):
    """A journal in which somebody else commits while a change is being worked out."""

    def __init__(self, journal: Journal, other: Registry, change: Change) -> None:
        super().__init__(journal._engine)
        self._other, self._change = other, change

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        if not self._change.empty:
            change, self._change = self._change, Change((), (), ())
            self._other.commit(change, author="别人", message="first", day=DAY)
        return super().sources(facts)


def test_who_is_overtaken_after_catching_up_comes_second(
    registry: Registry, tmp_path: Path, profile: Profile
) -> None:
    other = Registry.open(tmp_path / "r.db", profile)
    staff, more = tmp_path / "staff.csv", tmp_path / "more.csv"
    staff.write_text("\n".join(STAFF), encoding="utf-8")
    more.write_text("\n".join([UNITS[0], "另一处,职能部门,资源建设,处长"]), encoding="utf-8")
    mine, theirs = registry.prepare([more]), other.prepare([staff])
    registry.journal = Overtaken(registry.journal, other, theirs)
    registry.commit(mine, author="示例", message="second", day=DAY)
    assert [one.author for one in registry.changesets(registry.position - 2)] == ["别人", "示例"]
    assert facts(registry) == facts(Registry.open(tmp_path / "r.db", profile))
