"""Checking all registries of a database: run the statements, count, word what they found (floor 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from qualitrace import budget
from qualitrace.budget import TimeUpError
from qualitrace.store.neo4j import Mark
from qualitrace.store.neo4j.naming import REGISTRY
from qualitrace.store.neo4j.server import Reads
from qualitrace.terms import SH
from qualitrace.text import Text
from qualitrace.validation.check import Check
from qualitrace.validation.cluster.compiling import ClusterShapes, counting
from qualitrace.validation.cluster.model import (
    ClusterFinding,
    ClusterReport,
    ClusterRule,
    Count,
    CypherCheck,
    Looked,
)
from qualitrace.validation.cluster.rows import Found, hit_of
from qualitrace.validation.cluster.script import Script
from qualitrace.validation.cluster.together import COMPARES, compared
from qualitrace.validation.cluster.wording import findings
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.model import RuleReport, Severity
from qualitrace.validation.shapes import Shape

Progress = Callable[[int, int], None]

_REGISTRIES = f"MATCH (q:{REGISTRY}) RETURN q.name AS name, properties(q) AS said ORDER BY name"
_SEVERITIES = {SH + severity.value.capitalize(): severity for severity in Severity}


@dataclass
class _Done:
    """What was found so far, by rule."""

    found: list[Found] = field(default_factory=list)
    targeted: dict[str, dict[str, int]] = field(default_factory=dict)
    looked: list[Looked] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)


def registries(server: Reads, stamp: str = "") -> tuple[dict[str, Mark], tuple[Text, ...]]:
    """Return the registries of a database that can be checked, and why others are not.

    ``stamp`` is what the profile is called in marks; a registry written by another one is left out.
    """
    found: dict[str, Mark] = {}
    notices = []
    for row in server.read(_REGISTRIES):
        name, mark = str(row["name"]), Mark.of(row["said"])
        if mark.toward >= 0:
            notices.append(
                Text(
                    zh=f"登记库 {name} 正在发布,这次没有检查。",
                    en=f"The registry {name} is being published and was left out.",
                )
            )
        elif stamp and mark.profile and mark.profile != stamp:
            notices.append(
                Text(
                    zh=f"登记库 {name} 是按另一个(版本的)配置发布的,没有检查。",
                    en=f"The registry {name} was published with another profile (or version): left out.",
                )
            )
        else:
            found[name] = mark
    return found, tuple(notices)


def check_cluster(
    server: Reads,
    shapes: ClusterShapes,
    *,
    only: Iterable[str] = (),
    stamp: str = "",
    progress: Progress | None = None,
) -> ClusterReport:
    """Check the registries of a database, or ``only`` some, against compiled shapes.

    Within a budget (:mod:`qualitrace.budget`) what the time does not reach is named as not finished.
    Raises UnavailableError when Neo4j is away, AccessError when it lets nobody in.
    """
    with budget.within(None):
        known, notices = registries(server, stamp)
    wanted = set(only)
    names = [name for name in known if not wanted or name in wanted]
    done = _Done()
    rules = _rules(shapes)
    number, total = 0, len(shapes.checks) + len(rules)
    for rule, checks in rules.items():
        try:
            done.targeted[rule] = _count(server, shapes, checks, names)
            done.looked += _looked(server, shapes, checks, names)
            for check in checks:
                number += 1
                if progress is not None:
                    progress(number, total)
                rows = server.read(check.statement, registries=names, **check.parameters)
                done.found += (hit_of(check, row) for row in rows)
            number += 1
        except TimeUpError:
            done.unfinished.add(rule)
    with budget.within(None):  # what was found is worded, however long that takes
        worded = findings(shapes, server, done.found)
        after, _ = registries(server, stamp)
    moved = [name for name in names if known[name].place != (after[name].place if name in after else None)]
    if moved:
        notices = (*notices, _moved(moved))
    notices = (*notices, *(_nothing(shapes, one) for one in done.looked if names and not one.total))
    if done.unfinished:
        notices = (*notices, _partial(len(done.unfinished)))
    lines = [_line(shapes, rule, checks, worded, done, names) for rule, checks in rules.items()]
    return ClusterReport(
        tuple(names), tuple(worded), tuple(lines), shapes.refused, tuple(done.looked), notices
    )


def _rules(shapes: ClusterShapes) -> dict[str, list[CypherCheck]]:
    rules: dict[str, list[CypherCheck]] = {}
    for check in shapes.checks:
        rules.setdefault(rule_of(check.check.shapes), []).append(check)
    return rules


def _count(
    server: Reads, shapes: ClusterShapes, checks: Sequence[CypherCheck], names: Sequence[str]
) -> dict[str, int]:
    chains: list[tuple[Shape, ...]] = list(dict.fromkeys(check.check.shapes for check in checks))
    text, parameters = counting(shapes, chains)
    rows = server.read(text, registries=list(names), **parameters)
    return {row["registry"]: row["number"] for row in rows}


def _looked(
    server: Reads, shapes: ClusterShapes, checks: Sequence[CypherCheck], names: Sequence[str]
) -> list[Looked]:
    """Count what each check that reaches across registries looks at."""
    found = []
    for check in checks:
        if not shapes.is_across(check.check):
            continue
        if check.check.constraint.label in COMPARES:
            script = Script(shapes.names)
            text = compared(shapes.shapes, script, check.check)
            rows = server.read(text, registries=list(names), **script.parameters)
            some = any(row["others"] for row in rows)
            numbers = {row["registry"]: row["asked"] if some else 0 for row in rows}
        else:
            numbers = _count(server, shapes, [check], names)
        nodes = tuple((name, numbers.get(name, 0)) for name in names)
        found.append(Looked(rule_of(check.check.shapes), check.check.name, nodes))
    return found


def _line(
    shapes: ClusterShapes,
    rule: str,
    checks: Sequence[CypherCheck],
    worded: Iterable[ClusterFinding],
    done: _Done,
    names: Sequence[str],
) -> ClusterRule:
    failed: dict[str, set[str]] = {}
    for one in worded:
        if one.finding.rule == rule:
            failed.setdefault(one.registry, set()).add(one.finding.focus)
    targeted = done.targeted.get(rule, {})
    counts = tuple(Count(name, targeted.get(name, 0), len(failed.get(name, ()))) for name in names)
    finished = rule not in done.unfinished
    total = sum(count.targeted for count in counts)
    line = RuleReport(
        rule=rule,
        labels=_labels(checks, rule),
        severity=_strongest([check.check for check in checks]),
        targeted=total,
        failed=sum(count.failed for count in counts),
        unchecked=0 if finished else total,
    )
    return ClusterRule(line, counts, finished)


def _labels(checks: Iterable[CypherCheck], rule: str) -> Text:
    chain = (shape for check in checks for shape in check.check.shapes)
    return next((shape.labels for shape in chain if shape.name == rule), Text())


def _strongest(checks: Iterable[Check]) -> Severity:
    found = {_SEVERITIES.get(check.shape.severity, Severity.VIOLATION) for check in checks}
    return min(found, key=list(Severity).index)


def _nothing(shapes: ClusterShapes, looked: Looked) -> Text:
    check = next(one.check for one in shapes.checks if one.check.name == looked.check)
    label = next((shape.labels for shape in reversed(check.shapes) if shape.labels), Text())
    zh, en = (label.best(language) or looked.check for language in ("zh", "en"))
    return Text(
        zh=f"「{zh}」({looked.check})没有检查任何节点:没有一个登记库有它要看的内容。",
        en=f"“{en}” ({looked.check}) looked at nothing: no registry has what it speaks of.",
    )


def _moved(names: Sequence[str]) -> Text:
    listed = ", ".join(names)
    return Text(
        zh=f"检查期间有变更发布:{listed}。结果可能不是同一时刻的,请再检查一次。",
        en=f"Changes were published during the check: {listed}. Results may be of two states: check again.",
    )


def _partial(number: int) -> Text:
    return Text(
        zh=f"时间用完:{number} 条规则没有检查完,报告不完整。",
        en=f"The time was up: {number} rule(s) were not checked to their end; the report is partial.",
    )
