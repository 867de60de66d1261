"""--known-at on every command that reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.history.conftest import Program


def test_a_trace_as_it_was_known(loaded: Program) -> None:
    def holders(*more: str) -> list[str]:
        result = loaded("trace", "unit/示例处", "--to", "人员", "--as-of", "2024-01-01", "--json", *more)
        assert result.exit_code == 0, result.stderr
        trace = json.loads(result.stdout)
        return [
            trace["nodes"][path["steps"][-1]["target"]]["label"][""]
            for path in trace["paths"]
            if path["ending"] == "reached"
        ]

    assert holders() == ["示例乙"]
    assert holders("--known-at", "2") == ["示例甲"]
    assert holders("--known-at", "1") == []


@pytest.mark.parametrize(
    ("command", "count"),
    [
        (("history",), lambda found: len(found)),
        (("validate",), lambda found: len(found["findings"])),
        (("rules",), lambda found: sum(line["targeted"] for line in found)),
    ],
)
def test_before_everything_there_was_nothing(
    loaded: Program, command: tuple[str, ...], count: object
) -> None:
    result = loaded(*command, "--json", "--known-at", "0")
    assert callable(count)
    assert count(json.loads(result.stdout)) == 0
    assert count(json.loads(loaded(*command, "--json").stdout)) > 0


def test_an_export_of_what_was_known(loaded: Program, tmp_path: Path) -> None:
    for moment, name in (("2", "示例甲"), ("3", "示例乙")):
        path = tmp_path / f"{moment}.ttl"
        result = loaded("export", "turtle", "--output", path, "--known-at", moment)
        assert result.exit_code == 0, result.stderr
        text = path.read_text(encoding="utf-8")
        assert name in text
        assert ("示例乙" in text) is (moment == "3")


def test_what_is_no_moment_is_said(loaded: Program) -> None:
    result = loaded("history", "--known-at", "someday")
    assert result.exit_code == 2
    assert "someday" in result.stderr
