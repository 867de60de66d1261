"""Findings counted: by unit, rule and severity, and by whatever their nodes lead to (floor 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

import rdflib
import strawberry

from qualitrace.graphql.context import Context
from qualitrace.graphql.node import Node, Ref, node_field, text_field
from qualitrace.graphql.shared_types import RuleMode
from qualitrace.profile.vocabulary import LABELS, text_of
from qualitrace.text import Text
from qualitrace.validation.model import Finding, RuleReport, Severity


@strawberry.enum(name="ValidationSeverity", description="严重程度 / Severity (SHACL)")
class FindingSeverity(Enum):
    """Mirrors :class:`qualitrace.validation.model.Severity`."""

    VIOLATION = strawberry.enum_value("violation", description="必须改正 / Rejects a commit")
    WARNING = strawberry.enum_value("warning", description="应当改正 / To be mended")
    INFO = strawberry.enum_value("info", description="供参考 / For information")


@strawberry.enum(name="ValidationGrouping", description="汇总方式 / What to count findings by")
class Grouping(Enum):
    """What findings are counted by."""

    UNIT = "unit"
    RULE = "rule"
    SEVERITY = "severity"


@strawberry.type(name="ValidationFindingGroup", description="一组问题的数量 / Findings counted")
class FindingGroup:
    """Counts of findings that share a unit, rule, severity, or something their nodes lead to."""

    node_ref: strawberry.Private[Ref]
    text: strawberry.Private[Text]
    key: str | None
    total: int
    violations: int
    warnings: int
    infos: int
    node: Node | None = node_field("node_ref", "部门或所属对象 / The unit, or what the nodes lead to")
    label: str | None = text_field("text", "名称 / Name")


@strawberry.type(name="ValidationRule", description="一条规则的执行情况 / What one rule did")
class RuleAnswer:
    """Mirrors :class:`qualitrace.validation.model.RuleReport`."""

    text: strawberry.Private[Text]
    rule: str
    severity: FindingSeverity
    targeted: int = strawberry.field(
        description="适用的对象数；0 表示规则没有用上 / Nodes it applies to; 0: it was of no use"
    )
    checked: int = strawberry.field(description="其中检查了的对象数 / Of these, nodes checked")
    failed: int
    excepted: int = strawberry.field(description="不符而有例外的对象数 / Failed nodes under an exception")
    mode: RuleMode
    label: str | None = text_field("text", "名称 / Name")


def rule_answer(rule: RuleReport) -> RuleAnswer:
    """Show what one rule did."""
    return RuleAnswer(
        text=rule.labels,
        rule=rule.rule,
        severity=FindingSeverity(rule.severity.value),
        targeted=rule.targeted,
        checked=rule.checked,
        failed=rule.failed,
        excepted=rule.excepted,
        mode=RuleMode(rule.mode_in_force.value),
    )


def groups_of(findings: Sequence[Finding], by: Grouping, context: Context) -> list[FindingGroup]:
    """Count findings by unit, rule or severity, the largest group first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(str(getattr(finding, by.value)), []).append(finding)
    units = tuple(key for key in groups if key) if by is Grouping.UNIT else ()
    return _in_order(
        _group(key, _text(key, members[0], by, context), members, units) for key, members in groups.items()
    )


def groups_by(findings: Sequence[Finding], by: str, context: Context) -> list[FindingGroup]:
    """Count findings by what their nodes lead to; one that leads to several counts for each.

    Raises QueryError when no node found fault with leads to anything of the kind.
    """
    leads = ends_of(findings, by, context)
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        for key in leads.get(finding.focus) or {""}:
            groups.setdefault(key, []).append(finding)
    pool = tuple(sorted(key for key in groups if key))
    labels = context.fetcher.labels(pool, counted=False)
    return _in_order(_group(key, labels.get(key, Text()), members, pool) for key, members in groups.items())


def ends_of(findings: Sequence[Finding], by: str, context: Context) -> dict[str, frozenset[str]]:
    """Return what the nodes of findings lead to. Raises QueryError."""
    nodes = dict.fromkeys(finding.focus for finding in findings if is_node(finding))
    return context.reading.leads_to(nodes, by, shown=context.model.shown)


def is_node(finding: Finding) -> bool:
    """Tell whether a finding is about a node with an identifier, not a value or a blank node."""
    return not finding.focus.startswith(('"', "_:"))


def _in_order(groups: Iterable[FindingGroup]) -> list[FindingGroup]:
    return sorted(groups, key=lambda group: (-group.total, group.key or ""))


def _text(key: str, one: Finding, by: Grouping, context: Context) -> Text:
    if by is Grouping.UNIT:
        return one.unit_label if key else context.reading.profile.steward
    if by is Grouping.RULE:
        return text_of(context.reading.profile.shapes, rdflib.URIRef(key), *LABELS, rdflib.SH.name)
    return Text({"": key})


def _group(key: str, text: Text, members: Sequence[Finding], pool: Sequence[str]) -> FindingGroup:
    counts = Counter(finding.severity for finding in members)
    return FindingGroup(
        node_ref=Ref(key if key in pool else "", pool),
        text=text,
        key=key or None,
        total=len(members),
        violations=counts[Severity.VIOLATION],
        warnings=counts[Severity.WARNING],
        infos=counts[Severity.INFO],
    )
