"""Whatever stands in the cells: nothing crashes, nothing is lost without a word, nothing is made up."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from qualitrace.errors import DocumentError
from qualitrace.loading import Loaded
from qualitrace.loading.alignment import align, in_place
from qualitrace.loading.normalise import digest, fold, is_blank, one_line, segment, split_outside, tidy
from qualitrace.loading.values import read_number
from qualitrace.profile.model import Profile
from qualitrace.terms import Fact
from tests.loading.support import bare, csv_file, load, tabbed, xlsx

relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANNEX_1 = ["类别", "建设任务", "工作", "成果形式", "责任部门", "完成时间"]


class Reader:
    """Loads with the shipped profile; says little of itself when a test fails."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def __repr__(self) -> str:
        return "Reader()"

    def load(self, path: Path) -> Loaded:
        """Load a document."""
        return load(path, self._profile)


@pytest.fixture(scope="module")
def reader(profile: Profile) -> Reader:
    """A reader with the shipped profile."""
    return Reader(profile)


# ---------------------------------------------------------------- text


@given(st.text(), st.text(alphabet="、；;,/\n", min_size=1, max_size=4))
def test_splitting_loses_no_character(text: str, separators: str) -> None:
    pieces = split_outside(text, separators)
    assert "".join(pieces) == text
    assert all(piece in separators for piece in pieces[1::2])


@given(st.lists(st.text(alphabet="甲乙丙丁 ab", min_size=1), min_size=1, max_size=6))
def test_splitting_finds_what_was_joined(parts: list[str]) -> None:
    assert split_outside("、".join(parts), "、")[::2] == parts
    inside = f"({'、'.join(parts)})"
    assert split_outside(f"前{inside}后、尾", "、")[::2] == [f"前{inside}后", "尾"]


@given(st.text())
def test_tidying_only_takes_spaces_and_invisible_characters(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert one_line(one_line(text)) == one_line(text)
    assert fold(once) == fold(text)
    visible = [c for c in text if not c.isspace() and c.isprintable()]
    assert [c for c in once if not c.isspace() and c.isprintable()] == visible


@given(st.text())
def test_comparison_ignores_width_case_and_spaces(text: str) -> None:
    spaced = " ".join(text)
    assert fold(spaced) == fold(text.upper().lower() if text.upper().lower() == text else spaced)
    assert digest(spaced) == digest(text)
    assert is_blank(text) <= (fold(text).strip("_") == "")


@given(st.text())
def test_segments_make_valid_identifiers(text: str) -> None:
    made = segment(text)
    assert re.search(r'[\s/?#<>"{}|\\^`\[\]]', made) is None
    line = Fact(f"https://college.example/id/x/{made or '-'}", "https://college.example/p", '"o"').ntriples()
    assert len(Graph().parse(data=line, format="nt")) == 1


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_numbers_keep_their_value(number: object) -> None:
    read = read_number(f"{number}")
    assert read is not None
    assert float(read) == float(str(number))


# ---------------------------------------------------------------- alignment against brute force


@given(
    st.integers(1, 4).flatmap(
        lambda cells: st.lists(
            st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=5, max_size=5),
            min_size=cells,
            max_size=cells,
        )
    )
)
def test_alignment_is_the_best_of_all(fits: list[list[int | None]]) -> None:
    def every(cell: int, start: int) -> list[list[int]]:
        if cell == len(fits):
            return [[]]
        return [
            [column, *rest]
            for column in range(start, 5)
            if fits[cell][column] is not None
            for rest in every(cell + 1, column + 1)
        ]

    scored = [(in_place(fits, columns), columns) for columns in every(0, 0)]
    found = align(fits)
    if not scored:
        assert found.choices == ()
        return
    best = max(score for score, _ in scored if score is not None)
    winners = [columns for score, columns in scored if score == best]
    assert found.score == best
    assert found.choices == tuple(tuple(sorted({w[n] for w in winners})) for n in range(len(fits)))
    assert found.certain == (len(winners) == 1)


# ---------------------------------------------------------------- any text in any cell

words = st.sampled_from(
    ["1. 甲", "1.1 乙", "1.1.1 丙", "教务处", "教务处/处长", "各职能部门", "2018.10", "每年12月",
     "2018.13", "JW01 负责", "注：说明", "a、b；c", "____", "/", "、", "(", "８.１/9", "=1", "<a>&",
     "\x00", "部门名称：教务处", "工作", ""]
)  # fmt: skip
cells = st.one_of(words, st.text(max_size=12))
headers = st.sampled_from(
    [
        ANNEX_1,
        ["诊断项目", "诊断要素", "诊断点", "影响因素参考提示", "数据管理平台相应编号"],
        ["部门职责", "具体化的工作", "工作归属岗位", "岗位所在科室", "监督岗位"],
        ["科室", "岗位", "具体化工作", "工作标准"],
        ["单位名称", "单位类别", "纵向系统", "负责人岗位"],
        ["工号", "姓名", "部门", "科室", "岗位", "任职方式", "任职起", "任职止"],
        ["指标编号", "日期", "数值"],
        ["诊断点", "对应职责", "对应目标"],
    ]
)


def spoken_of(loaded: Loaded) -> set[tuple[int | None, str]]:
    """Rows and cells that a fact comes from or a notice is about; "" for a whole row."""
    facts = {(e.source.row, e.source.cell) for e in loaded.facts}
    return facts | {(n.source.row, n.source.cell) for n in loaded.notices}


@relaxed
@given(headers, st.data())
def test_every_filled_cell_is_read_or_told(reader: Reader, header: list[str], data: st.DataObject) -> None:
    width = len(header)
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        path = csv_file(Path(folder) / "t.csv", [["部门名称：教务处"], header, *rows])
        try:
            loaded = reader.load(path)
        except DocumentError:
            return  # told, for the whole document
        assert reader.load(path) == loaded
    told = spoken_of(loaded)
    whole_rows = {row for row, cell in told if not cell}
    known = {fold(name) for name in header}
    for number, row in enumerate(rows, start=3):
        texts = [tidy(text) for text in row]
        if number in whole_rows or any(fold(t) in known or "部门名称" in t for r in rows for t in r):
            continue
        for name, text in zip(header, texts, strict=True):
            said_again = [tidy(t) for r in rows for t in r].count(text) > 1  # a fact has one place in a table
            if not (is_blank(text) or said_again or text == "-"):
                assert (number, name) in told, (name, text)


@relaxed
@given(headers, st.data())
def test_facts_are_well_formed(reader: Reader, header: list[str], data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), min_size=1, max_size=5)
    )
    with tempfile.TemporaryDirectory() as folder:
        clean = [[re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", text) for text in row] for row in rows]
        path = xlsx(Path(folder) / "t.xlsx", {"表": [["部门名称：教务处"], header, *clean]})
        try:
            loaded = reader.load(path)
        except DocumentError:
            return
    lines = "\n".join(entry.fact.ntriples() for entry in loaded.facts)
    assert len(Graph().parse(data=lines, format="nt")) == len({entry.fact for entry in loaded.facts})


# ---------------------------------------------------------------- damaged rows


def clean_rows(seed: int) -> list[list[str]]:
    """Rows of annex 1 as they were before extraction: every row complete, merges filled."""
    chance = random.Random(seed)
    rows = []
    for goal in range(1, 4):
        for number in range(1, 4):
            units = chance.sample(
                ["教务处", "学生处", "组织人事处", "各职能部门", "信息技术中心"], chance.randint(1, 2)
            )
            due = chance.choice(["2018.10", "2018.12 ~ 2020.12", "每年12月", "2018年起每年11月"])
            rows.append(
                [
                    "1. 健全组织",
                    f"1.{goal} 建设任务{'甲乙丙'[goal - 1]}",
                    f"1.{goal}.{number} 制定{'子丑寅'[number - 1]}类工作办法",
                    chance.choice(["制度文本", "管理系统", "执行报告文本、图表"]),
                    "、".join(units),
                    due,
                ]
            )
    return rows


def damaged(rows: list[list[str]], chance: random.Random) -> list[str]:
    """Lines as a careless extraction leaves them: merges lost, cells shifted, rows broken over pages."""
    lines = []
    before = ["", ""]
    for row in rows:
        cells = list(row)
        for place in (0, 1):
            if cells[place] == before[place]:
                cells[place] = ""
            else:
                before[place] = cells[place]
        if chance.random() < 0.4:
            lines += broken(cells, chance)
            continue
        lines.append("\t".join(shifted(cells, chance)))
    return lines


def shifted(cells: list[str], chance: random.Random) -> list[str]:
    """The same cells in the same order, with other empty ones between them."""
    kind = chance.randrange(5)
    if kind == 0:
        return cells
    if kind == 1:
        return [""] * chance.randint(1, 3) + cells
    filled = [cell for cell in cells if cell]
    if kind == 2:
        return filled
    if kind == 3:
        return filled + [""] * (len(cells) - len(filled))
    loose: list[str] = []
    for cell in filled:
        loose += [""] * chance.randint(0, 1) + [cell]
    return loose


def broken(cells: list[str], chance: random.Random) -> list[str]:
    """A row whose cells are torn in two by the end of a page."""
    upper, lower = [], []
    for cell in cells:
        cut = chance.randint(max(1, len(cell) - 4), len(cell)) if len(cell) > 7 else len(cell)
        upper.append(cell[:cut])
        lower.append(cell[cut:])
    if not any(lower):
        return ["\t".join(cells)]
    return ["\t".join(upper), "", "\t".join(lower)]


@relaxed
@given(st.integers(0, 10**6))
def test_damage_is_repaired_or_told(reader: Reader, seed: int) -> None:
    """A damaged table gives no fact that the clean one does not, but for titles torn and told; and
    what is missing is told on its line."""
    rows = clean_rows(seed)
    lines = damaged(rows, random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        clean = reader.load(xlsx(Path(folder) / "t.xlsx", {"附1": [ANNEX_1, *rows]}))
        try:
            found = reader.load(tabbed(Path(folder) / "t.txt", "附1", "\t".join(ANNEX_1), *lines))
        except DocumentError:
            return  # told, for the whole document
    right = {bare(e.fact.ntriples()) for e in clean.facts}
    told_rows = {n.source.row for n in found.notices}
    for notice in found.notices:  # the rest of a broken row names the row
        told_rows.update(int(n) for n in re.findall(r"第 (\d+) 行", notice.message["zh"]))
    told_text = bare("".join(n.text for n in found.notices))
    for entry in found.facts:
        if bare(entry.fact.ntriples()) not in right:
            assert entry.source.row in told_rows, (entry, lines)
    made = {bare(e.fact.ntriples()) for e in found.facts}
    lost = {line for line in right - made if "/task/" in line.partition(">")[0]}
    for line in lost:
        code = re.search(r"/task/([\d.]+)", line)
        assert code is not None
        rows_of_code = [
            n for n, text in enumerate(lines, start=3) if re.search(rf"\b{re.escape(code[1])} ", text)
        ]
        assert any(n in told_rows for n in rows_of_code) or code[1] in told_text, (line, lines)
