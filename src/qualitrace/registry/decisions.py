"""What people decided about findings and rules, as the journal tells it (floor 3).

A decision is a record of a changeset (:class:`qualitrace.journal.Record`), with this JSON body:

- ``exception``: ``rule``, ``node`` (IRIs), ``by``, ``reason``, ``until`` (a date, inclusive), or
  ``withdrawn: true`` in place of ``until``;
- ``enforcement``: ``rule`` (IRI), ``mode`` (``warn`` or ``reject``), ``reason``.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from qualitrace.errors import RegistryError
from qualitrace.journal.model import Changeset, Decision, Record
from qualitrace.registry.model import ExceptionState, FindingException, ListedException, Withdrawal
from qualitrace.text import Text
from qualitrace.validation.model import Acceptance, Finding, Mode, Report, RuleReport, Severity

Pair = tuple[str, str]  # rule, node


def acceptance_record(rule: str, node: str, acceptance: Acceptance) -> Record:
    """Write down that a finding is accepted."""
    body = {
        "rule": rule,
        "node": node,
        "by": acceptance.by,
        "reason": acceptance.reason,
        "until": acceptance.until.isoformat(),
    }
    return Record.of(Decision.EXCEPTION, body)


def withdrawal_record(rule: str, node: str, by: str, reason: str) -> Record:
    """Write down that a finding is accepted no longer."""
    body = {"rule": rule, "node": node, "by": by, "reason": reason, "withdrawn": True}
    return Record.of(Decision.EXCEPTION, body)


def mode_record(rule: str, mode: Mode, reason: str) -> Record:
    """Write down what findings of a rule do to a commit."""
    return Record.of(Decision.ENFORCEMENT, {"rule": rule, "mode": mode.value, "reason": reason})


class Decisions:
    """The decisions up to a position. Noting a changeset twice is noting it once.

    ``earlier`` gives the changesets before those that are noted; it is called when a decision is first
    asked for, so that opening a registry does not take longer the more was ever decided.
    """

    def __init__(self, earlier: Callable[[], Iterable[Changeset]] | None = None) -> None:
        self._earlier = earlier
        self._reading = threading.Lock()
        self._exceptions: dict[int, FindingException] = {}
        self._latest: dict[Pair, int] = {}
        self._modes: dict[str, Mode] = {}

    def following(self, changesets: Iterable[Changeset]) -> Iterator[Changeset]:
        """Note the decisions of changesets as they pass by."""
        for changeset in changesets:
            self.note(changeset)
            yield changeset

    def note(self, changeset: Changeset) -> None:
        """Note the decisions of a changeset. Raises RegistryError when one cannot be read."""
        if changeset.records:
            self._read()
            self._note_all(changeset)

    def _read(self) -> None:
        """Note what was decided earlier, if that has not been done."""
        if self._earlier is None:
            return
        with self._reading:
            earlier = self._earlier
            for changeset in () if earlier is None else earlier():
                self._note_all(changeset)
            self._earlier = None

    def _note_all(self, changeset: Changeset) -> None:
        for record in changeset.records:
            try:
                self._note(record.kind, json.loads(record.body), changeset)
            except (KeyError, TypeError, ValueError) as error:
                raise RegistryError(
                    Text(
                        zh="登记库里有一项决定无法读懂。", en="The registry holds a decision nobody can read."
                    ),
                    where=f"{changeset.position} {record.kind}: {record.body[:200]}",
                    hint=Text(
                        zh="记录可能被改动过,请用备份恢复。",
                        en="It may have been tampered with; restore a backup.",
                    ),
                ) from error

    def _note(self, kind: Decision, body: dict[str, Any], changeset: Changeset) -> None:
        rule = body["rule"]
        if kind is Decision.ENFORCEMENT:
            self._modes[rule] = Mode(body["mode"])
            return
        pair = rule, body["node"]
        if body.get("withdrawn"):
            taken_back = self._exceptions[self._latest[pair]]
            withdrawal = Withdrawal(body["by"], body["reason"], changeset.author, changeset.at)
            self._exceptions[taken_back.position] = replace(taken_back, withdrawn=withdrawal)
            return
        until = dt.date.fromisoformat(body["until"])
        self._latest[pair] = changeset.position
        self._exceptions[changeset.position] = FindingException(
            *pair,
            acceptance=Acceptance(body["by"], body["reason"], until),
            author=changeset.author,
            at=changeset.at,
            position=changeset.position,
        )

    def latest(self, rule: str, node: str) -> FindingException | None:
        """Return the newest exception for a rule and a node, in force or not."""
        self._read()
        position = self._latest.get((rule, node))
        return None if position is None else self._exceptions[position]

    def nodes(self) -> set[str]:
        """Return the nodes (IRIs) that exceptions were ever made for."""
        self._read()
        return {node for _, node in self._latest}

    def mode(self, rule: str) -> Mode | None:
        """Return the mode that was set for a rule; None when none ever was."""
        self._read()
        return self._modes.get(rule)

    def listed(self, report: Report, day: dt.date) -> tuple[ListedException, ...]:
        """Return every exception there ever was, oldest first, with its state on a day."""
        self._read()
        found = {(finding.rule, finding.focus) for finding in report.findings}
        return tuple(
            ListedException(self._exceptions[position], self._state(self._exceptions[position], found, day))
            for position in sorted(self._exceptions)
        )

    def _state(self, exception: FindingException, found: set[Pair], day: dt.date) -> ExceptionState:
        pair = exception.rule, exception.node
        if exception.withdrawn:
            return ExceptionState.WITHDRAWN
        if self._latest[pair] != exception.position:
            return ExceptionState.REPLACED
        if exception.acceptance.until < day:
            return ExceptionState.EXPIRED
        return ExceptionState.IN_FORCE if pair in found else ExceptionState.NOT_NEEDED

    def accepted(self, rule: str, node: str, day: dt.date) -> Acceptance | None:
        """Return who accepts the findings of a rule on a node on a day, if anybody does."""
        latest = self.latest(rule, node)
        if latest is None or latest.withdrawn or latest.acceptance.until < day:
            return None
        return latest.acceptance

    def govern(self, report: Report, day: dt.date | None = None) -> Report:
        """Mark in a report what is accepted on a day (default: today) and what is only warned of.

        A violation of a rule that was set to warn is reported as a warning. No finding is left out.
        """
        self._read()
        if not self._exceptions and not self._modes:
            return report
        day = day or dt.date.today()
        findings = tuple(self._governed(finding, day) for finding in report.findings)
        excepted: dict[str, set[str]] = {}
        for finding in findings:
            if finding.excepted:
                excepted.setdefault(finding.rule, set()).add(finding.focus)
        rules = tuple(self._governed_rule(rule, len(excepted.get(rule.rule, ()))) for rule in report.rules)
        return replace(report, findings=findings, rules=rules)

    def _governed(self, finding: Finding, day: dt.date) -> Finding:
        accepted = self.accepted(finding.rule, finding.focus, day)
        if accepted:
            finding = replace(finding, excepted=accepted)
        if finding.severity is Severity.VIOLATION and self.mode(finding.rule) is Mode.WARN:
            finding = replace(finding, severity=Severity.WARNING, severity_iri="")
        return finding

    def _governed_rule(self, rule: RuleReport, excepted: int) -> RuleReport:
        mode = self.mode(rule.rule)
        return rule if mode is None and not excepted else replace(rule, excepted=excepted, mode=mode)

    def rejecting(self, appeared: Iterable[Finding], day: dt.date | None = None) -> list[Finding]:
        """Return those of the findings that a commit must be rejected for when it brings them.

        Findings are as :func:`qualitrace.validation.validate` returns them.
        """
        day = day or dt.date.today()
        return [finding for finding in appeared if self._rejects(finding, day)]

    def _rejects(self, finding: Finding, day: dt.date) -> bool:
        mode = self.mode(finding.rule)
        if finding.severity is Severity.VIOLATION:
            return mode is not Mode.WARN  # an exception from the time of warning opens no door
        return mode is Mode.REJECT and self.accepted(finding.rule, finding.focus, day) is None
