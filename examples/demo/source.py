"""Read the lists in ``examples/source`` and make a college of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random
from typing import Any

from demo.model import College, Duty, Indicator, Point, Rule, Task, Unit
from demo.people import appointments
from demo.readings import readings
from demo.wording import Wording

SOURCE = Path(__file__).parents[1] / "source"


def read(name: str) -> dict[str, Any]:
    """Read one list."""
    return tomllib.loads((SOURCE / f"{name}.toml").read_text(encoding="utf-8"))


def college(seed: str) -> College:
    """Make the whole college, without any planted defect."""
    units = _units(read("units"), Wording(read("texts"), seed))
    listed = read("tasks")
    points = read("points")
    return College(
        units=units,
        goals=[_split(goal) for goal in listed["goals"]],
        tasks=[Task(*_parts(row)) for row in listed["tasks"]],
        items=[_coded(text) for text in points["items"]],
        elements=[_coded(text) for text in points["elements"]],
        points=[_point(entry, units, seed) for entry in points["point"]],
        appointments=appointments(units, read("people"), Random(f"{seed} people")),
        rules=[
            Rule(f"ZD{number:02d}", *_parts(row))
            for number, row in enumerate(read("rules")["rules"], start=1)
        ],
        programmes=_programmes(read("units")["teaching"]["units"]),
    )


def _programmes(rows: list[str]) -> list[tuple[str, str, str]]:
    """One programme for each teaching unit, with a code that is made up: the catalogue has no field 99."""
    parts = [row.split("|") for row in rows]
    return [(one[2], f"9901{number:02}", one[0]) for number, one in enumerate(parts, start=1)]


def _units(listed: dict[str, Any], wording: Wording) -> list[Unit]:
    units = [_unit(entry, "职能部门", entry["duties"], wording) for entry in listed["unit"]]
    common = listed["teaching"]
    for row in common["units"]:
        name, code, programme, field = row.split("|")
        words = {"p": programme, "q": field, "u": name.removeprefix("示例")}
        duties = [line.format(**words) for line in common["duties"]]
        units.append(_unit({**common, "name": name, "code": code}, "二级教学单位", duties, wording))
    return units


def _unit(entry: dict[str, Any], kind: str, lines: list[str], wording: Wording) -> Unit:
    sections = {}
    for text in entry["sections"]:
        section, _, posts = text.partition(": ")
        sections[section] = posts.split(", ")
    unit = Unit(entry["name"], entry["code"], kind, entry["system"], entry["head"], sections)
    for number, line in enumerate(lines, start=1):
        unit.duties.append(wording.duty(unit, f"{unit.code}{number:02d}", line))
    return unit


def _parts(row: str) -> list[str]:
    return [part.strip() for part in row.split("|")]


def _split(text: str) -> tuple[str, str]:
    code, _, title = text.partition(" | ")
    return code, title


def _coded(text: str) -> tuple[str, str]:
    code, _, title = text.partition(" ")
    return code, title


def _point(entry: dict[str, Any], units: list[Unit], seed: str) -> Point:
    name, level, target, threshold, direction, measure, source, owner = _parts(entry["indicator"])
    unit, _, post = owner.partition("/")
    code = f"ZB{entry['code']}"
    share = measure == "%"
    return Point(
        code=entry["code"],
        title=entry["title"],
        hint=entry["hint"],
        platform=entry["codes"],
        indicator=Indicator(
            code, name, level, float(target), float(threshold), direction, measure, source, unit, post
        ),
        readings=readings(entry, Random(f"{seed} {code}"), highest=100.0 if share else None),
        examines=[_reference(text, units) for text in entry["examines"]],
        goal=entry.get("goal", ""),
    )


def _reference(text: str, units: list[Unit]) -> str:
    name, _, wanted = text.partition("/")
    duties: list[Duty] = next(unit.duties for unit in units if unit.name == name)
    return f"{name}/{next(duty.code for duty in duties if duty.object == wanted)}"
