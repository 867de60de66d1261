"""except, exceptions, rule, rules: what they record and say, and what validate leaves with."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from qualitrace.profile import load_profile
from qualitrace.registry import Registry, governing
from qualitrace.validation.model import Acceptance

Program = Callable[..., Result]

UNITS = "单位名称,单位类别,纵向系统,负责人岗位\n示例处,职能部门,资源建设,处长\n"
MORE = UNITS.replace("示例处", "另一处")
TOMORROW = (dt.date.today() + dt.timedelta(days=1)).isoformat()


@pytest.fixture
def loaded(program: Program, tmp_path: Path) -> Program:
    path = tmp_path / "units.csv"
    path.write_text(UNITS, encoding="utf-8")
    result = program("load", path, "--author", "示例员")
    assert result.exit_code == 0, result.stderr
    return program


def answer(program: Program, *arguments: object) -> Any:
    return json.loads(program(*arguments, "--json").stdout)


def findings(program: Program) -> list[dict[str, Any]]:
    """What validate finds at warning or above."""
    found: list[dict[str, Any]] = answer(program, "validate")["findings"]
    return [finding for finding in found if finding["severity"] != "info"]


def accept(program: Program, finding: dict[str, Any], *more: str) -> Result:
    return program(
        "except", finding["rule"], finding["focus"], "--by", "示例主任", "--reason", "等候任命", *more
    )


def test_validate_passes_once_all_is_accepted(loaded: Program) -> None:
    assert loaded("validate").exit_code == 1
    found = findings(loaded)
    for finding in found:
        assert accept(loaded, finding, "--until", TOMORROW).exit_code == 0
    result = loaded("validate")
    assert result.exit_code == 0
    assert "示例主任" in result.stdout
    assert f"{len(found)} 处例外" in result.stdout
    report = answer(loaded, "validate")
    assert report["excepted"] == len(found)
    assert len(findings(loaded)) == len(found)
    listed = answer(loaded, "exceptions")
    assert {(one["rule"], one["node"], one["state"], one["until"]) for one in listed} == {
        (finding["rule"], finding["focus"], "in force", TOMORROW) for finding in found
    }
    assert sum(line["excepted"] for line in answer(loaded, "rules")) == len(found)
    result = accept(loaded, found[0], "--withdraw")
    assert result.exit_code == 0
    assert loaded("validate").exit_code == 1
    assert answer(loaded, "exceptions")[0]["withdrawn"]["by"] == "示例主任"
    table = loaded("exceptions").stdout
    assert "已撤回" in table
    assert "等候任命" in table


def test_it_fails_again_when_an_exception_has_expired(loaded: Program, registry_file: Path) -> None:
    long_ago = dt.date(2024, 1, 31)
    registry = Registry.open(registry_file, load_profile())
    found = findings(loaded)
    for finding in found:
        governing.accept(
            registry,
            finding["rule"],
            finding["focus"],
            Acceptance("示例主任", "等候任命", long_ago),
            author="示例员",
            day=long_ago,
        )
    registry.close()
    assert loaded("validate").exit_code == 1
    assert answer(loaded, "validate")["excepted"] == 0
    assert [one["state"] for one in answer(loaded, "exceptions")] == ["expired"] * len(found)


def test_a_rule_set_to_reject_stops_a_load_and_set_back_lets_it_in(loaded: Program, tmp_path: Path) -> None:
    (rule,) = {finding["rule"] for finding in findings(loaded) if finding["focus"].endswith("/处长")}
    more = tmp_path / "more.csv"
    more.write_text(MORE, encoding="utf-8")
    history = answer(loaded, "history")
    assert "没有变化" in loaded("rule", rule, "--mode", "warn", "--reason", "已是如此").stdout
    assert answer(loaded, "history") == history
    result = loaded("rule", rule, "--mode", "reject", "--reason", "试行期满", "--author", "示例员")
    assert result.exit_code == 0
    (decided,) = answer(loaded, "history")[len(history) :]
    assert decided["author"] == "示例员"
    assert "试行期满" in decided["message"]
    refused = loaded("load", more)
    assert refused.exit_code == 1
    assert more.name in refused.stderr
    modes = {line["rule"]: (line["severity"], line["mode"]) for line in answer(loaded, "rules")}
    assert modes[rule] == ("warning", "reject")
    assert set(modes.values()) >= {("violation", "reject"), ("warning", "warn")}
    assert "试行" not in loaded("rules").stdout
    assert loaded("rule", rule, "--mode", "warn", "--reason", "再看一学期").exit_code == 0
    assert loaded("load", more).exit_code == 0


SIGNED = ("--by", "示例主任", "--reason", "等候任命")
REFUSED = [
    (("except", "没有的规则", "unit/示例处", *SIGNED, "--until", TOMORROW), "rules"),
    (("except", "{rule}", "unit/示例处", *SIGNED, "--until", TOMORROW), "处长"),
    (("except", "{rule}", "{node}", *SIGNED, "--until", "明天"), "2025-03-01"),
    (("except", "{rule}", "{node}", *SIGNED, "--until", "2020-01-01"), "今天"),
    (("except", "{rule}", "{node}", *SIGNED), "--until"),
    (("except", "{rule}", "{node}", "--by", " ", "--reason", "b", "--until", TOMORROW), "--by"),
    (("except", "{rule}", "{node}", "--by", "a", "--reason", "", "--until", TOMORROW), "--reason"),
    (("except", "{rule}", "{node}", *SIGNED, "--withdraw"), "exceptions"),
    (("except", "{rule}", "{node}", *SIGNED, "--withdraw", "--until", TOMORROW), TOMORROW),
    (("rule", "没有的规则", "--mode", "warn", "--reason", "b"), "rules"),
    (("rule", "{rule}", "--mode", "reject", "--reason", ""), "--reason"),
]


def test_what_cannot_be_decided_is_refused_with_a_hint(loaded: Program) -> None:
    finding = next(found for found in findings(loaded) if found["focus"].endswith("/处长"))
    history = answer(loaded, "history")
    for arguments, hint in REFUSED:
        result = loaded(*(word.format(rule=finding["rule"], node=finding["focus"]) for word in arguments))
        assert result.exit_code == 2, arguments
        assert hint in result.stderr, arguments
    assert answer(loaded, "history") == history
