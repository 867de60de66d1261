"""A registry as an audience sees it (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import NoReturn, Self, cast

from qualitrace.access.model import Audience
from qualitrace.errors import ForbiddenError
from qualitrace.journal import Changeset, Source
from qualitrace.profile.model import Profile
from qualitrace.reasoning import DatedRules, Program
from qualitrace.registry import sourcing
from qualitrace.registry.counting import Counting
from qualitrace.registry.deriving import Derivations
from qualitrace.registry.following import Following
from qualitrace.registry.guarding import MOST_AUDIENCES, Views
from qualitrace.registry.parting import Part, Whole
from qualitrace.registry.projection import Projection
from qualitrace.registry.redacting import Redaction, Words
from qualitrace.registry.unsaid import Unsaid
from qualitrace.store import STATED, EngineView
from qualitrace.terms import Fact, iri_of, is_iri
from qualitrace.text import Text
from qualitrace.tracing.model import Ending, Trace
from qualitrace.validation.model import Finding, Report

SOMEBODY = "（姓名不公开 / name not shown）"


class Seen(Following, Counting):
    """A registry without what an audience may not see. It is asked as the registry is, and never changed.

    It stands at the position at which the registry stands.
    """

    def __init__(self, whole: Whole, audience: Audience) -> None:
        self._whole = whole
        self.audience = audience
        self.profile = whole.profile
        self.base = whole.base
        self._on = whole._on
        self._lock = whole._lock
        self._part = self._projection = Part(whole, audience)
        self._places = sourcing.TraceSources(whole.journal, bound=20_000)
        self._suspicions = whole._suspicions
        self._words: Words | None = None

    def reading(self) -> AbstractContextManager[None]:
        """Keep the registry as it is while the calling thread asks."""
        return self._whole.reading()

    @property
    def engine(self) -> EngineView:
        """The store that answers questions. Ask several that belong together within :meth:`reading`."""
        with self.reading():
            return self._part.engine

    @property
    def position(self) -> int:
        """The journal position that the answers stand at."""
        return self._whole.position

    def at(self, moment: str | int) -> Seen:
        """What the registry knew in a moment of recorded time, as the same audience sees it."""
        found = self._whole.at(moment).seen_by(self.audience)
        assert isinstance(found, Seen)
        return found

    def on(self, day: dt.date) -> Seen:
        """The registry with the nodes that exist on a date alone, as the same audience sees it."""
        found = self._whole.on(day).seen_by(self.audience)
        assert isinstance(found, Seen)
        return found

    def refresh(self) -> int:
        """Catch up with what others appended."""
        refresh = getattr(self._whole, "refresh", None)
        return int(refresh()) if refresh is not None else 0

    def validate(self, day: dt.date | None = None) -> Report:
        """Return what every rule finds in the whole registry, without values and names that are hidden.

        Counts are those of the whole. Findings about nodes of which nothing is seen are left out, and a
        notice says how many.
        """
        with self.reading():
            shown = self._part.shown
            report = self._whole.full_report(day)
            if self._words is None:
                self._words = Words(self._whole._compiled, shown.exposures)
            return Redaction(shown.withheld, shown.name, self._words).report(report)

    def _admitted(self, trace: Trace) -> Trace:
        """Leave out that a link is missing where it is only hidden, and say that this is not all there is."""
        if not self._part.shown.hides_links:
            return trace
        day, whole = dt.date.fromisoformat(trace.as_of), self._whole._projection.index
        kept = tuple(
            path
            for path in trace.paths
            if path.ending is not Ending.ABSENT
            or not whole.has(path.steps[-1].target if path.steps else trace.start, path.missing, as_of=day)
        )
        return trace if len(kept) == len(trace.paths) else replace(trace, paths=kept, partial=True)

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that state each fact; none for what is not seen."""
        with self.reading():
            engine = self._part.engine
            seen = [fact for fact in facts if _held(engine, fact)]
            return self._whole.journal.sources(seen)

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read when the registry was changed, oldest first: not by whom, and not what they wrote about it."""
        for one in self._whole.journal.changesets(after, self.position, changes=False):
            yield replace(one, author=SOMEBODY, message="", documents=(), records=())

    def seen_by(self, audience: Audience) -> Seen:
        """Return the same view. Raises ForbiddenError for any other audience: nobody sees more through it."""
        if audience == self.audience:
            return self
        raise not_all_seen()

    def may_see(self, fact: Fact) -> bool:
        """Tell whether the audience may see a fact, whether the registry holds it or not."""
        with self.reading():
            lock = self._whole.views.veil().lock(fact)
            shown = self._part.shown
        return lock is not None and all(shown.admits(node) for node in lock)

    def would_see(self, fact: Fact, kinds: Mapping[str, Collection[str]], *, own: bool) -> bool:
        """Tell whether the audience may be told a fact that somebody proposes.

        ``kinds``: the classes of nodes as they are proposed, beside those they have. ``own``: who may see
        anything protected is told what they wrote themselves about nodes of which they see nothing.
        """
        with self.reading():
            veil, shown = self._whole.views.veil(), self._part.shown
            ends = {fact.subject, *([iri_of(fact.object)] if is_iri(fact.object) else [])}
            known = {node: veil.kinds(node) | frozenset(kinds.get(node, ())) for node in ends}
            lock = veil.lock(fact, known)
            if lock is None:
                return False
            return all(
                shown.admits(node) or (own and bool(self.audience.units) and not _mentioned(shown.view, node))
                for node in lock
            )

    def told(self, text: str) -> str:
        """Return what somebody wrote, with the values and names taken out that the audience may not see."""
        with self.reading():
            return self._part.shown.withheld.in_text(text)

    @property
    def program(self) -> Program:
        """The axioms and rules of the whole registry."""
        return self._whole._projection.program

    @property
    def dated(self) -> DatedRules:
        """The dated rules of the whole registry, compiled."""
        return self._whole._projection.dated

    @property
    def derivations(self) -> Derivations:
        """Which rules may read what is hidden from somebody: what those conclude is told with care."""
        with self.reading(), self._lock:
            return self._whole.views.veil().derivations

    def protected_texts(self) -> tuple[tuple[str, str], ...]:
        """See :func:`qualitrace.registry.protecting.protected_values`."""
        with self._lock:
            return self._part.shown.texts

    @property
    def journal(self) -> NoReturn:
        """Refused: the journal holds everything. Raises ForbiddenError."""
        raise not_all_seen()

    @property
    def decisions(self) -> NoReturn:
        """Refused: decisions name who made them. Raises ForbiddenError."""
        raise not_all_seen()


class Seeing:
    """The part of a registry that shows itself to others."""

    profile: Profile
    _lock: AbstractContextManager[object]
    _projection: Projection
    _views: Views | None = None
    _seen: dict[Audience, Seen] | None = None
    _unsaid: Unsaid

    def reading(self) -> AbstractContextManager[None]:
        """Keep what is asked as it is meanwhile."""
        raise NotImplementedError

    def without_private(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings of a full report as they may be shown to who sees everything (decision 9)."""
        with self.reading():
            return self._unsaid.findings(self, findings)

    @property
    def views(self) -> Views:
        """What each audience sees, made when first asked for."""
        with self._lock:
            if self._views is None:
                self._views = Views(self.profile, self._projection)
            return self._views

    def seen_by(self, audience: Audience) -> Self | Seen:
        """Return the registry as an audience sees it, for reading; itself to who sees everything.

        What the audience may not see is not there (decision 9). The same audience gets the same view.
        Raises ProfileError when the profile protects what cannot be told apart.
        """
        if audience.everything:
            return self
        known = self._seen
        if known is not None and audience in known:  # without waiting for who works something out
            return known[audience]
        with self._lock:
            if self._seen is None or len(self._seen) > MOST_AUDIENCES:
                self._seen = {}
            if audience not in self._seen:
                self._seen[audience] = Seen(cast(Whole, self), audience)
            return self._seen[audience]

    def protected_texts(self) -> tuple[tuple[str, str], ...]:
        """See :func:`qualitrace.registry.protecting.protected_values`."""
        with self._lock:
            return self.views.texts()


def _held(engine: EngineView, fact: Fact) -> bool:
    found = engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return next(found, None) is not None


def _mentioned(engine: EngineView, node: str) -> bool:
    return next(engine.facts(subject=node), None) is not None


def not_all_seen() -> ForbiddenError:
    """Make the error for what only those may ask who see everything."""
    return ForbiddenError(
        Text(
            zh="这里看不到全部内容,不能这样查询。", en="Not everything is seen here, so this cannot be asked."
        ),
        hint=Text(
            zh="有权查看的请注明查阅目的后再查询。",
            en="State a purpose and ask again, if your role allows it.",
        ),
    )
