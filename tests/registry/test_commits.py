"""Many commits one after another come to what the journal says, and a rejected one to nothing."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from qualitrace.errors import ConflictError, NotConformingError, ProfileError, QueryError
from qualitrace.journal import Basis, Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry, checking, governing, projection
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.records import finding_key
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDFS_LABEL, XSD, Fact, literal
from qualitrace.text import Text
from qualitrace.validation import validate
from qualitrace.validation.model import Acceptance, Mode, Report
from tests.deciding import decided
from tests.registry.test_gate import run

UNITS = [
    "单位名称,单位类别,纵向系统,负责人岗位",
    "示例处,职能部门,资源建设,处长",
    "另一处,职能部门,质量生成,",
]
STAFF = [
    "工号,姓名,部门,科室,岗位,任职方式,任职起,任职止",
    "S1,示例甲,示例处,综合科,处长,,2022-01-01,2023-12-31",
    "S2,示例乙,示例处,综合科,处长,代理,2024-01-01,",
]
INDICATORS = [
    "指标编号,指标名称,诊断点,层面,目标值,预警值,方向,计量单位,数据来源,责任部门,责任岗位",
    "ZB-1,示例合格率,,,90,80,越高越好,%,示例系统,示例处,处长",
]
READINGS = ["指标编号,日期,数值", "ZB-1,2025-03-01,80", "ZB-1,2025-06-01,95"]
FILES = {"units.csv": UNITS, "staff.csv": STAFF, "indicators.csv": INDICATORS, "readings.csv": READINGS}
PLACE = Source("test", "", 1, "", Basis.STATED)
DAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def registry(tmp_path: Path, profile: Profile) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", profile)
    for name, lines in FILES.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    made.commit(made.prepare([tmp_path / name for name in FILES]), author="示例", message="first", day=DAY)
    yield made
    made.close()


def stated(*facts: Fact) -> tuple[SourcedFact, ...]:
    return tuple(SourcedFact(fact, PLACE) for fact in facts)


def everything(registry: Registry) -> tuple[object, ...]:
    """All that a commit can change, but for the report."""
    engine = registry.engine
    with sa.create_engine(f"sqlite:///{registry.journal._engine.url.database}").connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = {
            name: connection.exec_driver_sql(f"select count(*) from {name}").scalar()
            for name in tables
            if not name.startswith("sqlite")
        }
    return (
        set(engine.facts(STATED)),
        set(engine.facts(INFERRED)),
        engine.count(STATED),
        engine.count(INFERRED),
        registry.position,
        registry.journal.head(),
        set(registry._projection.index.edges()),
        rows,
    )


def replayed(registry: Registry) -> tuple[set[Fact], set[Fact], set[tuple[Fact, bool]]]:
    fresh = registry._projection.copy(empty=True)
    fresh.replay(registry.journal.changesets())
    engine = fresh.engine
    return set(engine.facts(STATED)), set(engine.facts(INFERRED)), set(fresh.index.edges())


def checked_whole(registry: Registry) -> Report:
    return validate(registry.engine, registry.profile, compiled=registry._compiled)


class Walk:
    """Random changes, sensible and not, with decisions in between."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.registry = registry
        self.chance = random.Random(seed)
        self.gone: list[SourcedFact] = []
        self.done = self.rejected = 0

    def there(self) -> list[SourcedFact]:
        facts = sorted(self.registry.engine.facts(STATED))
        places = self.registry.sources(facts)
        return [SourcedFact(fact, place) for fact in facts for place in places[fact]]

    def other(self, entry: SourcedFact, everywhere: list[SourcedFact]) -> SourcedFact:
        """The same statement with another value: of the same kind, or any; written in another way."""
        fact = entry.fact
        alike = [one.fact.object for one in everywhere if one.fact.predicate == fact.predicate]
        values = [
            *alike,
            self.chance.choice(everywhere).fact.object,
            literal("改"),
            literal(f"{self.chance.randrange(100)}.0", datatype=XSD + "decimal"),
            literal("2020-01-01", datatype=XSD + "date"),
        ]
        return replace(entry, fact=fact._replace(object=self.chance.choice(values)))

    def change(self) -> Change:
        there = self.there()
        some = self.chance.sample(there, self.chance.randint(0, 2))
        new = [self.other(entry, there) for entry in self.chance.sample(there, self.chance.randint(0, 2))]
        back = [self.gone.pop(self.chance.randrange(len(self.gone)))] if self.gone else []
        taken = set(there)
        added = tuple(entry for entry in dict.fromkeys([*new, *back]) if entry not in taken)
        return Change((), added, tuple(some))

    def step(self) -> None:
        change = decided(self.registry, self.change())
        before, report = everything(self.registry), self.registry.validate(DAY)
        try:
            self.registry.commit(change, author="示例", message="step", day=DAY)
        except NotConformingError:
            self.rejected += 1
            self.gone += [entry for entry in change.added if entry.source != PLACE]
            assert everything(self.registry) == before
            assert self.registry.validate(DAY) == report
        else:
            self.done += 1
            self.gone += change.removed

    def decide(self) -> None:
        report = self.registry.validate(DAY)
        rule = self.chance.choice(
            [line.rule for line in report.rules if line.failed] or [report.rules[0].rule]
        )
        if self.chance.random() < 0.5:
            mode = self.chance.choice(list(Mode))
            governing.set_mode(self.registry, rule, mode, reason="试行", author="示例")
            return
        warnings = [finding for finding in report.findings if finding.rule == rule]
        if warnings:
            one = self.chance.choice(warnings)
            accepted = Acceptance("示例甲", "暂缓", DAY + dt.timedelta(days=30))
            try:
                governing.accept(self.registry, rule, one.focus, accepted, author="示例", day=DAY)
            except QueryError:  # a violation cannot be accepted
                assert one.severity.value == "violation"


@pytest.mark.parametrize("seed", range(2))
def test_any_commits_come_to_what_the_journal_says(
    registry: Registry, profile: Profile, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(registry, seed)
    today = checking._today()
    for number in range(24):
        walk.step()
        if number % 4 == 1:
            walk.decide()
        if number % 10 == 9:  # a report of another day is no report to go on from
            later = today + dt.timedelta(days=number)
            monkeypatch.setattr(checking, "_today", lambda later=later: later)
        assert registry._checks.report() == checked_whole(registry)
    assert walk.done and walk.rejected
    facts, inferred, edges = replayed(registry)
    assert set(registry.engine.facts(STATED)) == facts
    assert set(registry.engine.facts(INFERRED)) == inferred
    assert set(registry._projection.index.edges()) == edges
    report = registry.validate(DAY)
    keys = {finding_key(finding) for finding in report.findings}
    assert set(Lasting(registry.journal).times(registry.position)) == keys
    fresh = Registry.open(tmp_path / "r.db", profile)
    assert fresh.validate(DAY) == report
    fresh.close()


def test_what_is_recorded_of_findings_does_not_grow_with_them(registry: Registry) -> None:
    found = len(registry.validate(DAY).findings)
    label = next(iter(registry.engine.facts(STATED, predicate=RDFS_LABEL)))
    registry.commit(
        Change((), stated(label._replace(object=literal("改"))), ()), author="示例", message="one"
    )
    (_, body), *_ = registry.journal.recorded("validation", after=1, upto=2)
    assert found
    assert "findings" not in body
    assert len(body["appeared"]) + len(body["gone"]) < found


def test_a_change_that_cannot_be_journalled_leaves_no_trace(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, report = everything(registry), registry.validate(DAY)
    label = next(iter(registry.engine.facts(STATED, predicate=RDFS_LABEL)))
    change = Change((), stated(label._replace(object=literal("改"))), ())

    def refuse(*_: object) -> None:
        raise ConflictError(Text(zh="晚了", en="overtaken"))

    with monkeypatch.context() as patch:
        patch.setattr(registry.journal, "append", refuse)
        with pytest.raises(ConflictError):
            registry.commit(change, author="示例", message="lost")
    assert everything(registry) == before
    assert registry.validate(DAY) == report
    assert registry.commit(change, author="示例", message="kept").changeset


def test_reasoning_that_fails_leaves_no_trace(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    before, report = everything(registry), registry.validate(DAY)
    real = projection.infer
    label = next(iter(registry.engine.facts(STATED, predicate=RDFS_LABEL)))
    failures = iter([True])

    def breaks(*arguments: object, **named: object) -> object:
        if next(failures, False):
            raise ProfileError(Text(zh="不行", en="no"))
        return real(*arguments, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(projection, "infer", breaks)
        with pytest.raises(ProfileError):
            registry.commit(
                Change((), stated(label._replace(object=literal("改"))), ()), author="示例", message="x"
            )
    assert everything(registry) == before
    assert registry.validate(DAY) == report


class Busy:
    """One writer renames two nodes together, and tries what is rejected; readers ask again and again."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        engine = registry.engine
        self.one, self.other, *_ = sorted(engine.facts(STATED, predicate=RDFS_LABEL))
        self.reading = next(
            fact
            for fact in sorted(engine.facts(STATED))
            if "/observation/" in fact.subject and fact.object.endswith("decimal>")
        )
        self.done = threading.Event()
        self.mixed: list[object] = []

    def write(self) -> None:
        wrong = self.reading._replace(object=literal("12345", datatype=XSD + "decimal"))
        before = [self.one, self.other]
        try:
            for number in range(8):
                after = [fact._replace(object=literal(f"名称{number}")) for fact in before]
                places = self.registry.sources(before)
                removed = tuple(SourcedFact(fact, place) for fact in before for place in places[fact])
                self.registry.commit(Change((), stated(*after), removed), author="示例", message="both")
                before = after
                with pytest.raises(NotConformingError):
                    self.registry.commit(Change((), stated(wrong), ()), author="示例", message="wrong")
        finally:
            self.done.set()

    def name(self, fact: Fact) -> str:
        (found,) = self.registry.engine.facts(STATED, subject=fact.subject, predicate=RDFS_LABEL)
        return found.object

    def look(self) -> tuple[int, str, str]:
        return self.registry.position, self.name(self.one), self.name(self.other)

    def read(self) -> None:
        while not self.done.is_set():
            with self.registry.reading():
                first, values = self.look(), list(self.registry.engine.facts(subject=self.reading.subject))
                assert self.registry.refresh() == 0
                again = self.look()
            if first != again or (first[0] > 1 and first[1] != first[2]):
                self.mixed.append((first, again))
            self.mixed += [fact for fact in values if "12345" in fact.object]


def test_nobody_sees_half_a_change_or_a_rejected_one(registry: Registry) -> None:
    busy = Busy(registry)
    run(busy.write, busy.read, busy.read)
    assert not busy.mixed
    assert registry.position == 9


def test_a_commit_within_reading_is_refused(registry: Registry) -> None:
    before = everything(registry)
    change = Change((), stated(Fact(registry.base + "x", RDFS_LABEL, literal("改"))), ())
    with registry.reading(), pytest.raises(RuntimeError):
        registry.commit(change, author="示例", message="no")
    assert everything(registry) == before
