"""What the registry answers (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from qualitrace.journal.model import Changeset, Document, Note, SourcedFact
from qualitrace.loading.model import Loaded
from qualitrace.validation.model import Acceptance, Report


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is ready to be committed: statements to add and to remove, and their documents."""

    documents: tuple[Document, ...]
    added: tuple[SourcedFact, ...]
    removed: tuple[SourcedFact, ...]
    loaded: tuple[Loaded, ...] = ()
    unchanged: tuple[Document, ...] = ()  # documents that say what the registry already holds
    position: int | None = None  # of the journal when it was worked out; None: it does not matter

    notes: tuple[Note, ...] = ()  # what is written down with it, or not at all

    @property
    def empty(self) -> bool:
        """True when committing it would change nothing."""
        return not self.added and not self.removed


@dataclass(frozen=True)
class Committed:
    """What a commit did. ``changeset`` is None when there was nothing to change.

    ``checked`` is what the rules find now, before anybody's decisions and without places; ``tell``
    works out the whole report. ``took`` is seconds by phase.
    """

    changeset: Changeset | None
    checked: Report
    tell: Callable[[Report], Report]
    took: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def report(self) -> Report:
        """The report as :meth:`Registry.validate` gives it, with the places and decisions there are now."""
        return self.tell(self.checked)


class ExceptionState(StrEnum):
    """Whether an exception counts, else why not."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"  # by a later one for the same rule and node
    NOT_NEEDED = "no longer needed"  # there is no such finding any more


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Somebody takes an exception back; ``author`` recorded it at ``at`` (UTC, ISO 8601)."""

    by: str
    reason: str
    author: str
    at: str


@dataclass(frozen=True, slots=True)
class FindingException:
    """The findings of a rule on a node are accepted for a time.

    ``author`` recorded it at ``at`` (UTC, ISO 8601), in the changeset at ``position``.
    """

    rule: str
    node: str
    acceptance: Acceptance
    author: str
    at: str
    position: int
    withdrawn: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class ListedException:
    """An exception with the state it is in on a day."""

    exception: FindingException
    state: ExceptionState
