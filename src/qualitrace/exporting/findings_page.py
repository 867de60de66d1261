"""Findings as one page of HTML that needs nothing else: to read, to print, to hand out (floor 4).

The page is a template, so that a profile can restyle it: ``exports/findings.html.j2`` of the profile,
which may extend ``default/findings.html.j2`` of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from qualitrace.exporting.concerns import is_absence, path_words
from qualitrace.exporting.templating import bad_template, find_template
from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.terms import iri_of, is_iri, lit_of
from qualitrace.validation.grouping import GROUPINGS, LEVELS, Group, GroupBy, grouped, innermost
from qualitrace.validation.model import Finding, Report, RuleReport, Severity

TEMPLATE = "findings.html.j2"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason at the bottom of a finding; ``node`` is empty when it is the finding's own."""

    node: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in words of one language."""

    level: str  # violation, warning, info: a handle for styles
    level_name: str
    node: str
    identifier: str
    rule: str
    message: str
    absent: bool
    concerns: str  # the property that is missing or wrong
    value: str
    unit: str
    fix: str
    places: tuple[str, ...]
    since: str  # a date, or ""
    reasons: tuple[Reason, ...]
    accepted: str  # by whom, until when and why, where somebody did


@dataclass(frozen=True, slots=True)
class Block:
    """A group of findings with its counts, one for each level."""

    title: str
    rows: tuple[Row, ...]
    counts: tuple[tuple[str, str, int], ...]  # level, its name, how many; no zeros


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one rule checked."""

    name: str
    identifier: str
    level: str
    level_name: str
    targeted: int
    checked: int
    failed: int
    excepted: int


def findings_html(
    report: Report,
    profile: Profile,
    language: str = "zh",
    *,
    group_by: GroupBy = GroupBy.UNIT,
    stands_at: str = "",
) -> str:
    """Return a report as a page of HTML5: findings in groups with counts, then every rule.

    ``stands_at`` says which state of the registry it is about. Raises ProfileError when the profile's
    template cannot be used.
    """
    writer = _Writer(report, profile, language)
    template, where = find_template(profile, TEMPLATE)
    try:
        return template.render(
            language=language,
            title=printable(profile.titles.best(language)),
            stands_at=stands_at,
            grouping=GROUPINGS[group_by].best(language, "en"),
            group_by=group_by.value,
            counts=writer.counts(report.findings),
            total=len(report.findings),
            accepted=len(report.excepted),
            sections=[writer.block(group) for group in grouped(report, group_by)],
            rules=[writer.rule(rule) for rule in sorted(report.rules, key=_most_failed)],
            notices=[printable(notice.best(language)) for notice in report.notices],
        )
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise bad_template(where, str(error)) from error  # what expressions in a template may raise


def _most_failed(rule: RuleReport) -> tuple[bool, int, str]:
    """Failed rules first; those that checked nothing last."""
    return not rule.targeted, -rule.failed, rule.rule


class _Writer:
    def __init__(self, report: Report, profile: Profile, language: str) -> None:
        self._profile = profile
        self._language = language
        self._rules = {rule.rule: self._rule_name(rule) for rule in report.rules}

    def block(self, group: Group) -> Block:
        return Block(
            title=printable(group.label.best(self._language) or group.key),
            rows=tuple(self.row(finding) for finding in group.findings),
            counts=self.counts(group.findings),
        )

    def counts(self, findings: Sequence[Finding]) -> tuple[tuple[str, str, int], ...]:
        numbers = ((level, sum(f.severity is level for f in findings)) for level in Severity)
        return tuple((level.value, self._level(level), number) for level, number in numbers if number)

    def row(self, finding: Finding) -> Row:
        return Row(
            level=finding.severity.value,
            level_name=self._level(finding.severity),
            node=self._node(finding),
            identifier=self._short(finding.focus),
            rule=self._rules.get(finding.rule) or printable(self._profile.shorten(finding.rule)),
            message=printable(finding.message.best(self._language)),
            absent=is_absence(finding),
            concerns=printable(path_words(finding.path, self._profile, self._language)),
            value=printable(_value(finding.value)),
            unit=printable(finding.unit_label.best(self._language) or finding.unit),
            fix=printable(finding.fix.best(self._language)),
            places=tuple(printable(source.place()) for source in finding.sources),
            since=finding.since[:10],
            reasons=tuple(dict.fromkeys(self._reason(one, finding) for one in innermost(finding))),
            accepted=self._accepted(finding),
        )

    def rule(self, rule: RuleReport) -> RuleRow:
        return RuleRow(
            name=self._rules[rule.rule],
            identifier=printable(self._profile.shorten(rule.rule)),
            level=rule.severity.value,
            level_name=self._level(rule.severity),
            targeted=rule.targeted,
            checked=rule.checked,
            failed=rule.failed,
            excepted=rule.excepted,
        )

    def _rule_name(self, rule: RuleReport) -> str:
        return printable(rule.labels.best(self._language) or self._profile.shorten(rule.rule))

    def _level(self, severity: Severity) -> str:
        return LEVELS[severity].best(self._language, "en")

    def _node(self, finding: Finding) -> str:
        label = finding.focus_label.best(self._language)
        return printable(label) if label else self._short(finding.focus)

    def _short(self, node: str) -> str:
        """An identifier as the registry's people write it: below the base, or with a prefix."""
        return printable(self._profile.shorten(node.removeprefix(self._profile.base)))

    def _reason(self, reason: Finding, outer: Finding) -> Reason:
        node = "" if reason.focus == outer.focus else self._node(reason)
        return Reason(node, printable(reason.message.best(self._language)))

    def _accepted(self, finding: Finding) -> str:
        if finding.excepted is None:
            return ""
        accepted = finding.excepted
        return printable(f"{accepted.by} → {accepted.until.isoformat()}: {accepted.reason}")


def _value(term: str) -> str:
    """A value as people write it: an identifier or the text of a literal."""
    if not term.startswith(("<", '"')):
        return term
    return iri_of(term) if is_iri(term) else lit_of(term).value
