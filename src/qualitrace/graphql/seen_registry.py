"""A registry as somebody sees it who does not see everything, to work out what they propose (floor 4).

Names, values and what is to be removed are looked up in what they see: whether something else is there
makes no difference to the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import cast

from qualitrace.graphql.reading import Reading
from qualitrace.journal import Journal, SourcedFact
from qualitrace.profile.model import Profile
from qualitrace.registry.registry import Registry
from qualitrace.store import STATED, Engine


def seen_registry(whole: Registry, seen: Reading) -> Registry:
    """Return what :func:`qualitrace.registry.editing.edited` asks of a registry, from what is seen."""
    return whole if seen is whole else cast(Registry, _Seen(whole, seen))


class _Seen:
    """Only what working out a change needs; nothing can be committed through it."""

    def __init__(self, whole: Registry, seen: Reading) -> None:
        self._whole = whole
        self._seen = seen
        self.journal = _SeenJournal(whole.journal, seen.engine)

    @property
    def profile(self) -> Profile:
        return self._seen.profile

    @property
    def base(self) -> str:
        return self._seen.base

    @property
    def engine(self) -> Engine:
        return self._seen.engine

    @property
    def position(self) -> int:
        return self._seen.position

    def refresh(self) -> int:
        return self._whole.refresh()

    def reading(self) -> AbstractContextManager[None]:
        return self._whole.reading()

    def resolve(self, name: str) -> str:
        return self._seen.resolve(name)


class _SeenJournal:
    def __init__(self, journal: Journal, engine: Engine) -> None:
        self._journal = journal
        self._engine = engine

    def about(self, subjects: Iterable[str]) -> list[SourcedFact]:
        return [entry for entry in self._journal.about(set(subjects)) if self._is_seen(entry)]

    def _is_seen(self, entry: SourcedFact) -> bool:
        fact = entry.fact
        found = self._engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
        return next(iter(found), None) is not None
