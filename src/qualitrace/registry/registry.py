"""The registry: a journal, its projections, and the questions asked of them (floor 3)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from qualitrace.errors import ConflictError, NotConformingError, ProfileError, RegistryError
from qualitrace.journal import Changeset, Journal, Record
from qualitrace.loading import Progress
from qualitrace.profile.model import Profile
from qualitrace.registry import preparing
from qualitrace.registry.asking import Asking
from qualitrace.registry.checkpoint import Checkpoints
from qualitrace.registry.committing import FEW, Parts, Signed, changeset_of, commit, net_change
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.gate import BRIEF
from qualitrace.registry.model import Change, Committed
from qualitrace.registry.rebasing import check_applies
from qualitrace.registry.remembering import Remembered
from qualitrace.registry.stopwatch import Stopwatch
from qualitrace.store.moving import Moving
from qualitrace.text import Text

_NOTHING = Change((), (), ())


class Registry(Asking):
    """An open registry, safe from several threads.

    Whoever changes it waits for his turn (``_changing``), then for the readers to leave (``_gate``);
    always in this order. What the gate lets in sees the registry before a change or after it.
    """

    _checkpoints: Checkpoints

    def __init__(self, journal: Journal, profile: Profile) -> None:
        settings = journal.settings()
        if settings["profile"] != profile.iri:
            raise ProfileError(
                Text(
                    zh=f"登记库是用另一个配置({settings['profile']})建立的。",
                    en=f"The registry was made with another profile ({settings['profile']}).",
                ),
                where=str(profile.directory),
                hint=Text(zh="请用 --profile 指出那个配置。", en="Name that profile with --profile."),
            )
        super().__init__(journal, profile, settings["base"])
        self._changing = threading.RLock()
        self._head = ""  # identifier of the changeset that the projections stand at
        self._checkpoints = Checkpoints(journal, profile)
        self._remembered = Remembered(journal, profile)
        self._open()

    @classmethod
    def create(cls, location: str | Path, profile: Profile, *, base: str = "") -> Registry:
        """Make a new, empty registry. Raises RegistryError when there is one already."""
        base = base or profile.base
        if not base.endswith(("/", "#")):
            raise RegistryError(
                Text(zh="标识符前缀须以 / 或 # 结尾。", en="The base of identifiers must end in / or #."),
                where=base,
            )
        return cls(Journal.create(location, {"profile": profile.iri, "base": base}), profile)

    @classmethod
    def open(cls, location: str | Path, profile: Profile) -> Registry:
        """Open an existing registry. Raises RegistryError or ProfileError."""
        return cls(Journal.open(location), profile)

    def close(self) -> None:
        """Close the journal's connections, and let go of what a checkpoint was copied to.

        What was checked last is kept for whoever opens the registry next.
        """
        report = self._checks.saved()
        if report is not None:
            self._remembered.write(self._head, report)
        self.journal.close()
        self._checkpoints.close()

    def _open(self) -> None:
        """Go on from a checkpoint where there is one, and leave one where opening was long without."""
        restored = self._checkpoints.restore(self.engine)
        if restored is None:
            self._projection.start()
        else:
            self._projection.resume(restored.index)
            self.decisions = Decisions(partial(self.journal.decided, restored.position))
        replayed = self.refresh()
        self._checkpoints.keep(self.engine, self._head, replayed, lambda: self._projection.index.saved())
        head = self._head
        self._checks.resume(lambda: self._remembered.read(head))

    def refresh(self) -> int:
        """Catch up with changesets that others appended. Returns how many there were.

        Within :meth:`reading` nothing happens: answers that belong together stand at one position.
        """
        if self._gate.held:
            return 0
        with self._changing:
            if not self._behind():
                return 0
            with self._gate.writing():
                return self._replayed()

    def catch_up(self) -> bool:
        """Catch up with what others appended unless somebody slow reads, or a change goes on.

        It waits for a fraction of a second at most. Tells whether the registry now stands where the journal
        did when this was called; within :meth:`reading` nothing happens.
        """
        if self._gate.held or self._gate.held_up or not self._changing.acquire(timeout=BRIEF):
            return False
        try:
            if not self._behind():
                return True
            with self._gate.writing_soon() as may:
                if may:
                    self._replayed()
                return may
        finally:
            self._changing.release()

    def into_memory(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Go on in memory where the registry was opened on disk; tells whether it now does.

        It may be asked and changed meanwhile, which takes seconds for a million facts; only at the end are
        others kept out for a moment.
        """
        with self._lock:  # what people see is written by who holds it
            if not self.engine.on_disk:
                return True
            moving = Moving(self.engine)
        copied = False
        try:
            copied = moving.copy(stopped)
        finally:
            with self._gate.writing():
                if copied:
                    moving.finish()
                else:
                    moving.give_up()
        return copied

    def _behind(self) -> bool:
        """Tell whether the journal has gone on."""
        position, head = self.journal.head()
        if position != self.position:
            return True
        self._head = head
        return False

    def _replayed(self) -> int:
        """Apply what others appended; nobody reads meanwhile."""
        news = self._noted(self.journal.changesets(self.position))
        count, delta = self._projection.replay(news)
        self._checks.note(delta)
        return count

    def _noted(self, changesets: Iterable[Changeset]) -> Iterator[Changeset]:
        for changeset in self.decisions.following(changesets):
            self._head = changeset.id
            yield changeset

    def prepare(self, paths: Sequence[Path], *, progress: Progress | None = None) -> Change:
        """Read documents and work out what they change. Raises DocumentError; changes nothing.

        A document replaces what an earlier version of the same name stated.
        """
        self.refresh()
        with self.reading():
            change = preparing.prepare(
                paths, self.engine, self.journal, self.profile, self.base, progress=progress
            )
            return replace(change, position=self.position)

    def commit(self, change: Change, *, author: str, message: str, day: dt.date | None = None) -> Committed:
        """Commit a change: apply, infer, validate, journal. ``day`` as in :meth:`validate`.

        When somebody else committed first, a change that still applies is checked anew and goes through.
        Raises NotConformingError when it newly breaks a rule that rejects commits, and ConflictError when
        it does not apply any longer; nothing is changed then.
        """
        with self._changing:
            try:
                return self._commit(change, author, message, day)
            except ConflictError:
                # Nobody else can be first now: what still applies is checked anew and goes through.
                with self.journal.exclusive():
                    return self._commit(change, author, message, day)

    def _commit(self, change: Change, author: str, message: str, day: dt.date | None) -> Committed:
        clock = Stopwatch()
        self.refresh()
        if change.empty:
            return Committed(None, self._checks.report(), lambda report: self._tell(report, day))
        with self.reading():
            with clock.phase("prepare"):
                check_applies(change, self.journal, self.position)
                net = net_change(change, self.engine, self.journal)
            if len(net[0]) + len(net[1]) <= FEW and not self._checks.known:
                self._checks.report()  # the first time: from here on a change is checked by itself
        with self._gate.writing():
            signed = Signed(author, message, self._head, day)
            parts = Parts(self.journal, self._projection, self._checks, self.decisions, self._lasting)
            try:
                changeset, report = commit(parts, change, net, signed, clock)
            except NotConformingError as refusal:
                refusal.findings = self._unsaid.refused(self, refusal.findings)
                raise
            self._head = changeset.id
        return Committed(changeset, report, lambda report: self._tell(report, day), clock.seconds)

    def decide(self, record: Record, *, author: str, message: str) -> Changeset:
        """Append a decision to the journal; no fact changes. Raises ConflictError."""
        with self._changing, self.journal.exclusive():
            self.refresh()
            signed = Signed(author, message, self._head)
            changeset = changeset_of(_NOTHING, ((), ()), signed, self.position, (record,))
            with self._gate.writing():
                self.journal.append(changeset)
                self.decisions.note(changeset)
                self.engine.mark(changeset.position)
                self._head = changeset.id
            return changeset
