"""What is wrong with the plan, the indicators and the rules of the demonstration college on purpose."""

from __future__ import annotations

from datetime import date

from demo.model import College
from demo.planted import Defect, change, indicator, task


def _examine_nothing(college: College) -> None:
    point = college.point("5.4.1")
    point.examines.clear()
    point.goal = ""


def _lose_reading(college: College) -> None:
    college.point("3.2.2").readings[date(2024, 9, 30)] = None


TASKS = (
    Defect(
        "qs:task-has-deliverable",
        "task/2.2.2",
        "D",
        task("2.2.2", deliverable=""),
        "任务没有成果形式（原方案如此）",
        "a task without deliverable (as in the plan)",
    ),
    Defect(
        "qs:task-has-deadline",
        "task/4.1.6",
        "F",
        task("4.1.6", deadline=""),
        "任务没有完成时间",
        "a task without deadline",
    ),
    Defect(
        "qs:deadline-readable",
        "deadline/5.2.2",
        "F",
        task("5.2.2", deadline="每阶段、每过程"),
        "完成时间推算不出日期",
        "a deadline from which no date follows",
        place="task/5.2.2",
    ),
    Defect(
        "qs:task-has-responsible",
        "task/3.2.3",
        "E",
        task("3.2.3", responsible="", post=""),
        "任务没有责任者",
        "a task with nobody responsible",
    ),
    Defect(
        "qs:group-has-members",
        "group/相关职能部门",
        "E",
        task("2.2.3", responsible="相关职能部门"),
        "责任部门是成员不确定的群体（原方案如此）",
        "the task is given to a group whose members are not determined (as in the plan)",
        place="task/2.2.3",
    ),
    Defect(
        "qs:task-post-in-unit",
        "task/2.2.1",
        "G",
        task("2.2.1", post="综改办/目标管理岗"),
        "责任岗位不在责任部门里",
        "the responsible post is in none of the responsible units",
    ),
    Defect(
        "qs:task-code-nested",
        "task/4.2.19",
        "C",
        task("4.1.19", code="4.2.19"),
        "任务编号与所在建设任务不一致",
        "the code of the task does not continue that of its goal",
    ),
)

DIAGNOSIS = (
    Defect(
        "qs:point-has-platform-code",
        "point/4.2.1",
        "E",
        change(lambda college: college.point("4.2.1"), platform=""),
        "诊断点没有平台编号（原方案如此）",
        "a point without platform code (as in the plan)",
    ),
    Defect(
        "qs:point-has-platform-code",
        "point/5.1.1",
        "E",
        change(lambda college: college.point("5.1.1"), platform=""),
        "诊断点没有平台编号（原方案如此）",
        "a point without platform code (as in the plan)",
    ),
    Defect(
        "qs:point-examines-something",
        "point/5.4.1",
        "B",
        _examine_nothing,
        "诊断点没有写明审视什么",
        "a point that examines nothing",
        place="examines/5.4.1",
    ),
    Defect(
        "qs:indicator-has-owner",
        "indicator/ZB5.1.2",
        "K",
        indicator("5.1.2", post=""),
        "指标没有责任岗位",
        "an indicator without owner",
    ),
    Defect(
        "qs:indicator-owner-in-unit",
        "indicator/ZB3.1.2",
        "K",
        indicator("3.1.2", unit="组织人事处", post="计划财务处/预算管理岗"),
        "责任岗位不在责任部门里",
        "the owner is not in the responsible unit",
    ),
    Defect(
        "qs:indicator-has-source",
        "indicator/ZB5.1.3",
        "I",
        indicator("5.1.3", source=""),
        "指标没有数据来源",
        "an indicator without data source",
    ),
    Defect(
        "qs:indicator-has-threshold",
        "indicator/ZB4.1.2",
        "F",
        indicator("4.1.2", threshold=None),
        "指标没有预警值",
        "an indicator without threshold",
    ),
    Defect(
        "qs:threshold-on-the-right-side",
        "indicator/ZB5.3.1",
        "F",
        indicator("5.3.1", threshold=95.0),
        "预警值高于目标值，而指标越高越好",
        "the threshold is above the target although higher is better",
    ),
    Defect(
        "qs:observation-has-value",
        "observation/ZB3.2.2/2024-09-30",
        "C",
        _lose_reading,
        "读数没有数值",
        "a reading without value",
    ),
)

RULES = (
    Defect(
        "qs:rule-has-unit",
        "rule/ZD27",
        "D",
        change(lambda college: college.rule("ZD27"), unit=""),
        "制度没有制定部门",
        "a rule that no unit made",
    ),
    Defect(
        "qs:rule-review-after-start",
        "rule/ZD30",
        "F",
        change(lambda college: college.rule("ZD30"), start="2026-01-01", review="2025-01-01"),
        "复审日期早于生效日期",
        "the review is due before the rule is in force",
    ),
)
