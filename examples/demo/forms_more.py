"""The supplementary sheets: goals, duties, what was done, diagnoses and improvements."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl import Workbook

from demo.forms import COLLEGE, COLLEGE_CODE, LABEL
from demo.grid import Cell, Grid, Places
from demo.model import College
from demo.supplement import BELOW, DIAGNOSED_BY, DIAGNOSES, DONE, FINDINGS, GOALS, SUPERSEDES, Supplement

IMPROVEMENT_HEADERS = (
    "改进编号",
    "改进内容",
    "针对发现",
    "责任部门",
    "责任岗位",
    "最迟日期",
    "完成日期",
    "依据指标",
    "依据日期",
)


def more_sheets(book: Workbook, college: College, made: Supplement, places: Places) -> None:
    """Write the supplementary sheets after the others."""
    _annex_1(book, made, places)
    _sheet(book, "目标分解", (12, 30, 12), ("目标编号", "目标名称", "上级目标"), _rows(BELOW), "goal", places)
    _duties(book, made, places)
    _sheet(book, "任务完成", (12, 14, 30), ("任务编号", "完成日期", "成果形式"), _rows(DONE), "done", places)
    headers = ("诊断编号", "诊断名称", "诊断日期", "所诊断的诊断点", "实施部门")
    runs = [(*run, DIAGNOSED_BY) for run in DIAGNOSES]
    _sheet(book, "诊断", (14, 30, 14, 24, 20), headers, runs, "diagnosis", places)
    headers = ("发现编号", "发现的问题", "诊断编号", "所在诊断点")
    _sheet(book, "诊断发现", (12, 40, 14, 14), headers, FINDINGS, "finding", places)
    widths = (12, 36, 12, 20, 20, 14, 14, 12, 14)
    _sheet(book, "改进", widths, IMPROVEMENT_HEADERS, made.improvements, "improvement", places)
    headers = ("新制度编号", "被替代的制度编号")
    _sheet(book, "制度替代", (14, 20), headers, _rows(SUPERSEDES), "supersedes", places)
    readings = [(code, day.isoformat(), value) for code, day, value in made.readings]
    _sheet(book, "补充读数", (12, 14, 12), ("指标编号", "日期", "数值"), readings, "reading", places)
    identity = [(COLLEGE, COLLEGE_CODE)]
    _sheet(book, "学校", (24, 16), ("学校名称", "学校标识码"), identity, "college", places)
    headers = ("专业名称", "专业代码", "开设单位")
    _sheet(book, "专业", (24, 14, 24), headers, college.programmes, "programme", places)


def _rows(lines: Iterable[str]) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("|")) for line in lines]


def _grid(book: Workbook, title: str, widths: tuple[int, ...], places: Places) -> Grid:
    grid = Grid(book.create_sheet(title), widths, places)
    grid.caption(f"{COLLEGE} {title}{LABEL}", bold=True)
    return grid


def _sheet(
    book: Workbook,
    title: str,
    widths: tuple[int, ...],
    headers: tuple[str, ...],
    rows: Iterable[tuple[Cell, ...]],
    key: str,
    places: Places,
) -> None:
    grid = _grid(book, title, widths, places)
    grid.header(headers)
    for row in rows:
        grid.line(row, f"{key}/{row[0]}")


def _annex_1(book: Workbook, made: Supplement, places: Places) -> None:
    grid = _grid(book, "附1补充", (18, 30, 44, 26, 30, 18, 26), places)
    grid.header(("类别", "建设任务", "工作", "成果形式", "责任部门", "完成时间", "责任岗位"))
    titles = dict(GOALS)
    for task in made.tasks:
        kind = task.goal.split(".")[0]
        first, second = f"{kind} {titles[kind]}", f"{task.goal} {titles[task.goal]}"
        named = f"{task.code} {task.title}"
        rest = (task.deliverable, task.responsible, task.deadline, task.post)
        grid.line((first, second, named, *rest), f"task/{task.code}")


def _duties(book: Workbook, made: Supplement, places: Places) -> None:
    """Tables 1 to 3 of the duties that were added, one below the other."""
    unit = made.unit
    grid = _grid(book, "补充职责", (40, 60, 44, 60, 28), places)
    grid.caption(f"部门名称：{unit.name}")
    grid.line(("在系统内的职责", "\n".join(f"{duty.code} {duty.text}" for duty in unit.duties)))
    grid.line(("在系统外的职责", ""))
    grid.blank()
    grid.caption(f"部门名称：{unit.name}")
    grid.header(("部门职责", "具体化的工作", "工作归属岗位", "岗位所在科室", "监督岗位"))
    for duty in unit.duties:
        for work in duty.works:
            titles = (f"{duty.code} {duty.text}", f"{work.code} {work.text}")
            section = unit.section_of(work.post)
            grid.line((*titles, work.post, section, work.supervisor), f"work/{unit.name}/{work.code}")
    grid.blank()
    grid.caption(f"部门名称：{unit.name}")
    grid.header(("科室", "岗位", "具体化工作", "工作标准"))
    for duty in unit.duties:
        for work in duty.works:
            named = (unit.section_of(work.post), work.post)
            texts = (f"{work.code} {work.text}", f"{work.code} {work.standard}")
            grid.line((*named, *texts), f"standard/{unit.name}/{work.code}")
