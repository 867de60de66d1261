"""What is kept with a changeset besides its facts, as JSON-able values (floor 3)."""

from __future__ import annotations

from typing import Any

from qualitrace.journal.model import Source
from qualitrace.loading.model import Loaded, Notice
from qualitrace.registry.model import ListedException
from qualitrace.text import Text
from qualitrace.validation.model import Acceptance, Finding, Report, RuleReport

VALIDATION = "validation"  # the kind of record that holds what was found at a changeset


def source_json(source: Source) -> dict[str, Any]:
    """Write a place as JSON."""
    return {
        "document": source.document,
        "part": source.part,
        "row": source.row,
        "cell": source.cell,
        "basis": source.basis.value,
        "place": source.place(),
    }


def text_json(text: Text) -> dict[str, str]:
    """Write a text as JSON, by language."""
    return dict(text)


def notice_json(notice: Notice) -> dict[str, Any]:
    """Write a load notice as JSON."""
    return {
        "kind": notice.kind.value,
        "source": source_json(notice.source),
        "message": text_json(notice.message),
        "text": notice.text,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Write a finding as JSON."""
    return {
        "rule": finding.rule,
        "component": finding.component,
        "severity": finding.severity.value,
        "focus": finding.focus,
        "focusLabel": text_json(finding.focus_label),
        "path": finding.path,
        "value": finding.value,
        "message": text_json(finding.message),
        "fix": text_json(finding.fix),
        "unit": finding.unit,
        "unitLabel": text_json(finding.unit_label),
        "since": finding.since or None,
        "excepted": acceptance_json(finding.excepted),
        "sources": [source_json(source) for source in finding.sources],
        "because": [finding_json(reason) for reason in finding.because],
    }


def acceptance_json(acceptance: Acceptance | None) -> dict[str, Any] | None:
    """Write who accepts a finding as JSON."""
    if acceptance is None:
        return None
    return {"by": acceptance.by, "reason": acceptance.reason, "until": acceptance.until.isoformat()}


def exception_json(listed: ListedException) -> dict[str, Any]:
    """Write an exception and its state as JSON."""
    exception, withdrawn = listed.exception, listed.exception.withdrawn
    return {
        "rule": exception.rule,
        "node": exception.node,
        "state": listed.state.value,
        **(acceptance_json(exception.acceptance) or {}),
        "author": exception.author,
        "at": exception.at,
        "position": exception.position,
        "withdrawn": withdrawn
        and {"by": withdrawn.by, "reason": withdrawn.reason, "at": withdrawn.at, "author": withdrawn.author},
    }


def rule_json(rule: RuleReport) -> dict[str, Any]:
    """Write what one rule did as JSON."""
    return {
        "rule": rule.rule,
        "label": text_json(rule.labels),
        "severity": rule.severity.value,
        "targeted": rule.targeted,
        "checked": rule.checked,
        "failed": rule.failed,
        "excepted": rule.excepted,
        "mode": rule.mode_in_force.value,
        "checkedNothing": rule.targeted == 0,
    }


def finding_key(finding: Finding) -> tuple[str, ...]:
    """Return what tells a finding from others: rule, node, value, component, path."""
    return finding.rule, finding.focus, finding.value, finding.component, finding.path


def report_json(report: Report) -> dict[str, Any]:
    """Write a validation report as JSON."""
    return {
        "conforms": report.conforms,
        "violations": len(report.violations),
        "excepted": len(report.excepted),
        "findings": [finding_json(finding) for finding in report.findings],
        "rules": [rule_json(rule) for rule in report.rules],
        "notices": [text_json(notice) for notice in report.notices],
    }


def notice_record(loaded: Loaded) -> tuple[str, Any]:
    """Make the journal record of what loading a document reported."""
    return "loading", {
        "document": loaded.document.name,
        "counts": dict(loaded.counts),
        "notices": [notice_json(notice) for notice in loaded.notices],
    }
