"""The registry: a journal, its projections, and the questions asked of them (floor 3)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from qualitrace.errors import NotConformingError, ProfileError, RegistryError
from qualitrace.journal import Changeset, Journal, Record, Source
from qualitrace.loading import Progress
from qualitrace.profile.model import Profile
from qualitrace.registry import naming, preparing, sourcing
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.model import Change, Committed
from qualitrace.registry.projection import Delta, Projection
from qualitrace.registry.records import notice_record, report_record
from qualitrace.store import STATED, OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.tracing.model import Coverage, Trace
from qualitrace.validation import compile_shapes, validate
from qualitrace.validation.model import Report

Moment = tuple[int, dt.date]


class Registry:
    """An open registry. Commits and catching up are serialised between threads.

    A question to ``engine`` is not kept apart from a commit: it may see a change that is being checked.
    """

    def __init__(self, journal: Journal, profile: Profile) -> None:
        self.journal = journal
        self.profile = profile
        settings = journal.settings()
        self.base = settings["base"]
        if settings["profile"] != profile.iri:
            raise ProfileError(
                Text(
                    zh=f"登记库是用另一个配置({settings['profile']})建立的。",
                    en=f"The registry was made with another profile ({settings['profile']}).",
                ),
                where=str(profile.directory),
                hint=Text(zh="请用 --profile 指出那个配置。", en="Name that profile with --profile."),
            )
        self._lock = threading.RLock()
        self._compiled = compile_shapes(profile.shapes)
        self._projection = Projection(profile)
        self.decisions = Decisions()
        self._lasting = Lasting(journal)
        self._checked: tuple[Moment, Report] | None = None  # without sources and since when
        self._report: tuple[Moment, Report] | None = None  # with both
        self.refresh()

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
        """Close the journal's connections."""
        self.journal.close()

    @property
    def engine(self) -> OxigraphEngine:
        """The store that answers questions."""
        return self._projection.engine

    @property
    def position(self) -> int:
        """The journal position that the answers stand at."""
        return self.engine.position

    def refresh(self) -> int:
        """Catch up with changesets that others appended. Returns how many there were."""
        with self._lock:
            return self._projection.replay(self.decisions.following(self.journal.changesets(self.position)))

    # Changing

    def prepare(self, paths: Sequence[Path], *, progress: Progress | None = None) -> Change:
        """Read documents and work out what they change. Raises DocumentError; changes nothing.

        A document replaces what an earlier version of the same name stated.
        """
        with self._lock:
            self.refresh()
            return preparing.prepare(
                paths, self.engine, self.journal, self.profile, self.base, progress=progress
            )

    def commit(self, change: Change, *, author: str, message: str, day: dt.date | None = None) -> Committed:
        """Commit a change: apply, infer, validate, journal. ``day`` as in :meth:`validate`.

        Raises NotConformingError when it newly breaks a rule that rejects commits and ConflictError
        when somebody else committed first; nothing is changed then.
        """
        with self._lock:
            self.refresh()
            if change.empty:
                return Committed(None, self.validate(day))
            before = self._check_all()
            facts_added, facts_removed = self._net(change)
            try:
                delta = self._projection.try_change(facts_added, facts_removed)
                report = self._check(change, delta, before, day)
                changeset = self._changeset(change, facts_added, facts_removed, author, message)
                self.journal.append(
                    changeset,
                    [notice_record(one) for one in change.loaded]
                    + [report_record(self.decisions.govern(report, day))],
                )
            except BaseException:
                self._projection.try_change(facts_removed, facts_added)
                raise
            self.engine.mark(changeset.position)
            self._checked = (self._moment(), report)
            return Committed(changeset, self.validate(day))

    def decide(self, record: Record, *, author: str, message: str) -> Changeset:
        """Append a decision to the journal; no fact changes. Raises ConflictError."""
        with self._lock:
            self.refresh()
            changeset = self._changeset(Change((), (), ()), (), (), author, message, (record,))
            self.journal.append(changeset)
            self.decisions.note(changeset)
            earlier = self._moment()
            self.engine.mark(changeset.position)
            # What was found stands: the facts are the same.
            if self._checked and self._checked[0] == earlier:
                self._checked = (self._moment(), self._checked[1])
            if self._report and self._report[0] == earlier:
                self._report = (self._moment(), self._report[1])
            return changeset

    def _net(self, change: Change) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
        """Work out which facts really appear and disappear: a fact may be stated in several places."""
        held = {entry.fact for entry in change.added}
        new = tuple(fact for fact in dict.fromkeys(e.fact for e in change.added) if not self._states(fact))
        ended: dict[Fact, set[Source]] = {}
        for entry in change.removed:
            ended.setdefault(entry.fact, set()).add(entry.source)
        places = self.journal.sources(ended)
        gone = tuple(
            fact
            for fact, sources in ended.items()
            if fact not in held and set(places.get(fact, ())) <= sources
        )
        return new, gone

    def _states(self, fact: Fact) -> bool:
        return any(
            True
            for _ in self.engine.facts(
                STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object
            )
        )

    def _check(self, change: Change, delta: Delta, before: Report, day: dt.date | None) -> Report:
        """Check what the change could have touched. Raises NotConformingError."""
        report = validate(
            self.engine,
            self.profile,
            compiled=self._compiled,
            changed=(delta.added, delta.removed),
            before=before,
        )
        rejecting = self.decisions.rejecting(report, before, day)
        if rejecting:
            report = replace(report, findings=rejecting)
            report = sourcing.with_sources(report, self.engine, self.journal, change.added)
            raise NotConformingError(
                Text(
                    zh=f"有 {len(rejecting)} 处违反必须遵守的规则,登记库没有改动。",
                    en=f"{len(rejecting)} violations of rules that must hold; nothing was changed.",
                ),
                hint=Text(zh="请按所列位置修改文件后再装入。", en="Mend the places listed, then load again."),
                findings=tuple(report.findings),
            )
        return report

    def _changeset(
        self,
        change: Change,
        facts_added: tuple[Fact, ...],
        facts_removed: tuple[Fact, ...],
        author: str,
        message: str,
        records: tuple[Record, ...] = (),
    ) -> Changeset:
        _, parent = self.journal.head()
        now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        draft = Changeset(
            position=self.position + 1,  # what was checked; the journal refuses it when others went on
            parent=parent,
            author=author,
            at=now,
            message=message,
            documents=change.documents,
            added=change.added,
            removed=change.removed,
            facts_added=facts_added,
            facts_removed=facts_removed,
            records=records,
        )
        return replace(draft, id=draft.digest())

    # Asking

    def validate(self, day: dt.date | None = None) -> Report:
        """Check every rule against the registry as it stands; findings say from where and since when.

        Exceptions count as they do on ``day`` (default: today).
        """
        with self._lock:
            checked, moment = self._check_all(), self._moment()
            if self._report is None or self._report[0] != moment:
                self._report = (moment, self._told(checked))
            return self.decisions.govern(self._report[1], day)

    def try_rules(self, trial: Profile, day: dt.date | None = None) -> Report:
        """Check the rules of another profile against the registry as it stands; nothing changes."""
        with self._lock:
            return self.decisions.govern(self._told(validate(self.engine, trial)), day)

    def _check_all(self) -> Report:
        """What every rule finds, before anybody's decisions."""
        moment = self._moment()
        if self._checked is None or self._checked[0] != moment:
            self._checked = (moment, validate(self.engine, self.profile, compiled=self._compiled))
        return self._checked[1]

    def _told(self, report: Report) -> Report:
        """Say of each finding where it comes from and since when it holds."""
        report = sourcing.with_sources(report, self.engine, self.journal)
        return self._lasting.told(report, self.position)

    def _moment(self) -> Moment:
        """What a report depends on: the facts, and the day, as rules may ask who holds a post today."""
        return self.position, dt.datetime.now(dt.UTC).date()

    def resolve(self, name: str) -> str:
        """Find the IRI of a node by IRI, identifier below the base, code or label.

        Raises UnknownNodeError, naming the candidates, when none or several match.
        """
        return naming.resolve(name, self.engine, self.profile, self.base)

    def trace(
        self,
        node: str,
        to: str,
        *,
        as_of: dt.date | None = None,
        backwards: bool = False,
        shortest: bool = False,
        limit: int = 10_000,
    ) -> Trace:
        """Trace from a node (any name that :meth:`resolve` takes) to a class (name or IRI)."""
        start, target = self.resolve(node), naming.class_iri(to, self.profile)
        with self._lock:
            trace = self._projection.index.trace(
                start,
                target,
                as_of=as_of or dt.date.today(),
                backwards=backwards,
                shortest=shortest,
                limit=limit,
            )
        return sourcing.trace_with_sources(trace, self.engine, self.journal)

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        """Give every node of a class (name or IRI) its verdict on a date."""
        target = naming.class_iri(of, self.profile)
        with self._lock:
            return self._projection.index.coverage(target, as_of=as_of or dt.date.today())

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that state each fact."""
        return self.journal.sources(facts)

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read who changed the registry, when and why, oldest first."""
        return self.journal.changesets(after, changes=False)
