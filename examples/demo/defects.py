"""What is wrong with the demonstration college on purpose."""

from __future__ import annotations

from datetime import date

from demo.model import Appointment, College
from demo.planted import Change, Defect, change, work

ART, HEALTH = "示例艺术设计学院", "示例护理与健康学院"


def _appointed(*rows: Appointment) -> Change:
    return lambda college: college.appointments.extend(rows)


def _counsellor(number: str, name: str, unit: str, start: date | None, end: date | None) -> Appointment:
    return Appointment(number, name, unit, "学生工作办公室", "辅导员岗", "正式任职", start, end)


def _vacate(college: College) -> None:
    """Empty the row of a post that nobody ever held."""
    row = college.holder("校企合作处", "国际交流岗")
    row.number, row.name, row.kind, row.start = "", "", "", None


def _drop_work(college: College) -> None:
    college.duty("综改办", "ZG11").works.clear()


ORGANISATION = (
    Defect(
        "qs:unit-has-system",
        "unit/高教研究中心",
        "C",
        change(lambda college: college.unit("高教研究中心"), system=""),
        "单位没有归入纵向系统",
        "a unit outside every vertical system",
    ),
    Defect(
        "qs:head-in-unit",
        "unit/图书馆",
        "D",
        change(lambda college: college.unit("图书馆"), head="党委宣传部/部长"),
        "负责人岗位设在别的单位",
        "the head post belongs to another unit",
    ),
    Defect(
        "qs:post-filled",
        "post/后勤基建处/维修管理岗",
        "H",
        change(lambda college: college.holder("后勤基建处", "维修管理岗"), end=date(2024, 12, 31)),
        "任职到期，岗位空缺",
        "the appointment ran out and the post is vacant",
    ),
    Defect(
        "qs:post-filled",
        "post/校企合作处/国际交流岗",
        "E",
        _vacate,
        "岗位从未有人担任",
        "nobody ever held the post",
    ),
    Defect(
        "qs:person-has-appointment",
        "person/S9001",
        "E",
        _appointed(Appointment("S9001", "示例·林若溪", "教务处", "", "", "", None)),
        "人员没有岗位",
        "a person without an appointment",
    ),
    Defect(
        "qs:dates-ordered",
        f"appointment/{ART}/辅导员岗/S9002/2024-09-01",
        "G",
        _appointed(_counsellor("S9002", "示例·郭明宇", ART, date(2024, 9, 1), date(2023, 8, 31))),
        "任职起晚于任职止",
        "the appointment begins after it ends",
    ),
    Defect(
        "qs:appointment-has-start",
        f"appointment/{HEALTH}/辅导员岗/S9003/-",
        "G",
        _appointed(_counsellor("S9003", "示例·何雨桐", HEALTH, None, None)),
        "任职没有起始日期",
        "an appointment without a start date",
    ),
)

DUTIES = (
    Defect(
        "qs:duty-has-work",
        "duty/综改办/ZG11",
        "B",
        _drop_work,
        "职责没有具体化的工作",
        "a duty without work",
    ),
    Defect(
        "qs:duty-has-scope",
        "duty/信息技术中心/XX12",
        "A",
        change(lambda college: college.duty("信息技术中心", "XX12"), in_table_1=False),
        "职责只见于表2，表1 没有列出",
        "the duty stands in table 2 only, not in table 1",
        place="work/信息技术中心/XX12.1",
    ),
    Defect(
        "qs:work-has-duty",
        "work/安全保卫处/BW10.2",
        "C",
        work("安全保卫处", "BW10.2", in_table_2=False),
        "工作只见于表3，表2 没有对应的职责",
        "the work stands in table 3 only, with no duty in table 2",
        place="standard/安全保卫处/BW10.2",
    ),
    Defect(
        "qs:work-specific",
        "work/党政办公室/DZ08.1",
        "B",
        work("党政办公室", "DZ08.1", text="承担综合档案收集与利用的日常管理"),
        "工作照抄职责",
        "the work repeats the duty",
    ),
    Defect(
        "qs:work-has-post",
        "work/学生处/XS05.2",
        "C",
        work("学生处", "XS05.2", post=""),
        "工作没有归属岗位",
        "work without a post",
    ),
    Defect(
        "qs:work-has-standard",
        "work/图书馆/TS07.1",
        "D",
        work("图书馆", "TS07.1", standard=""),
        "工作没有标准",
        "work without a standard",
        place="standard/图书馆/TS07.1",
    ),
    Defect(
        "qs:work-post-in-unit",
        "work/科研与社会服务处/KY10.2",
        "C",
        work("科研与社会服务处", "KY10.2", post="高教研究中心/教学研究岗"),
        "工作归到了别的单位的岗位",
        "the work is assigned to a post of another unit",
    ),
    Defect(
        "qs:work-not-self-supervised",
        "work/计划财务处/CW04.1",
        "E",
        work("计划财务处", "CW04.1", supervisor="会计核算岗"),
        "由承担工作的岗位自己监督",
        "the post supervises its own work",
    ),
    Defect(
        "qs:work-not-supervised-by-same-person",
        "work/教育督导中心/DD09.1",
        "E",
        work("教育督导中心", "DD09.1", supervisor="质量管理办公室/考核诊断岗"),
        "两个岗位由同一人担任，等于自己监督自己",
        "both posts are held by one person, who supervises the own work",
    ),
)

STANDARDS = (
    Defect(
        "qs:standard-not-copied",
        "standard/党委宣传部/XC02.2",
        "D",
        work("党委宣传部", "XC02.2", text="每月汇总质量文化宣传情况", standard="每月汇总质量文化宣传情况"),
        "标准照抄工作",
        "the standard repeats the work",
    ),
    Defect(
        "qs:standard-specific",
        "standard/招生就业处/ZS08.1",
        "D",
        work("招生就业处", "ZS08.1", standard="每月做好服务"),
        "标准过短，没有说明做到什么程度",
        "the standard is too short to say how well",
    ),
    Defect(
        "qs:standard-measurable",
        "standard/教务处/JW10.1",
        "D",
        work("教务处", "JW10.1", standard="认真负责地做好教材选用与征订，当月完成"),
        "标准不可测：没有数量",
        "the standard is not measurable: no quantity",
    ),
    Defect(
        "qs:standard-achievable",
        "standard/后勤基建处/HQ05.1",
        "D",
        work("后勤基建处", "HQ05.1", standard="每学期物业服务满意度达到120%"),
        "标准不可达：超过 100%",
        "the standard cannot be reached: more than 100 per cent",
    ),
    Defect(
        "qs:standard-time-bound",
        "standard/国有资产管理处/GZ03.1",
        "D",
        work("国有资产管理处", "GZ03.1", standard="采购档案完整率不低于98%，抽查合格率100%"),
        "标准没有时限",
        "the standard has no time limit",
    ),
)
