"""One line per rule: how many nodes it targeted, how many failed, and a notice when it targeted none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.expressions import Writer, block, values_of
from qualitrace.validation.model import Finding, RuleReport, Severity
from qualitrace.validation.run import Runner
from qualitrace.validation.shapes import Shape

_SEVERITIES = {SH_NAMESPACE + severity.value.capitalize(): severity for severity in Severity}
_STRONGEST = list(Severity)


def rule_patterns(compiled: CompiledShapes) -> dict[str, list[str]]:
    """For each rule, the patterns that bind ``?this`` to the nodes it is checked on."""
    found: dict[str, list[str]] = {}
    for chain in _chains(compiled):
        found.setdefault(rule_of(chain), [])
        pattern = _pattern(compiled, chain)
        if pattern not in found[rule_of(chain)]:
            found[rule_of(chain)].append(pattern)
    return found


def _chains(compiled: CompiledShapes) -> list[tuple[Shape, ...]]:
    checked = [check.shapes for check in compiled.checks]
    return list(dict.fromkeys([*((root,) for root in compiled.roots if root.is_named), *checked]))


def _pattern(compiled: CompiledShapes, chain: tuple[Shape, ...]) -> str:
    """Bind ``?this`` to the focus nodes of the last shape of a chain."""
    writer = Writer(compiled.prefixes)
    steps = [shape for shape in chain[:-1] if shape.path is not None]
    nodes = [*(writer.fresh("via") for _ in steps), "?this"]
    way = [
        values_of(writer, start, step.path, end)
        for start, step, end in zip(nodes, steps, nodes[1:], strict=False)
    ]
    return "\n".join([compiled.targets_as(chain[0], nodes[0]), *way])


def count_targets(runner: Runner, patterns: Mapping[str, list[str]]) -> dict[str, int]:
    """Count the nodes each rule is checked on; patterns that several rules share are asked once."""
    known: dict[str, int] = {}
    counted = {}
    for rule, alternatives in patterns.items():
        union = "\nUNION\n".join(block(pattern) for pattern in alternatives)
        if union not in known:
            query = f"SELECT (COUNT(DISTINCT ?this) AS ?count) WHERE {{\n{union}\n}}"
            rows = list(runner.data.select(runner.compiled.filled(query, runner.hierarchy)))
            known[union] = int(rows[0]["count"].value)
        counted[rule] = known[union]
    return counted


def rule_reports(
    compiled: CompiledShapes, targeted: Mapping[str, int], findings: Iterable[Finding]
) -> list[RuleReport]:
    """Put the lines together, in the order of the shapes."""
    failed: dict[str, set[str]] = {}
    for finding in findings:
        failed.setdefault(finding.rule, set()).add(finding.focus)
    named = {rule_of(chain): chain for chain in reversed(_chains(compiled))}
    severities: dict[str, set[str]] = {}
    for check in compiled.checks:
        severity = check.constraint.severity or check.shape.severity
        severities.setdefault(rule_of(check.shapes), set()).add(severity)
    return [
        RuleReport(
            rule=rule,
            labels=_label(compiled, named[rule], rule),
            severity=_strongest(severities.get(rule, set()) or {named[rule][-1].severity}),
            targeted=count,
            failed=len(failed.get(rule, ())),
        )
        for rule, count in targeted.items()
    ]


def _label(compiled: CompiledShapes, chain: tuple[Shape, ...], rule: str) -> Text:
    return next((shape.labels for shape in chain if shape.name == rule), Text())


def _strongest(severities: set[str]) -> Severity:
    known = {_SEVERITIES.get(severity, Severity.VIOLATION) for severity in severities}
    return min(known, key=_STRONGEST.index)


def empty_target_notices(reports: Iterable[RuleReport]) -> list[Text]:
    """Say which rules found nothing to check: they would hold whatever the data says."""
    return [
        Text(
            zh=f"规则“{report.labels.best('zh') or report.rule}”没有找到任何要检查的节点。",
            en=f"The rule “{report.labels.best('en') or report.rule}” found no node to check.",
        )
        for report in reports
        if report.targeted == 0
    ]
