"""Files named in another encoding get a name that can be read; bytes that are no text are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.history.conftest import UNITS, Program, write

BAD = os.fsdecode(b"bad \xff")


def named(folder: Path, name: bytes) -> Path:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    try:
        return write(path, UNITS, "示例处,职能部门,资源建设,处长")
    except OSError:
        pytest.skip("the file system takes UTF-8 names alone")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("单位.csv".encode(), "单位.csv"),
        ("单位.csv".encode("gb18030"), "单位.csv"),  # as archives from Chinese Windows are unpacked
        (b"unit\xff.csv", "unit\ufffd.csv"),
    ],
)
def test_a_file_is_loaded_whatever_its_name_is_written_in(
    program: Program, tmp_path: Path, name: bytes, shown: str
) -> None:
    program("init")
    path = named(tmp_path, name)
    first = program("load", path, "--json")
    assert first.exit_code == 0, first.stderr
    (source,) = {one["source"]["document"] for one in json.loads(program("blame", "示例处", "--json").stdout)}
    assert source == shown
    (changeset,) = json.loads(program("history", "--json").stdout)
    assert shown in changeset["message"]
    again = program("load", path, "--json")
    assert json.loads(again.stdout)["changeset"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("load", "FILE", "--message", BAD),
        ("load", "FILE", "--author", BAD),
        ("propose", "FILE", "--message", BAD),
        ("load", f"{BAD}.csv"),
        ("token", "make", BAD, "--role", "auditor"),
        ("trace", BAD),
        ("blame", BAD),
        ("changes", "--author", BAD),
    ],
)
def test_bytes_that_are_no_text_are_refused_and_change_nothing(
    program: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    program("init")
    path = named(tmp_path, b"units.csv")
    result = program(*(str(path) if one == "FILE" else one for one in arguments))
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert json.loads(program("history", "--json").stdout) == []
    assert json.loads(program("proposals", "--json").stdout) == []
    assert program("verify").exit_code == 0
