"""Verify, backup, restore, compact and the journal's export and import, as commands."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from qualitrace import demonstration
from qualitrace.profile import load_profile

Program = Callable[..., Result]


@pytest.fixture
def filled(registry_file: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = repo_root / "tests" / "profiles" / "kitchen"
    monkeypatch.setenv("QUALITRACE_PROFILE", str(directory))
    demonstration.build(load_profile(directory), registry_file).close()
    return registry_file


def test_what_is_sound_is_said_to_be(program: Program, filled: Path) -> None:
    result = program("verify", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["sound"] is True
    assert answer["faults"] == []
    assert {one["name"] for one in answer["projections"]} == {
        "in force",
        "stated",
        "inferred",
        "profile",
        "index",
    }
    assert all(one["equal"] for one in answer["projections"])
    assert all(one["held"] > 0 for one in answer["projections"])
    assert program("verify", "--head", answer["head"]).exit_code == 0
    assert program("verify", "--head", "0" * 64).exit_code == 1
    assert answer["head"] in program("verify").stdout


def test_what_was_tampered_with_is_named(program: Program, filled: Path) -> None:
    with sqlite3.connect(filled) as connection:
        (subject,) = connection.execute("select subject from change where id = 7").fetchone()
        changed = subject[:-1] + chr(ord(subject[-1]) ^ 1)
        connection.execute("update change set subject = ? where id = 7", (changed,))
    connection.close()
    result = program("verify", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["sound"] is False
    assert [(one["table"], one["position"]) for one in answer["faults"]] == [("change", 1)]
    assert answer["faults"][0]["row"].startswith("id 7 › subject")
    assert answer["projections"] == []
    assert "change › changeset 1 › id 7" in program("verify").stdout


def test_out_and_in_again(program: Program, filled: Path, tmp_path: Path) -> None:
    head = json.loads(program("verify", "--json").stdout)["head"]
    for out, back in (
        (("backup", "--output", tmp_path / "kept.db"), ("restore", tmp_path / "kept.db")),
        (
            ("journal", "export", "-o", tmp_path / "j.jsonl.gz"),
            ("journal", "import", tmp_path / "j.jsonl.gz"),
        ),
    ):
        told = json.loads(program(*out, "--json").stdout)
        assert told["head"] == head
        place = tmp_path / f"{back[0]}-again.db"
        made = json.loads(program(*back, "--registry", place, "--json").stdout)
        assert made == told
        assert json.loads(program("verify", "--registry", place, "--json").stdout)["head"] == head
        assert program(*back, "--registry", place).exit_code == 2  # it is there now
        assert program(*out).exit_code == 2
    assert program("compact").exit_code == 0
    assert program("verify").exit_code == 0


def test_a_password_is_never_shown(program: Program) -> None:
    for command in (("verify",), ("init",), ("history",), ("compact",)):
        result = program(*command, "--registry", "postgresql://u:sEcret42@127.0.0.1:1/db")
        assert result.exit_code == 2
        assert "sEcret42" not in result.output
        assert "***" in result.stderr
