"""Invented people and their dated appointments."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from demo.model import Appointment, Unit

SUBSTANTIVE = "正式任职"
SURNAMES = (
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁柳史唐薛雷贺倪汤"
)
FIRST = "文明晓建国志雪思雅春秋海江林云景子佳怡若承宏伟立新永安德"
SECOND = "华平芳敏静丽强磊军洋勇艳杰娟涛超霞辉宁岚萍刚健彬琳璐航轩"


class _Names:
    """Gives out names no one has yet, each labelled as an example."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()

    def next(self) -> str:
        while True:
            name = "示例·" + "".join(self.rng.choice(part) for part in (SURNAMES, FIRST, SECOND))
            if name not in self.taken:
                self.taken.add(name)
                return name


def appointments(units: list[Unit], listed: dict[str, Any], rng: Random) -> list[Appointment]:
    """Fill every post: as ``people.toml`` lists it, or else with one person since some past date."""
    names = _Names(rng)
    special: dict[str, list[str]] = listed["post"]
    people: dict[str, tuple[str, str]] = {}
    rows: list[Appointment] = []

    def person(key: str) -> tuple[str, str]:
        if key not in people:
            people[key] = (f"S{1000 + len(people) + 1}", names.next())
        return people[key]

    for unit in units:
        for post in unit.posts:
            full = f"{unit.name}/{post}"
            start = date(rng.randint(2018, 2023), rng.choice((1, 3, 7, 9)), 1)
            holders = special.get(full, [f"{full} | {SUBSTANTIVE} | {start} | "])
            for line in holders + _second_holder(post, full, start):
                key, kind, begins, ends = (part.strip() for part in line.split("|"))
                number, name = person(key)
                rows.append(
                    Appointment(
                        number, name, unit.name, unit.section_of(post), post, kind, _day(begins), _day(ends)
                    )
                )
    return rows


def _second_holder(post: str, full: str, start: date) -> list[str]:
    """A teaching unit has two counsellors."""
    return [f"{full} 2 | {SUBSTANTIVE} | {start.replace(month=9)} | "] if post == "辅导员岗" else []


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
