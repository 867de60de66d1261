"""Since when findings hold: read back from what was recorded with the changesets (floor 3)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from qualitrace.journal import Journal
from qualitrace.registry.records import VALIDATION, finding_key
from qualitrace.validation.model import Report

Key = tuple[str, ...]


class Lasting:
    """When each finding of the newest recorded validation appeared and never left since.

    What was read is kept, so that another changeset costs one more record and not the whole journal.
    The answer depends on the journal alone. Not safe from several threads.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._position = 0
        self._times: dict[Key, str] = {}

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

    def _read(self, position: int) -> None:
        """Walk back from a position until every finding has gone, or to what is known already."""
        with closing(self._journal.recorded(VALIDATION, after=self._position, upto=position)) as records:
            newest = next(records, None)
            if newest is None:
                return
            at, body = newest
            times = dict.fromkeys(_keys(body), at)
            lasting = set(times)
            for at, body in records:
                lasting &= _keys(body)
                if not lasting:
                    break
                times.update(dict.fromkeys(lasting, at))
        times.update({key: self._times[key] for key in lasting & self._times.keys()})
        self._times = times


def _keys(body: Any) -> set[Key]:
    return {tuple(entry) for entry in body["findings"]}
