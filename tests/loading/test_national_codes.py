"""Codes that a ministry gives out, filled in by an officer: of the college, programmes, standards, points."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.loading import NoticeKind
from qualitrace.loading.mapping_reading import read_forms
from qualitrace.profile.model import Profile
from tests.loading.support import (
    QA,
    Rows,
    csv_file,
    load,
    nodes,
    notices,
    objects,
    with_mapping,
    word,
    xlsx,
)

SCHEME = "https://w3id.org/qualitrace/scheme/"
CODE = "4199099123"  # made up
POINT = "国家诊断点编号"
ANNEX_2 = ["诊断项目", "诊断要素", "诊断点", "影响因素参考提示", "数据管理平台相应编号"]


def test_the_college_and_its_code(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [["学校信息表"], ["学校名称", "学校标识码"], ["示例职业技术学院", CODE]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"学校": rows}), profile)
    assert nodes(loaded, "College") == {"unit/示例职业技术学院"}
    assert nodes(loaded, "TeachingUnit") == set()  # though the name ends in 学院
    assert objects(loaded, "unit/示例职业技术学院", QA + "collegeCode") == [CODE]
    assert not notices(loaded, NoticeKind.UNREADABLE)


@pytest.mark.parametrize("written", [int(CODE), CODE, "４１９９０９９１２３", f" {CODE} "])
def test_a_code_is_read_however_the_cell_holds_it(
    written: str | int, tmp_path: Path, profile: Profile
) -> None:
    rows: Rows = [["院校名称", "国家编码"], ["示例职业技术学院", written]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"学校": rows}), profile)
    assert objects(loaded, "unit/示例职业技术学院", QA + "collegeCode") == [CODE]


@pytest.mark.parametrize("written", ["99123", "41990991234", "未定"])
def test_what_is_no_code_is_told_with_its_cell(written: str, tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [["学校名称", "学校标识码"], ["示例职业技术学院", written]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"学校": rows}), profile)
    assert objects(loaded, "unit/示例职业技术学院", QA + "collegeCode") == []
    (told,) = notices(loaded, NoticeKind.UNREADABLE)
    assert (told.source.part, told.source.cell) == ("学校", "B2")
    assert written in told.text


def test_programmes_and_their_national_codes(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        ["专业一览表"],
        ["专业名称", "国家专业代码", "所属学院", "专业层次"],
        ["护理", 520201, "示例护理学院", "院级重点建设专业"],
        ["旅游管理", "540101", "示例旅游学院", ""],
        ["待定专业", "", "示例旅游学院", ""],
    ]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"专业": rows}), profile)
    assert nodes(loaded, "Programme") == {"programme/护理", "programme/旅游管理", "programme/待定专业"}
    assert objects(loaded, "programme/护理", QA + "nationalCode") == ["520201"]
    assert objects(loaded, "programme/护理", QA + "offeredBy") == ["unit/示例护理学院"]
    assert objects(loaded, "programme/护理", QA + "programmeTier") == [SCHEME + "programme-tier-college"]
    assert objects(loaded, "programme/旅游管理", QA + "nationalCode") == ["540101"]
    assert [one.source.cell for one in notices(loaded, NoticeKind.BLANK)] == ["B5"]


def test_standards_of_programmes_and_what_they_are_about(tmp_path: Path, profile: Profile) -> None:
    header = ["标准名称", "国家标准编码", "针对专业", "责任部门", "责任岗位", "生效日期"]
    rows: Rows = [
        header,
        ["ZB01 护理专业建设标准", "520201", "护理", "示例护理学院", "院长", "2024年9月"],
        ["旅游管理专业建设标准", "540101", "旅游管理", "教务处", "", ""],
    ]
    loaded = load(word(tmp_path / "t.docx", "专业标准一览表", rows), profile)
    first = "standard/示例护理学院/ZB01"
    assert objects(loaded, first, QA + "nationalCode") == ["520201"]
    assert objects(loaded, first, QA + "concerns") == ["programme/护理"]
    assert objects(loaded, first, QA + "responsibleUnit") == ["unit/示例护理学院"]
    assert objects(loaded, first, QA + "responsiblePost") == ["post/示例护理学院/院长"]
    assert objects(loaded, first, QA + "effectiveFrom") == ["2024-09-01"]
    assert objects(loaded, first, QA + "level") == [SCHEME + "level-programme"]
    (other,) = nodes(loaded, "ProgrammeStandard") - {first}
    assert objects(loaded, other, QA + "nationalCode") == ["540101"]
    assert nodes(loaded, "Programme") == set()  # referred to, not described


def points(national: list[str]) -> Rows:
    """Three points of a college that has numbers of its own, with the national ones beside them."""
    named = enumerate(national, start=1)
    rows = [["2 专业质量保证", "2.3 课程", f"2.3.{n} 点{n}", "提示", "7.2", code] for n, code in named]
    return [[*ANNEX_2, POINT], *rows]


def test_points_with_national_codes_of_their_own_column(tmp_path: Path, profile: Profile) -> None:
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附2": points(["2.3.2", "", "2.3.1 目标"])}), profile)
    found = {n: objects(loaded, f"point/2.3.{n}", QA + "conformsToConcept") for n in (1, 2, 3)}
    assert found == {1: [SCHEME + "point-2.3.2"], 2: [SCHEME + "point-2.3.2"], 3: [SCHEME + "point-2.3.1"]}
    assert not notices(loaded, NoticeKind.UNREADABLE)
    place = next(e.source for e in loaded.facts if e.fact.subject.endswith("point/2.3.1") and
                 e.fact.predicate == QA + "conformsToConcept")  # fmt: skip
    assert place.cell == "F2"  # where the officer wrote it


def test_a_national_code_that_is_none_is_told_and_nothing_stands_in(tmp_path: Path, profile: Profile) -> None:
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附2": points(["9.9.9"])}), profile)
    assert objects(loaded, "point/2.3.1", QA + "conformsToConcept") == []
    assert {one.source.cell for one in notices(loaded, NoticeKind.UNREADABLE)} == {"F2"}


def test_without_the_column_the_own_code_says_which_point(tmp_path: Path, profile: Profile) -> None:
    rows = [row[:-1] for row in points(["9.9.9"])]
    loaded = load(csv_file(tmp_path / "t.csv", rows), profile)
    assert objects(loaded, "point/2.3.1", QA + "conformsToConcept") == [SCHEME + "point-2.3.1"]


def test_items_and_elements_have_a_column_too(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        [*ANNEX_2, "国家诊断项目编号", "国家诊断要素编号"],
        ["2 专业", "2.3 课程", "2.3.1 点", "提示", "7.2", "1", "1.2"],
    ]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附2": rows}), profile)
    assert objects(loaded, "item/2", QA + "conformsToConcept") == [SCHEME + "item-1"]
    assert objects(loaded, "element/2.3", QA + "conformsToConcept") == [SCHEME + "element-1.2"]


def test_a_link_to_a_concept_names_a_column(profile: Profile) -> None:
    """Also where several columns may say it."""
    text = (profile.directory / "loaders" / "annex-2.yaml").read_text(encoding="utf-8")
    written = "concept: [国家诊断点编号.code, 诊断点.code]"
    assert written in text
    for wrong, named in (
        ("concept: [国家诊断点编号.code, 诊断店.code]", "诊断店"),
        ("concept: []", "concept"),
    ):
        with pytest.raises(ProfileError) as caught:
            read_forms(with_mapping(profile, text.replace(written, wrong)))
        assert named in f"{caught.value.what['zh']} {caught.value.where}"
