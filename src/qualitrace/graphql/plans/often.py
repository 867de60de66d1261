"""Plans of operations that nobody put in the profile, but that are asked again and again (floor 4)."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from graphql import DocumentNode

from qualitrace.graphql.plans.document import NotPlanned
from qualitrace.graphql.plans.planning import PlannedOperation

logger = logging.getLogger("qualitrace.graphql.plans")

Key = tuple[str, str | None]  # text of a document, name of an operation

OFTEN = 3  # times that an operation is answered before a plan is made of it
MOST = 64  # operations that are counted, or have a plan
LONGEST = 4000  # characters of a document that a plan is made of
FAILURES = 3  # times that a plan may have given no answer; then it is let go, unless it answered more often


@dataclass(slots=True)
class _Counted:
    """How often an operation was asked, and how its plan did; ``plan`` is None before, and when let go."""

    asked: int = 0
    plan: PlannedOperation | None = None
    answered: int = 0
    failed: int = 0


class Often:
    """Makes plans of operations that are asked often; the least recently asked are forgotten first.

    ``fits`` says of which documents plans may be made, ``compile`` makes one of a valid document.
    """

    def __init__(
        self, compile: Callable[[DocumentNode, str | None], PlannedOperation], fits: Callable[[str], bool]
    ) -> None:
        self._compile = compile
        self._fits = fits
        self._held: OrderedDict[Key, _Counted] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, text: str, name: str | None, valid: Callable[[], DocumentNode | None]) -> bool:
        """Count an operation that is asked, and tell whether it has a plan now.

        ``valid`` returns the document where it is known to be valid.
        """
        if len(text) > LONGEST:
            return False
        with self._lock:
            counted = self._held.setdefault((text, name), _Counted())
            self._held.move_to_end((text, name))
            while len(self._held) > MOST:
                self._held.popitem(last=False)
            counted.asked += 1
            if counted.asked != OFTEN + 1:
                return counted.plan is not None
        document = valid()
        if document is None:
            counted.asked = OFTEN  # looked at again the next time
        elif self._fits(text):
            try:
                counted.plan = self._compile(document, name)
            except NotPlanned as reason:
                logger.debug("asked often, but without a plan: %s", reason)
        return counted.plan is not None

    def of(self, text: str, name: str | None) -> PlannedOperation | None:
        """Return the plan of an operation; None where there is none."""
        with self._lock:
            counted = self._held.get((text, name))
            return None if counted is None else counted.plan

    def note(self, text: str, name: str | None, *, answered: bool) -> None:
        """Note whether a plan gave the answer. One that mostly does not only costs time: it is let go."""
        with self._lock:
            counted = self._held.get((text, name))
            if counted is None:
                return
            if answered:
                counted.answered += 1
                return
            counted.failed += 1
            if counted.failed >= max(FAILURES, counted.answered):
                counted.plan = None
