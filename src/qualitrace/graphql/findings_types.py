"""``findings``: what validation found, by unit, rule and severity (floor 4)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import rdflib
import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.finding_groups import (
    FindingGroup,
    FindingSeverity,
    Grouping,
    RuleAnswer,
    ends_of,
    groups_by,
    groups_of,
    is_node,
    rule_answer,
)
from qualitrace.graphql.node import Node, PageInfo, Ref, described, node_field, text_field
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.shared_types import Exempted, FactSource
from qualitrace.graphql.values import iri_from
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.text import Text
from qualitrace.validation.model import Finding, Report, Severity

_RANK = {severity: number for number, severity in enumerate(Severity)}


@strawberry.input(name="ValidationFindingLead", description="对象通向何处 / What a node leads to")
class FindingLead:
    """A condition on what the node of a finding leads to."""

    by: str = strawberry.field(
        description="类、概念表、字段（多级用点连接）/ A class, a scheme, or fields joined by dots"
    )
    to: str | None = strawberry.field(
        default=None, description="通向哪一个；空为不通向任何一个 / Which one; none: it leads to none"
    )


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
    leads: list[FindingLead] | None = strawberry.field(
        default=None, description="对象所属（如层面）/ What the node leads to, such as a level"
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
        return groups_of(self.chosen, by, context_of(info))

    @described(
        "按问题所在对象所属的类、概念表或字段（多级用点连接）汇总；属于几个的在每个都计 / "
        "Counts by a class, a scheme or fields (joined by dots) that the nodes lead to; one that leads to "
        "several counts for each"
    )
    def groups_by(self, info: strawberry.Info[Any, Any], by: str) -> list[FindingGroup]:
        """Count the findings by what their nodes lead to."""
        return groups_by(self.chosen, by, context_of(info))

    @described("每条规则检查了多少、有多少不符 / What each rule checked and found")
    def rules(self) -> list[RuleAnswer]:
        """Show every rule, those without findings too."""
        return [rule_answer(rule) for rule in self.report.rules]


class _Sorted(NamedTuple):
    """Findings as they are listed."""

    chosen: list[Finding]
    identifiers: list[str]
    listing: Listing[int]


def findings_answer(
    context: Context, where: FindingWhere | None, language: str, window: Mapping[str, Any]
) -> FindingConnection:
    """Show findings, strongest first, then by unit and rule. ``window`` is a page's (Relay)."""
    report = _report(context)

    def listed() -> _Sorted:
        chosen = _chosen(_shown(report.findings, context), where, context)
        identifiers = _identifiers(chosen)
        entries = [
            Entry((_RANK[found.severity], found.unit_label.best("zh") or None, found.rule, identifier), at)
            for at, (found, identifier) in enumerate(zip(chosen, identifiers, strict=True))
        ]
        return _Sorted(chosen, identifiers, Listing.of("findings", (False,) * 4, entries))

    if where is None and context.snapshot is not None:  # exceptions expire with the day
        key = ("findings", dt.date.today())
        found: _Sorted = context.snapshot.lists.get(key, listed, lambda one: len(one.chosen))
    else:
        found = listed()
    chosen, identifiers = found.chosen, found.identifiers
    page = found.listing.page(**window)
    shown = _findings([(chosen[at], identifiers[at]) for at in page.items], language, context)
    return FindingConnection(
        chosen=chosen,
        report=report,
        total_count=len(chosen),
        nodes=shown,
        edges=[
            FindingEdge(cursor=page.listing.cursor(entry), node=answer)
            for entry, answer in zip(page.entries, shown, strict=True)
        ],
        page_info=page_info(page),
    )


def _report(context: Context) -> Report:
    """Return what every rule finds, as the reader sees it; of one state, it is worded once."""
    if context.snapshot is None:
        return context.reading.validate()
    key = ("report", dt.date.today())  # exceptions expire with the day
    kept: Report = context.snapshot.lists.get(key, context.reading.validate, lambda one: len(one.findings))
    return kept


def _shown(findings: Sequence[Finding], context: Context) -> Sequence[Finding]:
    """Leave out findings about nodes none of whose classes may be shown."""
    model = context.model
    if not model.hidden:
        return findings
    focus = list(dict.fromkeys(finding.focus for finding in findings if is_node(finding)))
    withheld = {
        node
        for node, classes in context.fetcher.classes(focus).items()
        if model.hidden.intersection(classes) and not set(classes) & set(model.by_class)
    }
    return [finding for finding in findings if finding.focus not in withheld]


def _chosen(findings: Sequence[Finding], where: FindingWhere | None, context: Context) -> list[Finding]:
    """Return the findings that satisfy every condition. Raises UnknownNodeError or QueryError."""
    if where is None:
        return list(findings)
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

    chosen = [finding for finding in findings if test(finding)]
    for lead in where.leads or ():
        ends = ends_of(findings, lead.by, context)
        wanted = _wanted(lead, frozenset().union(*ends.values()), context)
        chosen = [f for f in chosen if _leads(ends.get(f.focus, frozenset()), wanted)]
    return chosen


def _wanted(lead: FindingLead, ends: frozenset[str], context: Context) -> str | None:
    """Return the IRI that a condition names. Raises UnknownNodeError."""
    if lead.to is None:
        return None
    reading = context.reading
    names = {lead.to, reading.base + lead.to, reading.profile.expand(lead.to)}
    named = sorted(end for end in ends if end in names or local_name(end) == lead.to)
    return named[0] if named else reading.resolve(lead.to)


def _leads(ends: frozenset[str], wanted: str | None) -> bool:
    return not ends if wanted is None else wanted in ends


def _identifiers(findings: Sequence[Finding]) -> list[str]:
    """Return identifiers that stay the same as long as the finding does; repeats are numbered."""
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        parts = (finding.rule, finding.component, finding.focus, finding.path, finding.value)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        found.append(f"{digest}-{seen[digest]}" if seen[digest] else digest)
        seen[digest] += 1
    return found


def _findings(
    findings: Sequence[tuple[Finding, str]], language: str, context: Context
) -> list[FindingAnswer]:
    every = list(_nested(finding for finding, _ in findings))
    focus = tuple(dict.fromkeys(_focus(f) for f in every if _focus(f)))
    units = tuple(dict.fromkeys(f.unit for f in every if f.unit))
    shapes = context.reading.profile.shapes

    def shown(finding: Finding, identifier: str) -> FindingAnswer:
        reasons = zip(finding.because, _identifiers(finding.because), strict=True)
        return FindingAnswer(
            node_ref=Ref(_focus(finding), focus),
            unit_ref=Ref(finding.unit, units),
            rule_text=text_of(shapes, rdflib.URIRef(finding.rule), *LABELS, rdflib.SH.name),
            message_text=finding.message,
            fix_text=finding.fix,
            language=language,
            id=strawberry.ID(identifier),
            rule=finding.rule,
            severity=FindingSeverity(finding.severity.value),
            path=finding.path or None,
            value=finding.value or None,
            since=finding.since or None,
            excepted=Exempted.of(finding.excepted),
            sources=[FactSource.of(source) for source in finding.sources],
            because=[shown(reason, f"{identifier}.{inner}") for reason, inner in reasons],
        )

    return [shown(finding, identifier) for finding, identifier in findings]


def _nested(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        yield finding
        yield from _nested(finding.because)


def _focus(finding: Finding) -> str:
    return finding.focus if is_node(finding) else ""
