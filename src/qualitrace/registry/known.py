"""What is known of the findings of one state of a registry, for checking another one from there (floor 3).

The journal's records of validations do not answer this: they say what was found on the day they were written,
by the rules of that day's profile, and hold no words. Checking what a difference touches is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qualitrace.registry.projection import Net
from qualitrace.terms import Fact
from qualitrace.validation.incremental import MOST_CHANGES, MOST_SHARE, extent
from qualitrace.validation.model import Report

Changed = tuple[Iterable[Fact], Iterable[Fact]]

MOST = 10_000  # facts of difference; more are never checked by what they touch


class Known:
    """A report on some state, and the facts that came and went from there to the state this belongs to.

    ``report`` is asked when it is needed, and gives None when the report is not there, or is not today's.
    """

    def __init__(self, report: Callable[[], Report | None], net: Net | None = None) -> None:
        self._report = report
        self._net = net or Net()

    def then(self, added: Iterable[Fact], removed: Iterable[Fact]) -> Known | None:
        """Return what is known of a state that differs by so much more; None when it is too much."""
        net = Net()
        net.note(self._net.added, self._net.removed)
        net.note(added, removed)
        return None if len(net) > MOST else Known(self._report, net)

    def report(self) -> tuple[Report, Changed] | None:
        """Return the report on the other state, and the facts added and removed since.

        None when it is not there, or when so much has changed that checking everything is quicker.
        """
        report = self._report()
        if report is None or len(self._net) > max(MOST_CHANGES, MOST_SHARE * extent(report)):
            return None
        return report, (self._net.added, self._net.removed)
