"""A report as bytes, and back, so that whoever opens the registry next can go on from it (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.findings import Findings
from qualitrace.validation.model import Finding, Report, RuleReport, Severity
from qualitrace.validation.rules import rules_of
from qualitrace.validation.vocabulary import name_of

_PLAIN = (
    "rule",
    "component",
    "focus",
    "path",
    "value",
    "unit",
    "shape",
    "constraint",
    "severity_iri",
    "root",
    "root_shape",
    "check",
)
_TEXTS = ("message", "fix", "focus_label", "unit_label")


def dump(report: Report) -> bytes:
    """Write down a report as validation returns it: without places, dates and decisions."""
    return orjson.dumps(
        {
            "findings": [_written(finding) for finding in report.findings],
            "rules": [
                [rule.rule, dict(rule.labels), rule.severity.value, rule.targeted, rule.failed]
                for rule in report.rules
            ],
            "notices": [dict(notice) for notice in report.notices],
        }
    )


def load(data: bytes, compiled: CompiledShapes) -> Report:
    """Read a report back that was made with the same shapes. Raises ValueError when it was not."""
    checks = {check.name: check for check in compiled.checks}
    try:
        body = orjson.loads(data)
        report = Report(
            findings=Findings(_read(entry, checks) for entry in body["findings"]),
            rules=tuple(
                RuleReport(rule, Text(labels), Severity(severity), targeted, failed)
                for rule, labels, severity, targeted, failed in body["rules"]
            ),
            notices=tuple(Text(notice) for notice in body["notices"]),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no report: {error!r}") from error
    if [line.rule for line in report.rules] != [rule.iri for rule in rules_of(compiled)]:
        raise ValueError("a report by other rules")
    return report


def _written(finding: Finding) -> list[Any]:
    return [
        [getattr(finding, name) for name in _PLAIN],
        [dict(getattr(finding, name)) for name in _TEXTS],
        finding.severity.value,
        sorted(finding.mentions),
        [_written(reason) for reason in finding.because],
    ]


def _read(entry: list[Any], checks: Mapping[str, Check]) -> Finding:
    plain, texts, severity, mentions, because = entry
    values: dict[str, Any] = dict(zip(_PLAIN, plain, strict=True))
    values |= {name: Text(text) for name, text in zip(_TEXTS, texts, strict=True)}
    check = checks.get(values["check"])
    if check is not None:
        # A blank node has another name each time the shapes are read.
        values["shape"], values["root_shape"] = check.shape.name, check.root.name
        values["constraint"] = "" if check.constraint.node is None else name_of(check.constraint.node)
    return Finding(
        **values,
        severity=Severity(severity),
        mentions=frozenset(mentions),
        because=tuple(_read(reason, checks) for reason in because),
    )
