"""The college written into the forms that ``loaders/`` reads, one worksheet each."""

from __future__ import annotations

from openpyxl import Workbook

from demo.grid import Grid, Places
from demo.model import College, Unit, Work

COLLEGE = "示例职业技术学院"
LABEL = "（示例数据，人物与事件均为虚构）"
COLLEGE_CODE = "4199099000"  # made up: no province has the number 99


def workbook(college: College) -> tuple[Workbook, Places]:
    """Return the workbook, and where each duty, work, post … of the college is written in it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    places: Places = {}
    for write in (
        _units,
        _table_1,
        _table_2,
        _table_3,
        _annex_1,
        _annex_2,
        _staff,
        _indicators,
        _readings,
        _examines,
        _rules,
    ):
        write(book, college, places)
    return book, places


def _grid(book: Workbook, title: str, name: str, widths: tuple[int, ...], places: Places) -> Grid:
    grid = Grid(book.create_sheet(title), widths, places)
    grid.caption(f"{COLLEGE} {name}{LABEL}", bold=True)
    return grid


def _units(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "单位一览", "单位一览表", (24, 14, 14, 14), places)
    grid.header(("单位名称", "单位类别", "纵向系统", "负责人岗位"))
    for unit in college.units:
        grid.line((unit.name, unit.kind, unit.system, unit.head), f"unit/{unit.name}")


def _table_1(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "表1", "表1 职能部门职责厘清一览表", (20, 70), places)
    for unit in college.units:
        grid.caption(f"部门名称：{unit.name}")
        for title, inside in (("在系统内的职责", True), ("在系统外的职责", False)):
            lines = [
                f"{duty.code} {duty.text}"
                for duty in unit.duties
                if duty.in_table_1 and duty.inside is inside
            ]
            grid.line((title, "\n".join(lines)))
        grid.blank()


def _table_2(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "表2", "表2 职能部门岗位工作一览表", (40, 40, 26, 20, 28), places)
    for unit in college.units:
        grid.caption(f"部门名称：{unit.name}")
        grid.header(("部门职责", "具体化的工作", "工作归属岗位", "岗位所在科室", "监督岗位"))
        for duty in unit.duties:
            title = f"{duty.code} {duty.text}"
            first = grid.row
            if not duty.works:
                grid.line((title, "", "", "", ""), f"duty/{unit.name}/{duty.code}")
            for work in [work for work in duty.works if work.in_table_2]:
                grid.line(
                    (
                        title,
                        f"{work.code} {work.text}",
                        work.post,
                        unit.section_of(work.post),
                        work.supervisor,
                    ),
                    f"work/{unit.name}/{work.code}",
                )
            grid.merge(1, first, grid.row - 1)
        grid.blank()


def _table_3(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "表3", "表3 职能部门之科室岗位工作标准一览表", (20, 20, 44, 60), places)
    for unit in college.units:
        grid.caption(f"部门名称：{unit.name}")
        grid.header(("科室", "岗位", "具体化工作", "工作标准"))
        works = _by_post(unit)
        first = grid.row
        for work in works:
            standard = f"{work.code} {work.standard}" if work.standard else ""
            grid.line(
                (unit.section_of(work.post), work.post, f"{work.code} {work.text}", standard),
                f"standard/{unit.name}/{work.code}",
            )
        grid.merge_runs(1, first, [unit.section_of(work.post) for work in works])
        grid.merge_runs(2, first, [work.post for work in works])
        grid.blank()


def _by_post(unit: Unit) -> list[Work]:
    """Return the unit's work in the order of its posts; work without a post of the unit comes last."""
    order = {post: place for place, post in enumerate(unit.posts)}
    works = [work for duty in unit.duties for work in duty.works]
    return sorted(works, key=lambda work: order.get(work.post, len(order)))


def _annex_1(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "附1", "附1 内部质量保证体系建设工作任务一览表", (18, 30, 44, 26, 30, 18, 26), places)
    grid.header(("类别", "建设任务", "工作", "成果形式", "责任部门", "完成时间", "责任岗位"))
    titles = dict(college.goals)
    first = grid.row
    kinds, goals = [], []
    for task in college.tasks:
        kind = task.goal.split(".")[0]
        kinds.append(f"{kind} {titles[kind]}")
        goals.append(f"{task.goal} {titles[task.goal]}")
        grid.line(
            (
                kinds[-1],
                goals[-1],
                f"{task.code} {task.title}",
                task.deliverable,
                task.responsible,
                task.deadline,
                task.post,
            ),
            f"task/{task.code}",
        )
    grid.merge_runs(1, first, kinds)
    grid.merge_runs(2, first, goals)


def _annex_2(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "附2", "附2 内部质量保证体系诊断项目参考表", (24, 24, 34, 60, 30), places)
    grid.header(("诊断项目", "诊断要素", "诊断点", "影响因素参考提示", "数据管理平台相应编号"))
    titles = dict(college.items + college.elements)
    first = grid.row
    items, elements = [], []
    for point in college.points:
        item, element = point.code.split(".")[0], point.code.rpartition(".")[0]
        items.append(f"{item} {titles[item]}")
        elements.append(f"{element} {titles[element]}")
        grid.line(
            (items[-1], elements[-1], f"{point.code} {point.title}", point.hint, point.platform),
            f"point/{point.code}",
        )
    grid.merge_runs(1, first, items)
    grid.merge_runs(2, first, elements)


def _staff(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "人员任职", "人员任职一览表", (10, 16, 24, 20, 20, 12, 14, 14), places)
    grid.header(("工号", "姓名", "部门", "科室", "岗位", "任职方式", "任职起", "任职止"))
    for row in college.appointments:
        start = row.start.isoformat() if row.start else ""
        end = row.end.isoformat() if row.end else ""
        grid.line(
            (row.number, row.name, row.unit, row.section, row.post, row.kind, start, end),
            f"person/{row.number}",
            f"post/{row.unit}/{row.post}",
            f"appointment/{row.unit}/{row.post}/{row.number}/{start or '-'}",
        )


INDICATOR_HEADERS = (
    "指标编号",
    "指标名称",
    "诊断点",
    "层面",
    "目标值",
    "预警值",
    "方向",
    "计量单位",
    "数据来源",
    "责任部门",
    "责任岗位",
)


def _indicators(book: Workbook, college: College, places: Places) -> None:
    widths = (12, 28, 26, 8, 10, 10, 12, 12, 22, 20, 18)
    grid = _grid(book, "指标", "诊断点指标一览表", widths, places)
    grid.header(INDICATOR_HEADERS)
    for point in college.points:
        of = point.indicator
        grid.line(
            (
                of.code,
                of.name,
                f"{point.code} {point.title}",
                of.level,
                of.target,
                of.threshold,
                of.direction,
                of.measure,
                of.source,
                of.unit,
                of.post,
            ),
            f"indicator/{of.code}",
        )


def _readings(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "指标读数", "指标读数", (12, 14, 12), places)
    grid.header(("指标编号", "日期", "数值"))
    for point in college.points:
        code = point.indicator.code
        for day, value in point.readings.items():
            grid.line((code, day.isoformat(), value), f"observation/{code}/{day}")


def _examines(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "诊断点对应", "诊断点对应职责与目标", (34, 60, 20), places)
    grid.header(("诊断点", "对应职责", "对应目标"))
    for point in college.points:
        duties = "、".join(point.examines)
        grid.line((f"{point.code} {point.title}", duties, point.goal), f"examines/{point.code}")


def _rules(book: Workbook, college: College, places: Places) -> None:
    grid = _grid(book, "制度", "制度一览表", (12, 40, 22, 24, 14, 14), places)
    grid.header(("制度编号", "制度名称", "制度类别", "制定部门", "生效日期", "复审日期"))
    for rule in college.rules:
        values = (rule.code, rule.title, rule.kind, rule.unit, rule.start, rule.review)
        grid.line(values, f"rule/{rule.code}")
