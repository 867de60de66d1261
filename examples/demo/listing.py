"""List the planted defects: for the tests as YAML, for readers as a table in the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from demo.grid import Places
from demo.planted import Defect
from demo.supplement import DAY, Plant

BEGIN, END = "<!-- defects: written by make_demo.py -->", "<!-- end -->"
HEAD = (
    "| 编号 No. | 问题 | What is wrong | 位置 Where | 规则 Rule | 节点 Focus |",
    "|---|---|---|---|---|---|",
)


def write_yaml(defects: Sequence[Defect], places: Places, path: Path) -> None:
    """Write the rule and the focus node of each defect; strings are quoted as JSON, which is YAML."""
    lines = ["# The planted defects; written by make_demo.py.", "defects:"]
    for number, defect in enumerate(defects, start=1):
        lines += [
            f"  - id: D{number:02d}",
            f"    rule: {json.dumps(defect.rule)}",
            f"    focus: {json.dumps(defect.focus, ensure_ascii=False)}",
            f"    where: {json.dumps(defect.where(places), ensure_ascii=False)}",
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_table(defects: Sequence[Defect], places: Places, path: Path) -> None:
    """Replace the table in a README, if it has the marks between which the table stands."""
    if not path.exists():
        return
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [
        f"| D{number:02d} | {one.zh} | {one.en} | {one.where(places)} | `{one.rule}` | `{one.focus}` |"
        for number, one in enumerate(defects, start=1)
    ]
    table = "\n".join((BEGIN, "", *HEAD, *rows, "", END))
    path.write_text(before + table + after, encoding="utf-8")


PLANTS_BEGIN, PLANTS_END = "<!-- planted: written by make_demo.py -->", "<!-- end of planted -->"


def write_plants(planted: Sequence[Plant], path: Path) -> None:
    """Write what each question about the network and each dated rule must find."""
    lines = ["# What questions and rules must find; written by make_demo.py.", f"as_of: {DAY}", "planted:"]
    for number, one in enumerate(planted, start=1):
        lines += [
            f"  - id: P{number:02d}",
            f"    {'rule' if one.value else 'question'}: {json.dumps(one.question)}",
            f"    nodes: {json.dumps(one.nodes, ensure_ascii=False)}",
        ]
        lines += [f"    value: {json.dumps(one.value, ensure_ascii=False)}"] if one.value else []
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_plants_table(planted: Sequence[Plant], path: Path) -> None:
    """Replace the table of what is planted in a README, if it has the marks between which it stands."""
    if not path.exists():
        return
    before, _, rest = path.read_text(encoding="utf-8").partition(PLANTS_BEGIN)
    _, _, after = rest.partition(PLANTS_END)
    head = ("| 编号 No. | 内容 | What | 问题或规则 Question or rule | 节点 Nodes |", "|---|---|---|---|---|")
    rows = [
        f"| P{number:02d} | {one.zh} | {one.en} | `{one.question}` | "
        + ", ".join(f"`{node}`" for node in one.nodes)
        + " |"
        for number, one in enumerate(planted, start=1)
    ]
    table = "\n".join((PLANTS_BEGIN, "", *head, *rows, "", PLANTS_END))
    path.write_text(before + table + after, encoding="utf-8")
