"""What is planted for the questions about the network and for the rules that hold on a date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from demo.model import College, Indicator, Task, Unit
from demo.wording import Wording

DAY = date(2025, 3, 1)
CROWDED, CROWDED_POST = "高教研究中心", "教学研究岗"
KEY_UNIT, KEY_POST = "党政办公室", "档案管理岗"

# Goals beside the plan: "code | title".
GOALS = (
    ("6", "建设质量文化"),
    ("6.1", "形成质量文化共识"),
    ("6.2", "办好质量文化活动"),
    ("6.3", "建立质量荣誉制度"),
    ("6.4", "推广质量文化成果"),
)
TASKS = (
    "6.1.1 | 编印质量文化手册并分发到各部门 | 质量文化手册 | 党政办公室 | 2025.01 | 档案管理岗",
    "6.2.1 | 举办质量月活动并汇总活动总结 | 质量月活动总结 | 党政办公室 | 2025.03 | 档案管理岗",
    "6.3.1 | 起草质量奖评选办法并征求意见 | 质量奖评选办法 | 党政办公室 | 2025.01 | 档案管理岗",
    "6.4.1 | 汇编质量改进案例并在校内发布 | 质量改进案例集 | 党政办公室 | 2024.12 | 档案管理岗",
)
# "code | title | goal above"
BELOW = (
    "6.1.9 | 评价质量文化共识 | 6.1",
    "6 | 建设质量文化 | 6.1.9",
    "7 | 展望智慧校园远景 | ",
    "7.1 | 研究智慧校园样板 | 7",
)
# "task | done on | what was handed in"
DONE = (
    "6.1.1 | 2025-01-10 | 质量文化手册",
    "6.4.1 | 2024-12-20 | 质量改进案例集",
    "1.1.1 | 2024-10-20 | 学院文件",
    "2.1.1 | 2024-12-18 | 规划文本",
    "2.1.2 | 2025-04-15 | 目标链图",
)
SUPERSEDES = ("ZD20 | ZD16", "ZD16 | ZD15", "ZD15 | ZD20")
# Duties that one post alone was given: kind and object, as in units.toml.
DUTIES = (
    "run 教学改革成果推广",
    "run 校本教材研究",
    "run 课程思政案例研究",
    "run 混合式教学研究",
    "run 实训教学方法研究",
    "run 教师教学竞赛指导",
    "run 教研论文评审",
    "run 教学案例库建设",
)
# Readings beside the regular ones. "at risk": between the threshold and the latest, a quarter of the way up.
EXTRA_READINGS = (("1.1.1", date(2024, 11, 15), "same"), ("1.2.1", date(2025, 1, 31), "at risk"))
PROVEN, STUCK = "1.3.1", "2.3.2"
PROOF = date(2025, 1, 31)
DIAGNOSES = (
    ("ZD2024-1", "示例 2024 年下半年诊断", "2024-11-20", f"{PROVEN}、{STUCK}"),
    ("ZD2025-1", "示例 2025 年初复查诊断", "2025-02-20", PROVEN),
)
DIAGNOSED_BY = "质量管理办公室"
FINDINGS = (
    ("FX01", "示例 年度数据填报不够及时", "ZD2024-1", PROVEN),
    ("FX02", "示例 课程资源更新缓慢", "ZD2024-1", STUCK),
)


@dataclass(frozen=True)
class Plant:
    """One thing that a question or rule must find. ``nodes`` are what it is about, below the base.

    ``value`` is what a rule concludes (a concept's local name, or a node), ``question`` a file name.
    """

    question: str
    nodes: tuple[str, ...]
    zh: str
    en: str
    value: str = ""


@dataclass
class Supplement:
    """What the supplementary sheets hold."""

    tasks: list[Task]
    unit: Unit
    readings: list[tuple[str, date, float | None]] = field(default_factory=list)
    improvements: list[tuple[str, ...]] = field(default_factory=list)


def supplement(college: College, wording: Wording) -> Supplement:
    """Make up the supplementary sheets, and change what stands in the others."""
    home = college.unit(CROWDED)
    unit = Unit(home.name, home.code, home.kind, home.system, home.head, home.sections)
    for number, line in enumerate(DUTIES, start=len(home.duties) + 1):
        unit.duties.append(wording.duty(unit, f"{unit.code}{number:02d}", f"{line} @{CROWDED_POST}"))
    goals = dict(GOALS)
    parts = [[part.strip() for part in row.split("|")] for row in TASKS]
    tasks = [Task(*row) for row in parts]
    assert all(task.goal in goals for task in tasks)
    made = Supplement(tasks, unit)
    for code, day, how in EXTRA_READINGS:
        point = college.point(code)
        last = point.readings[max(when for when in point.readings if when < day)]
        threshold = point.indicator.threshold
        assert last is not None
        assert threshold is not None
        value = last if how == "same" else round(threshold + (last - threshold) / 4, 1)
        made.readings.append((point.indicator.code, day, value))
    proven, stuck = college.point(PROVEN).indicator, college.point(STUCK).indicator
    made.readings.append((proven.code, PROOF, proven.target))
    made.improvements += [
        _improvement("1 | 每月核对数据填报 | 2025-01-15 | 2025-01-10", proven, PROOF.isoformat()),
        _improvement("2 | 分批更新课程资源 | 2025-02-15 | ", stuck, ""),
    ]
    college.rule("ZD19").review = "2025-01-31"
    return made


def _improvement(row: str, of: Indicator, proof: str) -> tuple[str, ...]:
    """Improve the finding of the same number, for whom the indicator of its point belongs to."""
    number, text, due, done = (part.strip() for part in row.split("|"))
    named = (f"GJ0{number}", f"示例 {text}", f"FX0{number}", of.unit, of.post)
    return (*named, due, done, of.code if proof else "", proof)


def plants(college: College, made: Supplement) -> list[Plant]:
    """List what is planted to be found on :data:`DAY`; see :mod:`demo.follows` for the rest."""
    crowded = f"post/{CROWDED}/{CROWDED_POST}"
    person = f"person/{college.holder(CROWDED, CROWDED_POST).number}"
    both = f"person/{college.holder('质量管理办公室', '考核诊断岗').number}"
    circle = ("纪检监察处/处长", "纪检监察处/监督检查岗", "质量管理办公室/主任", "质量管理办公室/质量监控岗")
    stuck = college.point(STUCK).indicator
    return [
        Plant("goal-cycles", ("goal/6", "goal/6.1", "goal/6.1.9"), "目标分解成环", "goals in a cycle"),
        Plant(
            "supersession-cycles",
            ("rule/ZD15", "rule/ZD16", "rule/ZD20"),
            "三项制度互相替代成环",
            "three rules that supersede each other in a circle",
        ),
        Plant(
            "supervision-cycles",
            tuple(f"post/{name}" for name in circle),
            "两个监督部门的岗位监督成环",
            "posts of two supervising units that supervise each other in a circle",
        ),
        Plant("islands", ("goal/7", "goal/7.1"), "两个目标与谁都不相连", "two goals joined to nothing"),
        Plant("islands", ("rule/ZD27",), "没有制定部门的制度（D38）", "a rule that no unit made (D38)"),
        Plant(
            "vacancies",
            (f"post/{KEY_UNIT}/{KEY_POST}",),
            "六个目标都系于一个岗位",
            "six goals hang on one post",
        ),
        Plant("overloaded-posts", (crowded,), "一个岗位承担过多", "a post with far too much"),
        Plant("overloaded-people", (person,), "一个人承担过多", "a person with far too much"),
        Plant("one-person", (both,), "做与监督由一人兼任（D16）", "one person does and supervises (D16)"),
        Plant("concentration", (f"unit/{CROWDED}",), "工作集中于一岗", "a unit's work lies with one post"),
        *_of_rules(stuck.unit, stuck.post),
    ]


def _of_rules(unit: str, post: str) -> list[Plant]:
    """What is planted for the rules: rule, node, value (of the standings, else a node), zh, en."""
    rows = (
        ("goal-met", "goal/6.4", "met", "任务已完成，目标达成", "tasks done, goal met"),
        ("overdue", "task/6.3.1", "overdue", "任务逾期", "an overdue task"),
        ("overdue", "improvement/GJ02", "overdue", "改进逾期", "an overdue improvement"),
        ("due-soon", "task/6.2.1", "due-soon", "任务即将到期", "a task due soon"),
        ("reading-missing", "indicator/ZB1.1.1", "reading-missing", "指标缺读数", "a reading is missing"),
        ("early-warning", "indicator/ZB1.2.1", "at-risk", "指标预警", "an indicator at risk"),
        ("review-past", "rule/ZD19", "review-past", "制度已过复审日期", "a rule past its review date"),
        ("improvement-proven", "improvement/GJ01", "proven", "改进得到证明", "a proven improvement"),
        ("loop", f"point/{PROVEN}", "closed", "闭环", "a closed loop"),
        ("loop", f"point/{STUCK}", "stuck-at-improvement", "卡在改进环节", "stuck at improvement"),
        ("must-act", "finding/FX02", f"post/{unit}/{post}", "发现待处理", "a finding to be acted on"),
        ("indicator-failing", "indicator/ZB2.3.2", "failing", "指标未达标", "a failing indicator"),
        ("indicator-worsening", "indicator/ZB2.3.2", "worsening", "走势变差", "an indicator getting worse"),
        (
            "doing-and-supervising",
            "work/教育督导中心/DD09.1",
            "supervised-by-itself",
            "做与监督没有分开（D16）",
            "doing and supervising not apart (D16)",
        ),
    )
    return [
        Plant(rule, (node,), zh, en, value if "/" in value else f"standing-{value}")
        for rule, node, value, zh, en in rows
    ]
