"""Traces, coverage, loads, groups and comparisons as JSON-able values (floor 5)."""

from __future__ import annotations

from typing import Any

from qualitrace.profile.model import Profile
from qualitrace.registry import Change
from qualitrace.registry.records import finding_json, notice_json, rule_json, source_json, text_json
from qualitrace.tracing.model import Became, CoverageGroup, CoverageTable, Node, Path, Trace, Verdict
from qualitrace.validation.compare import Comparison, RuleChange
from qualitrace.validation.grouping import GroupBy, grouped
from qualitrace.validation.model import Report, Severity


def node_json(node: Node | None) -> dict[str, Any] | None:
    """Write a node as JSON."""
    if node is None:
        return None
    return {
        "id": node.iri,
        "classes": list(node.classes),
        "label": text_json(node.label),
        "code": node.code,
    }


def path_json(path: Path) -> dict[str, Any]:
    """Write one path as JSON."""
    return {
        "ending": path.ending.value,
        "basis": path.basis.value,
        "capacity": text_json(path.capacity),
        "absence": text_json(path.absence),
        "missing": path.missing,
        "steward": path.steward,
        "steps": [
            {
                "source": step.source,
                "property": step.property,
                "target": step.target,
                "basis": step.basis.value,
                "capacity": text_json(step.capacity),
                "validFrom": step.valid_from,
                "validTo": step.valid_to,
                "suspect": step.suspect,
                "sources": [source_json(source) for source in step.sources],
            }
            for step in path.steps
        ],
    }


def trace_json(trace: Trace, verdict: Verdict | None = None) -> dict[str, Any]:
    """Write a trace as JSON, with the verdict on its start when that has chains."""
    return {
        "start": trace.start,
        "to": trace.to,
        "asOf": trace.as_of,
        "backwards": trace.backwards,
        "partial": trace.partial,
        "uncounted": text_json(trace.uncounted) or None,
        "verdict": None if verdict is None else verdict_json(verdict),
        "paths": [path_json(path) for path in trace.paths],
        "nodes": {iri: node_json(node) for iri, node in trace.nodes.items()},
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Write a verdict as JSON."""
    return {
        "node": node_json(verdict.node),
        "complete": verdict.complete,
        "missing": verdict.missing,
        "absence": text_json(verdict.absence),
        "at": node_json(verdict.at),
        "steward": node_json(verdict.steward),
        "brokenBranches": verdict.broken_branches,
    }


def table_json(table: CoverageTable) -> dict[str, Any]:
    """Write a coverage as JSON: counts, groups with their nodes, and the verdict on each node."""
    changes = table.whole.changes
    gone = [v for v in table.whole.earlier or () if changes.get(v.node.iri) is Became.LEFT]
    return {
        "of": table.of,
        "asOf": table.as_of,
        "since": table.since or None,
        "sinceKnown": table.since_known or None,
        **_counts_json(table.whole),
        "by": [
            {"name": way.name, "label": text_json(way.label), "fields": list(way.fields)} for way in table.by
        ],
        "groups": [
            {
                "keys": [node_json(key) for key in group.keys],
                **_counts_json(group),
                "nodes": [
                    {
                        "id": verdict.node.iri,
                        "complete": verdict.complete,
                        "change": group.changes.get(verdict.node.iri),
                    }
                    for verdict in group.verdicts
                ],
            }
            for group in table.groups
        ],
        "verdicts": [
            {**verdict_json(verdict), "change": changes.get(verdict.node.iri)}
            for verdict in (*table.whole.verdicts, *gone)
        ],
    }


def _counts_json(group: CoverageGroup) -> dict[str, Any]:
    earlier = group.earlier
    became = list(group.changes.values())
    complete = sum(verdict.complete for verdict in earlier or ())
    return {
        "total": group.total,
        "complete": group.complete,
        "broken": group.broken,
        "gaps": [
            {"missing": gap.missing, "absence": text_json(gap.absence), "count": gap.count}
            for gap in group.gaps
        ],
        "earlier": None
        if earlier is None
        else {
            "total": len(earlier),
            "complete": complete,
            "broken": len(earlier) - complete,
            **{change.value: became.count(change) for change in Became},
        },
    }


def change_json(change: Change, profile: Profile) -> dict[str, Any]:
    """Write what loading found and what it changes as JSON."""
    return {
        "added": len(change.added),
        "removed": len(change.removed),
        "unchanged": [document.name for document in change.unchanged],
        "documents": [
            {
                "name": loaded.document.name,
                "sha256": loaded.document.sha256,
                "counts": {_kind(iri, profile): count for iri, count in sorted(loaded.counts.items())},
                "named": {_kind(iri, profile): list(names) for iri, names in loaded.named.items()},
                "notices": [notice_json(notice) for notice in loaded.notices],
            }
            for loaded in change.loaded
        ],
    }


def groups_json(report: Report, by: GroupBy) -> dict[str, Any]:
    """Write how many findings each group has as JSON."""
    return {
        "by": by.value,
        "counts": [
            {
                "key": group.key,
                "label": text_json(group.label),
                "findings": len(group.findings),
                **{severity.value: group.count(severity) for severity in Severity},
            }
            for group in grouped(report, by)
        ],
    }


def comparison_json(compared: Comparison) -> dict[str, Any]:
    """Write what other rules would change as JSON; rules that stay as they are are left out."""
    return {
        "findingsBefore": len(compared.before.findings),
        "findingsAfter": len(compared.after.findings),
        "newlyFailing": len(compared.fails),
        "newlyPassing": len(compared.passes),
        "rules": [_rule_change_json(rule) for rule in compared.rules if not rule.unchanged],
    }


def _rule_change_json(change: RuleChange) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "label": text_json(change.labels),
        "before": rule_json(change.before) if change.before else None,
        "after": rule_json(change.after) if change.after else None,
        "severityChanged": change.recast,
        "fails": [finding_json(finding) for finding in change.fails],
        "passes": [finding_json(finding) for finding in change.passes],
    }


def _kind(iri: str, profile: Profile) -> str:
    return profile.classes[iri].name if iri in profile.classes else iri
