"""What other rules would change: two reports on the same data, rule by rule (floor 2)."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.text import Text
from qualitrace.validation.grouping import in_order
from qualitrace.validation.model import Finding, Report, RuleReport


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What becomes of one rule. ``before`` is None when it is new, ``after`` when it is gone.

    ``fails`` are the findings that only the new rules have, ``passes`` those that only the old ones
    have. ``recast`` is how many findings both have, at another severity.
    """

    rule: str
    before: RuleReport | None
    after: RuleReport | None
    fails: tuple[Finding, ...]
    passes: tuple[Finding, ...]
    recast: int

    @property
    def labels(self) -> Text:
        """What the rule is called: its new name where it has one."""
        return (self.after.labels if self.after else None) or (self.before.labels if self.before else Text())

    @property
    def unchanged(self) -> bool:
        """True when the rule is there before and after, of one severity, with the same findings."""
        same = self.before and self.after and self.before.severity is self.after.severity
        return bool(same) and not (self.fails or self.passes or self.recast)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two validations of the same data, with the rules in force and with others."""

    before: Report
    after: Report
    rules: tuple[RuleChange, ...]

    @property
    def fails(self) -> tuple[Finding, ...]:
        """The findings that the new rules would bring."""
        return tuple(finding for rule in self.rules for finding in rule.fails)

    @property
    def passes(self) -> tuple[Finding, ...]:
        """The findings that the new rules would take away."""
        return tuple(finding for rule in self.rules for finding in rule.passes)


def compare(before: Report, after: Report) -> Comparison:
    """Compare two reports on the same data, finding by finding.

    Findings are the same when rule, node, component, path and value are. Rules come in the order of
    ``after``; those that are gone come last.
    """
    old, new = _by_rule(before), _by_rule(after)
    lines_before = {line.rule: line for line in before.rules}
    lines_after = {line.rule: line for line in after.rules}
    names = dict.fromkeys([*lines_after, *new, *lines_before, *old])
    return Comparison(
        before,
        after,
        tuple(
            _change(name, lines_before.get(name), lines_after.get(name), old.get(name, {}), new.get(name, {}))
            for name in names
        ),
    )


Identity = tuple[str, ...]


def _by_rule(report: Report) -> dict[str, dict[Identity, Finding]]:
    found: dict[str, dict[Identity, Finding]] = {}
    for finding in report.findings:
        key = (finding.focus, finding.component, finding.path, finding.value)
        found.setdefault(finding.rule, {})[key] = finding
    return found


def _change(
    rule: str,
    before: RuleReport | None,
    after: RuleReport | None,
    old: dict[Identity, Finding],
    new: dict[Identity, Finding],
) -> RuleChange:
    return RuleChange(
        rule,
        before,
        after,
        fails=tuple(in_order(finding for key, finding in new.items() if key not in old)),
        passes=tuple(in_order(finding for key, finding in old.items() if key not in new)),
        recast=sum(old[key].severity is not new[key].severity for key in old.keys() & new.keys()),
    )
