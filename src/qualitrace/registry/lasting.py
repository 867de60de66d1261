"""Since when findings hold: what each changeset brought and mended, as recorded with it (floor 3).

The record of a validation says either everything that was found, and since when
(``{"findings": [key, …], "since": [time, …]}``), or what changed (``{"appeared": […], "gone": […]}``).
``findings`` without ``since`` is the form of earlier versions. ``rules`` are the lines of the report
that changed. A whole record now and then keeps short what must be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from qualitrace.journal import Journal
from qualitrace.registry.records import VALIDATION, finding_key
from qualitrace.validation.findings import Findings
from qualitrace.validation.model import Report, RuleReport

Key = tuple[str, ...]
MOST_PARTS = 1000  # this many records of what changed, then a whole one


class Lasting:
    """When each finding of the newest recorded validation appeared and never left since.

    What was read is kept, so that another changeset costs one more record and not the whole journal.
    The answer depends on the journal alone. Not safe from several threads.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._position = 0
        self._times: dict[Key, str] = {}
        self._parts = MOST_PARTS  # records of what changed, since the last whole one
        self._recorded: Report | None = None  # the report that ``_times`` was recorded from, where known

    def told(self, report: Report, position: int) -> Report:
        """Fill in ``since`` of a report's findings, as the journal says up to a position.

        A finding that the newest record does not have keeps ``""``.
        """
        times = self.times(position)
        found = (replace(finding, since=times.get(finding_key(finding), "")) for finding in report.findings)
        return replace(report, findings=tuple(found))

    def times(self, position: int) -> Mapping[Key, str]:
        """Return when the findings recorded last, up to a position, appeared (ISO 8601).

        Positions asked for must not go down.
        """
        if position > self._position:
            self._read(position)
            self._position = position
        return self._times

    def record(self, report: Report, position: int, at: str) -> tuple[str, Any]:
        """Make the record of a validation for the changeset after a position, made at a time."""
        times = self.times(position)
        appeared, gone = self._changes(report, times)
        rules = [_line(rule) for rule in _other_lines(report, self._recorded)]
        if self._parts < MOST_PARTS and len(appeared) + len(gone) <= len(times):
            return VALIDATION, {"appeared": sorted(appeared), "gone": sorted(gone), "rules": rules}
        kept = {key: since for key, since in times.items() if key not in gone}
        found = sorted({**kept, **dict.fromkeys(appeared, at)}.items())
        body = {"findings": [key for key, _ in found], "since": [since for _, since in found], "rules": rules}
        return VALIDATION, body

    def follow(self, report: Report, record: tuple[str, Any], position: int, at: str) -> None:
        """Note a record that was journalled at a position, so that it need not be read back."""
        self._note(at, record[1])
        self._position, self._recorded = position, report

    def _changes(self, report: Report, times: Mapping[Key, str]) -> tuple[set[Key], set[Key]]:
        """What the report has that the record does not, and the other way round."""
        after, before = Findings.of(report.findings), self._recorded and Findings.of(self._recorded.findings)
        if not before or not after.follows(before):
            keys = {finding_key(finding) for finding in after}
            return keys - times.keys(), times.keys() - keys
        came, went = after.since(before)
        # Several findings may go by one key: from different nodes where checking began, say.
        left = {finding_key(other) for finding in went for other in after.at(finding.rule, finding.focus)}
        return {finding_key(one) for one in came} - times.keys(), {finding_key(one) for one in went} - left

    def _read(self, position: int) -> None:
        """Read back to the last whole record, or to what is known already."""
        self._recorded = None
        unread = []
        with closing(self._journal.recorded(VALIDATION, after=self._position, upto=position)) as records:
            for at, body in records:
                unread.append((at, body))
                if "since" in body:
                    break
        for at, body in reversed(unread):
            self._note(at, body)

    def _note(self, at: str, body: Any) -> None:
        if "findings" not in body:
            for key in _keys(body["gone"]):
                self._times.pop(key, None)
            self._times.update(dict.fromkeys(_keys(body["appeared"]), at))
            self._parts += 1
            return
        keys = _keys(body["findings"])
        since = body.get("since") or [self._times.get(key, at) for key in keys]
        self._times = dict(zip(keys, since, strict=True))
        self._parts = 0 if "since" in body else MOST_PARTS


def _keys(entries: Iterable[Iterable[str]]) -> list[Key]:
    return [tuple(entry) for entry in entries]


def _other_lines(report: Report, before: Report | None) -> list[RuleReport]:
    """The lines of a report that another one does not have."""
    known = {rule.rule: rule for rule in before.rules} if before else {}
    return [rule for rule in report.rules if rule != known.get(rule.rule)]


def _line(rule: RuleReport) -> dict[str, Any]:
    return {"rule": rule.rule, "targeted": rule.targeted, "failed": rule.failed}
