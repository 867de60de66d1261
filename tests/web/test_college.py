"""One request over HTTP to a running server answers who answered, compared with the workbook itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from qualitrace.registry import Registry


@pytest.fixture(scope="module")
def staff(repo_root: Path) -> list[dict[str, Any]]:
    """The rows of the workbook's sheet of staff and appointments."""
    book = openpyxl.load_workbook(repo_root / "examples" / "demo-college.xlsx", read_only=True)
    rows = list(book["人员任职"].iter_rows(values_only=True))
    headers = next(row for row in rows if row[0] == "工号")
    return [dict(zip(headers, row, strict=True)) for row in rows[rows.index(headers) + 1 :] if row[0]]


@pytest.fixture(scope="module")
def owners(repo_root: Path) -> dict[str, tuple[str, str]]:
    """Unit and post that own each indicator, by its code."""
    book = openpyxl.load_workbook(repo_root / "examples" / "demo-college.xlsx", read_only=True)
    rows = list(book["指标"].iter_rows(values_only=True))
    headers = next(row for row in rows if row[0] == "指标编号")
    found = [dict(zip(headers, row, strict=True)) for row in rows[rows.index(headers) + 1 :] if row[0]]
    return {str(row["指标编号"]): (str(row["责任部门"]), str(row["责任岗位"])) for row in found}


def day(value: Any) -> dt.date | None:
    if value is None or isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value
    return dt.date.fromisoformat(str(value))


def in_post(staff: list[dict[str, Any]], unit: str, post: str, on: dt.date) -> set[tuple[str, bool]]:
    """Who holds a post on a day by the sheet, and whether acting."""
    return {
        (row["姓名"], "代理" in str(row["任职方式"]))
        for row in staff
        if (row["部门"], row["岗位"]) == (unit, post)
        and (day(row["任职起"]) or dt.date.min) <= on <= (day(row["任职止"]) or dt.date.max)
    }


def ask(address: str, college: Registry, name: str, **variables: Any) -> Any:
    operation = next(one for one in college.profile.operations if one.name == name)
    body = {"query": operation.document, "variables": {**operation.variables, **variables}}
    answer = httpx.post(f"{address}/graphql", json=body, timeout=60)
    assert answer.status_code == 200
    assert "errors" not in answer.json(), answer.json()["errors"]
    return answer.json()["data"]


@pytest.mark.parametrize("on", ["2025-01-10", "2025-02-01", "2025-03-01", "2025-09-01"])
def test_who_answered_for_the_indicator_of_a_point_on_a_day(
    address: str,
    college: Registry,
    staff: list[dict[str, Any]],
    owners: dict[str, tuple[str, str]],
    on: str,
) -> None:
    point = ask(address, college, "1-who-answered", asOf=on)["diagnosisPoints"]["nodes"][0]
    assert point["indicators"]
    for indicator in point["indicators"]:
        unit, post = owners[indicator["code"]]
        expected = in_post(staff, unit, post, dt.date.fromisoformat(on))
        owned = [
            path
            for path in indicator["trace"]["paths"]
            if len(path["steps"]) in (1, 3) and path["steps"][0]["target"]["label"] == post
        ]
        reached = {(p["end"]["label"], p["capacity"] is not None) for p in owned if p["ending"] == "REACHED"}
        assert reached == expected
        vacant = [path for path in owned if path["ending"] == "ABSENT"]
        assert bool(vacant) is (not expected)
        for path in vacant:
            assert path["absence"]
            assert path["end"]["label"] == post
        for path in owned:
            assert all(step["sources"] for step in path["steps"]), "every stated step names its source"


def test_the_readings_up_to_the_day_come_latest_first(address: str, college: Registry) -> None:
    point = ask(address, college, "1-who-answered")["diagnosisPoints"]["nodes"][0]
    for indicator in point["indicators"]:
        days = [reading["observedOn"] for reading in indicator["observations"]]
        assert days
        assert days == sorted(days, reverse=True)
        assert max(days) <= "2025-03-01"
        latest = indicator["observations"][0]
        assert (latest["outcome"] == "FAILED") is (latest["value"] < indicator["threshold"])


def test_a_goal_leads_to_people(address: str, college: Registry, staff: list[dict[str, Any]]) -> None:
    goal = ask(address, college, "2-goal-to-people")["goals"]["nodes"][0]
    reached = {end["node"]["label"] for end in goal["trace"]["ends"] if end["ending"] == "REACHED"}
    assert reached
    assert reached <= {row["姓名"] for row in staff}
    assert goal["tasks"]


def test_duties_are_counted_by_unit(address: str, college: Registry) -> None:
    data = ask(address, college, "3-duty-coverage")
    coverage = data["coverage"]
    assert coverage["total"] == sum(group["total"] for group in coverage["groups"])
    assert coverage["broken"] == sum(group["broken"] for group in coverage["groups"])
    assert coverage["broken"] == sum(gap["count"] for gap in coverage["gaps"])
    assert {one["code"] for one in data["workItems"]["nodes"]}


def test_findings_by_unit_are_those_of_the_command_line(address: str, college: Registry) -> None:
    found = ask(address, college, "4-findings-by-unit")["findings"]
    report = college.validate()
    assert found["totalCount"] == len(set(report.findings))
    counted: dict[str | None, int] = {}
    for finding in set(report.findings):
        counted[finding.unit or None] = counted.get(finding.unit or None, 0) + 1
    assert {group["key"]: group["total"] for group in found["groups"]} == counted
    unit = next(key for key in counted if key)
    one = ask(address, college, "4-findings-by-unit", unit=unit)["findings"]
    assert one["totalCount"] == counted[unit]


def test_the_server_says_where_it_stands(address: str, college: Registry) -> None:
    ready = httpx.get(f"{address}/readyz", timeout=60).json()
    assert (ready["position"], ready["head"]) == college.journal.head()
    assert httpx.get(f"{address}/", timeout=60).status_code == 200
