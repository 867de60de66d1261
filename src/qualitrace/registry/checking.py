"""What every rule finds in the registry as it stands, kept up with its changes (floor 3)."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterable
from functools import cached_property

from qualitrace.profile.model import Profile
from qualitrace.registry.lifecycles import Lifecycles
from qualitrace.registry.projection import Delta, Net
from qualitrace.store import OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.validation import CompiledShapes, compile_shapes, validate
from qualitrace.validation.incremental import extent
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.saving import dump, load

State = tuple[Report | None, dt.date, Net]


WORTH_SAVING = 100_000  # with so much to check, reading a report back is quicker


class Checks:
    """The last report, and what has changed since. Reports are as validation returns them.

    A report holds for a day (UTC), as rules may ask who holds a post today.
    """

    def __init__(self, engine: OxigraphEngine, profile: Profile) -> None:
        self._engine = engine
        self._profile = profile
        self._busy = threading.RLock()
        self._report: Report | None = None
        self._day = _today()
        self._since = Net()
        self._saved: Callable[[], bytes | None] | None = None
        self._changes = 0  # how often the store was changed

    @cached_property
    def compiled(self) -> CompiledShapes:
        """The profile's rules, compiled when first needed. Raises ProfileError."""
        return compile_shapes(self._profile.shapes)

    @cached_property
    def _lifecycles(self) -> Lifecycles:
        return Lifecycles.of(self._profile)

    def undeclared(self, added: Iterable[Fact], removed: Iterable[Fact]) -> list[Finding]:
        """Return what a change of stated facts, already made, does against the profile's lifecycles."""
        return self._lifecycles.undeclared(self._profile, self._profile.base, self._engine, added, removed)

    @property
    def known(self) -> bool:
        """True when a report is there to go on from, so that a small change costs little to check."""
        with self._busy:
            self._recall()
            return self._report is not None and self._day == _today()

    def resume(self, saved: Callable[[], bytes | None]) -> None:
        """Go on from a report of today on the facts as they are; ``saved`` reads it when it is needed."""
        self._saved = saved

    def saved(self) -> bytes | None:
        """Write down the report on the facts as they are, if there is one worth it."""
        with self._busy:
            if self._report is None or self._day != _today() or self._since:
                return None
            return dump(self._report) if extent(self._report) >= WORTH_SAVING else None

    def _recall(self) -> None:
        saved, self._saved = self._saved, None
        data = saved() if saved is not None else None
        if data is not None:
            with contextlib.suppress(ValueError):
                self._report, self._day = load(data, self.compiled), _today()

    def note(self, delta: Delta | None) -> None:
        """Note that the store was changed; None when nobody knows how."""
        with self._busy:
            self._changes += 1
            if delta is None:
                self._report = self._saved = None
            else:
                self._since.note(delta.added, delta.removed)

    def report(self) -> Report:
        """Return what every rule finds now. Raises ProfileError or QueryError."""
        with self._busy:
            if not self.known:
                engine = self._engine.in_memory()  # all of it is read: quicker there, with the copying
                self._report = validate(engine, self._profile, compiled=self.compiled)
            elif self._since:
                changed = self._since.added, self._since.removed
                self._report = validate(
                    self._engine, self._profile, compiled=self.compiled, changed=changed, before=self._report
                )
            self._day, self._since = _today(), Net()
            assert self._report is not None
            return self._report

    def standing(self) -> Callable[[], Report | None]:
        """Return what later gives the report on the facts as they are now, where it is known.

        It is None on another day than the one it was made on.

        Ask within the registry's ``reading()``; what is returned may be called at any time.
        """
        with self._busy:
            changes, day = self._changes, _today()
            report = self.report() if self._report is not None and self._day == day else None

        def told() -> Report | None:
            if report is not None:
                return report if _today() == day else None
            with self._busy:
                there = self._changes == changes and self.known and not self._since
                return self._report if there else None

        return told

    def state(self) -> State:
        """Return what is known, for :meth:`put_back`."""
        with self._busy:
            since = Net()
            since.note(self._since.added, self._since.removed)
            return self._report, self._day, since

    def put_back(self, state: State) -> None:
        """Forget what was found since: the change it was found on came to nothing."""
        with self._busy:
            self._report, self._day, self._since = state


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
