"""What validation finds about what is planted for the questions about the network."""

from __future__ import annotations

from demo.model import College
from demo.planted import Defect


def _as_it_is(college: College) -> None:
    """The supplementary sheets hold it already."""


def _defect(rule: str, focus: str, zh: str, en: str) -> Defect:
    return Defect(rule, focus, "A", _as_it_is, zh, en)


NETWORK = (
    _defect(
        "qs:goal-code-nested",
        "goal/6",
        "成环的目标，编号不可能承接上级",
        "a goal in a cycle, whose code cannot continue that of the goal above",
    ),
    _defect("qs:goal-has-task", "goal/7.1", "孤岛上的目标没有任务", "a goal on an island, without tasks"),
    *(
        _defect(f"qs:goal-{rule}", f"goal/{code}", zh, en)
        for code in ("7", "7.1")
        for rule, zh, en in (
            ("achievable", "孤岛上的目标无人负责", "a goal on an island, with nobody charged with it"),
            ("measurable", "孤岛上的目标无法测量", "a goal on an island that cannot be measured"),
            ("time-bound", "孤岛上的目标没有时限", "a goal on an island without a time limit"),
        )
    ),
)
