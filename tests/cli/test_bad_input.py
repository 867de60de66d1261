"""Bad input gets what / where / hint in both languages, exit 2, and changes nothing."""

import hashlib
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import Result

Program = Callable[..., Result]


def empty_file(folder: Path) -> Path:
    path = folder / "empty.xlsx"
    path.write_bytes(b"")
    return path


def wrong_extension(folder: Path) -> Path:
    path = folder / "plan.docx"
    workbook = openpyxl.Workbook()
    workbook.save(path)
    return path


def unknown_type(folder: Path) -> Path:
    path = folder / "plan.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    return path


def word_without_tables(folder: Path) -> Path:
    path = folder / "letter.docx"
    document = docx.Document()
    document.add_paragraph("没有表格")
    document.save(str(path))
    return path


def unknown_headers(folder: Path) -> Path:
    path = folder / "other.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["颜色", "形状", "重量"])
    sheet.append(["红", "圆", "3"])
    workbook.save(path)
    return path


def too_many_cells(folder: Path) -> Path:
    path = folder / "readings.csv"
    path.write_text("指标编号,日期,数值\nZB-1,2025-03-01,3,4,5\n", encoding="utf-8")
    return path


def huge_declared_sheet(folder: Path) -> Path:
    """A workbook of a few kilobytes that unpacks to a sheet of more than 1 GB."""
    path = folder / "huge.xlsx"
    openpyxl.Workbook().save(folder / "small.xlsx")
    with (
        zipfile.ZipFile(folder / "small.xlsx") as small,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as huge,
    ):
        for name in small.namelist():
            if not name.endswith("sheet1.xml"):
                huge.writestr(name, small.read(name))
                continue
            with huge.open(name, "w", force_zip64=True) as sheet:
                sheet.write(
                    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                )
                for _ in range(1050):
                    sheet.write(b" " * 1_000_000)
                sheet.write(b"</sheetData></worksheet>")
    return path


def missing(folder: Path) -> Path:
    return folder / "nowhere.xlsx"


BAD = [
    empty_file,
    wrong_extension,
    unknown_type,
    word_without_tables,
    unknown_headers,
    too_many_cells,
    huge_declared_sheet,
    missing,
]


def content(registry: Path) -> str:
    return hashlib.sha256(registry.read_bytes()).hexdigest()


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_bad_input_is_refused_and_changes_nothing(
    make: Callable[[Path], Path], program: Program, registry_file: Path, tmp_path: Path
) -> None:
    good = tmp_path / "units.csv"
    good.write_text("单位名称,单位类别,纵向系统\n示例处,职能部门,资源建设\n", encoding="utf-8")
    assert program("load", good).exit_code == 0
    before = program("history", "--json").stdout
    bad = make(tmp_path)
    result = program("load", bad)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert bad.name in result.stderr
    assert "办法 hint" in result.stderr
    assert any("一" <= character <= "鿿" for character in result.stderr)
    assert "Traceback" not in result.stderr
    assert program("history", "--json").stdout == before


@pytest.mark.parametrize("make", [empty_file, unknown_headers], ids=lambda make: make.__name__)
def test_bad_input_leaves_no_registry_behind(
    make: Callable[[Path], Path], program: Program, registry_file: Path, tmp_path: Path
) -> None:
    assert program("load", make(tmp_path)).exit_code == 2
    assert not registry_file.exists()


def test_one_bad_file_among_good_ones_loads_none(
    program: Program, registry_file: Path, tmp_path: Path
) -> None:
    good = tmp_path / "units.csv"
    good.write_text("单位名称,单位类别,纵向系统\n示例处,职能部门,资源建设\n", encoding="utf-8")
    assert program("load", good, empty_file(tmp_path)).exit_code == 2
    assert not registry_file.exists()


def test_a_command_without_a_registry_says_what_to_do(program: Program) -> None:
    for command in (["validate"], ["trace", "x", "--to", "y"], ["coverage", "x"], ["history"]):
        result = program(*command)
        assert result.exit_code == 2
        assert "qualitrace init" in result.stderr


def test_the_demonstration_does_not_listen_beyond_this_machine(program: Program) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        result = program("demo", "--host", host)
        assert result.exit_code == 2
        assert host in result.stderr


def test_nothing_is_served_while_nobody_is_asked_who_they_are(program: Program) -> None:
    assert program("init").exit_code == 0
    for host in ("127.0.0.1", "::1", "localhost"):
        result = program("serve", "--host", host, "--port", 0)
        assert result.exit_code == 2
        assert "qualitrace token make" in result.stderr
    assert "UNAVAILABLE" in result.stderr


def test_a_port_in_use_is_told(program: Program) -> None:
    assert program("init").exit_code == 0
    assert program("token", "make", "--name", "示例", "--role", "reader").exit_code == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in (["serve"], ["demo"]):
            result = program(*command, "--port", port)
            assert result.exit_code == 2
            assert f"127.0.0.1:{port}" in result.stderr
            assert "--port" in result.stderr
