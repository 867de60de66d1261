"""Input that is wrong, damaged or meant to harm: what, where and hint, in bounded time and memory."""

from __future__ import annotations

import io
import random
import re
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment

from qualitrace.errors import DocumentError
from qualitrace.loading import NoticeKind
from qualitrace.profile.model import Profile
from tests.loading.support import BASE, QA, csv_file, load, nodes, notices, objects, tabbed, word, xlsx

READINGS = ["指标编号", "日期", "数值"]
GOOD = [READINGS, ["ZB1", "2025-03-01", "90"]]
ANNEX_1 = ["类别", "建设任务", "工作", "成果形式", "责任部门", "完成时间"]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def refused(path: Path, profile: Profile) -> DocumentError:
    """The error that loading raises; it must say what, where and a hint, in both languages."""
    with pytest.raises(DocumentError) as caught:
        load(path, profile)
    error = caught.value
    for text in (error.what, error.hint):
        assert text["zh"]
        assert text["en"]
    assert error.where
    return error


def repacked(path: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """Rewrite the parts of an Office file; None drops a part."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = change(info.filename, source.read(info.filename))
            if data is not None:
                target.writestr(info.filename, data)
        for name, data in more.items():
            target.writestr(name, data)
    return path


def sheet_xml(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Rewrite the first worksheet of a workbook."""
    return repacked(path, lambda n, d: change(d) if n == "xl/worksheets/sheet1.xml" else d)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.csv", "a.txt"])
@pytest.mark.parametrize("content", [b"", b" \r\n\t\n"])
def test_empty_file(name: str, content: bytes, tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert "空" in refused(path, profile).what["zh"]


def test_no_such_file(tmp_path: Path, profile: Profile) -> None:
    refused(tmp_path / "none.docx", profile)
    refused(tmp_path, profile)


def test_wrong_extension(tmp_path: Path, profile: Profile) -> None:
    made = {
        "docx": word(tmp_path / "a.docx", GOOD),
        "xlsx": xlsx(tmp_path / "a.xlsx", {"读数": GOOD}),
        "csv": csv_file(tmp_path / "a.csv", GOOD),
    }
    for kind, path in made.items():
        for suffix in {"docx", "xlsx", "csv", "txt"} - {kind}:
            if (kind, suffix) == ("csv", "txt"):
                continue
            other = tmp_path / f"copy.{suffix}"
            shutil.copy(path, other)
            assert suffix in refused(other, profile).what["zh"]


@pytest.mark.parametrize("suffix", ["pdf", "doc", "xlsm", "json", ""])
def test_unknown_extension(suffix: str, tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"%PDF-1.7 something")
    assert ".docx" in refused(path, profile).hint["en"]


def test_old_and_encrypted_office_files(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(OLE + b"\x00" * 600)
    assert ".doc" in refused(path, profile).what["en"]
    path.write_bytes(OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in refused(path, profile).what["en"]


@pytest.mark.parametrize("cut", [30, 0.3, 0.9])
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_truncated_office_file(kind: str, cut: float, tmp_path: Path, profile: Profile) -> None:
    path = word(tmp_path / "a.docx", GOOD) if kind == "docx" else xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    data = path.read_bytes()
    path.write_bytes(data[: int(cut if cut > 1 else len(data) * cut)])
    refused(path, profile)


@pytest.mark.parametrize("part", ["word/document.xml", "[Content_Types].xml", "_rels/.rels"])
@pytest.mark.parametrize("damage", [None, b"", b"<a><b></a>", b"\x00\xff" * 40])
def test_damaged_parts_of_a_word_file(
    part: str, damage: bytes | None, tmp_path: Path, profile: Profile
) -> None:
    path = word(tmp_path / "a.docx", GOOD)
    refused(repacked(path, lambda n, d: damage if n == part else d), profile)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize("damage", [None, b"", b"<a><b></a>", b"\x00\xff" * 40])
def test_damaged_parts_of_a_workbook(
    part: str, damage: bytes | None, tmp_path: Path, profile: Profile
) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    refused(repacked(path, lambda n, d: damage if n == part else d), profile)


def altered(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out or doubled, or an attribute or text replaced by what makes no sense."""
    odd = [b"999999999999", b"-1", b"1048577", b"", b"NaN", b"1e400", b"A0", b"restart", b"\xef\xbf\xbe"]
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        found = list(re.finditer(rb'"[^"]*"' if kind == 0 else rb">[^<]+<", data))
        if kind < 2 and found:
            chosen = chance.choice(found)
            data = data[: chosen.start() + 1] + chance.choice(odd) + data[chosen.end() - 1 :]
        elif kind == 2:
            data = data[:place] + data[place + chance.randint(1, 60) :]
        else:
            data = data[:place] + chance.randbytes(chance.randint(1, 3)) + data[place:]
    return data


@pytest.mark.parametrize("seed", range(60))
def test_altered_office_files_are_read_or_refused(seed: int, tmp_path: Path, profile: Profile) -> None:
    chance = random.Random(seed)
    made = [word(tmp_path / "a.docx", GOOD), xlsx(tmp_path / "a.xlsx", {"读数": GOOD}, {"读数": ["A1:A2"]})]
    path = chance.choice(made)
    if chance.random() < 0.2:
        path.write_bytes(altered(path.read_bytes(), chance))
    else:
        parts = [name for name in zipfile.ZipFile(path).namelist() if name.endswith((".xml", ".rels"))]
        part = chance.choice(parts)
        repacked(path, lambda name, data: altered(data, chance) if name == part else data)
    try:
        load(path, profile)
    except DocumentError as error:
        assert error.where.startswith(path.name)  # noqa: PT017


# ---------------------------------------------------------------- forms


def test_word_without_tables(tmp_path: Path, profile: Profile) -> None:
    assert "表格" in refused(word(tmp_path / "a.docx", "只有正文。"), profile).what["zh"]


def test_text_without_tables(tmp_path: Path, profile: Profile) -> None:
    refused(tabbed(tmp_path / "a.txt", "只有正文。"), profile)


def test_workbook_with_nothing(tmp_path: Path, profile: Profile) -> None:
    refused(xlsx(tmp_path / "a.xlsx", {"空": [], "也空": []}), profile)


def test_unknown_headers_name_the_nearest_form(tmp_path: Path, profile: Profile) -> None:
    rows = [
        ["类别", "建设任务", "工作内容", "成果形式", "责任单位", "完成时间"],
        ["1.", "1.1", "1.1.1", "", "", ""],
    ]
    error = refused(xlsx(tmp_path / "a.xlsx", {"附1": rows}), profile)
    assert "附1" in error.what["zh"]
    missing = error.what["zh"].rpartition("：")[2]
    assert "工作" in missing
    assert "责任部门" in missing
    assert "类别" not in missing


def test_headers_near_nothing_list_the_known_forms(tmp_path: Path, profile: Profile) -> None:
    error = refused(csv_file(tmp_path / "a.csv", [["菜名", "价格"], ["面", "9"]]), profile)
    assert "诊断点" in error.hint["zh"]


@pytest.mark.parametrize("kind", ["xlsx", "docx", "csv", "txt"])
def test_a_row_with_too_many_cells(kind: str, tmp_path: Path, profile: Profile) -> None:
    rows = [[*READINGS, ""], ["ZB1", "2025-03-01", "90", ""], ["ZB2", "2025-03-01", "90", "多出的"]]
    made = {
        "xlsx": lambda: xlsx(tmp_path / "a.xlsx", {"读数": rows}),
        "docx": lambda: word(tmp_path / "a.docx", rows),
        "csv": lambda: csv_file(tmp_path / "a.csv", rows),
        "txt": lambda: tabbed(tmp_path / "a.txt", rows),
    }
    error = refused(made[kind](), profile)
    assert "3" in error.where
    assert "多出的" in error.what["zh"] + error.hint["zh"]


def test_a_header_that_stands_twice(tmp_path: Path, profile: Profile) -> None:
    rows = [[*READINGS, "数值"], ["ZB1", "2025-03-01", "90", "91"]]
    assert "数值" in refused(xlsx(tmp_path / "a.xlsx", {"读数": rows}), profile).what["zh"]


def test_columns_and_tables_nobody_knows_are_told(tmp_path: Path, profile: Profile) -> None:
    rows = [[*READINGS, "备注"], ["ZB1", "2025-03-01", "90", "停电一天"]]
    sheets = {"读数": rows, "菜单": [["菜名", "价格"], ["面", "9"]]}
    loaded = load(xlsx(tmp_path / "a.xlsx", sheets), profile)
    told = {(n.source.part, n.source.cell) for n in notices(loaded, NoticeKind.IGNORED)}
    assert told == {("读数", "备注"), ("菜单", "")}


# ---------------------------------------------------------------- sizes


def peak(work: Callable[[], object]) -> int:
    """Bytes that Python holds at most while something runs."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(path: Path, part: str, size: int) -> Path:
    """Make a part of an Office file unpack to ``size`` bytes of spaces inside its root element."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for info in source.infolist():
            data = source.read(info.filename)
            if info.filename != part:
                target.writestr(info.filename, data)
                continue
            head, _, tail = data.rpartition(b"</")
            with target.open(info.filename, "w", force_zip64=True) as stream:
                stream.write(head)
                for _ in range(size // 2**20):
                    stream.write(b" " * 2**20)
                stream.write(b"</" + tail)
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_sheet_of_one_gigabyte_is_not_unpacked(part: str, tmp_path: Path, profile: Profile) -> None:
    path = bomb(xlsx(tmp_path / "a.xlsx", {"读数": GOOD}), part, 2**30)
    assert path.stat().st_size < 20 * 2**20
    assert peak(lambda: refused(path, profile)) < 100 * 2**20


def test_a_word_file_that_unpacks_to_far_more(tmp_path: Path, profile: Profile) -> None:
    path = bomb(word(tmp_path / "a.docx", GOOD), "word/document.xml", 60 * 2**20)
    assert peak(lambda: refused(path, profile)) < 100 * 2**20


def test_a_zip_that_lies_about_its_size(tmp_path: Path, profile: Profile) -> None:
    path = bomb(xlsx(tmp_path / "a.xlsx", {"读数": GOOD}), "xl/worksheets/sheet1.xml", 300 * 2**20)
    data = path.read_bytes()
    real = (zipfile.ZipFile(path).getinfo("xl/worksheets/sheet1.xml").file_size).to_bytes(4, "little")
    path.write_bytes(data.replace(real, (5000).to_bytes(4, "little")))
    assert peak(lambda: refused(path, profile)) < 100 * 2**20


def test_a_declared_range_of_all_cells_costs_nothing(tmp_path: Path, profile: Profile) -> None:
    path = sheet_xml(
        xlsx(tmp_path / "a.xlsx", {"读数": GOOD}),
        lambda xml: xml.replace(b'<dimension ref="A1:C2"', b'<dimension ref="A1:XFD1048576"'),
    )
    assert nodes(load(path, profile), "Observation") == {"observation/ZB1/2025-03-01"}


def test_a_cell_in_the_last_corner(tmp_path: Path, profile: Profile) -> None:
    """One cell far away is a row with too many cells, not a billion cells."""
    path = sheet_xml(
        xlsx(tmp_path / "a.xlsx", {"读数": GOOD}),
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )
    assert peak(lambda: refused(path, profile)) < 200 * 2**20


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="99999999999"/>',
        b'<row r="3"><c r="ZZZZ3"><v>1</v></c></row>',
        b'<row r="-1"/>',
        b'<row r="x"/>',
    ],
)
def test_rows_and_columns_beyond_the_sheet(row: bytes, tmp_path: Path, profile: Profile) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    refused(sheet_xml(path, lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>")), profile)


def test_rows_that_are_wide_many_times(tmp_path: Path, profile: Profile) -> None:
    far = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(3, 200))
    path = xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    path = sheet_xml(path, lambda xml: xml.replace(b"</sheetData>", far + b"</sheetData>"))
    assert peak(lambda: refused(path, profile)) < 100 * 2**20


def test_a_merged_area_over_the_whole_sheet(tmp_path: Path, profile: Profile) -> None:
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="E5:XFD1048576"/></mergeCells>'
    path = xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    path = sheet_xml(path, lambda xml: xml.replace(b"</sheetData>", merged))
    assert nodes(load(path, profile), "Observation") == {"observation/ZB1/2025-03-01"}


# ---------------------------------------------------------------- XML


DOCTYPE = b'<!DOCTYPE a [<!ENTITY e "eeeeeeeeee"><!ENTITY f "&e;&e;&e;&e;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("kind", "part"), [("docx", "word/document.xml"), ("xlsx", "xl/worksheets/sheet1.xml")]
)
def test_document_types_are_refused(
    kind: str, part: str, encoding: str, tmp_path: Path, profile: Profile
) -> None:
    path = word(tmp_path / "a.docx", GOOD) if kind == "docx" else xlsx(tmp_path / "a.xlsx", {"读数": GOOD})

    def with_dtd(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        body = data.partition(b"?>")[2] or data
        text = (DOCTYPE + body).decode("utf-8").replace("ZB1", "&f;")
        return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)

    assert "DTD" in refused(repacked(path, with_dtd), profile).what["en"]


@pytest.mark.parametrize("encoding", ["cp037", "utf-7", "gb18030"])
def test_other_encodings_hide_nothing(encoding: str, tmp_path: Path, profile: Profile) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"读数": [["a", "b"], ["c", "d"]]})

    def recoded(name: str, data: bytes) -> bytes:
        body = f'<?xml version="1.0" encoding="{encoding}"?>{DOCTYPE.decode()}{data.decode()}'
        return body.encode(encoding) if name == "xl/worksheets/sheet1.xml" else data

    refused(repacked(path, recoded), profile)


def test_deep_nesting(tmp_path: Path, profile: Profile) -> None:
    deep = b"<w:tbl><w:tr><w:tc>" * 5000 + b"</w:tc></w:tr></w:tbl>" * 5000
    path = word(tmp_path / "a.docx", GOOD)
    refused(
        repacked(
            path, lambda n, d: d.replace(b"<w:tbl>", deep + b"<w:tbl>", 1) if n == "word/document.xml" else d
        ),
        profile,
    )


# ---------------------------------------------------------------- text files


def test_binary_in_a_text_file(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x00\x01\x02" * 100)
    refused(path, profile)


def test_an_unknown_encoding(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("指标编号,日期,数值\n".encode("gb18030") + b"\xff\xff\xff\x80\n")
    assert "编码" in refused(path, profile).what["zh"]


def test_a_quote_that_never_ends(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '指标编号,日期,数值\nZB1,2025-03-01,"90\n' + "ZB2,2025-03-01,91\n" * 20000, encoding="utf-8"
    )
    refused(path, profile)


def test_a_csv_of_very_many_columns(tmp_path: Path, profile: Profile) -> None:
    refused(csv_file(tmp_path / "a.csv", [READINGS, ["x"] * 5000]), profile)


LONG = {
    "letters": "a" * 30_000 + "中",
    "points": "1." * 15_000,
    "brackets": "(" * 30_000,
    "separators": "、" * 30_000,
    "slash": "甲" * 30_000 + "/",
    "dashes": "a-" * 15_000,
    "digits": "9" * 30_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_very_long_cells_come_to_an_end(text: str, tmp_path: Path, profile: Profile) -> None:
    """A pattern that backtracks would not; the suite's time limit shows it."""
    sheets = {
        "附1": [ANNEX_1, [text] * 6],
        "表2": [
            ["部门名称：教务处"],
            ["部门职责", "具体化的工作", "工作归属岗位", "岗位所在科室"],
            [text] * 4,
        ],
        "读数": [READINGS, [text] * 3],
    }
    load(xlsx(tmp_path / "a.xlsx", sheets), profile)
    load(csv_file(tmp_path / "a.csv", [READINGS, [text] * 3]), profile)
    load(tabbed(tmp_path / "a.txt", [ANNEX_1, [text] * 6]), profile)


def test_very_many_names(tmp_path: Path, profile: Profile) -> None:
    header = ["制度编号", "制度名称", "制度类别", "制定部门", "生效日期", "复审日期"]
    rows = [[f"ZD{n}", "办法", "教学", f"第{n}教研室办公室", "", ""] for n in range(4000)]
    loaded = load(csv_file(tmp_path / "a.csv", [header, *rows]), profile)
    assert len(nodes(loaded, "Department")) == 4000
    assert any("1000" in n.message["zh"] for n in notices(loaded, NoticeKind.ALIAS))


def test_labels_repeated_without_end(tmp_path: Path, profile: Profile) -> None:
    refused(csv_file(tmp_path / "a.csv", [["在系统内的职责", "x"], ["", "y"]] * 30_000), profile)


# ---------------------------------------------------------------- what Excel does to values


def test_formulas_errors_and_comments(tmp_path: Path, profile: Profile) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "读数"
    for row in [READINGS, ["ZB1", "2025-03-01", "=1+1"], ["ZB2", "2025-03-01", 5], ["ZB3", "2025-03-01", 7]]:
        sheet.append(row)
    sheet["A3"].comment = Comment("存疑", "示例")
    path = tmp_path / "a.xlsx"
    book.save(path)
    path = sheet_xml(
        path, lambda xml: xml.replace(b'<c r="C4" t="n"><v>7</v>', b'<c r="C4" t="e"><v>#DIV/0!</v>')
    )
    path = sheet_xml(
        path, lambda xml: xml.replace(b'<c r="C3" t="n"><v>5</v>', b'<c r="C3"><f>2+3</f><v>5</v>')
    )
    loaded = load(path, profile)
    assert objects(loaded, "observation/ZB2/2025-03-01", QA + "value") == ["5"]
    told = {n.source.cell for n in notices(loaded, NoticeKind.UNREADABLE)}
    assert told == {"C2", "C4"}
    assert {(n.source.part, n.source.cell, n.text) for n in notices(loaded, NoticeKind.IGNORED)} == {
        ("读数", "A3", "存疑")
    }


def test_comments_in_a_word_file_are_told(tmp_path: Path, profile: Profile) -> None:
    path = word(tmp_path / "a.docx", GOOD)
    document = docx.Document(str(path))
    run = document.add_paragraph("正文").runs[0]
    document.add_comment(run, text="存疑", author="示例")
    document.save(str(path))
    assert "存疑" in {n.text for n in notices(load(path, profile), NoticeKind.IGNORED)}


def test_shared_strings(tmp_path: Path, profile: Profile) -> None:
    """Excel itself writes texts into a part of their own."""
    path = xlsx(tmp_path / "a.xlsx", {"读数": GOOD})
    texts: list[str] = []

    def index(found: re.Match[bytes]) -> bytes:
        texts.append(found[2].decode())
        return b'<c r="%s" t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    def change(name: str, data: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            return re.sub(rb'<c r="(\w+)" t="inlineStr"><is><t>(.*?)</t></is></c>', index, data)
        if name == "[Content_Types].xml":
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
            return data.replace(b"</Types>", part.encode())
        return data

    repacked(path, change)
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'
    repacked(path, lambda n, d: d, **{"xl/sharedStrings.xml": table.encode()})
    assert nodes(load(path, profile), "Observation") == {"observation/ZB1/2025-03-01"}


def test_hidden_sheets_and_rows_are_read_and_said(tmp_path: Path, profile: Profile) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"读数": [*GOOD, ["ZB2", "2025-03-01", "1"]], "二": GOOD})
    book = openpyxl.load_workbook(path)
    book["读数"].row_dimensions[3].hidden = True
    book["二"].sheet_state = "hidden"
    book.save(path)
    loaded = load(path, profile)
    assert nodes(loaded, "Observation") == {"observation/ZB1/2025-03-01", "observation/ZB2/2025-03-01"}
    said = {(n.source.part, n.source.row) for n in notices(loaded, NoticeKind.AMBIGUOUS)}
    assert said == {("读数", 3), ("二", None)}


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (2018.1, "General", None),  # 2018.1 or 2018.10: Excel has lost which
        (2018.1, "0.00", ("2018-10-01", "2018-10-31")),
        (2018.12, "General", ("2018-12-01", "2018-12-31")),
        (2018, "General", ("2018-01-01", "2018-12-31")),
        (43374, 'yyyy"年"m"月"', ("2018-10-01", "2018-10-31")),
        (43374, "yyyy-mm-dd", ("", "2018-10-01")),
    ],
)
def test_deadlines_excel_has_made_numbers(
    value: float, number_format: str, expected: tuple[str, str] | None, tmp_path: Path, profile: Profile
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(ANNEX_1)
    sheet.append(["1. 一", "1.1 二", "1.1.1 三", "文本", "教务处", value])
    sheet["F2"].number_format = number_format
    book.save(tmp_path / "a.xlsx")
    loaded = load(tmp_path / "a.xlsx", profile)
    days = tuple("".join(objects(loaded, "deadline/1.1.1", QA + name)) for name in ("dueFrom", "dueBy"))
    assert days == (expected or ("", ""))
    assert [n.source.cell for n in notices(loaded, NoticeKind.AMBIGUOUS)] == ([] if expected else ["F2"])


def test_numbers_dates_and_codes_as_people_see_them(tmp_path: Path, profile: Profile) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(READINGS)
    sheet.append([12, 45717, 0.955])
    sheet["A2"].number_format = "0000"
    sheet["B2"].number_format = "yyyy/m/d"
    sheet["C2"].number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    loaded = load(tmp_path / "a.xlsx", profile)
    assert objects(loaded, "observation/0012/2025-03-01", QA + "value") == ["95.5"]
    assert BASE + "observation/0012/2025-03-01" in {e.fact.subject for e in loaded.facts}
