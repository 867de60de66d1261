"""The demonstration college: made anew it is the same, and it holds what its README says."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.terms import RDF_TYPE, iri, iri_of, lit_of
from qualitrace.tracing.model import Ending
from qualitrace.tracing.model import Path as TracePath
from qualitrace.validation.model import Severity
from tests.examples.staff import ACTING, Row, rows_of, staff

QA = "https://w3id.org/qualitrace/qa#"
DAYS = ("2024-06-30", "2024-07-01", "2025-01-17", "2025-02-01", "2025-03-01", "2025-09-01")


@pytest.fixture(scope="module")
def examples(repo_root: Path) -> Path:
    return repo_root / "examples"


@pytest.fixture(scope="module")
def rows(examples: Path) -> list[Row]:
    return staff(examples / "demo-college.xlsx")


@pytest.fixture(scope="module")
def planted(examples: Path) -> list[dict[str, str]]:
    read = yaml.safe_load((examples / "defects.yaml").read_text(encoding="utf-8"))["defects"]
    assert isinstance(read, list)
    return read


@pytest.fixture(scope="module")
def registry(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    built = demonstration.build(load_profile(repo_root), tmp_path_factory.mktemp("demo") / "demo.db")
    yield built
    built.close()


def of_class(registry: Registry, name: str) -> set[str]:
    model = registry.profile.class_named(name)
    assert model is not None
    kinds = {model.iri, *model.children}
    facts = [f for kind in kinds for f in registry.engine.facts(predicate=RDF_TYPE, object=iri(kind))]
    return {fact.subject.removeprefix(registry.base) for fact in facts}


def objects(registry: Registry, subject: str, name: str) -> set[str]:
    facts = registry.engine.facts(subject=registry.base + subject, predicate=QA + name)
    return {iri_of(fact.object).removeprefix(registry.base) for fact in facts}


# ---------------------------------------------------------------- the files


def make(folder: Path, examples: Path) -> Path:
    folder.mkdir()
    shutil.copy(examples / "README.md", folder)
    subprocess.run([sys.executable, examples / "make_demo.py", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    return make(tmp_path_factory.mktemp("made") / "one", examples)


def test_two_runs_give_the_same_bytes(made: Path, examples: Path) -> None:
    again = make(made.parent / "two", examples)
    for name in ("demo-college.xlsx", "defects.yaml", "README.md"):
        assert (made / name).read_bytes() == (again / name).read_bytes(), name


def test_the_files_here_are_the_ones_the_script_makes(made: Path, examples: Path) -> None:
    for name in ("defects.yaml", "README.md"):
        assert (made / name).read_text(encoding="utf-8") == (examples / name).read_text(encoding="utf-8")
    new, old = (load_workbook(folder / "demo-college.xlsx") for folder in (made, examples))
    assert new.sheetnames == old.sheetnames
    for sheet in new.sheetnames:
        cells = [list(book[sheet].iter_rows(values_only=True)) for book in (new, old)]
        merged = [{str(area) for area in book[sheet].merged_cells.ranges} for book in (new, old)]
        assert cells[0] == cells[1], sheet
        assert merged[0] == merged[1], sheet
    assert new.properties.modified == old.properties.modified


def test_it_is_labelled_as_an_example(examples: Path, rows: list[Row]) -> None:
    book = load_workbook(examples / "demo-college.xlsx")
    assert all("示例数据" in str(sheet.cell(1, 1).value) for sheet in book)
    assert all(row.name.startswith("示例·") for row in rows if row.number)
    units = rows_of(examples / "demo-college.xlsx", "单位一览", "单位名称")
    teaching = [row["单位名称"] for row in units if row["单位类别"] == "二级教学单位"]
    assert len(teaching) == 11
    assert all(name.startswith("示例") for name in teaching)


def test_codes_given_out_nationally_are_made_up(examples: Path, registry: Registry) -> None:
    """No province and no field of the catalogue of programmes has the number 99."""
    (college,) = rows_of(examples / "demo-college.xlsx", "学校", "学校名称")
    assert re.fullmatch("4199[0-9]{6}", college["学校标识码"])
    codes = {row["专业代码"] for row in rows_of(examples / "demo-college.xlsx", "专业", "专业名称")}
    assert len(codes) == 11
    assert all(re.fullmatch("99[0-9]{4}", code) for code in codes)
    held = {name: registry.engine.facts(predicate=QA + name) for name in ("collegeCode", "nationalCode")}
    assert {lit_of(fact.object).value for fact in held["collegeCode"]} == {college["学校标识码"]}
    assert {lit_of(fact.object).value for fact in held["nationalCode"]} == codes


def test_no_sentence_of_the_plan_is_copied(examples: Path, repo_root: Path, seed_dir: Path) -> None:
    def squeeze(text: str) -> str:
        return re.sub(r"[\s，,；;。、（）()“”]", "", text)

    plan = squeeze((seed_dir / "plan-2019.txt").read_text(encoding="utf-8"))
    book = load_workbook(examples / "demo-college.xlsx")
    hints = [
        str(row["影响因素参考提示"]) for row in rows_of(examples / "demo-college.xlsx", "附2", "诊断项目")
    ]
    written = [
        str(v) for s in ("表1", "表2", "表3") for r in book[s].iter_rows(values_only=True) for v in r if v
    ]
    schemes = "".join(
        path.read_text(encoding="utf-8") for path in (repo_root / "ontology").glob("scheme-*.ttl")
    )
    definitions = re.findall(r'skos:definition "([^"]+)"@zh', schemes)
    assert hints and definitions
    for text in (*hints, *written, *definitions):
        for sentence in re.split(r"[。；\n]", text):
            if len(squeeze(sentence)) >= 15:
                assert squeeze(sentence) not in plan, sentence


# ---------------------------------------------------------------- what it holds


def test_the_sizes_hold(registry: Registry, rows: list[Row]) -> None:
    posts = {row.post for row in rows if row.post}
    people = {row.number for row in rows if row.number}
    assert of_class(registry, "Post") == {f"post/{post}" for post in posts}
    assert of_class(registry, "Person") == {f"person/{number}" for number in people}
    assert len(posts) >= 120
    assert len({row.number for row in rows if row.number and row.start}) >= 150
    assert len(of_class(registry, "Duty")) >= 300


def test_duties_have_work_posts_and_standards(registry: Registry, planted: list[dict[str, str]]) -> None:
    spoilt = {entry["focus"] for entry in planted}
    for duty in of_class(registry, "Duty") - spoilt:
        works = objects(registry, duty, "realisedBy")
        assert works, duty
        for work in works - spoilt:
            assert objects(registry, work, "assignedTo"), work
            assert objects(registry, work, "hasStandard"), work


def test_every_unit_has_a_head(registry: Registry) -> None:
    units = of_class(registry, "Unit")
    assert len(units) == len([u for u in units if objects(registry, u, "headPost")]) > 0


def test_every_point_has_an_indicator_with_three_years_of_readings(
    registry: Registry, examples: Path, planted: list[dict[str, str]]
) -> None:
    spoilt = {entry["focus"] for entry in planted}
    years: dict[str, set[str]] = {}
    for row in rows_of(examples / "demo-college.xlsx", "指标读数", "指标编号"):
        years.setdefault(f"indicator/{row['指标编号']}", set()).add(row["日期"][:4])
    points = of_class(registry, "DiagnosisPoint")
    assert len(points) == 37
    for point in points:
        (indicator,) = objects(registry, point, "hasIndicator")
        assert years[indicator] == {"2023", "2024", "2025"}
        if point not in spoilt:
            examined = objects(registry, point, "examines")
            assert any(node.startswith("duty/") for node in examined), point
            assert examined <= of_class(registry, "Duty") | of_class(registry, "Goal"), point


def test_some_readings_fail_and_most_do_not(registry: Registry) -> None:
    outcomes = Counter(iri_of(f.object) for f in registry.engine.facts(predicate=QA + "outcome"))
    met, failed = (
        outcomes[f"https://w3id.org/qualitrace/scheme/outcome-{kind}"] for kind in ("met", "failed")
    )
    assert failed >= 10
    assert met > 2 * failed


# ---------------------------------------------------------------- what is wrong with it


def test_exactly_the_planted_defects_are_found(registry: Registry, planted: list[dict[str, str]]) -> None:
    expected = {(registry.profile.expand(entry["rule"]), registry.base + entry["focus"]) for entry in planted}
    found = registry.validate().findings
    assert {(finding.rule, finding.focus) for finding in found} == expected
    assert len(found) == len(expected) == len(planted)
    assert Severity.VIOLATION not in {finding.severity for finding in found}


def test_the_readme_lists_the_planted_defects(examples: Path, planted: list[dict[str, str]]) -> None:
    table = re.findall(r"^\| (D\d+) \|.*\| (\S+![A-Z]\d+) \| `(\S+)` \| `(\S+)` \|$", _readme(examples), re.M)
    assert table == [(entry["id"], entry["where"], entry["rule"], entry["focus"]) for entry in planted]


def _readme(examples: Path) -> str:
    return (examples / "README.md").read_text(encoding="utf-8")


def test_what_the_demonstration_says_of_itself_holds(registry: Registry) -> None:
    assert [problem.best("en") for problem in demonstration.check(registry)] == []


# ---------------------------------------------------------------- who held which post


def answer(registry: Registry, node: str, day: str) -> tuple[TracePath, ...]:
    return registry.trace(node, "Person", as_of=dt.date.fromisoformat(day)).paths


@pytest.mark.parametrize("day", DAYS)
def test_the_holders_of_every_post_are_the_ones_in_the_sheet(
    registry: Registry, rows: list[Row], day: str
) -> None:
    for post in {row.post for row in rows if row.post}:
        holding = {row for row in rows if row.post == post and row.number and not row.start}
        holding |= {row for row in rows if row.post == post and row.holds_on(day)}
        expected = {(f"person/{row.number}", ACTING if row.kind == ACTING else "") for row in holding}
        paths = answer(registry, f"post/{post}", day)
        found = {
            (path.steps[-1].target.removeprefix(registry.base), path.capacity.best("zh"))
            for path in paths
            if path.ending is Ending.REACHED
        }
        assert found == expected, post
        vacant = [path for path in paths if path.ending is Ending.ABSENT]
        assert bool(vacant) == (not expected), post


def test_there_are_a_vacancy_an_acting_holder_a_handover_and_two_posts_in_one_hand(rows: list[Row]) -> None:
    day = "2025-03-01"
    now = [row for row in rows if row.holds_on(day)]
    assert {row.post for row in rows if row.post} - {row.post for row in now}
    assert any(row.kind == ACTING for row in now)
    assert max(Counter(row.number for row in now).values()) >= 2
    ends = {(row.post, row.end) for row in rows if row.end}
    starts = {(row.post, _day_before(row.start)) for row in rows if row.start}
    assert ends & starts


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def test_the_failed_indicator_of_2_3_2_leads_to_who_acted_that_day(
    registry: Registry, examples: Path, rows: list[Row]
) -> None:
    day, indicator = "2025-03-01", "indicator/ZB2.3.2"
    (limits,) = [
        r for r in rows_of(examples / "demo-college.xlsx", "指标", "指标编号") if r["指标编号"] == "ZB2.3.2"
    ]
    (reading,) = [
        row
        for row in rows_of(examples / "demo-college.xlsx", "指标读数", "指标编号")
        if (row["指标编号"], row["日期"]) == ("ZB2.3.2", day)
    ]
    assert float(reading["数值"]) < float(limits["预警值"])
    assert objects(registry, f"observation/ZB2.3.2/{day}", "outcome") == {
        "https://w3id.org/qualitrace/scheme/outcome-failed"
    }
    (owner,) = objects(registry, indicator, "owner")
    (holder,) = [row for row in rows if f"post/{row.post}" == owner and row.holds_on(day)]
    assert holder.kind == ACTING
    owned = [path for path in answer(registry, indicator, day) if path.steps[0].property == QA + "owner"]
    assert [path.steps[-1].target for path in owned] == [f"{registry.base}person/{holder.number}"]
    assert [path.capacity.best("zh") for path in owned] == [ACTING]


def test_a_person_with_two_posts_answers_for_both(registry: Registry, rows: list[Row]) -> None:
    day = "2025-03-01"
    posts: dict[str, set[str]] = {}
    for row in rows:
        if row.holds_on(day):
            posts.setdefault(row.number, set()).add(f"{registry.base}post/{row.post}")
    doubled = {number: held for number, held in posts.items() if len(held) > 1}
    assert doubled
    for number, held in doubled.items():
        trace = registry.trace(f"person/{number}", "Post", as_of=dt.date.fromisoformat(day), backwards=True)
        assert held <= set(trace.nodes)
