"""A registry made of nothing but facts with their places, to ask a question again (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from qualitrace.journal import Changeset, Journal, Source, SourcedFact
from qualitrace.profile.model import Profile
from qualitrace.registry.registry import Registry
from qualitrace.terms import Fact

_NEVER = "1970-01-01T00:00:00.000000Z"


@contextmanager
def rebuilt(
    folder: Path, profile: Profile, base: str, facts: Iterable[tuple[Fact, Sequence[Source]]]
) -> Iterator[Registry]:
    """Make a registry in a folder that holds these facts and nothing else, and close it at the end.

    What follows from them is worked out anew. Nothing is rejected: the facts are what they are.
    """
    entries = tuple(SourcedFact(fact, place) for fact, places in facts for place in places)
    journal = Journal.create(folder / "evidence.db", {"profile": profile.iri, "base": base})
    draft = Changeset(
        position=1,
        parent="",
        author="",
        at=_NEVER,
        message="",
        documents=(),
        added=entries,
        removed=(),
        facts_added=tuple(dict.fromkeys(entry.fact for entry in entries)),
    )
    journal.append(replace(draft, id=draft.digest()))
    registry = Registry(journal, profile)
    try:
        yield registry
    finally:
        registry.close()
