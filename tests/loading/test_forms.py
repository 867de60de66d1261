"""The forms the shipped profile reads, filled in and loaded from Excel, Word, CSV and text."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from qualitrace.journal.model import Basis
from qualitrace.loading import KnownName, KnownNames, NoticeKind
from qualitrace.profile.model import Profile
from qualitrace.terms import QT, RDF_TYPE, RDFS_LABEL
from tests.loading.support import (
    BASE,
    QA,
    Rows,
    csv_file,
    labels,
    load,
    nodes,
    notices,
    objects,
    tabbed,
    with_names,
    word,
    xlsx,
)

TABLE_2 = ["部门职责", "具体化的工作", "工作归属岗位", "岗位所在科室", "监督岗位"]
TABLE_3 = ["科室", "岗位", "具体化工作", "工作标准"]
ANNEX_1 = ["类别", "建设任务", "工作", "成果形式", "责任部门", "完成时间"]
UNITS = ["单位名称", "单位类别", "纵向系统", "负责人岗位"]
STAFF = ["工号", "姓名", "部门", "科室", "岗位", "任职方式", "任职起", "任职止"]
INDICATORS = [
    "指标编号", "指标名称", "诊断点", "层面", "目标值", "预警值",
    "方向", "计量单位", "数据来源", "责任部门", "责任岗位",
]  # fmt: skip

DUTY_1, DUTY_2 = "JW01 负责学籍管理", "JW02 负责课程建设"
WORK_TABLE: Rows = [
    ["表2 职能部门岗位工作一览表"],
    ["部门名称：教务处"],
    TABLE_2,
    [DUTY_1, "JW01.1 学籍注册", "学籍管理岗", "学籍科", "教务处/处长"],
    [None, "JW01.2 学籍异动", "学籍管理岗", "学籍科", "处长"],
    [DUTY_2, "JW02.1 课程标准编制", "学生处/学风建设岗", "学风科", ""],
]


def test_table_1_one_duty_a_line(tmp_path: Path, profile: Profile) -> None:
    lines = "JW01 负责学籍管理\nJW02 负责课程建设"
    rows = [["在系统内的职责", lines], ["在系统外的职责", "JW09 承办临时任务"]]
    path = xlsx(tmp_path / "t.xlsx", {"表1": [["部门名称：教务处"], *rows]})
    loaded = load(path, profile)
    assert labels(loaded, "Duty") == {"JW01": "负责学籍管理", "JW02": "负责课程建设", "JW09": "承办临时任务"}
    assert objects(loaded, "duty/教务处/JW01", QA + "dutyOf") == ["unit/教务处"]
    scopes = {code: objects(loaded, f"duty/教务处/{code}", QA + "dutyScope") for code in ("JW01", "JW09")}
    assert [scope[0].rpartition("/")[2] for scope in scopes.values()] == ["scope-inside", "scope-outside"]
    again = load(word(tmp_path / "t.docx", "部门名称：教务处", rows), profile)
    assert {e.fact for e in again.facts} == {e.fact for e in loaded.facts}


def test_table_1_list_numbers_are_no_codes(tmp_path: Path, profile: Profile) -> None:
    """Numbers that begin anew inside and outside the system must not make two duties one."""
    rows = [["在系统内的职责", "1. 负责学籍管理\n2. 负责课程建设"], ["在系统外的职责", "1. 承办临时任务"]]
    loaded = load(word(tmp_path / "t.docx", "部门名称：教务处", rows), profile)
    assert sorted(labels(loaded, "Duty").values()) == ["承办临时任务", "负责学籍管理", "负责课程建设"]


def test_table_2_in_excel_with_merged_duties(tmp_path: Path, profile: Profile) -> None:
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": WORK_TABLE}, {"表2": ["A4:A5"]}), profile)
    assert objects(loaded, "duty/教务处/JW01", QA + "realisedBy") == [
        "work/教务处/JW01.1",
        "work/教务处/JW01.2",
    ]
    assert objects(loaded, "work/教务处/JW01.1", QA + "assignedTo") == ["post/教务处/学籍管理岗"]
    assert objects(loaded, "work/教务处/JW02.1", QA + "assignedTo") == ["post/学生处/学风建设岗"]
    assert objects(loaded, "work/教务处/JW01.2", QA + "supervisedBy") == ["post/教务处/处长"]
    assert objects(loaded, "post/学生处/学风建设岗", QA + "postOf") == ["unit/学生处"]
    assert objects(loaded, "post/学生处/学风建设岗", QA + "inSection") == ["section/学生处/学风科"]
    (merged,) = notices(loaded, NoticeKind.INFERRED)
    assert (merged.source.part, merged.source.cell) == ("表2", "A5")
    (blank,) = notices(loaded, NoticeKind.BLANK)
    assert blank.source.cell == "E6"
    link = next(
        e
        for e in loaded.facts
        if e.fact.object.endswith("JW01.2>") and e.fact.predicate.endswith("realisedBy")
    )
    assert (link.source.cell, link.source.basis) == ("A5", Basis.MERGED)


def test_many_tables_on_one_sheet_keep_their_captions(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        *WORK_TABLE,
        [],
        ["部门名称：学生处"],
        TABLE_2,
        ["XS01 负责奖助", "XS01.1 评定", "奖助岗", "奖助科", "处长"],
    ]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": rows}, {"表2": ["A4:A5"]}), profile)
    assert objects(loaded, "duty/学生处/XS01", QA + "dutyOf") == ["unit/学生处"]
    assert objects(loaded, "duty/教务处/JW01", QA + "dutyOf") == ["unit/教务处"]


def test_a_header_without_a_caption_borrows_none(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [*WORK_TABLE, [], TABLE_2, ["XS01 负责奖助", "XS01.1 评定", "奖助岗", "奖助科", "处长"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": rows}, {"表2": ["A4:A5"]}), profile)
    assert not any("XS01" in e.fact.subject for e in loaded.facts)
    assert "XS01 负责奖助" in {n.text for n in notices(loaded, NoticeKind.UNREADABLE)}


def test_a_header_repeated_at_a_page_goes_on(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [*WORK_TABLE, TABLE_2, ["JW03 负责考试", "JW03.1 排考", "考务岗", "考务科", "处长"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": rows}, {"表2": ["A4:A5"]}), profile)
    assert objects(loaded, "duty/教务处/JW03", QA + "realisedBy") == ["work/教务处/JW03.1"]


def test_tables_2_and_3_join_on_the_work(tmp_path: Path, profile: Profile) -> None:
    """By code where both have one; by their words where one has none."""
    third: Rows = [
        ["部门名称：教务处"],
        TABLE_3,
        ["学籍科", "学籍管理岗", "JW01.1 学籍注册", "开学两周内完成，差错为零"],
        ["学籍科", "学籍管理岗", "学籍 异动", "五个工作日内办结"],
    ]
    path = xlsx(tmp_path / "t.xlsx", {"表2": WORK_TABLE, "表3": third}, {"表2": ["A4:A5"]})
    loaded = load(path, profile)
    assert nodes(loaded, "WorkItem") == {f"work/教务处/{code}" for code in ("JW01.1", "JW01.2", "JW02.1")}
    for work in ("work/教务处/JW01.1", "work/教务处/JW01.2"):
        (standard,) = objects(loaded, work, QA + "hasStandard")
        assert objects(loaded, standard, QA + "appliesTo") == [work]
    assert notices(loaded, NoticeKind.DISAGREEMENT) == []


def test_words_join_what_is_registered(tmp_path: Path, profile: Profile) -> None:
    third: Rows = [["部门名称：教务处"], TABLE_3, ["学籍科", "学籍管理岗", "学籍注册", "差错为零"]]
    known = KnownNames(
        (
            KnownName("学籍注册", BASE + "work/教务处/JW01.1", QA + "WorkItem"),
            KnownName("学籍注册", BASE + "work/学生处/XS07", QA + "WorkItem"),
        )
    )
    path = xlsx(tmp_path / "t.xlsx", {"表3": third})
    assert nodes(load(path, profile, known), "WorkItem") == {"work/教务处/JW01.1"}
    (alone,) = nodes(load(path, profile), "WorkItem")
    assert alone.startswith("work/教务处/")
    assert len(alone.rpartition("/")[2]) == 12


def test_two_texts_for_one_code_disagree(tmp_path: Path, profile: Profile) -> None:
    third: Rows = [["部门名称：教务处"], TABLE_3, ["学籍科", "学籍管理岗", "JW01.1 学籍核验", "差错为零"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": WORK_TABLE, "表3": third}, {"表2": ["A4:A5"]}), profile)
    (told,) = notices(loaded, NoticeKind.DISAGREEMENT)
    assert told.text == "学籍核验"
    assert (told.source.part, told.source.cell) == ("表3", "C3")
    assert "表2" in told.message["zh"]
    assert objects(loaded, "work/教务处/JW01.1", RDFS_LABEL) == ["学籍注册"]


def test_same_words_under_two_codes_are_not_chosen_from(tmp_path: Path, profile: Profile) -> None:
    second: Rows = [
        ["部门名称：教务处"], TABLE_2,
        [DUTY_1, "JW01.1 数据上报", "甲岗", "学籍科", "处长"],
        [DUTY_2, "JW02.1 数据上报", "乙岗", "课程科", "处长"],
    ]  # fmt: skip
    third: Rows = [["部门名称：教务处"], TABLE_3, ["学籍科", "甲岗", "数据上报", "差错为零"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": second, "表3": third}), profile)
    assert [n.text for n in notices(loaded, NoticeKind.AMBIGUOUS)] == ["数据上报"]
    for code in ("JW01.1", "JW02.1"):
        assert objects(loaded, f"work/教务处/{code}", QA + "hasStandard") == []


def test_units_say_their_class(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        UNITS,
        ["继续教育处", "二级教学单位", "质量生成", "处长"],  # the name alone would say a department
        ["教学委员会", "委员会", "决策指挥系统", ""],
    ]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"单位": rows}), profile)
    assert nodes(loaded, "TeachingUnit") == {"unit/继续教育处"}
    assert nodes(loaded, "Committee") == {"unit/教学委员会"}
    assert nodes(loaded, "Department") == set()
    assert objects(loaded, "unit/继续教育处", QA + "headPost") == ["post/继续教育处/处长"]
    assert objects(loaded, "unit/教学委员会", QA + "verticalSystem")[0].endswith("system-decision")


def test_a_class_said_on_one_sheet_holds_on_all(tmp_path: Path, profile: Profile) -> None:
    work: Rows = [["部门名称：继续教育处"], TABLE_2, [DUTY_1, "JW01.1 注册", "甲岗", "一科", "处长"]]
    units: Rows = [UNITS, ["继续教育处", "二级教学单位", "质量生成", "处长"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": work, "单位": units}), profile)
    assert nodes(loaded, "TeachingUnit") == {"unit/继续教育处"}
    assert nodes(loaded, "Department") == set()


def test_staff_and_appointments(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        STAFF,
        ["1001", "示例·甲", "教务处", "学籍科", "学籍管理岗", "正式任职", date(2020, 9, 1), "至今"],
        ["1002", "示例·乙", "教务处", "学籍科", "学生处/奖助岗", "代理", "2021.03", "2021年6月"],
        ["", "", "教务处", "考务科", "考务岗", "", "", ""],
    ]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"任职": rows}), profile)
    first = "appointment/教务处/学籍管理岗/1001/2020-09-01"
    second = "appointment/学生处/奖助岗/1002/2021-03-01"
    assert nodes(loaded, "Appointment") == {first, second}
    assert objects(loaded, first, QA + "appointee") == ["person/1001"]
    assert objects(loaded, first, QA + "endDate") == []
    assert objects(loaded, first, QA + "appointmentType") == []
    assert objects(loaded, second, QA + "endDate") == ["2021-06-30"]
    assert objects(loaded, second, QA + "appointmentType")[0].endswith("appointment-acting")
    assert objects(loaded, "post/教务处/考务岗", QA + "hasAppointment") == []
    assert objects(loaded, "post/教务处/考务岗", QA + "postOf") == ["unit/教务处"]
    assert "工号" in {n.message["zh"][1:3] for n in notices(loaded, NoticeKind.BLANK) if n.source.row == 4}


def test_indicators_readings_and_what_points_examine(tmp_path: Path, profile: Profile) -> None:
    sheets: dict[str, Rows] = {
        "指标": [
            INDICATORS,
            [
                "ZB1",
                "课程标准齐备率",
                "2.3.2 目标与标准",
                "课程",
                95.5,
                "90%",
                "越高越好",
                "%",
                "平台",
                "教务处",
                "课程岗",
            ],
        ],
        "读数": [["指标编号", "日期", "数值"], ["ZB1", date(2025, 3, 1), 0.885]],
        "对应": [["诊断点", "对应职责", "对应目标"], ["2.3.2", "教务处/JW01、学生处/XS01", "1.1、3.2"]],
    }
    loaded = load(xlsx(tmp_path / "t.xlsx", sheets), profile)
    assert objects(loaded, "indicator/ZB1", QA + "indicatorOf") == ["point/2.3.2"]
    assert objects(loaded, "indicator/ZB1", QA + "target") == ["95.5"]
    assert objects(loaded, "indicator/ZB1", QA + "threshold") == ["90"]
    assert objects(loaded, "indicator/ZB1", QA + "owner") == ["post/教务处/课程岗"]
    assert objects(loaded, "indicator/ZB1", QA + "direction")[0].endswith("direction-higher")
    assert objects(loaded, "observation/ZB1/2025-03-01", QA + "value") == ["0.885"]
    examined = ["duty/学生处/XS01", "duty/教务处/JW01", "goal/1.1", "goal/3.2"]
    assert objects(loaded, "point/2.3.2", QA + "examines") == sorted(examined)
    assert nodes(loaded, "Duty") == set()  # referred to, not described


def test_rules(tmp_path: Path, profile: Profile) -> None:
    header = ["制度编号", "制度名称", "制度类别", "制定部门", "生效日期", "复审日期"]
    row = ["ZD-01", "学籍管理办法", "教学", "教务处、学生处", "2020.09.01", "2025年9月"]
    loaded = load(csv_file(tmp_path / "t.csv", [header, row]), profile)
    assert objects(loaded, "rule/ZD-01", QA + "responsibleUnit") == ["unit/学生处", "unit/教务处"]
    assert objects(loaded, "rule/ZD-01", QA + "effectiveFrom") == ["2020-09-01"]
    assert objects(loaded, "rule/ZD-01", QA + "reviewBy") == ["2025-09-30"]
    assert objects(loaded, "rule/ZD-01", QA + "regime")[0].endswith("rule-field-teaching")


def task(code: str, title: str = "制定制度", units: str = "教务处", due: str = "2019.08") -> list[str]:
    """A row of annex 1."""
    goal = code.rpartition(".")[0]
    return [f"{goal.partition('.')[0]}. 制度", f"{goal} 建设", f"{code} {title}", "制度文本", units, due]


@pytest.mark.parametrize(
    "write",
    [
        lambda folder, rows: xlsx(folder / "t.xlsx", {"附1": rows}),
        lambda folder, rows: word(folder / "t.docx", rows),
        lambda folder, rows: csv_file(folder / "t.csv", rows),
        lambda folder, rows: csv_file(folder / "t.csv", rows, delimiter=";", encoding="utf-8-sig"),
        lambda folder, rows: csv_file(folder / "t.csv", rows, delimiter="\t", encoding="gb18030"),
        lambda folder, rows: csv_file(folder / "t.csv", rows, encoding="utf-16"),
        lambda folder, rows: tabbed(folder / "t.txt", rows),
    ],
    ids=["xlsx", "docx", "csv", "csv-semicolon-bom", "csv-tab-gb18030", "csv-utf-16", "txt"],
)
def test_the_same_table_in_every_file_type(
    write: Callable[[Path, Rows], Path], tmp_path: Path, profile: Profile
) -> None:
    rows: Rows = [
        ANNEX_1,
        task("4.1.1"),
        task("4.1.2", units="学生处、各职能部门", due="每年12月"),
        task("4.2.1"),
    ]
    loaded = load(write(tmp_path, rows), profile)
    plain = load(xlsx(tmp_path / "plain.xlsx", {"附1": rows}), profile)
    assert {e.fact for e in loaded.facts} == {e.fact for e in plain.facts}
    assert nodes(loaded, "Task") == {"task/4.1.1", "task/4.1.2", "task/4.2.1"}


def test_order_of_rows_does_not_matter(tmp_path: Path, profile: Profile) -> None:
    rows = [task(f"{a}.{b}.{c}", f"任务{a}{b}{c}") for a in (1, 2) for b in (1, 2) for c in (1, 2, 3)]
    first = load(xlsx(tmp_path / "a.xlsx", {"附1": [ANNEX_1, *rows]}), profile)
    random.Random(7).shuffle(rows)
    second = load(xlsx(tmp_path / "b.xlsx", {"附1": [ANNEX_1, *rows]}), profile)
    assert {e.fact for e in first.facts} == {e.fact for e in second.facts}


def test_a_code_that_does_not_nest_is_told(tmp_path: Path, profile: Profile) -> None:
    row = task("4.1.1")
    row[1] = "3.2 建设"
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附1": [ANNEX_1, row]}), profile)
    assert {n.source.cell for n in notices(loaded, NoticeKind.DISAGREEMENT)} == {"A2", "B2"}


def test_an_outer_code_comes_from_the_inner_one(tmp_path: Path, profile: Profile) -> None:
    row = task("4.1.1")
    row[0] = row[1] = ""
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附1": [ANNEX_1, row]}), profile)
    assert objects(loaded, "goal/4", QA + "hasSubgoal") == ["goal/4.1"]
    (link,) = [e for e in loaded.facts if e.fact.predicate == QA + "hasTask"]
    assert link.source.basis is Basis.DERIVED
    assert {n.source.cell for n in notices(loaded, NoticeKind.BLANK)} == {"A2", "B2"}


def test_declared_aliases_are_followed_and_told(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [ANNEX_1, task("5.1.1", units="信息技术中心"), task("5.1.2", units="信息中心")]
    path = xlsx(tmp_path / "t.xlsx", {"附1": rows})
    loaded = load(path, with_names(profile, aliases={"信息中心": "信息技术中心"}))
    assert nodes(loaded, "Department") == {"unit/信息技术中心"}
    assert objects(loaded, "unit/信息技术中心", QT + "alias") == ["信息中心"]
    (told,) = notices(loaded, NoticeKind.ALIAS)
    assert told.text == "信息中心"
    apart = load(path, with_names(profile, distinct=[["信息中心", "信息技术中心"]]))
    assert notices(apart, NoticeKind.ALIAS) == []
    assert len(nodes(apart, "Department")) == 2


def test_names_resolve_against_the_registry(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [ANNEX_1, task("5.1.1", units="信息中心、网信办")]
    known = KnownNames(
        (
            KnownName("信息技术中心", BASE + "unit/信息技术中心", QA + "Department"),
            KnownName("网络与信息化办公室", BASE + "unit/WX", QA + "TeachingUnit"),
            KnownName("网信办", BASE + "unit/WX", QA + "TeachingUnit", alias=True),
            KnownName("信息中心", BASE + "post/信息技术中心/信息中心", QA + "Post"),  # not a body
        )
    )
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附1": rows}), profile, known)
    assert objects(loaded, "task/5.1.1", QA + "responsibleUnit") == ["unit/WX", "unit/信息中心"]
    told = {n.text for n in notices(loaded, NoticeKind.ALIAS)}
    assert "信息中心" in told  # may be the registered 信息技术中心
    types = {
        e.fact.object
        for e in loaded.facts
        if e.fact.subject == BASE + "unit/WX" and e.fact.predicate == RDF_TYPE
    }
    assert types == {f"<{QA}TeachingUnit>"}


def test_a_class_other_than_the_registered_one_is_told(tmp_path: Path, profile: Profile) -> None:
    known = KnownNames((KnownName("教务处", BASE + "unit/教务处", QA + "Department"),))
    rows: Rows = [UNITS, ["教务处", "二级教学单位", "质量生成", "处长"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"单位": rows}), profile, known)
    assert [n.text for n in notices(loaded, NoticeKind.DISAGREEMENT)] == ["教务处"]


def test_a_part_of_a_name_is_told(tmp_path: Path, profile: Profile) -> None:
    loaded = load(
        xlsx(tmp_path / "t.xlsx", {"附1": [ANNEX_1, task("5.1.1", units="教务处（牵头）、学生处")]}), profile
    )
    assert objects(loaded, "task/5.1.1", QA + "responsibleUnit") == ["unit/学生处", "unit/教务处"]
    assert [n.text for n in notices(loaded, NoticeKind.AMBIGUOUS)] == ["教务处（牵头）"]


def test_a_group_where_only_units_count_is_told(tmp_path: Path, profile: Profile) -> None:
    header = ["制度编号", "制度名称", "制度类别", "制定部门", "生效日期", "复审日期"]
    row = ["ZD1", "办法", "教学", "教务处、相关部门", "2020-09-01", "2025-09-01"]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"制度": [header, row]}), profile)
    assert [n.text for n in notices(loaded, NoticeKind.UNREADABLE)] == ["相关部门"]


def test_a_remark_below_a_table_is_no_row(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [*WORK_TABLE, ["注：本表由教务处填写。"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表2": rows}, {"表2": ["A4:A5"]}), profile)
    assert len(nodes(loaded, "Duty")) == 2
    assert [n.text for n in notices(loaded, NoticeKind.IGNORED)] == ["注：本表由教务处填写。"]


def test_a_word_header_merged_over_two_rows(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [ANNEX_1, [None] * 6, task("4.1.1")]
    loaded = load(word(tmp_path / "t.docx", rows), profile)
    assert nodes(loaded, "Task") == {"task/4.1.1"}
    assert notices(loaded, NoticeKind.UNREADABLE) == []


def test_captions_of_section_apply_to_rows_without_one(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [
        ["部门名称：教务处 科室名称：学籍科"], TABLE_3, ["", "学籍管理岗", "JW01.1 注册", "差错为零"],
        ["考务科", "考务岗", "JW02.1 排考", "差错为零"],
    ]  # fmt: skip
    loaded = load(xlsx(tmp_path / "t.xlsx", {"表3": rows}), profile)
    assert objects(loaded, "post/教务处/学籍管理岗", QA + "inSection") == ["section/教务处/学籍科"]
    assert objects(loaded, "post/教务处/考务岗", QA + "inSection") == ["section/教务处/考务科"]


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("信息中心", "信息技术中心", True),
        ("学生处", "学生工作处", True),
        ("质量保证委员会", "质量保障委员会", True),
        ("教务处", "学生处", False),
        ("机械工程学院", "机电工程学院", False),
        ("第一教学部办公室", "第二教学部办公室", False),
        ("团委", "校团委", False),
    ],
)
def test_names_that_may_be_one(one: str, other: str, may_be: bool, tmp_path: Path, profile: Profile) -> None:
    rows = [ANNEX_1, task("5.1.1", units=one), task("5.1.2", units=other)]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"附1": rows}), profile)
    assert bool(notices(loaded, NoticeKind.ALIAS)) == may_be


def test_a_duty_without_its_unit_is_told(tmp_path: Path, profile: Profile) -> None:
    rows: Rows = [["诊断点", "对应职责"], ["2.3.2", "JW01、学生处/XS01"]]
    loaded = load(xlsx(tmp_path / "t.xlsx", {"对应": rows}), profile)
    assert objects(loaded, "point/2.3.2", QA + "examines") == ["duty/学生处/XS01"]
    (told,) = notices(loaded, NoticeKind.UNREADABLE)
    assert (told.text, told.source.cell) == ("JW01", "B2")
