"""What the registry answers (floor 3)."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.journal.model import Changeset, Document, SourcedFact
from qualitrace.loading.model import Loaded
from qualitrace.validation.model import Report


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is ready to be committed: statements to add and to remove, and their documents."""

    documents: tuple[Document, ...]
    added: tuple[SourcedFact, ...]
    removed: tuple[SourcedFact, ...]
    loaded: tuple[Loaded, ...] = ()
    unchanged: tuple[Document, ...] = ()  # documents that say what the registry already holds

    @property
    def empty(self) -> bool:
        """True when committing it would change nothing."""
        return not self.added and not self.removed


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did. ``changeset`` is None when there was nothing to change."""

    changeset: Changeset | None
    report: Report
