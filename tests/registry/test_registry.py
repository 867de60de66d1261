"""The registry: all of a load or nothing, loading again, rejection, catching up."""

import contextlib
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualitrace.errors import (
    NotConformingError,
    ProfileError,
    QueryError,
    RegistryError,
    UnknownNodeError,
)
from qualitrace.journal import Basis
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Committed, Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from qualitrace.tracing.model import Ending
from tests.deciding import decided

UNITS = ["单位名称,单位类别,纵向系统,负责人岗位", "示例处,职能部门,资源建设,处长"]
STAFF = [
    "工号,姓名,部门,科室,岗位,任职方式,任职起,任职止",
    "S1,示例甲,示例处,综合科,处长,,2022-01-01,2023-12-31",
    "S2,示例乙,示例处,综合科,处长,代理,2024-01-01,",
]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def registry(tmp_path: Path, profile: Profile) -> Registry:
    return Registry.create(tmp_path / "r.db", profile)


def write(folder: Path, name: str, lines: Iterable[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(registry: Registry, *paths: Path) -> Committed:
    return registry.commit(decided(registry, registry.prepare(paths)), author="示例", message="test")


def state(registry: Registry) -> tuple[set[Fact], set[Fact], int, tuple[int, str]]:
    engine = registry.engine
    return set(engine.facts(STATED)), set(engine.facts(INFERRED)), registry.position, registry.journal.head()


def test_a_load_is_one_changeset_and_every_fact_knows_its_cell(registry: Registry, tmp_path: Path) -> None:
    units, staff = write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF)
    committed = load(registry, units, staff)
    assert committed.changeset is not None
    assert registry.journal.head() == (1, committed.changeset.id)
    assert committed.changeset.digest() == committed.changeset.id
    facts = set(registry.engine.facts(STATED))
    places = registry.sources(facts)
    assert set(places) == facts
    for sources in places.values():
        for source in sources:
            assert source.document in {"units.csv", "staff.csv"}
            assert source.row is not None
            assert source.cell
    person = Fact(registry.base + "person/S2", RDFS_LABEL, literal("示例乙"))
    assert [(s.document, s.row, s.basis) for s in places[person]] == [("staff.csv", 3, Basis.STATED)]


def test_loading_again_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    paths = (write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF))
    load(registry, *paths)
    before = state(registry)
    change = registry.prepare(paths)
    assert change.empty
    assert {document.name for document in change.unchanged} == {"units.csv", "staff.csv"}
    assert load(registry, *paths).changeset is None
    assert state(registry) == before


def test_a_corrected_document_replaces_what_it_said(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF))
    corrected = [*STAFF[:2], STAFF[2].replace("示例乙", "示例丙")]
    committed = load(registry, write(tmp_path, "staff.csv", corrected))
    changeset = committed.changeset
    assert changeset is not None
    person = registry.base + "person/S2"
    assert changeset.facts_added == (Fact(person, RDFS_LABEL, literal("示例丙")),)
    assert changeset.facts_removed == (Fact(person, RDFS_LABEL, literal("示例乙")),)


def test_a_fact_stays_while_another_document_states_it(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF))
    head = Fact(registry.base + "post/示例处/处长", RDFS_LABEL, literal("处长"))
    assert {source.document for source in registry.sources([head])[head]} == {"units.csv", "staff.csv"}
    load(registry, write(tmp_path, "units.csv", [UNITS[0], "示例处,职能部门,资源建设,"]))
    assert {source.document for source in registry.sources([head])[head]} == {"staff.csv"}
    assert head in set(registry.engine.facts(STATED))


def test_moving_a_row_moves_places_and_no_fact(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "staff.csv", STAFF))
    facts = set(registry.engine.facts(STATED))
    committed = load(registry, write(tmp_path, "staff.csv", [STAFF[0], STAFF[2], STAFF[1]]))
    assert committed.changeset is not None
    assert (committed.changeset.facts_added, committed.changeset.facts_removed) == ((), ())
    assert set(registry.engine.facts(STATED)) == facts


def test_a_violation_is_rejected_and_leaves_no_trace(registry: Registry, tmp_path: Path) -> None:
    """Two documents give one reading two values: which one counts?"""
    indicators = [
        "指标编号,指标名称,诊断点,层面,目标值,预警值,方向,计量单位,数据来源,责任部门,责任岗位",
        "ZB-1,示例合格率,,,90,80,越高越好,%,示例系统,示例处,处长",
    ]
    readings = ["指标编号,日期,数值", "ZB-1,2025-03-01,80"]
    load(registry, write(tmp_path, "units.csv", UNITS), write(tmp_path, "indicators.csv", indicators))
    load(registry, write(tmp_path, "readings.csv", readings))
    before = state(registry)
    with pytest.raises(NotConformingError) as caught:
        load(registry, write(tmp_path, "other.csv", [readings[0], "ZB-1,2025-03-01,90"]))
    assert state(registry) == before
    (finding,) = caught.value.findings
    assert finding.focus == registry.base + "observation/ZB-1/2025-03-01"
    assert {source.document for source in finding.sources} == {"readings.csv", "other.csv"}
    load(registry, write(tmp_path, "other.csv", [readings[0], "ZB-1,2025-06-01,90"]))
    assert registry.position == before[2] + 1


def test_two_names_for_one_person_are_found(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "staff.csv", STAFF))
    committed = load(registry, write(tmp_path, "other.csv", [STAFF[0], STAFF[2].replace("示例乙", "示例丁")]))
    named = [finding.focus for finding in committed.report.findings if "label" in finding.rule]
    assert named == [registry.base + "person/S2"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_stated_class_outdoes_a_guessed_one(
    registry: Registry, tmp_path: Path, order: tuple[int, int]
) -> None:
    """The staff sheet alone cannot tell what kind of unit 示例院部 is; the list of units says it."""
    paths = (
        write(tmp_path, "staff.csv", [STAFF[0], "S1,示例甲,示例院部,,教师,,2022-01-01,"]),
        write(tmp_path, "units.csv", [UNITS[0], "示例院部,二级教学单位,质量生成,"]),
    )

    def kinds() -> set[str]:
        unit = registry.base + "unit/示例院部"
        return {fact.object for fact in registry.engine.facts(STATED, subject=unit, predicate=RDF_TYPE)}

    for number in order:
        load(registry, paths[number])
    assert kinds() == {iri(registry.profile.expand("qa:TeachingUnit"))}
    load(registry, *paths)
    assert registry.prepare([paths[number] for number in order]).empty
    assert kinds() == {iri(registry.profile.expand("qa:TeachingUnit"))}


def test_two_open_registries_see_each_other(registry: Registry, tmp_path: Path, profile: Profile) -> None:
    other = Registry.open(tmp_path / "r.db", profile)
    load(registry, write(tmp_path, "units.csv", UNITS))
    load(other, write(tmp_path, "staff.csv", STAFF))
    assert other.position == 2
    assert registry.refresh() == 1
    assert state(registry) == state(other)
    fresh = Registry.open(tmp_path / "r.db", profile)
    assert state(fresh) == state(registry)
    # The one checked only what each commit touched, the other everything at once.
    assert fresh.validate() == other.validate()
    assert fresh.validate().findings


def test_who_held_the_post_on_a_date(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF))

    def holders(day: str) -> list[tuple[str, str, str]]:
        trace = registry.trace("unit/示例处", "人员", as_of=dt.date.fromisoformat(day))
        return [
            (
                trace.nodes[path.steps[-1].target].label.best("zh") if path.ending is Ending.REACHED else "",
                path.capacity.best("zh"),
                path.absence.best("zh"),
            )
            for path in trace.paths
        ]

    assert [name for name, _, _ in holders("2023-06-01")] == ["示例甲"]
    (acting,) = holders("2025-03-01")
    assert acting[0] == "示例乙"
    assert "代理" in acting[1]
    (vacant,) = holders("2021-06-01")
    assert vacant[0] == ""
    assert vacant[2]


def test_nodes_are_found_by_what_people_write(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS), write(tmp_path, "staff.csv", STAFF))
    person = registry.base + "person/S1"
    for name in (person, "person/S1", "示例甲", " 示例甲 "):
        assert registry.resolve(name) == person
    with pytest.raises(UnknownNodeError) as unknown:
        registry.resolve("person/S9")
    assert "person/S1" in unknown.value.where
    load(registry, write(tmp_path, "more.csv", [UNITS[0], "另一示例处,职能部门,资源建设,处长"]))
    with pytest.raises(UnknownNodeError) as several:
        registry.resolve("处长")
    assert "post/示例处/处长" in several.value.where
    assert "post/另一示例处/处长" in several.value.where
    with pytest.raises(QueryError):
        registry.trace("person/S1", "没有这一类")


def test_findings_name_their_place(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS))
    findings = [f for f in registry.validate().findings if f.focus.endswith("post/示例处/处长")]
    assert findings
    for finding in findings:
        assert [source.document for source in finding.sources] == ["units.csv"]
        assert finding.unit == registry.base + "unit/示例处"


def test_two_files_of_one_name_are_refused(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    paths = [write(tmp_path, "units.csv", UNITS), write(tmp_path / "a", "units.csv", UNITS)]
    with pytest.raises(RegistryError):
        registry.prepare(paths)


def test_another_profile_is_refused(registry: Registry, tmp_path: Path, repo_root: Path) -> None:
    kitchen = load_profile(repo_root / "tests" / "profiles" / "kitchen")
    with pytest.raises(ProfileError):
        Registry.open(tmp_path / "r.db", kitchen)


def test_a_base_must_end_where_a_name_can_begin(tmp_path: Path, profile: Profile) -> None:
    with pytest.raises(RegistryError):
        Registry.create(tmp_path / "x.db", profile, base="https://example.org/id")
    assert not (tmp_path / "x.db").exists()
    made = Registry.create(tmp_path / "x.db", profile, base="https://example.org/id/")
    load(made, write(tmp_path, "units.csv", UNITS))
    unit = next(made.engine.facts(STATED, subject="https://example.org/id/unit/示例处", predicate=RDF_TYPE))
    assert unit.object == iri(profile.expand("qa:Department"))


def test_no_name_breaks_the_search(registry: Registry, tmp_path: Path) -> None:
    load(registry, write(tmp_path, "units.csv", UNITS))
    found = {registry.base + "unit/示例处", registry.base + "post/示例处/处长"}

    @given(st.one_of(st.text(max_size=20), st.from_regex(r"\w{0,3}:[^a-z]{0,5}", fullmatch=True)))
    @example("指标:2.3.2")
    @example("a:b c")
    @example("qa:")
    @example("")
    @settings(deadline=None)
    def search(name: str) -> None:
        with contextlib.suppress(UnknownNodeError):
            assert registry.resolve(name) in found

    search()
