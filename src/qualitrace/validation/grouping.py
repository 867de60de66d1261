"""Findings put in order for people: by unit, rule or level; every form of the report uses it (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qualitrace.text import Text
from qualitrace.validation.model import Finding, Report, Severity

LEVELS = {
    Severity.VIOLATION: Text(zh="必须改正", en="violation"),
    Severity.WARNING: Text(zh="应当改正", en="warning"),
    Severity.INFO: Text(zh="提示", en="info"),
}
_NO_UNIT = Text(zh="责任单位未定", en="no unit known")
_RANK = {severity: number for number, severity in enumerate(Severity)}


class GroupBy(StrEnum):
    """What findings that stand together have in common."""

    UNIT = "unit"  # the unit that must act
    RULE = "rule"
    LEVEL = "level"


GROUPINGS = {
    GroupBy.UNIT: Text(zh="责任单位", en="unit that must act"),
    GroupBy.RULE: Text(zh="规则", en="rule"),
    GroupBy.LEVEL: Text(zh="级别", en="level"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings with something in common. ``key`` is an IRI, a level, or ``""`` where no unit is known."""

    key: str
    label: Text
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Return how many of the findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def grouped(report: Report, by: GroupBy) -> tuple[Group, ...]:
    """Put a report's findings into groups: levels from the strongest, else what has most to do first."""
    members: dict[str, list[Finding]] = {}
    for finding in in_order(report.findings):
        members.setdefault(_key(finding, by), []).append(finding)
    labels = {rule.rule: rule.labels for rule in report.rules}
    groups = [Group(key, _label(key, by, found[0], labels), tuple(found)) for key, found in members.items()]
    if by is GroupBy.LEVEL:
        return tuple(groups)  # in the order of their findings
    return tuple(sorted(groups, key=lambda group: (*(-group.count(level) for level in Severity), group.key)))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by level, unit that must act (none last), rule and node."""
    return sorted(findings, key=_order)


def innermost(finding: Finding) -> tuple[Finding, ...]:
    """Return the reasons at the bottom: nested findings that have no reasons of their own."""
    return tuple(
        bottom
        for reason in finding.because
        for bottom in (innermost(reason) if reason.because else (reason,))
    )


def _order(finding: Finding) -> tuple[object, ...]:
    unit = finding.unit_label.best("zh")
    return (
        _RANK[finding.severity],
        not finding.unit,
        unit,
        finding.unit,
        finding.rule,
        finding.focus,
        finding.path,
        finding.value,
    )


def _key(finding: Finding, by: GroupBy) -> str:
    match by:
        case GroupBy.UNIT:
            return finding.unit
        case GroupBy.RULE:
            return finding.rule
        case GroupBy.LEVEL:
            return finding.severity.value


def _label(key: str, by: GroupBy, finding: Finding, rules: dict[str, Text]) -> Text:
    match by:
        case GroupBy.UNIT:
            return finding.unit_label or (Text({"": key}) if key else _NO_UNIT)
        case GroupBy.RULE:
            return rules.get(key) or Text({"": key})
        case GroupBy.LEVEL:
            return LEVELS[finding.severity]
