"""The last report, kept beside the journal for whoever opens the registry next (floor 3).

It is used only on the day it was made, for the changeset it was made on, with the same profile and program.
It can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os

import orjson

from qualitrace.journal import Journal
from qualitrace.profile.model import Profile
from qualitrace.registry.checkpoint import fingerprint, place

_NAME = "report.json"


class Remembered:
    """The saved report of one registry. Failing to write it is no error: the next check takes longer."""

    def __init__(self, journal: Journal, profile: Profile) -> None:
        self._folder = place(journal)
        self._profile = profile

    def read(self, head: str) -> bytes | None:
        """Return the report on the facts after a changeset, if it was saved today."""
        if self._folder is None or not head:
            return None
        try:
            first, _, rest = (self._folder / _NAME).read_bytes().partition(b"\n")
        except OSError:
            return None
        return rest if first == self._key(head) else None

    def write(self, head: str, report: bytes) -> None:
        """Save the report on the facts after a changeset."""
        if self._folder is None or not head:
            return
        draft = self._folder / f"{_NAME}-{os.getpid()}-{os.urandom(4).hex()}"
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_bytes(self._key(head) + b"\n" + report)
                draft.replace(self._folder / _NAME)
            finally:
                draft.unlink(missing_ok=True)

    def _key(self, head: str) -> bytes:
        made_by = fingerprint(self._profile, "validation")
        return orjson.dumps({"by": made_by, "head": head, "day": _today().isoformat()})


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
