"""What a change would do to what an audience sees, and to nothing else (floor 3).

A change is tried on a copy of what is seen. What is hidden takes no part in it: whether a proposed value
stands somewhere hidden as well, or whose steward somebody would become by it, makes no difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.errors import ConflictError
from qualitrace.registry.differing import Difference, difference
from qualitrace.registry.model import Change
from qualitrace.registry.past import Past
from qualitrace.registry.records import finding_key
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri
from qualitrace.text import Text
from qualitrace.validation import validate
from qualitrace.validation.model import Finding, Report


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a change would make different to an audience, and the findings they would then be told.

    ``conflict`` says that it no longer applies; there is then no difference and there are no findings.
    ``state`` is what they would see, for naming what is in it.
    """

    state: Seen | Past
    conflict: ConflictError | None
    difference: Difference | None
    findings: tuple[Finding, ...]


class _Copy(Past):
    """A copy of what an audience sees, whose rules are checked for itself."""

    _before: tuple[Report, tuple[tuple[Fact, ...], tuple[Fact, ...]]] | None = None
    _told: Report | None = None

    @classmethod
    def of(cls, registry: Registry, seen: Seen) -> _Copy:
        """Copy what is seen now."""
        with seen.reading():
            projection = registry._projection.copy(empty=True)
            for graph in (STATED, INFERRED):
                projection.engine.change(graph, seen.engine.facts(graph), ())
            position = registry.position
            projection.engine.mark(position)
        return cls(registry.journal.at(position), seen.profile, seen.base, projection, registry._compiled)

    def then(self, added: tuple[Fact, ...], removed: tuple[Fact, ...]) -> _Copy:
        """Return the state that a change of stated facts leads to."""
        projection = self._projection.copy()
        delta = projection.try_change(added, removed)
        made = _Copy(
            self.journal, self.profile, self.base, projection, self._compiled, tried=(added, removed)
        )
        made._before = self.validate(), (delta.added, delta.removed)
        return made

    def full_report(self, day: dt.date | None = None) -> Report:
        """Check every rule: what is private is not here."""
        return self.validate(day)

    def validate(self, day: dt.date | None = None) -> Report:
        """Check every rule; what was accepted, and since when something is so, is not looked at."""
        if self._told is None:
            before, changed = self._before or (None, None)
            self._told = validate(
                self.engine, self.profile, compiled=self._compiled, changed=changed, before=before
            )
        return self._told


def glimpse(registry: Registry, seen: Seen, change: Change, *, own: bool) -> Glimpse:
    """Try a change on what an audience sees. ``own``: they wrote it themselves.

    They are shown what they wrote about nodes that they know nothing of. Takes the time of copying what they
    see and checking it once.
    """
    with seen.reading():
        gone = tuple(dict.fromkeys(entry.fact for entry in change.removed))
        come = tuple(dict.fromkeys(entry.fact for entry in change.added))
        if own and not all(_held(seen, fact) for fact in gone):
            return Glimpse(seen, _no_longer(), None, ())
        removed = tuple(fact for fact in gone if fact not in come and _held(seen, fact))
        added = tuple(_shown(seen, (fact for fact in come if not _held(seen, fact)), own=own))
        told = seen.validate().findings
        before = _Copy.of(registry, seen)
    after = before.then(added, removed)
    changed = difference(before, after)
    ended = {finding_key(one) for one in changed.gone}
    findings = (*(one for one in told if finding_key(one) not in ended), *changed.appeared)
    return Glimpse(after, None, changed, findings)


def glimpsed(registry: Registry, seen: Seen, change: Change) -> tuple[Past, Past]:
    """Return what an audience sees, and what a change of theirs would make of it, for asking both.

    The change is made of what they see. Raises ConflictError when it is no longer so.
    """
    with seen.reading():
        gone = tuple(dict.fromkeys(entry.fact for entry in change.removed))
        if not all(_held(seen, fact) for fact in gone):
            raise _no_longer()
        come = dict.fromkeys(entry.fact for entry in change.added)
        added = tuple(_shown(seen, (fact for fact in come if not _held(seen, fact)), own=True))
        before = _Copy.of(registry, seen)
    return before, before.then(added, gone)


def _held(seen: Seen, fact: Fact) -> bool:
    found = seen.engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return next(found, None) is not None


def _shown(seen: Seen, facts: Iterable[Fact], *, own: bool) -> Iterable[Fact]:
    """The facts that the audience would see, going by who may see what now."""
    listed = list(facts)
    kinds: dict[str, set[str]] = {}
    for fact in listed:
        if fact.predicate == RDF_TYPE and is_iri(fact.object):
            kinds.setdefault(fact.subject, set()).add(iri_of(fact.object))
    for fact in listed:
        if seen.would_see(fact, kinds, own=own):
            yield fact


def _no_longer() -> ConflictError:
    return ConflictError(
        Text(zh="提议要改的内容已经变了。", en="What the proposal would change is no longer as it was."),
        hint=Text(zh="请重新提议。", en="Propose it again."),
    )
