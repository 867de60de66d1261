"""``findings``: what validation found, by unit, rule and severity (floor 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any

import rdflib
import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.node import Node, PageInfo, Ref, described, node_field, text_field
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.shared_types import Exempted, FactSource, RuleMode
from qualitrace.graphql.values import iri_from
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.text import Text
from qualitrace.validation.model import Finding, Report, RuleReport, Severity


@strawberry.enum(name="ValidationSeverity", description="严重程度 / Severity (SHACL)")
class FindingSeverity(Enum):
    """Mirrors :class:`qualitrace.validation.model.Severity`."""

    VIOLATION = strawberry.enum_value("violation", description="必须改正 / Rejects a commit")
    WARNING = strawberry.enum_value("warning", description="应当改正 / To be mended")
    INFO = strawberry.enum_value("info", description="供参考 / For information")


_RANK = {severity: number for number, severity in enumerate(Severity)}


@strawberry.enum(name="ValidationGrouping", description="汇总方式 / What to count findings by")
class Grouping(Enum):
    """What findings are counted by."""

    UNIT = "unit"
    RULE = "rule"
    SEVERITY = "severity"


@strawberry.input(name="ValidationFindingWhere", description="各条件同时成立 / All that is given must hold")
class FindingWhere:
    """Which findings to return."""

    unit: str | None = strawberry.field(
        default=None, description="应负责的部门：标识、编码或名称 / The unit that must act: id, code or name"
    )
    rule: str | None = strawberry.field(default=None, description="规则:IRI 或本地名 / IRI or local name")
    severity: list[FindingSeverity] | None = None
    node: str | None = strawberry.field(
        default=None, description="问题所在对象的标识 / Identifier of the node"
    )


@strawberry.type(name="ValidationFinding", description="一处问题 / One thing that breaks a rule")
class FindingAnswer:
    """Mirrors :class:`qualitrace.validation.model.Finding`."""

    node_ref: strawberry.Private[Ref]
    unit_ref: strawberry.Private[Ref]
    rule_text: strawberry.Private[Text]
    message_text: strawberry.Private[Text]
    fix_text: strawberry.Private[Text]
    language: strawberry.Private[str]
    id: strawberry.ID
    rule: str = strawberry.field(description="规则的 IRI / IRI of the rule")
    severity: FindingSeverity
    path: str | None
    value: str | None
    since: str | None = strawberry.field(
        description="自何时起一直存在（世界时）/ Since when it has held without interruption (ISO 8601, UTC)"
    )
    excepted: Exempted | None = strawberry.field(description="现行的例外 / The exception in force")
    sources: list[FactSource]
    because: list[FindingAnswer] = strawberry.field(description="内层原因 / Reasons within")
    rule_label: str | None = text_field("rule_text", "规则的名称 / Name of the rule")
    node: Node | None = node_field("node_ref", "问题所在的对象 / The node that breaks the rule")
    unit: Node | None = node_field("unit_ref", "应负责的部门 / The unit that must act")

    @described("问题 / What is wrong")
    def message(self, language: str | None = UNSET) -> str | None:
        """Return the message in a language, by default that of the list."""
        return self.message_text.best(language or self.language) or None

    @described("建议 / What to do")
    def fix(self, language: str | None = UNSET) -> str | None:
        """Return the suggested fix in a language, by default that of the list."""
        return self.fix_text.best(language or self.language) or None


@strawberry.type(name="ValidationFindingGroup", description="一组问题的数量 / Findings counted")
class FindingGroup:
    """Counts of findings that share a unit, rule or severity."""

    node_ref: strawberry.Private[Ref]
    text: strawberry.Private[Text]
    key: str | None
    total: int
    violations: int
    warnings: int
    infos: int
    node: Node | None = node_field("node_ref", "部门（按部门汇总时）/ The unit, when counted by unit")
    label: str | None = text_field("text", "名称 / Name")


@strawberry.type(name="ValidationRule", description="一条规则的执行情况 / What one rule did")
class RuleAnswer:
    """Mirrors :class:`qualitrace.validation.model.RuleReport`."""

    text: strawberry.Private[Text]
    rule: str
    severity: FindingSeverity
    targeted: int = strawberry.field(description="检查的对象数；0 表示规则没有用上 / Nodes checked")
    failed: int
    excepted: int = strawberry.field(description="不符而有例外的对象数 / Failed nodes under an exception")
    mode: RuleMode
    label: str | None = text_field("text", "名称 / Name")


@strawberry.type(name="ValidationFindingEdge")
class FindingEdge:
    """An edge of the connection."""

    cursor: str
    node: FindingAnswer


@strawberry.type(name="ValidationFindingConnection", description="问题列表 / A page of findings")
class FindingConnection:
    """A page of findings with counts over all of them."""

    chosen: strawberry.Private[Sequence[Finding]]
    report: strawberry.Private[Report]
    total_count: int
    nodes: list[FindingAnswer]
    edges: list[FindingEdge]
    page_info: PageInfo

    @described("按部门、规则或严重程度汇总 / Counts by unit, rule or severity")
    def groups(self, info: strawberry.Info[Any, Any], by: Grouping) -> list[FindingGroup]:
        """Count the findings."""
        return _groups(self.chosen, by, context_of(info))

    @described("每条规则检查了多少、有多少不符 / What each rule checked and found")
    def rules(self) -> list[RuleAnswer]:
        """Show every rule, those without findings too."""
        return [_rule(rule) for rule in self.report.rules]


def findings_answer(
    context: Context,
    where: FindingWhere | None,
    language: str,
    first: int | None,
    after: str | None,
) -> FindingConnection:
    """Show findings, strongest first, then by unit and rule."""
    report = context.reading.validate()
    chosen = [finding for finding in report.findings if _test(where, context)(finding)]
    entries = [
        Entry((_RANK[f.severity], f.unit_label.best("zh") or None, f.rule, _identity(f)), f) for f in chosen
    ]
    # The same result twice is one finding.
    distinct = list({entry.raw: entry for entry in entries}.values())
    page = Listing.of("findings", (False, False, False, False), distinct).page(first=first, after=after)
    shown = _findings(page.items, language, context)
    return FindingConnection(
        chosen=[entry.item for entry in distinct],
        report=report,
        total_count=len(distinct),
        nodes=shown,
        edges=[
            FindingEdge(cursor=page.listing.cursor(entry), node=answer)
            for entry, answer in zip(page.entries, shown, strict=True)
        ],
        page_info=page_info(page),
    )


def _test(where: FindingWhere | None, context: Context) -> Callable[[Finding], bool]:
    if where is None:
        return lambda finding: True
    unit = context.reading.resolve(where.unit) if where.unit else None
    node = iri_from(where.node, context.reading.base) if where.node else None
    severities = None if where.severity is None else {str(severity.value) for severity in where.severity}

    def test(finding: Finding) -> bool:
        return (
            (unit is None or finding.unit == unit)
            and (node is None or finding.focus == node)
            and (where.rule is None or where.rule in (finding.rule, local_name(finding.rule)))
            and (severities is None or finding.severity.value in severities)
        )

    return test


def _identity(finding: Finding) -> str:
    parts = (finding.rule, finding.component, finding.focus, finding.path, finding.value)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _findings(findings: Sequence[Finding], language: str, context: Context) -> list[FindingAnswer]:
    focus = tuple(dict.fromkeys(_focus(f) for f in _nested(findings) if _focus(f)))
    units = tuple(dict.fromkeys(f.unit for f in _nested(findings) if f.unit))
    shapes = context.reading.profile.shapes

    def shown(finding: Finding) -> FindingAnswer:
        return FindingAnswer(
            node_ref=Ref(_focus(finding), focus),
            unit_ref=Ref(finding.unit, units),
            rule_text=text_of(shapes, rdflib.URIRef(finding.rule), *LABELS, rdflib.SH.name),
            message_text=finding.message,
            fix_text=finding.fix,
            language=language,
            id=strawberry.ID(_identity(finding)),
            rule=finding.rule,
            severity=FindingSeverity(finding.severity.value),
            path=finding.path or None,
            value=finding.value or None,
            since=finding.since or None,
            excepted=Exempted.of(finding.excepted),
            sources=[FactSource.of(source) for source in finding.sources],
            because=[shown(reason) for reason in finding.because],
        )

    return [shown(finding) for finding in findings]


def _nested(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        yield finding
        yield from _nested(finding.because)


def _focus(finding: Finding) -> str:
    return "" if finding.focus.startswith(('"', "_:")) else finding.focus


def _rule(rule: RuleReport) -> RuleAnswer:
    return RuleAnswer(
        text=rule.labels,
        rule=rule.rule,
        severity=FindingSeverity(rule.severity.value),
        targeted=rule.targeted,
        failed=rule.failed,
        excepted=rule.excepted,
        mode=RuleMode(rule.mode_in_force.value),
    )


def _groups(findings: Sequence[Finding], by: Grouping, context: Context) -> list[FindingGroup]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(str(getattr(finding, by.value)), []).append(finding)
    units = tuple(key for key in groups if key) if by is Grouping.UNIT else ()
    shown = [_group(key, members, by, units, context) for key, members in groups.items()]
    return sorted(shown, key=lambda group: (-group.total, group.key or ""))


def _group(
    key: str, members: Sequence[Finding], by: Grouping, units: Sequence[str], context: Context
) -> FindingGroup:
    if by is Grouping.UNIT:
        text = members[0].unit_label if key else context.reading.profile.steward
    elif by is Grouping.RULE:
        text = text_of(context.reading.profile.shapes, rdflib.URIRef(key), *LABELS, rdflib.SH.name)
    else:
        text = Text({"": key})
    counts = {severity: sum(f.severity is severity for f in members) for severity in Severity}
    return FindingGroup(
        node_ref=Ref(key if by is Grouping.UNIT else "", units),
        text=text,
        key=key or None,
        total=len(members),
        violations=counts[Severity.VIOLATION],
        warnings=counts[Severity.WARNING],
        infos=counts[Severity.INFO],
    )
