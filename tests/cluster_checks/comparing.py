"""What two reports of one registry must agree on, whoever made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from qualitrace.validation.model import Finding


def said(finding: Finding) -> tuple[object, ...]:
    """All that a person is told by a finding, its nested reasons too."""
    return (
        finding.rule, finding.component, finding.severity, finding.focus, finding.root, finding.path,
        finding.value, tuple(sorted(finding.message.items())), tuple(sorted(finding.fix.items())),
        tuple(sorted(finding.focus_label.items())), finding.unit, tuple(sorted(finding.unit_label.items())),
        tuple(sorted(map(repr, map(said, finding.because)))),
    )  # fmt: skip


def counted(findings: Iterable[Finding]) -> Counter[tuple[object, ...]]:
    """Findings as they are compared, each as often as it was found."""
    return Counter(map(said, findings))
